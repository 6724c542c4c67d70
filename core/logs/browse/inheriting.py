"""Gives a record without a time the time of the record before it, labelled as inherited.

Servers print lines without a stamp between stamped ones (uvicorn's access lines, prints). For a
window of time, and for merging logs, such a line belongs to the moment of what was written last.
Which record that is depends on the bytes alone: reading on, reading back and looking at one record
in a thousand give the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.logs.browse.widening import REACH_BYTES, REACH_LINES, record_before
from core.logs.parse.continuation import continues
from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never, prepare
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
        self._segment: int = 0
        self._next_byte: int = -1
        """Where the record read last ends. Numbers, not values: this runs for every record."""
        self._time_s: float | None = None
        """The time that holds there, from a record that begins so many bytes and lines before."""
        self._away_bytes = 0
        self._away_lines = 0

    def read(self, raw: RawRecord, cancelled: Cancelled = never) -> LogRecord:
        """Return the record, with a time wherever one can be had; cancelled, maybe without.

        Raises:
            LogUnreadableError: what stands before it cannot be had any more.
        """
        position = raw.position
        record = self._parser.parse(self._source, position, raw.raw, raw.is_cut)
        if not self._has_times:
            return record
        if _bears(record, raw):
            self._time_s, self._away_bytes, self._away_lines = record.time_s, 0, 0
        else:
            if position.offset != self._next_byte or position.segment != self._segment:
                self._look_back(position, cancelled)
            if record.time_s is None and self._time_s is not None:
                record = replace(record, time_s=self._time_s, time_basis=TimeBasis.INHERITED)
        self._segment, self._next_byte = position.segment, raw.end_byte
        self._move(raw.end_byte - position.offset, raw.raw.count(b"\n") + 1)
        return record

    def _look_back(self, position: LogPosition, cancelled: Cancelled) -> None:
        """Find the time that holds at a position: that of the last record that bears one."""
        size_bytes = lines = 0
        for raw in self._before(position, cancelled):
            if raw.end_byte == self._next_byte and raw.position.segment == self._segment:
                self._move(size_bytes, lines)
                return
            size_bytes += raw.end_byte - raw.position.offset
            lines += raw.raw.count(b"\n") + 1
            if size_bytes > REACH_BYTES or lines > REACH_LINES:
                break
            record = self._parser.parse(self._source, raw.position, raw.raw, raw.is_cut)
            if _bears(record, raw) and not self._parser.is_note(raw.raw):
                self._time_s, self._away_bytes, self._away_lines = record.time_s, size_bytes, lines
                return
        self._time_s = None

    def _move(self, size_bytes: int, lines: int) -> None:
        self._away_bytes += size_bytes
        self._away_lines += lines
        if self._away_bytes > REACH_BYTES or self._away_lines > REACH_LINES:
            self._time_s = None

    def _before(self, position: LogPosition, cancelled: Cancelled) -> Iterator[RawRecord]:
        """Yield records going back from a position, to the first that begins out of reach."""
        for segment in reversed(self._segments):
            if segment.number > position.segment:
                continue
            if not prepare(segment, cancelled):
                return
            at_byte = position.offset if segment.number == position.segment else segment.end_byte
            while (raw := record_before(segment, at_byte, continues)) is not None:
                yield raw
                at_byte = raw.position.offset
            if at_byte > segment.begin_byte:
                return


def _bears(record: LogRecord, raw: RawRecord) -> bool:
    """Return whether others may inherit its time: what is left of a cut record was no stamp."""
    return record.time_s is not None and not raw.is_rest
