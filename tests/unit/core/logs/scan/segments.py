"""Segments to scan: a file, and one that fails after a while."""

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import LogUnreadableError


@dataclass
class FileSegment:
    """A plain file, with what was known of it when it was opened."""

    path: Path
    number: int = 0
    begin_byte: int = 0
    end_byte: int = -1

    def __post_init__(self) -> None:
        if self.end_byte < 0:
            self.end_byte = self.path.stat().st_size

    @property
    def name(self) -> str:
        return self.path.name

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            raise LogUnreadableError(f"{self.name} is gone") from None
        try:
            return os.pread(descriptor, size_bytes, offset_byte)
        finally:
            os.close(descriptor)


@dataclass
class MemorySegment:
    """Bytes in memory; counts what was read of it at once."""

    data: bytes
    name: str = "memory"
    number: int = 0
    begin_byte: int = 0
    largest_read_bytes: int = 0

    @property
    def end_byte(self) -> int:
        return len(self.data)

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        assert offset_byte >= self.begin_byte
        self.largest_read_bytes = max(self.largest_read_bytes, size_bytes)
        return self.data[offset_byte : offset_byte + size_bytes]
