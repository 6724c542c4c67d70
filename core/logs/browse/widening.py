"""From candidate lines to the records they stand in, reading little around each.

A scan tells where a line begins; a record is that line with the lines it continues and those that
continue it. Records are found by the same two rules as everywhere (`core.logs.stream.starts`); here
they are applied to a few kilobytes around the line, and the slow road is taken where these are not
enough.
"""

from collections.abc import Iterator, Sequence

from core.logs.segment import Segment
from core.logs.stream.reading import RawRecord, record_at
from core.logs.stream.starts import STRETCH_BYTES, Continues
from core.model.log import LogPosition

_BEFORE_BYTES = 2 * 1024
_AFTER_BYTES = 6 * 1024
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
        record = _in_block(segment, start, block, base_byte, end_byte, continues)
        if record is None:
            record = record_at(segment, start, continues)
        if record is not None and record.position.offset >= done_to:
            found.append(record)
            done_to = record.end_byte
    return found


def _blocks(
    segment: Segment, line_starts: Sequence[int], end_byte: int
) -> Iterator[tuple[int, bytes, int]]:
    """Yield each line's place with bytes around it: one block for all where they stand close."""
    if not line_starts:
        return
    low = max(segment.begin_byte, line_starts[0] - _BEFORE_BYTES)
    high = min(end_byte, line_starts[-1] + _AFTER_BYTES)
    if high - low <= len(line_starts) * _DENSE_BYTES:
        block = segment.read(low, high - low)
        for start in line_starts:
            yield start, block, low
        return
    for start in line_starts:
        low = max(segment.begin_byte, start - _BEFORE_BYTES)
        yield start, segment.read(low, min(end_byte, start + _AFTER_BYTES) - low), low


def _in_block(
    segment: Segment,
    start: int,
    block: bytes,
    base_byte: int,
    end_byte: int,
    continues: Continues,
) -> RawRecord | None:
    """Return the record of a line; None when the block does not hold both of its ends."""
    begin = _begin_of(block, start - base_byte, continues, is_first=base_byte == segment.begin_byte)
    if begin is None:
        return None
    end = _end_of(block, start - base_byte, continues, is_last=base_byte + len(block) >= end_byte)
    if end is None or end - begin > STRETCH_BYTES // 2:
        return None
    # A stretch border inside may cut a long record; that is for the slow road to judge.
    if (base_byte + begin) // STRETCH_BYTES != (base_byte + end - 1) // STRETCH_BYTES:
        return None
    raw = block[begin:end]
    return RawRecord(
        LogPosition(segment.number, base_byte + begin),
        base_byte + end,
        raw.removesuffix(b"\n"),
        is_open=not raw.endswith(b"\n"),
    )


def _begin_of(block: bytes, at: int, continues: Continues, *, is_first: bool) -> int | None:
    """Return where the record begins to which the line at `at` belongs."""
    while True:
        if at == 0:
            return 0 if is_first else None
        before = block.rfind(b"\n", 0, at - 1) + 1
        if before == 0 and not is_first:
            return None
        if not continues(_line(block, at), block[before : at - 1]):
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
        if block.find(b"\n", following) < 0 and not is_last:
            return None
        if not continues(_line(block, following), block[at:feed]):
            return following
        at = following


def _line(block: bytes, at: int) -> bytes:
    feed = block.find(b"\n", at)
    return block[at : feed if feed >= 0 else len(block)]
