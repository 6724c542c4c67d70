"""What the audit log asks of the disk, as a port, so that a test can make it fail."""

import errno
import os
from typing import Protocol


class Disk(Protocol):
    """Calls whose failure has to be tested. Each raises OSError."""

    def write(self, file: int, data: bytes) -> int:
        """Write, and return how many bytes were taken: fewer than all when the disk is full."""
        ...

    def flush(self, file: int) -> None:
        """Return when the file's data is on the disk (fdatasync)."""
        ...

    def flush_folder(self, folder: int) -> None:
        """Return when the folder's names are on the disk (fsync)."""
        ...

    def truncate(self, file: int, size_bytes: int) -> None:
        """Cut a file."""
        ...

    def reserve(self, file: int, size_bytes: int) -> None:
        """Give a file its blocks."""
        ...


class SystemDisk:
    """The real one."""

    def write(self, file: int, data: bytes) -> int:
        """Write."""
        return os.write(file, data)

    def flush(self, file: int) -> None:
        """Flush data."""
        os.fdatasync(file)

    def flush_folder(self, folder: int) -> None:
        """Flush names."""
        os.fsync(folder)

    def truncate(self, file: int, size_bytes: int) -> None:
        """Cut."""
        os.ftruncate(file, size_bytes)

    def reserve(self, file: int, size_bytes: int) -> None:
        """Allocate."""
        os.posix_fallocate(file, 0, size_bytes)


class SinkDead(OSError):
    """The disk said that it lost data, or our own cleaning up failed: never to be trusted again."""


def append_whole(disk: Disk, file: int, data: bytes, start_bytes: int) -> None:
    """Append all of `data` durably, or nothing.

    Args:
        disk: the port.
        file: opened for appending, `start_bytes` long.
        data: a line.
        start_bytes: where the file is cut when not all of it fits.

    Raises:
        SinkDead: a flush failed. The kernel has then thrown the pages away and calls them clean,
            so that a second flush would succeed and prove nothing.
        OSError: it did not fit; the file is as it was.
    """
    try:
        _write_whole(disk, file, data)
    except OSError:
        _take_back(disk, file, start_bytes)
        raise
    try:
        disk.flush(file)
    except OSError as error:
        raise SinkDead(error.errno, f"flushing failed: {error.strerror}") from error


def _write_whole(disk: Disk, file: int, rest: bytes) -> None:
    # A disk that fills takes a part and says nothing (safety.md, M17).
    while rest:
        taken = disk.write(file, rest)
        if taken <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[taken:]


def _take_back(disk: Disk, file: int, start_bytes: int) -> None:
    try:
        disk.truncate(file, start_bytes)
    except OSError as error:
        raise SinkDead(
            error.errno, f"half a record cannot be taken back: {error.strerror}"
        ) from error
