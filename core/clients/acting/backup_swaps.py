"""Puts copies beside their place, and exchanges the two at once. Blocking."""

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress

from core.clients.acting.backup_copies import copy_file
from core.clients.acting.backup_places import (
    PlaceKind,
    forget,
    place_of,
    sync_folder,
)
from core.clients.acting.file_handles import opened, spot_of, told
from core.clients.archive.packing import Cancelled
from core.clients.archive.reader import list_archive
from core.clients.archive.unpack import unpack_archive
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import clean

_EXCHANGE = 2
_NO_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
_HELD = "it"
"""What is unpacked is called so until it is whole."""


def put_file(
    copy: str, live: str, staged: str, else_looks: tuple[int, int, int], cancelled: Cancelled
) -> None:
    """Put a file beside its place, with owner and mode of what lives there, else as given."""
    part = f"{staged}.part"
    forget(part)
    copy_file(copy, part, cancelled)
    now = place_of(live)
    mode, uid, gid = else_looks
    if now.kind is PlaceKind.FILE:
        mode, uid, gid = now.mode, now.uid, now.gid
    with spot_of(part, is_change=True) as spot, told(part), opened(spot) as handle:
        if os.geteuid() == 0 or (uid, gid) != (-1, -1):
            _give(handle, uid, gid)
        os.fchmod(handle, mode & 0o777)
        os.fsync(handle)
    rename_new(part, staged)


def _give(handle: int, uid: int, gid: int) -> None:
    seen = os.fstat(handle)
    if (seen.st_uid, seen.st_gid) != (uid, gid):
        os.fchown(handle, uid, gid)


def put_tree(copy: str, live: str, staged: str, inside: str, cancelled: Cancelled) -> None:
    """Unpack one member, file or folder, of an archive beside its place; empty: all of it."""
    folder, _, name = staged.rpartition("/")
    part = f"{staged}.part"
    forget(part)
    with spot_of(copy) as spot, told(copy), opened(spot) as handle:
        planned = list_archive(handle, cancelled=cancelled)
        unpack_archive(
            handle, planned, folder, f"{name}.part",
            wanted=_below(inside), has_owners=os.geteuid() == 0, cancelled=cancelled,
        )  # fmt: skip
    held = f"{part}/{_HELD}"
    if place_of(held).kind is PlaceKind.NOTHING:
        forget(part)
        raise ClientMissing(f"{clean(copy)} holds nothing called {clean(inside or live)}")
    now = place_of(live)
    with told(part):
        if not inside and now.kind is PlaceKind.FOLDER:
            if os.geteuid() == 0:
                os.chown(held, now.uid, now.gid, follow_symlinks=False)
            os.chmod(held, now.mode)  # noqa: PTH101 - text in
        sync_folder(part)
        os.rename(held, staged)  # noqa: PTH104 - text in
        os.rmdir(part)  # noqa: PTH106 - text in
        sync_folder(folder)


def _below(inside: str) -> Callable[[str], str | None]:
    def wanted(name: str) -> str | None:
        if not inside:
            return f"{_HELD}/{name}"
        if name == inside:
            return _HELD
        return f"{_HELD}{name[len(inside) :]}" if name.startswith(f"{inside}/") else None

    return wanted


def carry_over(
    live: str, staged: str, is_own: Callable[[str], bool], is_all: bool, cancelled: Cancelled
) -> int:
    """Copy what only `live` has into the staged folder: files, empty folders, links.

    A file appears in the staged folder whole or not at all, so that it can be done again.
    """
    if place_of(live).kind is not PlaceKind.FOLDER:
        return 0
    count = 0
    with told(live):
        for folder, names, files in os.walk(live, followlinks=False):
            inner = folder[len(live) :]
            links = [one for one in names if place_of(f"{folder}/{one}").kind is PlaceKind.OTHER]
            for name in (*files, *links):
                source, target = f"{folder}/{name}", f"{staged}{inner}/{name}"
                if os.path.lexists(target) or not (is_all or is_own(source)):
                    continue
                _make_like(live, staged, inner)
                count += _carry(source, target, cancelled)
            if is_all and not os.path.lexists(f"{staged}{inner}"):
                _make_like(live, staged, inner)
    return count


def _carry(source: str, target: str, cancelled: Cancelled) -> int:
    place = place_of(source)
    if place.kind is PlaceKind.FILE:
        put_file(source, source, target, (place.mode, place.uid, place.gid), cancelled)
        os.utime(target, ns=(place.mtime_ns, place.mtime_ns), follow_symlinks=False)
        return 1
    if not stat.S_ISLNK(os.lstat(source).st_mode):
        return 0
    os.symlink(os.readlink(source), target)  # noqa: PTH115, PTH211 - as it is written
    with suppress(PermissionError):
        os.chown(target, place.uid, place.gid, follow_symlinks=False)
    return 1


def _make_like(live: str, staged: str, inner: str) -> None:
    """Make the folders of a path below `staged`, each as it is below `live`."""
    words = inner.strip("/").split("/") if inner else []
    for depth in range(1, len(words) + 1):
        below = "/".join(words[:depth])
        path, like = f"{staged}/{below}", place_of(f"{live}/{below}")
        if os.path.lexists(path):
            if place_of(path).kind is not PlaceKind.FOLDER:
                raise ClientGarbled(f"{clean(below)} is a folder here and a file in the backup")
            continue
        os.mkdir(path, 0o700)  # noqa: PTH102 - text in
        if os.geteuid() == 0:
            os.chown(path, like.uid, like.gid, follow_symlinks=False)
        os.chmod(path, like.mode)  # noqa: PTH101 - text in


def rename_new(path: str, to: str) -> None:
    """Rename within a folder; never over something."""
    if os.path.lexists(to):
        raise ClientDenied(f"{clean(to)} is there already; nothing is written over")
    with told(path):
        os.rename(path, to)  # noqa: PTH104 - text in
    sync_folder(os.path.dirname(to))  # noqa: PTH120 - text in


def swap(staged: str, live: str) -> None:
    """Exchange two names at once; the file system that cannot do that gets three renames.

    Raises:
        ClientRefused: it could not be done; the old one lives, or is named by `swap_back`.
    """
    if place_of(live).kind is PlaceKind.NOTHING:
        rename_new(staged, live)
        return
    try:
        _exchange(staged, live)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise ClientRefused(
                f"{clean(live)} could not be exchanged: {error.strerror}"
            ) from error
        rename_new(live, _aside(staged))
        rename_new(staged, live)
        rename_new(_aside(staged), staged)
    sync_folder(os.path.dirname(live))  # noqa: PTH120 - text in


def swap_back(staged: str, live: str, had_live: bool) -> None:
    """Bring the old one back to its name, from wherever a swap was cut off."""
    aside = _aside(staged)
    if place_of(aside).kind is not PlaceKind.NOTHING:
        if place_of(live).kind is not PlaceKind.NOTHING:
            rename_new(live, staged)
        rename_new(aside, live)
    elif had_live:
        swap(staged, live)
    else:
        rename_new(live, staged)


def _aside(staged: str) -> str:
    return f"{staged}.old"


def _exchange(one: str, other: str) -> None:
    """Exchange two names by renameat2(2), which the standard library lacks.

    Raises:
        OSError: as the kernel says; `ENOSYS` where the C library has no such call.
    """
    library = ctypes.CDLL(None, use_errno=True)
    call = getattr(library, "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, "no renameat2")
    here = ctypes.c_int(-100)  # AT_FDCWD: both paths are absolute
    flags = ctypes.c_uint(_EXCHANGE)
    if call(here, os.fsencode(one), here, os.fsencode(other), flags) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
