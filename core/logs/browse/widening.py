"""From candidate lines to the records they stand in, reading little around each.

A scan tells where a line begins; a record is that line with the lines it continues and those that
continue it. Records are found by the same two rules as everywhere (`core.logs.stream.starts`); here
they are applied to a few kilobytes around the line, and the slow road is taken where these are not
enough.
"""

from collections.abc import Iterator, Sequence

from core.logs.segment import Segment
from core.logs.stream.reading import RawRecord, record_at
from core.logs.stream.starts import LOOK_BYTES, STRETCH_BYTES, Continues
from core.model.log import LogPosition

_REACHES_BYTES = ((2 * 1024, 6 * 1024), (64 * 1024, 192 * 1024))
"""Read before and behind a line: enough for nearly all records, then for all but the longest."""
_DENSE_BYTES = 4 * 1024
"""With a candidate every so many bytes it is cheaper to read all than a little around each."""


def records_around(
    segment: Segment, line_starts: Sequence[int], end_byte: int, continues: Continues
) -> list[RawRecord]:
    """Return the records in which the lines stand, ascending, each once.

    Args:
        segment: Where they stand.
        line_starts: Where the lines begin, ascending.
        end_byte: Where the segment ended when it was scanned; what came later is not looked at.
        continues: Whether a line continues the line before it.

    Raises:
        LogUnreadableError: the bytes cannot be had any more.
    """
    found: list[RawRecord] = []
    done_to = -1
    for start, block, base_byte in _blocks(segment, line_starts, end_byte):
        if start < done_to:
            continue
        record = _in_block(
            segment, start, block, base_byte, end_byte, continues, is_begin=start == done_to
        )
        if record is None:
            record = record_over(segment, start, end_byte, continues)
        if record is not None and record.position.offset >= done_to:
            found.append(record)
            done_to = record.end_byte
    return found


def record_over(
    segment: Segment, at_byte: int, end_byte: int, continues: Continues
) -> RawRecord | None:
    """Return the record that a byte belongs to; None when there is no such byte before `end_byte`.

    Raises:
        LogUnreadableError: the bytes cannot be had any more.
    """
    if not segment.begin_byte <= at_byte < end_byte:
        return None
    for before_bytes, behind_bytes in _REACHES_BYTES:
        low = max(segment.begin_byte, at_byte - before_bytes)
        block = segment.read(low, min(end_byte, at_byte + behind_bytes) - low)
        line = block.rfind(b"\n", 0, at_byte - low) + 1
        if line == 0 and low > segment.begin_byte:
            continue
        record = _in_block(segment, low + line, block, low, end_byte, continues)
        if record is not None:
            return record
    return record_at(segment, at_byte, continues)


def record_before(segment: Segment, at_byte: int, continues: Continues) -> RawRecord | None:
    """Return the record that ends where another begins, or the segment ends; None at its begin.

    Raises:
        LogUnreadableError: the bytes cannot be had any more.
    """
    return record_over(segment, at_byte - 1, at_byte, continues)


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
    segment: Segment,
    start: int,
    block: bytes,
    base_byte: int,
    end_byte: int,
    continues: Continues,
    *,
    is_begin: bool = False,
) -> RawRecord | None:
    """Return the record of a line; None when the block does not hold both of its ends.

    `is_begin`: a record is known to begin with that line.
    """
    at = start - base_byte
    begin: int | None = at
    if not is_begin:
        begin = _begin_of(block, at, continues, is_first=base_byte == segment.begin_byte)
    if begin is None:
        return None
    end = _end_of(block, at, continues, is_last=base_byte + len(block) >= end_byte)
    # A very long record may have been cut where a stretch begins: the slow road knows.
    if end is None or end - begin > STRETCH_BYTES // 2:
        return None
    raw = block[begin:end]
    is_whole = raw.endswith(b"\n")
    return RawRecord(
        LogPosition(segment.number, base_byte + begin),
        base_byte + end,
        raw[:-1] if is_whole else raw,
        is_open=not is_whole,
    )


def _begin_of(block: bytes, at: int, continues: Continues, *, is_first: bool) -> int | None:
    """Return where the record begins to which the line at `at` belongs."""
    while True:
        if at == 0:
            return 0 if is_first else None
        before = block.rfind(b"\n", 0, at - 1) + 1
        if before == 0 and not is_first and at <= LOOK_BYTES:
            return None
        if not continues(_line(block, at), block[max(before, at - 1 - LOOK_BYTES) : at - 1]):
            return at
        at = before


def _end_of(block: bytes, at: int, continues: Continues, *, is_last: bool) -> int | None:
    """Return where the record ends to which the line at `at` belongs."""
    while True:
        feed = block.find(b"\n", at)
        if feed < 0:
            return len(block) if is_last else None
        following = feed + 1
        if following == len(block):
            return following if is_last else None
        is_shown = len(block) - following >= LOOK_BYTES or block.find(b"\n", following) >= 0
        if not is_last and not is_shown:
            return None
        before = block[max(at, feed - LOOK_BYTES) : feed]
        if not continues(_line(block, following), before):
            return following
        at = following


def _line(block: bytes, at: int) -> bytes:
    """Return as much of a line as the rule is shown."""
    feed = block.find(b"\n", at, at + LOOK_BYTES)
    return block[at : feed if feed >= 0 else at + LOOK_BYTES]
