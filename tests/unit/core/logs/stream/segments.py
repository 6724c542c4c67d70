"""A segment in memory, and the rule of these tests."""

from core.errors import LogUnreadableError


class MemorySegment:
    """Bytes that a test holds, counting what is read of them."""

    def __init__(self, data: bytes, number: int = 0, begin_byte: int = 0) -> None:
        self.data = data
        self.number = number
        self.name = f"memory {number}"
        self.begin_byte = begin_byte
        self.read_bytes = 0
        self.largest_bytes = 0

    @property
    def end_byte(self) -> int:
        return len(self.data)

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        if offset_byte < self.begin_byte:
            raise LogUnreadableError("dropped")
        self.read_bytes += size_bytes
        self.largest_bytes = max(self.largest_bytes, size_bytes)
        return self.data[offset_byte : offset_byte + size_bytes]


def continues(line: bytes, before: bytes | None) -> bool:
    """Indented lines belong to what stands above them."""
    return before is not None and line.startswith((b" ", b"\t"))
