"""Reads the files that hold API keys, which other programs rewrite in place at any time. Blocking.

A read counts only when the file stood still meanwhile. A link is resolved once; pipes, folders and
devices are never opened.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from core.errors import ClientDenied, ClientError, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import SafeText, clean

LIMIT_BYTES = 64 * 1024 * 1024
"""Of a file of keys: a hundred thousand of them, indented, with a dozen fields, are 50 MB."""
TRIES, TRY_AGAIN_S = 10, 0.02
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's identity and state at one look: another stamp means that it has to be read again."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    changed_ns: int
    mode: int
    """Permission bits."""
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Whole:
    """Bytes that stood still, of one file."""

    path: str
    """Where they really are: a link is resolved."""
    data: bytes
    stamp: Stamp


def _wait(seconds: float) -> None:
    Event().wait(seconds)


class KeyFiles:
    """Reads key files of this machine.

    Args:
        wait: Waits so many seconds.
        is_mounted: Tells whether a real path is mounted alone, here or into a container.
        is_ignored: Tells whether git ignores a path; None: nobody can tell.
    """

    def __init__(
        self,
        wait: Callable[[float], None] = _wait,
        is_mounted: Callable[[str], bool] = lambda _: False,
        is_ignored: Callable[[str], bool | None] = lambda _: None,
    ) -> None:
        self._wait = wait
        self.is_mounted = is_mounted
        self._is_ignored = is_ignored

    def stamp(self, path: str) -> Stamp | None:
        """Return a file's state, through a link; None: there is nothing, or it may not be seen."""
        try:
            return _stamp(os.stat(path))  # noqa: PTH116 - twice a second and file
        except (OSError, ValueError):
            return None

    def read(
        self, path: str, understood: Callable[[bytes], _T], limit_bytes: int = LIMIT_BYTES
    ) -> tuple[Whole, _T]:
        """Return a file's bytes, standing still, and what was understood of them.

        Bytes that are not understood are read again while their file is being written: a tool
        that writes in place leaves it empty or torn for a moment.

        Raises:
            ClientMissing: it is not there.
            ClientDenied: it may not be read, or is no regular file.
            ClientGarbled: too large, never still, or not understood.
        """
        real = _resolved(path)
        problem = ClientGarbled(f"{clean(path)} is being written to all the time")
        last: Whole | None = None
        for turn in range(TRIES):
            if turn:
                self._wait(TRY_AGAIN_S)
            whole = _read_once(path, real, limit_bytes)
            if whole is None:
                continue
            is_known = last is not None and whole.data == last.data
            try:
                # What was not understood is looked at again, not tried again: it may be large.
                if not is_known:
                    return whole, understood(whole.data)
            except ClientGarbled as error:
                problem = error
            # What nobody writes to does not get better.
            if last is not None and whole.stamp == last.stamp and turn >= TRIES // 2:
                break
            last = whole
        raise problem

    def is_exposed_to_git(self, path: str) -> bool | None:
        """Tell whether a file lies in a git work tree that does not ignore it; None: perhaps."""
        folder = Path(path).parent
        for above in (folder, *folder.parents):
            if (above / ".git").exists():
                is_ignored = self._is_ignored(path)
                return None if is_ignored is None else not is_ignored
        return False


def owner_words(stamp: Stamp) -> SafeText:
    """Return mode and owner: `0640 app:app`."""
    return clean(f"{stamp.mode:04o} {_user(stamp.uid)}:{_group(stamp.gid)}")


def _resolved(path: str) -> str:
    """Return where a path leads; a link may lead only to what its own owner owns."""
    try:
        link = Path(path).lstat()
        if not stat.S_ISLNK(link.st_mode):
            return path
        real = Path(path).resolve(strict=True)
        owner = real.stat().st_uid
    except (OSError, RuntimeError, ValueError) as error:  # a loop is a RuntimeError before 3.13
        raise _told(path, error) from error
    if link.st_uid not in {0, owner}:
        raise ClientDenied(f"{clean(path)} is a link to a file of another owner")
    return str(real)


def _read_once(path: str, real: str, limit_bytes: int) -> Whole | None:
    """Return a file's bytes; None: it changed while they were read."""
    try:
        _guard_regular(path, os.lstat(real))
        handle = os.open(real, _OPEN)
    except (OSError, ValueError) as error:
        raise _told(path, error) from error
    try:
        before = os.fstat(handle)
        _guard_regular(path, before)
        if before.st_size > limit_bytes:
            raise ClientGarbled(f"it has {before.st_size} bytes; at most {limit_bytes} are read")
        data = _all_of(handle, before.st_size + 1)
        after = os.fstat(handle)
    except OSError as error:
        raise _told(path, error) from error
    finally:
        os.close(handle)
    is_still = _stamp(before) == _stamp(after) and len(data) == after.st_size
    return Whole(real, data, _stamp(after)) if is_still else None


def _all_of(handle: int, size_bytes: int) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < size_bytes and (part := os.pread(handle, size_bytes - at, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _guard_regular(path: str, seen: os.stat_result) -> None:
    if stat.S_ISLNK(seen.st_mode):
        raise ClientDenied(f"{clean(path)} became a link meanwhile")
    if not stat.S_ISREG(seen.st_mode):
        kind = _KINDS.get(stat.S_IFMT(seen.st_mode), "no regular file")
        raise ClientDenied(f"{clean(path)} is {kind}")


def _told(path: str, error: OSError | RuntimeError | ValueError) -> ClientError:
    name = clean(path)
    if not isinstance(error, OSError):
        return ClientDenied(f"{name} is no path that leads to a file")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        is_link = os.path.islink(path)  # noqa: PTH114 - the path may be none
        return ClientMissing(f"{name} {'is a link to nothing' if is_link else 'is not there'}")
    if error.errno in {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG}:
        return ClientDenied(f"{name}: {clean(error.strerror or 'not permitted').lower()}")
    return ClientRefused(f"{name}: {clean(error.strerror or 'it failed').lower()}")


def _stamp(seen: os.stat_result) -> Stamp:
    return Stamp(
        seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns,
        stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid,
    )  # fmt: skip


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
