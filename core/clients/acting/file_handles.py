"""Opens what is to be changed: by folder handle, never through a link in the last part. Blocking.

What a failed call means is said once, here: missing, denied or the disk.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from core.errors import ClientDenied, ClientError, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import clean

_CHUNK_BYTES = 1024 * 1024
_NAME_BYTES = 190
"""A name may have 255 bytes; a temporary one also holds the action's id."""
_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFLNK: "a symbolic link",
}  # fmt: skip
_DISK = {
    errno.ENOSPC: "the disk is full", errno.EDQUOT: "the quota is used up",
    errno.EIO: "the disk failed", errno.EFBIG: "it would be larger than files may be",
    errno.ESTALE: "the file server has lost it",
}  # fmt: skip
_DENIED = {
    errno.EACCES: "permission denied", errno.EPERM: "not permitted: immutable, or not ours",
    errno.EROFS: "the file system is read-only", errno.ELOOP: "it is a symbolic link",
    errno.EEXIST: "something is there already", errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "a part of the path is no folder", errno.ENXIO: "it is a pipe or socket",
    errno.ENOTEMPTY: "the folder is not empty", errno.EBUSY: "it is in use as a mount",
    errno.ETXTBSY: "it is a program that runs", errno.EXDEV: "it is on another file system",
    errno.ENAMETOOLONG: "the name is too long",
}  # fmt: skip


@contextmanager
def told(path: str) -> Generator[None]:
    """Turn what the system says into our errors."""
    try:
        yield
    except OSError as error:
        raise _meaning(path, error) from error


def _meaning(path: str, error: OSError) -> ClientError:
    name, code = clean(path), error.errno or 0
    if code == errno.ENOENT:
        return ClientMissing(f"{name} is not there")
    if code in _DENIED:
        return ClientDenied(f"{name}: {_DENIED[code]}")
    return ClientRefused(f"{name}: {_DISK.get(code) or error.strerror or 'it failed'}")


@dataclass(frozen=True, slots=True)
class Spot:
    """A name in an open folder: what was checked is what is changed, whatever is renamed above."""

    folder: int
    name: str
    path: str

    def temporary(self, token: str) -> str:
        """Return the name that the bytes have until they are whole."""
        kept = os.fsencode(self.name)[:_NAME_BYTES]
        return f".{os.fsdecode(kept)}.{token}.tmp"

    def sync(self) -> None:
        """Make what happened to the name last.

        Raises:
            ClientRefused: it was done, and may be lost when the power fails now.
        """
        try:
            os.fsync(self.folder)
        except OSError as error:
            raise ClientRefused(
                f"{clean(self.path)} was changed, but the disk may not have it: {error.strerror}"
            ) from error


@contextmanager
def spot_of(path: str, *, is_change: bool = False) -> Generator[Spot]:
    """Open the folder of an absolute path.

    Raises:
        ClientDenied: the path is none, or anybody may swap what is in the folder.
        ClientMissing: there is no such folder.
    """
    folder, _, name = path.rpartition("/")
    if not path.startswith("/") or name in {"", ".", ".."} or "\0" in path:
        raise ClientDenied(f"{clean(path)} is no absolute path of a file")
    # A folder that may be entered but not listed is enough to look; to make it last, it is not.
    flags = os.O_RDONLY if is_change else os.O_PATH
    with told(folder or "/"):
        handle = os.open(folder or "/", flags | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if is_change:
            _guard_folder(handle, folder)
        yield Spot(handle, name, path)
    finally:
        os.close(handle)


def _guard_folder(handle: int, folder: str) -> None:
    mode = os.fstat(handle).st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise ClientDenied(
            f"anybody may swap files in {clean(folder)}; chmod o-w it before anything is changed"
        )


@contextmanager
def opened(spot: Spot, flags: int = os.O_RDONLY) -> Generator[int]:
    """Open a regular file, never waiting for the other end of a pipe.

    Raises:
        ClientMissing: it is not there.
        ClientDenied: it may not be opened, or is no regular file.
    """
    safe = flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    with told(spot.path):
        guard_regular(spot, os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False))
        handle = os.open(spot.name, safe, dir_fd=spot.folder)
    try:
        guard_regular(spot, os.fstat(handle))
        yield handle
    finally:
        os.close(handle)


def guard_regular(spot: Spot, seen: os.stat_result) -> None:
    """Refuse what is not a regular file."""
    if not stat.S_ISREG(seen.st_mode):
        kind = _KINDS.get(stat.S_IFMT(seen.st_mode), "no regular file")
        raise ClientDenied(f"{clean(spot.path)} is {kind}")


@contextmanager
def made(spot: Spot, name: str) -> Generator[int]:
    """Make a new private file beside `spot`, gone again if what follows fails."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=spot.folder)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(name, flags, 0o600, dir_fd=spot.folder)
    try:
        yield handle
    except BaseException:
        with suppress(OSError):
            os.unlink(name, dir_fd=spot.folder)
        raise
    finally:
        os.close(handle)


def hash_of(handle: int) -> str:
    """Return the SHA-256 of a whole open file, in hex."""
    sha, at = hashlib.sha256(), 0
    while chunk := os.pread(handle, _CHUNK_BYTES, at):
        sha.update(chunk)
        at += len(chunk)
    return sha.hexdigest()


def guard_same(spot: Spot, handle: int, was_sha256: str) -> None:
    """Refuse a file that is not what the plan saw: its bytes, or the name is another's by now."""
    seen = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    held = os.fstat(handle)
    if (seen.st_dev, seen.st_ino) != (held.st_dev, held.st_ino):
        raise ClientGarbled(f"{clean(spot.path)} was replaced by somebody meanwhile")
    if hash_of(handle) != was_sha256:
        raise ClientGarbled(f"{clean(spot.path)} was changed by somebody meanwhile")


def write_all(handle: int, data: bytes) -> None:
    """Write all of it: a full disk may take a part and say nothing."""
    left = memoryview(data)
    while left:
        count = os.write(handle, left)
        if count == 0:
            raise OSError(errno.ENOSPC, "the disk took nothing")
        left = left[count:]
