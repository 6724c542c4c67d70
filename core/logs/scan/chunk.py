"""What a scan delivers: chunks of a segment with the places of their candidate lines."""

from dataclasses import dataclass
from enum import Enum, auto


class Order(Enum):
    """Which end of the range is scanned first. Inside a chunk lines always ascend."""

    NEWEST_FIRST = auto()
    OLDEST_FIRST = auto()


@dataclass(frozen=True, slots=True)
class Chunk:
    """The lines that begin in `begin_byte`..`end_byte` have been looked at."""

    begin_byte: int
    end_byte: int
    line_starts: tuple[int, ...]
    """Offsets of the candidate lines in the segment, ascending."""
    scanned_bytes: int
    """Of the whole range so far, this chunk included."""
    total_bytes: int
    """Of the whole range."""
