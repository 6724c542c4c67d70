"""Reads text files below a folder: bounded in files, bytes, time; no link followed. Blocking."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", "node_modules", "venv", ".venv", "env", "__pycache__", ".tox",
        "site-packages", ".mypy_cache", ".pytest_cache", ".next", "dist", "build", "vendor",
    }
)  # fmt: skip
_MOST_FILES, _MOST_BYTES, _MOST_FILE_BYTES = 200_000, 1024 * 1024 * 1024, 1024 * 1024
_HEAD_BYTES = 8192
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file and how it begins."""

    path: str
    mode: int
    data: bytes
    """At most its first 1 MiB; empty where it is binary or may not be read."""


@dataclass(slots=True)
class TreeReading:
    """How far a walk came; filled while it goes on."""

    files: int = 0
    size_bytes: int = 0
    denied: int = 0
    """Files and folders that could not be read."""
    begun: int = 0
    """Files of which only the first MiB was read."""
    elsewhere: int = 0
    """Folders that were left out because another file system is mounted there."""
    ended: str = ""
    """After what it was given up; empty: it came to the end."""


def read_texts(
    root: str, reading: TreeReading, monotonic_s: Callable[[], float], within_s: float = 20.0
) -> Iterator[TextFile]:
    """Yield the files below a folder; `reading` says at the end whether these were all."""
    until_s = monotonic_s() + within_s
    try:
        device = os.stat(root).st_dev  # noqa: PTH116
    except OSError:
        reading.denied += 1
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(folder, reading):
            seen = _seen(entry)
            if seen is None:
                continue
            if seen.st_dev != device:
                reading.elsewhere += 1
                continue
            if stat.S_ISDIR(seen.st_mode):
                if entry.name not in _SKIPPED:
                    waiting.append(entry.path)
                continue
            if not stat.S_ISREG(seen.st_mode):
                continue
            reading.ended = _ended(reading, within_s if monotonic_s() > until_s else None)
            if reading.ended:
                return
            data = _read(entry.path, reading)
            reading.files += 1
            reading.size_bytes += len(data)
            yield TextFile(entry.path, stat.S_IMODE(seen.st_mode), data)


def _ended(reading: TreeReading, late_s: float | None) -> str:
    if reading.files >= _MOST_FILES:
        return f"{_MOST_FILES:,} files"
    if reading.size_bytes >= _MOST_BYTES:
        return f"{_MOST_BYTES // 1024**3} GiB"
    return "" if late_s is None else f"{late_s:.0f} s"


def _entries(folder: str, reading: TreeReading) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda one: one.name)
    except OSError:
        reading.denied += 1
        return []


def _seen(entry: "os.DirEntry[str]") -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:  # it vanished between listing and looking
        return None


def _read(path: str, reading: TreeReading) -> bytes:
    try:
        handle = os.open(path, _FLAGS)
    except OSError:
        reading.denied += 1
        return b""
    try:
        head = os.read(handle, _HEAD_BYTES)
        if b"\0" in head:
            return b""
        rest = os.pread(handle, _MOST_FILE_BYTES - len(head) + 1, len(head))
        reading.begun += len(head) + len(rest) > _MOST_FILE_BYTES
        return (head + rest)[:_MOST_FILE_BYTES]
    except OSError:
        reading.denied += 1
        return b""
    finally:
        os.close(handle)
