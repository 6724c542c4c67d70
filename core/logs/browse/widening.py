"""From candidate lines to the records they stand in, reading little around each.

A scan tells where a line begins; a record is that line with the lines it continues and those that
continue it. Records are found by the same two rules as everywhere (`core.logs.stream.starts`); here
they are applied to a few kilobytes around the line, and the slow road is taken where these are not
enough.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never
from core.logs.stream.reading import RawRecord, record_at
from core.logs.stream.starts import LOOK_BYTES, STRETCH_BYTES, Continues, Starts
from core.model.log import LogPosition

_REACHES_BYTES = ((2 * 1024, 6 * 1024), (96 * 1024, 160 * 1024))
"""Read before and behind a line: enough for nearly all records, then for all but the longest."""
REACH_BYTES = 64 * 1024
"""Records that begin so near, and within `REACH_LINES`, are found without the slow road."""
REACH_LINES = 1000
_FEED = ord("\n")
_DENSE_BYTES = 4 * 1024
"""With a candidate every so many bytes it is cheaper to read all than a little around each."""


class Surroundings:
    """Finds the records around places of one segment.

    Args:
        segment: Where they stand.
        end_byte: Where the segment ended when it was scanned; what came later is not looked at.
        continues: Whether a line continues the line before it.
        cancelled: What is not found when it says so, is not known.
    """

    def __init__(
        self,
        segment: Segment,
        end_byte: int,
        continues: Continues,
        cancelled: Cancelled = never,
    ) -> None:
        self._segment = segment
        self._end_byte = end_byte
        self._continues = continues
        self._starts = Starts(segment, continues, cancelled)
        self._last: RawRecord | None = None
        """What the slow road found last: it is asked for again."""

    def around(self, line_starts: Sequence[int]) -> list[RawRecord]:
        """Return the records in which lines stand (ascending), ascending, each once.

        Raises:
            LogUnreadableError: the bytes cannot be had any more.
        """
        segment, end_byte = self._segment, self._end_byte
        found: list[RawRecord] = []
        done_to = -1
        for start, block, base_byte in _blocks(segment, line_starts, end_byte):
            if start < done_to:
                continue
            record = _in_block(
                _Block(segment, block, base_byte, end_byte),
                start - base_byte,
                self._continues,
                is_begin=start == done_to,
            )
            if record is None:
                record = self.over(start)
            if record is not None and record.position.offset >= done_to:
                found.append(record)
                done_to = record.end_byte
        return found

    def over(self, at_byte: int) -> RawRecord | None:
        """Return the record that a byte belongs to; None when there is no such byte.

        Raises:
            LogUnreadableError: the bytes cannot be had any more.
        """
        if not self._segment.begin_byte <= at_byte < self._end_byte:
            return None
        last = self._last
        if last is not None and last.position.offset <= at_byte < last.end_byte:
            return last
        record = _near(self._segment, at_byte, self._end_byte, self._continues)
        if record is None:
            record = self._last = record_at(self._starts, at_byte)
        return record


def record_before(segment: Segment, at_byte: int, continues: Continues) -> RawRecord | None:
    """Return the record that ends where another begins, or the segment ends.

    None when there is none, or it begins out of reach.

    Raises:
        LogUnreadableError: the bytes cannot be had any more.
    """
    if at_byte <= segment.begin_byte:
        return None
    return _near(segment, at_byte - 1, at_byte, continues)


def _near(segment: Segment, at_byte: int, end_byte: int, continues: Continues) -> RawRecord | None:
    """Return the record over a byte; None when a bounded look around it does not tell."""
    for before_bytes, behind_bytes in _REACHES_BYTES:
        low = max(segment.begin_byte, at_byte - before_bytes)
        block = segment.read(low, min(end_byte, at_byte + behind_bytes) - low)
        line = block.rfind(b"\n", 0, at_byte - low) + 1
        if line == 0 and low > segment.begin_byte:
            continue
        record = _in_block(_Block(segment, block, low, end_byte), line, continues)
        if record is not None:
            return record
    return None


class _Block(NamedTuple):
    """Bytes of a segment."""

    segment: Segment
    data: bytes
    base_byte: int
    end_byte: int
    """Where the segment counts as ended."""


def _blocks(
    segment: Segment, line_starts: Sequence[int], end_byte: int
) -> Iterator[tuple[int, bytes, int]]:
    """Yield each line's place with bytes around it: one block for all where they stand close."""
    if not line_starts:
        return
    before_bytes, behind_bytes = _REACHES_BYTES[0]
    low = max(segment.begin_byte, line_starts[0] - before_bytes)
    high = min(end_byte, line_starts[-1] + behind_bytes)
    if high - low <= len(line_starts) * _DENSE_BYTES:
        block = segment.read(low, high - low)
        for start in line_starts:
            yield start, block, low
        return
    for start in line_starts:
        low = max(segment.begin_byte, start - before_bytes)
        yield start, segment.read(low, min(end_byte, start + behind_bytes) - low), low


def _in_block(
    block: _Block, at: int, continues: Continues, *, is_begin: bool = False
) -> RawRecord | None:
    """Return the record of the line at `at`; None when the block does not hold both of its ends.

    `is_begin`: a record is known to begin with that line.
    """
    segment, data, base_byte, end_byte = block
    if at > 0 and data[at - 1] != _FEED:
        return None  # the rest of a record that was cut begins anywhere
    begin: int | None = at
    if not is_begin:
        begin = _begin_of(data, at, continues, is_first=base_byte == segment.begin_byte)
    if begin is None:
        return None
    end = _end_of(data, at, continues, is_last=base_byte + len(data) >= end_byte)
    # A very long record may have been cut where a stretch begins: the slow road knows.
    if end is None or end - begin > STRETCH_BYTES // 2:
        return None
    raw = data[begin:end]
    is_whole = raw.endswith(b"\n")
    return RawRecord(
        LogPosition(segment.number, base_byte + begin),
        base_byte + end,
        raw[:-1] if is_whole else raw,
        is_open=not is_whole,
    )


def _begin_of(data: bytes, at: int, continues: Continues, *, is_first: bool) -> int | None:
    """Return where the record begins to which the line at `at` belongs."""
    for _ in range(REACH_LINES):
        if at == 0:
            return 0 if is_first else None
        before = data.rfind(b"\n", 0, at - 1) + 1
        if before == 0 and not is_first and at <= LOOK_BYTES:
            return None
        if not continues(_line(data, at), data[max(before, at - 1 - LOOK_BYTES) : at - 1]):
            return at
        at = before
    return None


def _end_of(data: bytes, at: int, continues: Continues, *, is_last: bool) -> int | None:
    """Return where the record ends to which the line at `at` belongs."""
    size = len(data)
    feed = data.find(b"\n", at)
    for _ in range(REACH_LINES):
        if feed < 0:
            return size if is_last else None
        following = feed + 1
        if following == size:
            return size if is_last else None
        feed_after = data.find(b"\n", following)
        shown_to = min(feed_after if feed_after >= 0 else size, following + LOOK_BYTES)
        if feed_after < 0 and not is_last and shown_to - following < LOOK_BYTES:
            return None
        if not continues(data[following:shown_to], data[max(at, feed - LOOK_BYTES) : feed]):
            return following
        at, feed = following, feed_after
    return None


def _line(data: bytes, at: int) -> bytes:
    """Return as much of a line as the rule is shown."""
    feed = data.find(b"\n", at, at + LOOK_BYTES)
    return data[at : feed if feed >= 0 else at + LOOK_BYTES]
