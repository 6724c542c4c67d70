"""Changes one file so that a reader sees the old bytes or the new ones. Blocking."""

import errno
import fcntl
import hashlib
import os
import stat
from contextlib import suppress

from core.clients.acting.file_handles import (
    Spot,
    guard_same,
    hash_of,
    made,
    opened,
    spot_of,
    told,
    write_all,
)
from core.clients.acting.file_places import guard_changeable
from core.errors import ClientDenied, ClientGarbled, ClientRefused
from core.model.text import clean

_ACL = "system.posix_acl_access"


def replace_file(path: str, data: bytes, was_sha256: str, token: str, *, is_mounted: bool) -> None:
    """Put `data` in the place of a file that still is what the plan saw."""
    with spot_of(path, is_change=True) as spot, told(path), opened(spot) as old:
        guard_changeable(spot, old)
        guard_same(spot, old, was_sha256)
        if is_mounted:
            _write_in_place(spot, data, was_sha256)
        else:
            _write_beside(spot, old, data, was_sha256, token)


def _write_beside(spot: Spot, old: int, data: bytes, was_sha256: str, token: str) -> None:
    name = spot.temporary(token)
    with made(spot, name) as new:
        write_all(new, data)
        keep_looks(spot, old, new)
        os.fsync(new)
        guard_written(spot, new, data)
        guard_same(spot, old, was_sha256)
        os.rename(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
    spot.sync()


def _write_in_place(spot: Spot, data: bytes, was_sha256: str) -> None:
    """Write over the bytes, front to back: cut off, it is new bytes first, then old ones."""
    with opened(spot, os.O_RDWR) as handle:
        if os.fstat(handle).st_nlink > 1:
            raise ClientDenied(f"{clean(spot.path)} has a second name; it is not written in place")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ClientDenied(f"{clean(spot.path)} is locked by another program") from error
        guard_same(spot, handle, was_sha256)
        old = os.pread(handle, os.fstat(handle).st_size + 1, 0)
        try:
            _overwrite(handle, data)
        except OSError:
            _overwrite(handle, old)  # its blocks are its own: a full disk does not matter
            raise


def _overwrite(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    write_all(handle, data)
    os.ftruncate(handle, len(data))
    os.fsync(handle)


def guard_written(spot: Spot, new: int, data: bytes) -> None:
    """Read new bytes back.

    Raises:
        ClientRefused: the disk does not hold what was written.
    """
    if hash_of(new) != hashlib.sha256(data).hexdigest():
        raise ClientRefused(f"{clean(spot.path)}: the disk does not hold what was written")


def keep_looks(spot: Spot, old: int, new: int) -> None:
    """Give a new file the owner, the mode and the attributes of the old one.

    Raises:
        ClientDenied: one of them would be lost.
    """
    was, now = os.fstat(old), os.fstat(new)
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        try:
            os.fchown(new, was.st_uid, was.st_gid)
        except PermissionError as error:
            raise ClientDenied(
                f"{clean(spot.path)} belongs to {was.st_uid}:{was.st_gid}, which only root or"
                " that user can keep"
            ) from error
    os.fchmod(new, stat.S_IMODE(was.st_mode))
    wanted, found = _attributes(old), _attributes(new)
    for name in found.keys() - wanted.keys():
        if name == _ACL:  # inherited from the folder; the old file did not have it
            os.removexattr(new, name)
    for name, value in wanted.items():
        if found.get(name) != value:
            _keep_attribute(spot, new, name, value)


def _attributes(handle: int) -> dict[str, bytes]:
    try:
        return {name: os.getxattr(handle, name) for name in os.listxattr(handle)}
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.ENOSYS}:
            return {}
        raise


def _keep_attribute(spot: Spot, new: int, name: str, value: bytes) -> None:
    try:
        os.setxattr(new, name, value)
    except OSError as error:
        raise ClientDenied(
            f"{clean(spot.path)}: its attribute {clean(name)} would be lost ({error.strerror})"
        ) from error


def create_file(path: str, data: bytes, mode: int, token: str) -> None:
    """Make a new file: it appears whole, and never in the place of another."""
    with spot_of(path, is_change=True) as spot, told(path):
        name = spot.temporary(token)
        with made(spot, name) as new:
            write_all(new, data)
            os.fchmod(new, mode)
            os.fsync(new)
            guard_written(spot, new, data)
            appear(spot, name)
        spot.sync()


def appear(spot: Spot, name: str) -> None:
    """Give a whole temporary file its own name, unless that is taken."""
    os.link(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder, follow_symlinks=False)
    os.unlink(name, dir_fd=spot.folder)


def remove_file(path: str, was_sha256: str) -> None:
    """Remove a file that still is what the plan saw; harmless where there is none."""
    with spot_of(path, is_change=True) as spot, told(path):
        if not _is_there(spot):
            return
        with opened(spot) as handle:
            guard_changeable(spot, handle)
            guard_same(spot, handle, was_sha256)
            os.unlink(spot.name, dir_fd=spot.folder)
        spot.sync()


def _is_there(spot: Spot) -> bool:
    try:
        os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def clear_temporary(path: str, token: str) -> bool:
    """Remove what a killed change of this token left beside a path."""
    with spot_of(path, is_change=True) as spot, told(path):
        try:
            os.unlink(spot.temporary(token), dir_fd=spot.folder)
        except FileNotFoundError:
            return False
        spot.sync()
    return True


def link_target(path: str) -> str:
    """Return where a link points, as it is written."""
    with spot_of(path) as spot, told(path):
        return _target(spot)


def _target(spot: Spot) -> str:
    try:
        return os.readlink(spot.name, dir_fd=spot.folder)
    except OSError as error:
        if error.errno == errno.EINVAL:
            raise ClientGarbled(f"{clean(spot.path)} is no symbolic link") from error
        raise


def swap_link(path: str, to: str, was: str, token: str) -> None:
    """Point a link elsewhere at once, while it still points to `was`."""
    with spot_of(path, is_change=True) as spot, told(path):
        found = _target(spot)
        if found != was:
            raise ClientGarbled(f"{clean(path)} points to {clean(found)} by now")
        name = spot.temporary(token)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=spot.folder)
        os.symlink(to, name, dir_fd=spot.folder)
        try:
            os.rename(name, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
        except OSError:
            with suppress(OSError):
                os.unlink(name, dir_fd=spot.folder)
            raise
        spot.sync()
