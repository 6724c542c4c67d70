"""Lines and names that survive a power loss: appended whole or not at all, synced at once."""

import os
from pathlib import Path

_READ = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class DiskFullError(OSError):
    """The disk took a part of a line, and said nothing; the part has been taken back."""


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last.

    Raises:
        OSError: the disk failed.
    """
    handle = os.open(folder, _READ)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class LineFile:
    """A file of lines that only grows, owner's alone.

    Args:
        path: Made where it is not there.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, _APPEND, 0o600)

    def read(self, limit_bytes: int) -> bytes:
        """Return its bytes from the beginning."""
        return os.pread(self._file, limit_bytes, 0)

    def cut_torn_line(self) -> None:
        """Cut off what follows the last line feed: it was never acknowledged."""
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            os.ftruncate(self._file, whole)
            os.fdatasync(self._file)

    def append(self, line: bytes) -> None:
        """Add a line, and return when it is on the disk.

        Raises:
            DiskFullError: there is no room for it; nothing of it is left.
            OSError: the disk failed.
        """
        start = os.fstat(self._file).st_size
        # A disk that fills takes a part and says nothing (safety.md, M17).
        if os.write(self._file, line) != len(line):
            os.ftruncate(self._file, start)
            raise DiskFullError("the disk is full")
        os.fdatasync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
