"""Where records begin in a segment: found from any place, in either direction, the same each time.

A record begins at a line that does not continue the one before it, as an injected rule decides.
Nothing bounds a record in a hostile file (a line of 1 GB, a file of indented lines), so a second
rule cuts it: the segment is divided into stretches of 1 MiB, and where no record begins in a whole
stretch, the next stretch begins with the rest of the record. Both rules look at a bounded
neighbourhood only, so going back gives the same records as going on. That neighbourhood is up to
two stretches: what is learnt of them is kept, and a walk can be ended anywhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never

Continues = Callable[[bytes, bytes | None], bool]
"""Whether a line belongs to the record of the line before it (None: there is none)."""

STRETCH_BYTES = 1024 * 1024
_BLOCK_BYTES = 32 * 1024
_EMPTY_LINES = re.compile(rb"\n+")
LOOK_BYTES = 16 * 1024
"""As much of a line as the rule is shown: its first bytes, and the last of the line before."""
_NEAR_BYTES = 4 * 1024
"""Going back, first so much is walked, then blocks: mostly the nearest record is all that is
wanted."""
_PACE_BYTES = 8 * 1024
"""Walked between two looks at whether it is cancelled: 10 ms of the shortest lines."""


@dataclass(frozen=True, slots=True, order=True)
class Start:
    """Where a record begins. A rest begins in the middle of something that had to be cut."""

    offset_byte: int
    is_rest: bool = False


class Starts:
    """Where records begin in one segment. Remembers where none do: nobody looks there twice.

    Args:
        segment: Where they are looked for.
        continues: Whether a line belongs to the record of the line before it.
        cancelled: Asked every few kilobytes; what was asked for ends early then, without a word.
    """

    def __init__(
        self, segment: Segment, continues: Continues, cancelled: Cancelled = never
    ) -> None:
        self.segment = segment
        self.is_cancelled = False
        """Whether it ended early: what was not given is not known."""
        self._continues = continues
        self._cancelled = cancelled
        self._empty: set[int] = set()
        """Blocks in which no record begins; one number for 32 KiB that were walked."""

    def onward(self, offset_byte: int) -> Iterator[Start]:
        """Yield where records begin, from `offset_byte` on, to the segment's end."""
        first = max(offset_byte, self.segment.begin_byte)
        low = first - first % _BLOCK_BYTES
        if low < first:
            # Not the block's beginning: a log that is followed is asked again with every line.
            for offset in self._walk(first, low + _BLOCK_BYTES):
                yield Start(offset)
            low += _BLOCK_BYTES
        while low < self.segment.end_byte and not self.is_cancelled:
            yield from self._in_block(low)
            low += _BLOCK_BYTES

    def backward(self, offset_byte: int) -> Iterator[Start]:
        """Yield where records begin, going back from before `offset_byte` to the beginning."""
        last = min(offset_byte, self.segment.end_byte)
        low = (last - 1) - (last - 1) % _BLOCK_BYTES
        if low < last - _NEAR_BYTES:
            for start in reversed(self._walk(last - _NEAR_BYTES, last)):
                yield Start(start)
            last -= _NEAR_BYTES
        while low + _BLOCK_BYTES > self.segment.begin_byte and last > 0:
            for start in reversed(self._in_block(low)):
                if start.offset_byte < last:
                    yield start
            if self.is_cancelled:
                return
            low -= _BLOCK_BYTES

    def _in_block(self, low: int) -> list[Start]:
        own = self._own_starts(low)
        starts = [Start(offset) for offset in own]
        if low not in own[:1] and self._is_forced(low):
            starts.insert(0, Start(low, is_rest=True))
        return [] if self.is_cancelled else starts

    def _is_forced(self, offset: int) -> bool:
        """Return whether the stretch at `offset` begins with the rest of a record."""
        if offset % STRETCH_BYTES or not self.segment.begin_byte < offset < self.segment.end_byte:
            return False
        blocks = range(offset - _BLOCK_BYTES, offset - STRETCH_BYTES - 1, -_BLOCK_BYTES)
        return not any(self._own_starts(low) for low in blocks)

    def _own_starts(self, low: int) -> list[int]:
        """Return where lines that begin records begin in the block at `low`, ascending."""
        begin, end = self.segment.begin_byte, self.segment.end_byte
        high = low + _BLOCK_BYTES
        if self.is_cancelled or (low in self._empty and not low <= begin < high):
            return []
        found = self._walk(low, high)
        if not (found or self.is_cancelled) and high + LOOK_BYTES <= end:
            self._empty.add(low)
        return found

    def _walk(self, low: int, high: int) -> list[int]:
        """Read the lines that begin in [low, high); return where those begin that begin records."""
        segment, continues = self.segment, self._continues
        begin, end = segment.begin_byte, segment.end_byte
        low, high = max(low, begin), min(high, end)
        if low >= high:
            return []
        floor = max(begin, low - 1 - LOOK_BYTES)
        data = segment.read(floor, min(end, high + LOOK_BYTES) - floor)
        found: list[int] = []
        at = low - floor if low == begin else data.find(b"\n", low - 1 - floor) + 1
        before_begin = data.rfind(b"\n", 0, at - 1) + 1 if at > 0 else 0
        pause = at
        while floor + at < high and (at > 0 or low == begin):
            if at >= pause:
                pause = at + _PACE_BYTES
                if self._cancelled():
                    self.is_cancelled = True
                    return []
            line_end = data.find(b"\n", at)
            line = data[at : min(at + LOOK_BYTES, line_end if line_end >= 0 else len(data))]
            is_first = floor + at == begin
            before = None if is_first else data[max(before_begin, at - 1 - LOOK_BYTES) : at - 1]
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
