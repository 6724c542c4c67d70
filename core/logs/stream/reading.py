"""Reads whole records out of a log's segments, back and forth, within bounds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never, prepare
from core.logs.stream.starts import STRETCH_BYTES, Continues, Start, Starts
from core.model.log import LogPosition

RECORD_BYTES = STRETCH_BYTES
"""As much of a record as is kept; a longer one is cut."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of one record."""

    position: LogPosition
    end_byte: int
    """Where the next record begins."""
    raw: bytes
    """As written, without the last line feed."""
    is_cut: bool = False
    """`raw` is the beginning of something longer."""
    is_rest: bool = False
    """It begins inside a record that had to be cut: not a record of its own."""
    is_open: bool = False
    """It is the last of its segment and its line has not ended: more may come."""

    @property
    def next_position(self) -> LogPosition:
        """Where to go on reading."""
        return LogPosition(self.position.segment, self.end_byte)


@dataclass(frozen=True, slots=True)
class ReadLimit:
    """Where one call of a reader ends, whichever comes first; one record is always given."""

    records: int = 500
    size_bytes: int = 4 * 1024 * 1024


_LIMIT = ReadLimit()


def _cut_out(segment: Segment, spans: Sequence[tuple[Start, int]]) -> list[RawRecord]:
    """Read the records of adjoining spans, ascending, in one go where they are small."""
    if not spans:
        return []
    low, high = spans[0][0].offset_byte, spans[-1][1]
    is_small = high - low <= _LIMIT.size_bytes
    data = segment.read(low, high - low) if is_small else b""
    end_byte = segment.end_byte
    records: list[RawRecord] = []
    for start, end in spans:
        at, size = start.offset_byte, min(end - start.offset_byte, RECORD_BYTES)
        raw = data[at - low : at - low + size] if is_small else segment.read(at, size)
        has_ended = raw.endswith(b"\n")
        records.append(
            RawRecord(
                LogPosition(segment.number, at),
                end,
                raw.removesuffix(b"\n"),
                is_cut=end - at > size or (not has_ended and end < end_byte),
                is_rest=start.is_rest,
                is_open=not has_ended and end == end_byte,
            )
        )
    return records


class _Room:
    """What is left of a limit."""

    def __init__(self, limit: ReadLimit) -> None:
        self._records, self._bytes = limit.records, limit.size_bytes

    def take(self, size_bytes: int) -> None:
        self._records -= 1
        self._bytes -= min(size_bytes, RECORD_BYTES)

    @property
    def is_full(self) -> bool:
        return self._records <= 0 or self._bytes <= 0


def _gather(
    starts: Iterable[Start], end: int, room: _Room, cancelled: Cancelled
) -> Iterator[tuple[Start, int]]:
    """Yield spans going back from `end`."""
    for start in starts:
        yield start, end
        room.take(end - start.offset_byte)
        if room.is_full or cancelled():
            return
        end = start.offset_byte


def records_before(
    segments: Sequence[Segment],
    position: LogPosition | None,
    continues: Continues,
    limit: ReadLimit = _LIMIT,
    cancelled: Cancelled = never,
) -> tuple[RawRecord, ...]:
    """Return the last records that begin before `position` (None: the end), oldest first.

    `position` is where a record begins or a segment ends. Blocking; costs what the limit says,
    whatever the size of the log. Cancelled: what was found so far.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    room, found = _Room(limit), list[RawRecord]()
    for segment in reversed(segments):
        if position is not None and segment.number > position.segment:
            continue
        if room.is_full or cancelled() or not prepare(segment, cancelled):
            break
        is_inside = position is not None and segment.number == position.segment
        end = min(position.offset, segment.end_byte) if is_inside and position else segment.end_byte
        starts = Starts(segment, continues, cancelled)
        spans = list(_gather(starts.backward(end), end, room, cancelled))
        found += reversed(_cut_out(segment, spans[::-1]))
    return tuple(reversed(found))


def _spans_on(
    starts: Starts, offset: int, room: _Room, cancelled: Cancelled
) -> Iterator[tuple[Start, int]]:
    last: Start | None = None
    for start in starts.onward(offset):
        if last is not None:
            yield last, start.offset_byte
            room.take(start.offset_byte - last.offset_byte)
            if room.is_full or cancelled():
                return
        last = start
    if last is not None and not starts.is_cancelled:
        end_byte = starts.segment.end_byte
        yield last, end_byte
        room.take(end_byte - last.offset_byte)


def records_after(
    segments: Sequence[Segment],
    position: LogPosition | None,
    continues: Continues,
    limit: ReadLimit = _LIMIT,
    cancelled: Cancelled = never,
) -> tuple[RawRecord, ...]:
    """Return the first records that begin at `position` (None: the beginning) or later.

    Blocking; costs what the limit says. Cancelled: what was found so far.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    room, found = _Room(limit), list[RawRecord]()
    for segment in segments:
        if position is not None and segment.number < position.segment:
            continue
        if room.is_full or cancelled() or not prepare(segment, cancelled):
            break
        is_inside = position is not None and segment.number == position.segment
        offset = position.offset if is_inside and position else segment.begin_byte
        starts = Starts(segment, continues, cancelled)
        found += _cut_out(segment, list(_spans_on(starts, offset, room, cancelled)))
    return tuple(found)


def record_at(starts: Starts, offset_byte: int) -> RawRecord | None:
    """Return the record that a byte belongs to; None when there is no such byte, or cancelled.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    segment = starts.segment
    if not segment.begin_byte <= offset_byte < segment.end_byte:
        return None
    start = next(starts.backward(offset_byte + 1), None)
    after = next(starts.onward(offset_byte + 1), None)
    if start is None or starts.is_cancelled:
        return None
    end = after.offset_byte if after else segment.end_byte
    return _cut_out(segment, [(start, end)])[0]
