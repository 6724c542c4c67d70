"""Finds the records of a log that a query matches, from either end, as they are found."""

from bisect import bisect_left
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

from core.logs.browse.inheriting import Inheritor
from core.logs.browse.outside import Outside
from core.logs.browse.sampling import Part, is_steady
from core.logs.browse.widening import Surroundings
from core.logs.parse.continuation import continues
from core.logs.parse.parser import RecordParser
from core.logs.query.prefilter import Prefilter
from core.logs.query.query import Query
from core.logs.scan.candidates import NORMAL_EFFORT, Effort, candidates
from core.logs.scan.chunk import Chunk, Order
from core.logs.segment import Segment
from core.logs.strands import strand_of
from core.logs.stream.followed import Cancelled, never, prepare
from core.logs.stream.reading import RawRecord
from core.logs.stream.starts import STRETCH_BYTES
from core.model.log import LogPosition, LogRecord

_LINES_AT_ONCE = 256
"""Candidates read in one go: what a page may have to wait for, and cancellation."""


class Entry(NamedTuple):
    """A record, and where it ends: no record begins between the two."""

    record: LogRecord
    end: LogPosition


@dataclass(frozen=True, slots=True)
class Found:
    """What one stretch of the log gave."""

    entries: tuple[Entry, ...]
    """Ascending, whichever way is searched."""
    reached: LogPosition
    """As far as the search has come, between two records: where to go on."""
    reached_s: float | None
    """About when that was written; None where it is not known."""
    scanned_bytes: int
    """Of the whole search so far."""
    total_bytes: int
    """Of what is to be searched; a packed sibling counts from when it is unpacked."""

    @property
    def records(self) -> tuple[LogRecord, ...]:
        """The records found, ascending."""
        return tuple(entry.record for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Span:
    """The records that begin from `begin` up to before `end`; None: all there are that way."""

    begin: LogPosition | None = None
    end: LogPosition | None = None

    def of(self, segment: Segment) -> tuple[int, int]:
        """Return the bytes of a segment in which records of the span begin."""
        low, high = segment.begin_byte, segment.end_byte
        if self.begin is not None and segment.number <= self.begin.segment:
            low = max(low, self.begin.offset) if segment.number == self.begin.segment else high
        if self.end is not None and segment.number >= self.end.segment:
            high = min(high, self.end.offset) if segment.number == self.end.segment else low
        return low, max(low, high)

    def size_of(self, segment: Segment) -> int:
        """Return how many bytes of a segment those are."""
        low, high = self.of(segment)
        return high - low


EVERYTHING = Span()


class Search:
    """One search of one log. Each `run` is on its own.

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
        self._prefilter: Prefilter | None = None
        if not parser.is_transcoded:
            self._prefilter = query.prefilter(is_named=not parser.context.configured)

    def run(
        self, order: Order, span: Span = EVERYTHING, cancelled: Cancelled = never
    ) -> Generator[Found, None, None]:
        """Yield what each stretch gave, in the order asked for, empty stretches too. Blocking.

        With a window of time each strand ends where the rest of it lies outside, out of order by
        less than `FAR_SLACK_S`. Close it to stop early: it holds threads.

        Raises:
            LogUnreadableError: bytes cannot be had any more; poll the log and search again.
        """
        segments = self._segments if order is Order.OLDEST_FIRST else self._segments[::-1]
        outsides: dict[str, Outside] = {}
        scanned, total = 0, sum(map(span.size_of, segments))
        for segment in segments:
            total -= span.size_of(segment)
            outside = self._outside_of(segment, outsides, order)
            if outside.is_over:
                continue
            if cancelled() or not prepare(segment, cancelled):
                return
            low, high = span.of(segment)
            total += high - low
            stretch = _Stretch(segment, order, low, high, cancelled)
            for entries, reached, at_s, done in self._run(stretch, outside, cancelled):
                position = LogPosition(segment.number, reached)
                done_bytes = scanned + min(done, high - low)
                yield Found(entries, position, at_s, done_bytes, max(total, done_bytes))
            scanned += high - low

    def _outside_of(self, segment: Segment, outsides: dict[str, Outside], order: Order) -> Outside:
        """Return what tells whether the rest of a segment's strand lies outside the window."""
        strand = strand_of(segment)
        if strand not in outsides:
            outsides[strand] = Outside(order, self._query.since_s, self._query.until_s)
        return outsides[strand]

    def _run(
        self, stretch: "_Stretch", outside: Outside, cancelled: Cancelled
    ) -> Iterator[tuple[tuple[Entry, ...], int, float | None, int]]:
        """Search one segment: what was found, how far, when that was written, bytes scanned."""
        if stretch.low >= stretch.high:
            return
        # The last record of the span may show what is looked for behind the span's end only.
        last = stretch.record_over(stretch.high)
        end = stretch.high if last is None else last.end_byte
        if last is None or last.position.offset >= stretch.high:
            end = stretch.high
        if stretch.is_back:
            stretch.settled = end
        chunks = candidates(
            stretch.segment,
            self._prefilter,
            stretch.order,
            stretch.low,
            end,
            cancelled,
            self._effort,
        )
        at_s: float | None = None
        with closing(chunks):
            for chunk in chunks:
                border = chunk.begin_byte if stretch.is_back else chunk.end_byte
                over = stretch.record_over(border)
                before_s = at_s
                at_s = self._inheritor.read(over, cancelled).time_s if over else None
                outside.pass_border(at_s)
                starts = (
                    () if self._is_outside(chunk, outside, stretch) else stretch.starts_in(chunk)
                )
                left = len(starts)
                for lines in _slices(starts, is_back=stretch.is_back):
                    left -= len(lines)
                    entries = self._matching(stretch.fresh(lines), cancelled)
                    if cancelled():
                        return  # what was not found then may be there
                    if left:
                        unread = chunk.end_byte - chunk.begin_byte
                        yield entries, stretch.settled, before_s, chunk.scanned_bytes - unread
                    else:
                        yield entries, stretch.reached(border, over), at_s, chunk.scanned_bytes
                if outside.is_over:
                    return

    def _is_outside(self, chunk: Chunk, outside: Outside, stretch: "_Stretch") -> bool:
        """Return whether no record of a chunk can be in the window."""
        if outside.is_skipped or not outside.is_skipped_if_steady:
            return outside.is_skipped
        part = Part(stretch.segment, chunk.begin_byte, chunk.end_byte)
        return is_steady([part], self._parser)

    def _matching(self, raws: Sequence[RawRecord], cancelled: Cancelled) -> tuple[Entry, ...]:
        read, is_note = self._inheritor.read, self._parser.is_note
        is_in_window, matches = self._query.is_in_window, self._query.matches
        return tuple(
            Entry(record, raw.next_position)
            for raw in raws
            if not is_note(raw.raw)
            and is_in_window(record := read(raw, cancelled))
            and matches(record)
        )


class _Stretch:
    """The part of a segment that is searched, and which of its records have been looked at.

    Args:
        segment: What is searched.
        order: From which end.
        low: The first byte at which a record of the stretch may begin.
        high: One past the last such byte.
        cancelled: What is not found when it says so, is not known.
    """

    def __init__(
        self, segment: Segment, order: Order, low: int, high: int, cancelled: Cancelled
    ) -> None:
        self.segment = segment
        self.order = order
        self.low = low
        self.high = high
        self.is_back = order is Order.NEWEST_FIRST
        self.settled = high if self.is_back else low
        """Records from here on (going back) or up to here (going on) have been looked at."""
        # It may grow meanwhile: what comes now is not looked at.
        self._surroundings = Surroundings(segment, segment.end_byte, continues, cancelled)
        self.record_over = self._surroundings.over

    def starts_in(self, chunk: Chunk) -> Sequence[int]:
        """Return the candidate lines of a chunk, and where the rests of cut records begin in it.

        A line is a candidate where it begins; what it holds may be in what was cut off.
        """
        first = -(-max(chunk.begin_byte, 1) // STRETCH_BYTES) * STRETCH_BYTES
        rests = [
            at
            for at in range(first, chunk.end_byte, STRETCH_BYTES)
            if (over := self.record_over(at)) is not None and over.is_rest
        ]
        return sorted({*chunk.line_starts, *rests}) if rests else chunk.line_starts

    def fresh(self, line_starts: Sequence[int]) -> list[RawRecord]:
        """Return the records of candidate lines that were not looked at yet, ascending."""
        # Lines of a record that was looked at already need not be widened again.
        settled = bisect_left(line_starts, self.settled)
        line_starts = line_starts[:settled] if self.is_back else line_starts[settled:]
        raws = self._surroundings.around(line_starts)
        begins_in = (
            range(self.low, min(self.settled, self.high))
            if self.is_back
            else range(self.settled, self.high)
        )
        if raws:
            # Another candidate of the same record may be in the chunk that comes next.
            self.settled = (
                min(self.settled, raws[0].position.offset)
                if self.is_back
                else max(self.settled, raws[-1].end_byte)
            )
        return [raw for raw in raws if raw.position.offset in begins_in]

    def reached(self, border: int, over: RawRecord | None) -> int:
        """Return how far it is searched when all candidates up to a border were looked at.

        Args:
            border: Where a chunk ended, this way.
            over: The record that the byte at the border belongs to. It counts as searched only
                when it was looked at: what is left of it may hold the only candidate.
        """
        if over is None or over.position.offset == border:
            at = border
        else:
            at = over.end_byte if self.is_back else over.position.offset
        return min(self.settled, at) if self.is_back else max(self.settled, at)


def _slices(starts: Sequence[int], *, is_back: bool) -> Iterator[Sequence[int]]:
    """Yield a few lines at a time, ascending each, from the end that is searched first.

    At least once: that there are none is told too.
    """
    if not starts:
        yield starts
    elif is_back:
        for end in range(len(starts), 0, -_LINES_AT_ONCE):
            yield starts[max(0, end - _LINES_AT_ONCE) : end]
    else:
        for begin in range(0, len(starts), _LINES_AT_ONCE):
            yield starts[begin : begin + _LINES_AT_ONCE]
