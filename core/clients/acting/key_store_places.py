"""Where a key store lies, why it may not be written to there, and who has it open. Blocking."""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass

from core.clients.acting import file_places
from core.clients.acting.file_handles import opened, spot_of, told
from core.errors import ClientDenied, ClientError
from core.model.text import EMPTY, SafeText, clean

_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "fuse.sshfs", "fuse.glusterfs"}
)
"""Where a lock may not be seen by others, and a rename may be seen late."""
_MAX_SHOWN = 3


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store's file as it lies."""

    path: str
    """Absolute, links resolved: this one is replaced."""
    is_link: bool
    """The path that was asked for is a link, or leads through one."""
    is_mounted: bool
    """It is mounted alone: what is renamed over it is not seen inside."""
    against: SafeText
    """Why it cannot be written to; empty: it can, as far as can be seen."""
    inode: int = 0
    links: int = 1
    mode: int = 0
    uid: int = 0
    gid: int = 0


def place_of(path: str, tables: tuple[str, ...]) -> StorePlace:
    """Return where a store lies; `tables` are tables of mounts, ours first.

    Raises:
        ClientMissing: there is nothing.
        ClientDenied: it may not be looked at, or is no regular file.
    """
    with told(path):
        real = os.path.realpath(path, strict=True)
    parsed = tuple(file_places.parse_mounts(table) for table in tables)
    with spot_of(real) as spot, told(real), opened(spot) as handle:
        seen = os.fstat(handle)
    return StorePlace(
        path=real,
        is_link=real != path,
        is_mounted=file_places.is_mounted_alone(real, parsed),
        against=_against(real, tables[0] if tables else ""),
        inode=seen.st_ino,
        links=seen.st_nlink,
        mode=stat.S_IMODE(seen.st_mode),
        uid=seen.st_uid,
        gid=seen.st_gid,
    )


def _against(path: str, mountinfo: str) -> SafeText:
    kind = filesystem_of(path, mountinfo)
    if kind in _REMOTE:
        return clean(f"it lies on {kind}, where locks and renames may not be seen by others")
    try:
        with spot_of(path, is_change=True) as spot, told(path), opened(spot) as handle:
            file_places.guard_changeable(spot, handle)
            folder = path.rpartition("/")[0] or "/"
            if not os.access(folder, os.W_OK, effective_ids=True):
                raise ClientDenied(f"{clean(folder)} may not be written to")
    except ClientError as error:
        return clean(str(error))
    return EMPTY


def filesystem_of(path: str, mountinfo: str) -> str:
    """Return the kind of file system that a real path is on; empty: not known. Pure."""
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ").rstrip("/")
        is_above = path == point or path.startswith(f"{point}/")
        if is_above and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


def users_of(path: str) -> tuple[SafeText, ...]:
    """Return programs that have a file open now, `pid 4711 (python3)`; not ourselves."""
    found: list[SafeText] = []
    for pid in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if not pid.isdigit() or int(pid) == os.getpid() or len(found) >= _MAX_SHOWN:
            continue
        with suppress(OSError):  # it has ended, or is not ours to see
            if _has_open(pid, path):
                found.append(clean(f"pid {pid} ({_name_of(pid)})"))
    return tuple(found)


def _has_open(pid: str, path: str) -> bool:
    for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{name}").removesuffix(" (deleted)") == path:  # noqa: PTH115
                return True
    return False


def _name_of(pid: str) -> str:
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        return file.read().strip()
