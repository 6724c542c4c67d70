"""A whole pass over the chosen logs, step by step, that goes on counting what comes."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.logs.aggregate.counts import CountsOf
from core.logs.aggregate.histogram import HistogramOf
from core.logs.aggregate.tops import TopsOf
from core.logs.aggregate.values import texts
from core.logs.browse.counting import Counting, CountProgress, Taker
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.measuring import Measuring
from core.logs.desk.orders import Figures
from core.logs.query.query import Query, parse_query
from core.logs.stream.followed import Cancelled
from core.model.log import LogPosition, LogRecord
from core.model.log_view import (
    LogBucket,
    LogCount,
    LogMeasure,
    LogOutside,
    LogPersonal,
    LogTop,
    LogTops,
)

if TYPE_CHECKING:
    from core.logs.desk.personal import PersonalCount

UNASKED_BYTES = 16 * 1024 * 1024
"""Without a query every record has to be read to be counted: then only so much is, the newest.

Figures that somebody asked for are of all that is chosen, however long that takes.
"""
COUNT_BUCKETS = 120
_TOPS_SHOWN = 200


class CountingPass:
    """Counts records by level and over time, and works out the figures that are asked for.

    Args:
        logs: What is counted.
        ends: Where each ends now: what stands there or behind comes by `take`.
        query: What counts; None: every record, without figures only of the newest part.
        figures: What is worked out too.
        now_s: Seconds since 1970.
    """

    def __init__(
        self,
        logs: Sequence[OpenedLog],
        ends: Mapping[str, LogPosition],
        query: Query | None,
        figures: Figures,
        now_s: float,
    ) -> None:
        self._is_limited = query is None and not figures.is_any
        asked = query if query is not None else parse_query("", now_s)
        self._counts = CountsOf(asked.since_s, asked.until_s)
        self._histogram = HistogramOf(COUNT_BUCKETS, asked.since_s, asked.until_s)
        self._field = figures.count_by
        self._tops = TopsOf(texts(self._field)) if self._field else None
        self._measuring = Measuring(figures.measure) if figures.measure else None
        self._personal = _personal_count(logs) if figures.is_personal else None
        asked_for = (self._tops, self._measuring, self._personal)
        self._takers: list[Taker] = [self._counts, self._histogram]
        self._takers += [one for one in asked_for if one is not None]
        self._logs, self._query = tuple(logs), asked
        self._counting = Counting(logs, asked, self._takers, ends=ends)
        self._ends = dict(ends)
        self._reached = dict(ends)
        self.is_over = False
        """Everything up to the ends is counted, or as much of it as shall be."""
        self._steps: Generator[CountProgress, None, None] | None = None
        self._scanned_bytes = self._before_bytes = 0
        self._total_bytes = sum(log.size_bytes for log in logs)
        self._is_newest_part = self._is_resumed = False

    def step(self, cancelled: Cancelled) -> None:
        """Go on for some milliseconds; where it was cancelled the next step goes on.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        if self._steps is None:
            self._steps = self._counting.steps(cancelled)
        progress = next(self._steps, None)
        if progress is None:
            # No log at all is counted at once.
            self.is_over = not cancelled()
            self._go_on_later()
            return
        if self._is_resumed:
            # What is left is known from where it goes on; what is done is the rest.
            self._before_bytes = max(0, self._total_bytes - progress.total_bytes)
            self._is_resumed = False
        self._scanned_bytes = self._before_bytes + progress.scanned_bytes
        self._total_bytes = self._before_bytes + progress.total_bytes
        self.is_over = progress.is_complete
        if self._is_limited and self._scanned_bytes >= UNASKED_BYTES:
            self._is_newest_part = not progress.is_complete
            self.is_over = True
        if self.is_over:
            self.close()

    def _go_on_later(self) -> None:
        """Take up what was cancelled where it has come to."""
        self._ends |= self._counting.reached
        self._counting = Counting(self._logs, self._query, self._takers, ends=self._ends)
        self._steps, self._is_resumed = None, True

    @property
    def scanned_bytes(self) -> int:
        """How much it has gone through."""
        return self._scanned_bytes

    def take(self, record: LogRecord) -> None:
        """Count a record that has come; one that has only grown counts as it was."""
        reached = self._reached.get(record.source)
        if reached is not None and record.position < reached:
            return
        position = record.position
        self._reached[record.source] = LogPosition(position.segment, position.offset + 1)
        for taker in self._takers:
            taker.add(record)

    def close(self) -> None:
        """Stop the threads of the searches."""
        if self._steps is not None:
            self._steps.close()

    def count(self) -> LogCount:
        """Return what has been counted so far."""
        counts, histogram = self._counts.result(), self._histogram.result()
        out = histogram.outside
        return LogCount(
            matched=counts.total,
            by_level=tuple(counts.by_level.items()),
            timeless=counts.timeless,
            width_s=histogram.width_s,
            outside=LogOutside(out.count, out.first_s, out.last_s),
            buckets=tuple(LogBucket(one.begin_s, one.by_level) for one in histogram.buckets),
            scanned_bytes=self._scanned_bytes,
            total_bytes=self._total_bytes,
            is_complete=self.is_over,
            is_newest_part=self._is_newest_part,
            is_begun=True,
        )

    def tops(self) -> LogTops | None:
        """Return the values counted so far; None when none were asked for."""
        if self._tops is None:
            return None
        tops = self._tops.result(_TOPS_SHOWN)
        values = tuple(
            LogTop(one.value, one.count, one.excess == 0, one.first_s, one.last_s)
            for one in tops.values
        )
        shown = LogTops(self._field, values, tops.distinct, tops.total, tops.others)
        return replace(
            shown, without=tops.without, is_exact=tops.is_exact, is_complete=self.is_over
        )

    def measure(self) -> LogMeasure | None:
        """Return what the numbers amount to so far; None when none were asked for."""
        measuring = self._measuring
        return measuring.result(is_complete=self.is_over) if measuring is not None else None

    def personal(self) -> LogPersonal | None:
        """Return what looked personal so far; None when that was not asked for."""
        personal = self._personal
        return personal.result(is_complete=self.is_over) if personal is not None else None


def _personal_count(logs: Sequence[OpenedLog]) -> "PersonalCount":
    from core.logs.desk.personal import PersonalCount

    return PersonalCount(logs)
