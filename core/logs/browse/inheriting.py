"""Gives a record without a time the time of the record before it, labelled as inherited.

Servers print lines without a stamp between stamped ones (uvicorn's access lines, prints). For a
window of time, and for merging logs, such a line belongs to the moment of what was written last.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.logs.parse.continuation import continues
from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.logs.stream.reading import RawRecord, ReadLimit, records_before
from core.model.log import LogPosition, LogRecord, TimeBasis

_LOOK_BACK = ReadLimit(records=200, size_bytes=128 * 1024)


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

    def read(self, raw: RawRecord) -> LogRecord:
        """Return the record, with a time wherever one can be had."""
        record = self._parser.parse(self._source, raw.position, raw.raw, raw.is_cut)
        if record.time_s is None and self._has_times:
            time_s = self._time_s if raw.position == self._next else self._before(raw.position)
            if time_s is not None:
                record = replace(record, time_s=time_s, time_basis=TimeBasis.INHERITED)
        self._next, self._time_s = raw.next_position, record.time_s
        return record

    def _before(self, position: LogPosition) -> float | None:
        """Return the time of the last stamped record before a position, a little way back."""
        segments = [one for one in self._segments if one.number <= position.segment][-2:]
        for raw in reversed(records_before(segments, position, continues, _LOOK_BACK)):
            record = self._parser.parse(self._source, raw.position, raw.raw, raw.is_cut)
            if record.time_s is not None:
                return record.time_s
        return None
