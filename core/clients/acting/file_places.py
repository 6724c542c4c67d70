"""Tells where a file lives: bound alone into a container, read-only, immutable. Blocking.

A container that was given one file holds that very file: a rename puts another in its place, and
the container goes on with the old one. Such a mount stands in the container's own table of mounts.
"""

import fcntl
import os
import re
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from core.clients.acting.file_handles import Spot
from core.errors import ClientDenied
from core.model.text import clean

_ESCAPE = re.compile(r"\\([0-7]{3})")
_FS_IOC_GETFLAGS = 0x80086601
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20
_MAX_TABLES = 512

ReadTables = Callable[[], tuple[str, ...]]
"""Returns tables of mounts: ours first, then those of other namespaces that we may see."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of a table of mounts."""

    device: str
    """`major:minor`."""
    root: str
    """Which part of the file system is mounted."""
    point: str


def parse_mounts(mountinfo: str) -> tuple[Mount, ...]:
    """Parse /proc/PID/mountinfo. Pure."""
    lines = (line.split(" ", 5) for line in mountinfo.splitlines())
    return tuple(
        Mount(fields[2], _plain(fields[3]), _plain(fields[4]))
        for fields in lines
        if len(fields) > 5
    )


def _plain(field: str) -> str:
    """Return a path without the octal escapes that the kernel writes for blanks."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), field)


def is_mounted_alone(path: str, tables: Iterable[tuple[Mount, ...]]) -> bool:
    """Return whether exactly this real path is mounted, here or in another namespace. Pure."""
    ours, *others = (*tables, ())
    if any(mount.point == path for mount in ours):
        return True
    home = _home(path, ours)
    if home is None:
        return False
    inside = (home.root.rstrip("/") + path[len(home.point.rstrip("/")) :]) or "/"
    return any(
        mount.device == home.device and mount.root == inside for table in others for mount in table
    )


def _home(path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    """Return the mount that a path is in: the last of the longest."""
    above = [
        mount
        for mount in mounts
        if mount.point == "/" or path.startswith(mount.point.rstrip("/") + "/")
    ]
    longest = max((len(mount.point) for mount in above), default=0)
    return next((mount for mount in reversed(above) if len(mount.point) == longest), None)


def read_tables() -> tuple[str, ...]:
    """Return the tables of mounts of every namespace that we may look into, ours first."""
    tables = [_read("/proc/self/mountinfo")]
    seen = {_namespace("self")}
    for pid in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if not pid.isdigit() or len(tables) >= _MAX_TABLES:
            continue
        namespace = _namespace(pid)
        if namespace and namespace not in seen:
            seen.add(namespace)
            tables.append(_read(f"/proc/{pid}/mountinfo"))
    return tuple(tables)


def _namespace(pid: str) -> str:
    with suppress(OSError):  # it has ended, or is not ours to see
        return os.readlink(f"/proc/{pid}/ns/mnt")  # noqa: PTH115
    return ""


def _read(path: str) -> str:
    with suppress(OSError), open(path, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        return file.read()
    return ""


def guard_changeable(spot: Spot, handle: int) -> None:
    """Refuse, with the reason, what the file system would not let us change.

    Raises:
        ClientDenied: it is read-only, immutable or append-only.
    """
    if os.fstatvfs(handle).f_flag & os.ST_RDONLY:
        raise ClientDenied(f"{clean(spot.path)}: the file system is read-only")
    for held, what in ((handle, spot.path), (spot.folder, os.path.dirname(spot.path))):  # noqa: PTH120
        flags = _flags(held)
        if flags & _IMMUTABLE:
            raise ClientDenied(f"{clean(what)} is immutable; chattr -i it first")
        if flags & _APPEND_ONLY:
            raise ClientDenied(f"{clean(what)} is append-only; chattr -a it first")


def _flags(handle: int) -> int:
    """Return the attributes that `lsattr` shows; 0 where the file system has none."""
    try:
        raw = fcntl.ioctl(handle, _FS_IOC_GETFLAGS, struct.pack("l", 0))
    except OSError:
        return 0
    return int(struct.unpack("l", raw)[0]) & 0xFFFF_FFFF


def free_bytes(folder: str) -> int:
    """Return what we may still write in a folder's file system."""
    seen = os.statvfs(folder)
    blocks = seen.f_bfree if os.geteuid() == 0 else seen.f_bavail
    return blocks * seen.f_frsize
