"""Reads the files that hold secrets, with who may read them and whether git knows them. Blocking.

Nothing is run: whether a file is tracked stands in git's own index, which is read as it is.
"""

import os
import stat
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from core.clients.acting.file_handles import opened, spot_of, told
from core.clients.identity import group_name, user_name
from core.errors import ClientGarbled

MOST_BYTES = 1024 * 1024
_MOST_INDEX_BYTES = 256 * 1024 * 1024
_ENTRY = struct.Struct(">10L20sH")
_EXTENDED, _NAME_MASK = 0x4000, 0x0FFF
_FOURTH = 4


@dataclass(frozen=True, slots=True)
class SecretFile:
    """One file at one look."""

    path: str
    """Where it really lies: links have been followed."""
    data: bytes
    mode: int
    """Permission bits."""
    owner: str
    group: str
    modified: datetime


class SecretFiles(Protocol):
    """What an inventory needs of the file system."""

    def read(self, path: str) -> SecretFile:
        """Return a file.

        Raises:
            ClientMissing: it is not there.
            ClientDenied: it may not be read, or is no regular file.
            ClientGarbled: it is larger than files of settings are.
        """
        ...

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git has this file; None: it lies in no working tree, or nobody can say."""
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted; none where it cannot be read."""
        ...


class LocalSecretFiles:
    """Reads files of this machine."""

    def read(self, path: str) -> SecretFile:
        """Return a file, links followed: whoever reads it follows them too."""
        real = os.path.realpath(path)
        with spot_of(real) as spot, told(real), opened(spot) as handle:
            seen = os.fstat(handle)
            if seen.st_size > MOST_BYTES:
                raise ClientGarbled(f"{seen.st_size} bytes are too many for a file of settings")
            data = os.pread(handle, MOST_BYTES, 0)
        return SecretFile(
            real,
            data,
            stat.S_IMODE(seen.st_mode),
            user_name(seen.st_uid),
            group_name(seen.st_gid),
            datetime.fromtimestamp(seen.st_mtime, UTC),
        )

    def is_tracked(self, path: str) -> bool | None:
        """Return whether git has this file, by the index of the tree that it lies in."""
        real = Path(os.path.realpath(path))
        for folder in real.parents:
            mark = folder / ".git"
            if mark.exists():
                index = _index_of(mark)
                name = os.fsencode(str(real.relative_to(folder)))
                return None if index is None else name in tracked_names(index)
        return None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        try:
            return tuple(sorted(os.listdir(folder)))  # noqa: PTH208
        except OSError:
            return ()


def _index_of(mark: Path) -> bytes | None:
    """Return the index of a working tree, empty where there is none; None: it cannot be read."""
    folder = mark
    if mark.is_file():  # a worktree or a submodule: its folder is elsewhere
        try:
            words = mark.read_text("utf-8", "surrogateescape").partition("gitdir:")[2].strip()
        except OSError:
            return None
        folder = mark.parent / words
    path = folder / "index"
    try:
        if path.stat().st_size > _MOST_INDEX_BYTES:
            return None
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError:
        return None


def tracked_names(index: bytes) -> frozenset[bytes]:
    """Return the paths in an index, versions 2 to 4; what cannot be read ends the list. Pure."""
    if len(index) < 12 or index[:4] != b"DIRC":
        return frozenset()
    version, count = struct.unpack(">LL", index[4:12])
    found, at, last = set[bytes](), 12, b""
    for _ in range(count):
        if at + _ENTRY.size > len(index):
            break
        flags: int = _ENTRY.unpack_from(index, at)[-1]
        begin = at + _ENTRY.size + (2 if flags & _EXTENDED else 0)
        if version >= _FOURTH:
            cut, begin = _varint(index, begin)
            end = index.find(b"\0", begin)
            last = last[: len(last) - cut] + index[begin:end]
            at = end + 1
        else:
            length = flags & _NAME_MASK
            end = begin + length if length < _NAME_MASK else index.find(b"\0", begin)
            last = index[begin:end]
            at += (end - at + 8) & ~7
        if not 0 <= end < len(index):  # cut off: what follows is no name
            break
        found.add(last)
    return frozenset(found)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number as git packs it, and where it ends."""
    if at >= len(data):
        return 0, at
    value = data[at] & 0x7F
    while data[at] & 0x80 and at + 1 < len(data):
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
