"""Where records begin in a segment: found from any place, in either direction, the same each time.

A record begins at a line that does not continue the one before it, as an injected rule decides.
Nothing bounds a record in a hostile file (a line of 1 GB, a file of indented lines), so a second
rule cuts it: the segment is divided into stretches of 1 MiB, and where no record begins in a whole
stretch, the next stretch begins with the rest of the record. Both rules look at a bounded
neighbourhood only, so going back gives the same records as going on.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.logs.segment import Segment

Continues = Callable[[bytes, bytes | None], bool]
"""Whether a line belongs to the record of the line before it (None: there is none)."""

STRETCH_BYTES = 1024 * 1024
_BLOCK_BYTES = 128 * 1024
_EMPTY_LINES = re.compile(rb"\n+")
LOOK_BYTES = 16 * 1024
"""As much of a line as the rule is shown: its first bytes, and the last of the line before."""


@dataclass(frozen=True, slots=True, order=True)
class Start:
    """Where a record begins. A rest begins in the middle of something that had to be cut."""

    offset_byte: int
    is_rest: bool = False


def _block_starts(segment: Segment, low: int, high: int, continues: Continues) -> list[int]:
    """Return where lines that begin records begin, in [low, high), ascending."""
    begin, end = segment.begin_byte, segment.end_byte
    low, high = max(low, begin), min(high, end)
    if low >= high:
        return []
    floor = max(begin, low - 1 - LOOK_BYTES)
    data = segment.read(floor, min(end, high + LOOK_BYTES) - floor)
    found: list[int] = []
    at = low - floor if low == begin else data.find(b"\n", low - 1 - floor) + 1
    before_begin = data.rfind(b"\n", 0, at - 1) + 1 if at > 0 else 0
    while floor + at < high and (at > 0 or low == begin):
        line_end = data.find(b"\n", at)
        line = data[at : min(at + LOOK_BYTES, line_end if line_end >= 0 else len(data))]
        before = (
            None if floor + at == begin else data[max(before_begin, at - 1 - LOOK_BYTES) : at - 1]
        )
        is_start = before is None or not continues(line, before)
        if is_start:
            found.append(floor + at)
        if line_end < 0:
            break
        before_begin, at = at, line_end + 1
        if not (is_start or line or before) and (run := _EMPTY_LINES.match(data, at)):
            # The rule sees nothing but the two lines: it says the same of all empty ones.
            before_begin, at = run.end() - 1, run.end()
    return found


def _has_start(segment: Segment, low: int, continues: Continues) -> bool:
    """Return whether any record begins in the stretch at `low`, by its own line."""
    high = low + STRETCH_BYTES
    return any(
        _block_starts(segment, at, min(at + _BLOCK_BYTES, high), continues)
        for at in range(high - _BLOCK_BYTES, low - 1, -_BLOCK_BYTES)
    )


def _is_forced(segment: Segment, offset: int, continues: Continues) -> bool:
    """Return whether the stretch at `offset` begins with the rest of a record."""
    if offset % STRETCH_BYTES or not segment.begin_byte < offset < segment.end_byte:
        return False
    return not _has_start(segment, offset - STRETCH_BYTES, continues)


def _starts_in(segment: Segment, low: int, high: int, continues: Continues) -> list[Start]:
    own = _block_starts(segment, low, high, continues)
    starts = [Start(offset) for offset in own]
    if low not in own[:1] and _is_forced(segment, low, continues):
        starts.insert(0, Start(low, is_rest=True))
    return starts


def starts_from(segment: Segment, offset_byte: int, continues: Continues) -> Iterator[Start]:
    """Yield where records begin, from `offset_byte` on, to the segment's end."""
    first = max(offset_byte, segment.begin_byte)
    low = first - first % _BLOCK_BYTES
    while low < segment.end_byte:
        for start in _starts_in(segment, low, low + _BLOCK_BYTES, continues):
            if start.offset_byte >= first:
                yield start
        low += _BLOCK_BYTES


def starts_before(segment: Segment, offset_byte: int, continues: Continues) -> Iterator[Start]:
    """Yield where records begin, going back from `offset_byte` (itself not), to the beginning."""
    last = min(offset_byte, segment.end_byte)
    low = (last - 1) - (last - 1) % _BLOCK_BYTES
    while low + _BLOCK_BYTES > segment.begin_byte and last > 0:
        for start in reversed(_starts_in(segment, low, low + _BLOCK_BYTES, continues)):
            if start.offset_byte < last:
                yield start
        low -= _BLOCK_BYTES
