"""Folders: listed, made, removed when empty, moved without taking another's place. Blocking."""

import ctypes
import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from core.clients.acting.file_handles import Spot, guard_regular, spot_of, told
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import clean

_MAX_ENTRIES = 50_000
_NO_REPLACE = 1
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One entry of a folder."""

    name: str
    """As the file system has it: for opening, never for a screen."""
    kind: str
    """`file`, `folder`, `link`, `other`."""
    inode: int
    size_bytes: int
    modified_ns: int
    """Since 1970."""


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """A folder as it is now."""

    path: str
    inode: int
    mode: int
    uid: int
    gid: int
    entries: tuple[EntryFacts, ...]
    """By name."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file from what it was, without reading it."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    """Since 1970."""


def read_stamp(path: str) -> Stamp | None:
    """Return a regular file's stamp; None: there is none."""
    try:
        with spot_of(path) as spot, told(path):
            seen = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
            guard_regular(spot, seen)
    except ClientMissing:
        return None
    return Stamp(seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)


def read_folder(path: str) -> FolderFacts:
    """List a folder; a link to one is refused."""
    with spot_of(path) as spot, told(path):
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(spot.name, flags, dir_fd=spot.folder)
        try:
            seen = os.fstat(handle)
            return FolderFacts(
                path=path,
                inode=seen.st_ino,
                mode=stat.S_IMODE(seen.st_mode),
                uid=seen.st_uid,
                gid=seen.st_gid,
                entries=_entries(path, handle),
            )
        finally:
            os.close(handle)


def _entries(path: str, handle: int) -> tuple[EntryFacts, ...]:
    names = sorted(os.listdir(handle))
    if len(names) > _MAX_ENTRIES:
        raise ClientGarbled(f"{clean(path)} has {len(names)} entries, more than can be judged")
    found: list[EntryFacts] = []
    for name in names:
        with suppress(FileNotFoundError):  # it vanished between listing and looking
            at = os.stat(name, dir_fd=handle, follow_symlinks=False)
            kind = _KINDS.get(stat.S_IFMT(at.st_mode), "other")
            found.append(EntryFacts(name, kind, at.st_ino, at.st_size, at.st_mtime_ns))
    return tuple(found)


def make_folder(path: str, mode: int) -> None:
    """Make one folder, with exactly this mode."""
    with spot_of(path, is_change=True) as spot, told(path):
        os.mkdir(spot.name, mode, dir_fd=spot.folder)
        os.chmod(spot.name, mode, dir_fd=spot.folder)
        spot.sync()


def drop_folder(path: str) -> None:
    """Remove an empty folder."""
    with spot_of(path, is_change=True) as spot, told(path), suppress(FileNotFoundError):
        os.rmdir(spot.name, dir_fd=spot.folder)
        spot.sync()


def move(path: str, to: str, was_inode: int) -> None:
    """Rename without taking the place of anything."""
    with spot_of(path, is_change=True) as spot, spot_of(to, is_change=True) as aim:
        with told(path):
            seen = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
        if seen.st_ino != was_inode:
            raise ClientGarbled(f"{clean(path)} is another one by now")
        with told(to):
            rename_beside(spot, aim)
        aim.sync()
        spot.sync()


def rename_beside(spot: Spot, aim: Spot) -> None:
    """Rename, refused by the kernel where the new name is taken."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        names = (os.fsencode(spot.name), os.fsencode(aim.name))
        if call(spot.folder, names[0], aim.folder, names[1], _NO_REPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in {errno.EINVAL, errno.ENOSYS}:  # this file system cannot tell
            raise OSError(code, os.strerror(code))
    try:
        os.stat(aim.name, dir_fd=aim.folder, follow_symlinks=False)
    except FileNotFoundError:
        os.rename(spot.name, aim.name, src_dir_fd=spot.folder, dst_dir_fd=aim.folder)
        return
    raise ClientDenied(f"{clean(aim.path)}: something is there already")
