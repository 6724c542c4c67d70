"""Gives a record without a time the time of the record before it, labelled as inherited.

Servers print lines without a stamp between stamped ones (uvicorn's access lines, prints). For a
window of time, and for merging logs, such a line belongs to the moment of what was written last.
Which record that is depends on the bytes alone: reading on, reading back and looking at one record
in a thousand give the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.logs.browse.widening import REACH_BYTES, REACH_LINES, record_before
from core.logs.parse.continuation import continues
from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.logs.stream.followed import prepare
from core.logs.stream.reading import RawRecord
from core.model.log import LogPosition, LogRecord, TimeBasis


class Inheritor:
    """Reads records and fills in times. Remembers the last one, so reading on costs nothing.

    Args:
        source: The log's name.
        segments: The log, oldest first.
        parser: How its records are read.
        has_times: False: no line of the log bears a time, so none is looked for.
    """

    def __init__(
        self, source: str, segments: Sequence[Segment], parser: RecordParser, *, has_times: bool
    ) -> None:
        self._source = source
        self._segments = segments
        self._parser = parser
        self._has_times = has_times
        self._next: LogPosition | None = None
        self._time_s: float | None = None
        self._away = _NO_DISTANCE
        """From where the record begins whose time it is to `_next`."""

    def read(self, raw: RawRecord) -> LogRecord:
        """Return the record, with a time wherever one can be had.

        Raises:
            LogUnreadableError: what stands before it cannot be had any more.
        """
        record = self._parser.parse(self._source, raw.position, raw.raw, raw.is_cut)
        if not self._has_times:
            return record
        if _bears(record, raw):
            self._time_s, self._away = record.time_s, _NO_DISTANCE
        else:
            if raw.position != self._next:
                self._look_back(raw.position)
            if record.time_s is None and self._time_s is not None:
                record = replace(record, time_s=self._time_s, time_basis=TimeBasis.INHERITED)
        self._move(_size(raw))
        self._next = raw.next_position
        return record

    def _look_back(self, position: LogPosition) -> None:
        """Find the time that holds at a position: that of the last record that bears one."""
        away = _NO_DISTANCE
        for raw in self._before(position):
            if raw.next_position == self._next:
                self._move(away)
                return
            away += _size(raw)
            if not away.is_in_reach:
                break
            record = self._parser.parse(self._source, raw.position, raw.raw, raw.is_cut)
            if _bears(record, raw) and not self._parser.is_note(raw.raw):
                self._time_s, self._away = record.time_s, away
                return
        self._time_s = None

    def _move(self, by: "_Distance") -> None:
        self._away += by
        if not self._away.is_in_reach:
            self._time_s = None

    def _before(self, position: LogPosition) -> Iterator[RawRecord]:
        """Yield records going back from a position, to the first that begins out of reach."""
        for segment in reversed(self._segments):
            if segment.number > position.segment or not prepare(segment):
                continue
            at_byte = position.offset if segment.number == position.segment else segment.end_byte
            while (raw := record_before(segment, at_byte, continues)) is not None:
                yield raw
                at_byte = raw.position.offset
            if at_byte > segment.begin_byte:
                return


@dataclass(frozen=True, slots=True)
class _Distance:
    """How far it is over some records. Beyond its reach a time is not inherited any more."""

    size_bytes: int
    lines: int

    def __add__(self, other: "_Distance") -> "_Distance":
        return _Distance(self.size_bytes + other.size_bytes, self.lines + other.lines)

    @property
    def is_in_reach(self) -> bool:
        return self.size_bytes <= REACH_BYTES and self.lines <= REACH_LINES


_NO_DISTANCE = _Distance(0, 0)


def _size(raw: RawRecord) -> _Distance:
    return _Distance(raw.end_byte - raw.position.offset, raw.raw.count(b"\n") + 1)


def _bears(record: LogRecord, raw: RawRecord) -> bool:
    """Return whether others may inherit its time: what is left of a cut record was no stamp."""
    return record.time_s is not None and not raw.is_rest
