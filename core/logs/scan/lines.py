"""Reads one stretch of a segment, widened to whole lines, and finds its candidates."""

from dataclasses import dataclass

from core.errors import LogUnreadableError
from core.logs.scan.finders import Finder
from core.logs.segment import Segment

LONGEST_LINE_BYTES = 2 << 20
_FIRST_OVERLAP_BYTES = 4 << 10


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a segment can be read, as it was when the scan began: it may grow meanwhile."""

    segment: Segment
    begin_byte: int
    end_byte: int

    def read(self, begin_byte: int, end_byte: int) -> bytes:
        """Return exactly these bytes, all within the extent.

        Raises:
            LogUnreadableError: they are not there any more.
        """
        block = self.segment.read(begin_byte, end_byte - begin_byte)
        if len(block) != end_byte - begin_byte:
            raise LogUnreadableError(f"{self.segment.name} shrank while it was searched; try again")
        return block


def line_starts(
    extent: Extent,
    begin_byte: int,
    end_byte: int,
    finder: Finder,
    longest_line_bytes: int = LONGEST_LINE_BYTES,
) -> list[int]:
    """Return the candidates among the lines that begin in `begin_byte`..`end_byte`, ascending.

    A line begins where the extent does or after a line feed. One longer than `longest_line_bytes`
    that goes on past `end_byte` is a candidate unseen: nothing of it is kept that long.

    Raises:
        LogUnreadableError: the bytes are not there any more.
    """
    before = 1 if begin_byte > extent.begin_byte else 0
    base_byte = begin_byte - before
    block = extent.read(base_byte, min(end_byte + _FIRST_OVERLAP_BYTES, extent.end_byte))
    size = end_byte - base_byte
    first = 0
    if before and not (first := block.find(b"\n", 0, size - 1) + 1):
        return []
    last = max(block.rfind(b"\n", first, size - 1) + 1, first)
    block, stop = _to_end_of_line(extent, block, base_byte, size, last + longest_line_bytes)
    if stop is None:
        found = finder.line_starts(block, first, last, base_byte) if last > first else []
        return [*found, base_byte + last]
    return finder.line_starts(block, first, stop, base_byte)


def _to_end_of_line(
    extent: Extent, block: bytes, base_byte: int, size: int, most: int
) -> tuple[bytes, int | None]:
    """Read on until the line over the border ends. Without an end it is longer than it may be."""
    parts, have, look_from = [block], len(block), size - 1
    step_bytes = _FIRST_OVERLAP_BYTES
    while True:
        feed = parts[-1].find(b"\n", look_from)
        if feed >= 0:
            stop = have - len(parts[-1]) + feed + 1
            break
        if base_byte + have >= extent.end_byte:
            stop = have
            break
        if have >= max(most, size):
            return parts[0], None
        begin_byte = base_byte + have
        parts.append(extent.read(begin_byte, min(begin_byte + step_bytes, extent.end_byte)))
        have, look_from, step_bytes = have + len(parts[-1]), 0, step_bytes * 2
    return (parts[0] if len(parts) == 1 else b"".join(parts)), stop
