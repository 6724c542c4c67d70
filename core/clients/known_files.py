"""Reads whole files whose secrets are to be hidden, again only when they are others. Blocking."""

import os
import stat

MOST_BYTES = 16 * 1024 * 1024
Mark = tuple[int, int, int, int]
"""Device, inode, size and time of change: another one means another content."""


def mark_of(path: str) -> Mark | None:
    """Return what a file has to be read again for when it changes; None: it cannot be seen."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - the path may be none
    except (OSError, ValueError):
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def read_whole(path: str, most_bytes: int = MOST_BYTES) -> bytes:
    """Return a regular file's bytes; none where it cannot be read, or is larger than such files."""
    try:
        # Without waiting: a pipe in its place would hold us up for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return b""
    with os.fdopen(handle, "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > most_bytes:
            return b""
        try:
            return file.read(most_bytes)
        except OSError:
            return b""
