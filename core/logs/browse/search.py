"""Finds the records of a log that a query matches, from either end, as they are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.logs.browse.inheriting import Inheritor
from core.logs.browse.widening import records_around
from core.logs.parse.continuation import continues
from core.logs.parse.parser import RecordParser
from core.logs.query.prefilter import Prefilter
from core.logs.query.query import Query
from core.logs.scan.candidates import NORMAL_EFFORT, Effort, candidates
from core.logs.scan.chunk import Chunk, Order
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never, prepare
from core.model.log import LogPosition, LogRecord

_SLACK_S = 300.0
"""Lines of several writers are out of order by seconds. A stretch whose records are all older than
the window by more than this ends a search that goes back in time."""
_OLD_CHUNKS = 2
_LOOK_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Found:
    """What one stretch of the log gave."""

    records: tuple[LogRecord, ...]
    """Ascending, whichever way is searched."""
    reached: LogPosition
    """As far as the search has come: where to go on."""
    scanned_bytes: int
    """Of the whole search so far."""
    total_bytes: int
    """Of what is to be searched; a packed sibling counts from when it is unpacked."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a log that is searched: from `begin` up to before `end`; None: all there is."""

    begin: LogPosition | None = None
    end: LogPosition | None = None

    def of(self, segment: Segment) -> tuple[int, int]:
        """Return the bytes of a segment that are in the span."""
        low, high = segment.begin_byte, segment.end_byte
        if self.begin is not None and segment.number <= self.begin.segment:
            low = max(low, self.begin.offset) if segment.number == self.begin.segment else high
        if self.end is not None and segment.number >= self.end.segment:
            high = min(high, self.end.offset) if segment.number == self.end.segment else low
        return low, max(low, high)


EVERYTHING = Span()


class Search:
    """One search of one log.

    Args:
        segments: What is searched, oldest first.
        parser: How its records are read.
        inheritor: Reads them, and gives times to those that bear none.
        query: What is looked for.
        effort: Threads and memory of the scan.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        parser: RecordParser,
        inheritor: Inheritor,
        query: Query,
        effort: Effort = NORMAL_EFFORT,
    ) -> None:
        self._segments = tuple(segments)
        self._parser = parser
        self._inheritor = inheritor
        self._query = query
        self._effort = effort
        self._last: LogPosition | None = None
        self._prefilter: Prefilter | None = None
        if not parser.is_transcoded:
            self._prefilter = query.prefilter(is_named=not parser.context.configured)

    def run(
        self, order: Order, span: Span = EVERYTHING, cancelled: Cancelled = never
    ) -> Iterator[Found]:
        """Yield what each stretch gave, in the order asked for, empty stretches too. Blocking.

        Raises:
            LogUnreadableError: bytes cannot be had any more; poll the log and search again.
        """
        segments = self._segments if order is Order.OLDEST_FIRST else self._segments[::-1]
        scanned = 0
        for segment in segments:
            if cancelled() or not prepare(segment, cancelled):
                return
            low, high = span.of(segment)
            total = sum(end - begin for begin, end in map(span.of, self._segments))
            before = scanned
            old_chunks = 0
            for chunk in candidates(
                segment, self._prefilter, order, low, high, cancelled, self._effort
            ):
                scanned = before + chunk.scanned_bytes
                records = self._matching(segment, chunk, high, order)
                at = chunk.end_byte if order is Order.OLDEST_FIRST else chunk.begin_byte
                yield Found(records, LogPosition(segment.number, at), scanned, total)
                old_chunks = old_chunks + 1 if self._is_outside(segment, chunk, order) else 0
                if old_chunks >= _OLD_CHUNKS:
                    return

    def _matching(
        self, segment: Segment, chunk: Chunk, end_byte: int, order: Order
    ) -> tuple[LogRecord, ...]:
        """Return the records that match and have a candidate line in the chunk, each once.

        A record over the border of two chunks may have candidates in both.
        """
        query, known = self._query, self._last
        raws = records_around(segment, chunk.line_starts, end_byte, continues)
        if raws:
            self._last = raws[0 if order is Order.NEWEST_FIRST else -1].position
        found: list[LogRecord] = []
        for raw in raws:
            if raw.position == known or self._parser.is_note(raw.raw):
                continue
            record = self._inheritor.read(raw)
            if query.is_in_window(record) and query.matches(record):
                found.append(record)
        return tuple(found)

    def _is_outside(self, segment: Segment, chunk: Chunk, order: Order) -> bool:
        """Return whether a stretch lies so far outside the window that the rest does as well."""
        since_s, until_s = self._query.since_s, self._query.until_s
        limit_s = since_s if order is Order.NEWEST_FIRST else until_s
        if limit_s is None:
            return False
        times = list(self._times(segment, chunk))
        if not times:
            return False
        if order is Order.NEWEST_FIRST:
            return max(times) < limit_s - _SLACK_S
        return min(times) > limit_s + _SLACK_S

    def _times(self, segment: Segment, chunk: Chunk) -> Iterator[float]:
        """Yield the times of a few records of a stretch: at its ends and in its middle."""
        for at in (chunk.begin_byte, (chunk.begin_byte + chunk.end_byte) // 2, chunk.end_byte):
            low = max(segment.begin_byte, at - _LOOK_BYTES)
            block = segment.read(low, _LOOK_BYTES * 2)
            feeds = [place for place in range(len(block)) if block[place : place + 1] == b"\n"][:3]
            for one, other in pairwise(feeds):
                line = block[one + 1 : other]
                record = self._parser.parse("", LogPosition(segment.number, low), line)
                if record.time_s is not None:
                    yield record.time_s
