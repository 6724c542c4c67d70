"""Whole passes over the chosen logs, step by step: what is counted, and what is saved."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from core.logs.aggregate.counts import CountsOf
from core.logs.aggregate.histogram import HistogramOf
from core.logs.aggregate.tops import TopsOf
from core.logs.aggregate.values import texts
from core.logs.browse.counting import Counting, CountProgress
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.query import Query, parse_query
from core.logs.stream.followed import Cancelled
from core.model.log_view import LogBucket, LogCount, LogTop, LogTops

UNASKED_BYTES = 16 * 1024 * 1024
"""Without a query every record has to be read to be counted: then only so much is, the newest."""
COUNT_BUCKETS = 120
_TOPS_SHOWN = 200


class CountingPass:
    """Counts records by level and over time, and the values of a field if one is asked for.

    Args:
        logs: What is counted.
        query: What counts; None: every record of the newest part.
        field: Whose values are counted too; empty: none.
        now_s: Seconds since 1970.
    """

    def __init__(
        self, logs: Sequence[OpenedLog], query: Query | None, field: str, now_s: float
    ) -> None:
        self._is_limited = query is None
        asked = query if query is not None else parse_query("", now_s)
        self._counts = CountsOf(asked.since_s, asked.until_s)
        self._histogram = HistogramOf(COUNT_BUCKETS, asked.since_s, asked.until_s)
        self._field = field
        self._tops = TopsOf(texts(field)) if field else None
        takers = [self._counts, self._histogram, *([self._tops] if self._tops else [])]
        self._counting = Counting(logs, asked, takers)
        self._steps: Generator[CountProgress, None, None] | None = None
        self._progress = CountProgress(0, 0, sum(log.size_bytes for log in logs), None)
        self._is_newest_part = False

    def step(self, cancelled: Cancelled) -> bool:
        """Go on for some milliseconds; tell whether anything is left.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        if self._steps is None:
            self._steps = self._counting.steps(cancelled)
        progress = next(self._steps, None)
        if progress is None:
            return False
        self._progress = progress
        if self._is_limited and progress.scanned_bytes >= UNASKED_BYTES:
            self._is_newest_part = not progress.is_complete
            self.close()
            return False
        return not progress.is_complete

    def close(self) -> None:
        """Stop the threads of the searches."""
        if self._steps is not None:
            self._steps.close()

    def count(self, *, is_complete: bool) -> LogCount:
        """Return what has been counted so far."""
        counts, histogram = self._counts.result(), self._histogram.result()
        return LogCount(
            matched=counts.total,
            by_level=tuple(counts.by_level.items()),
            timeless=counts.timeless,
            width_s=histogram.width_s,
            buckets=tuple(LogBucket(one.begin_s, one.by_level) for one in histogram.buckets),
            scanned_bytes=self._progress.scanned_bytes,
            total_bytes=self._progress.total_bytes,
            is_complete=is_complete,
            is_newest_part=self._is_newest_part,
            is_begun=True,
        )

    def tops(self, *, is_complete: bool) -> LogTops | None:
        """Return the values counted so far; None when none were asked for."""
        if self._tops is None:
            return None
        tops = self._tops.result(_TOPS_SHOWN)
        values = tuple(
            LogTop(one.value, one.count, one.excess == 0, one.first_s, one.last_s)
            for one in tops.values
        )
        shown = LogTops(self._field, values, tops.distinct, tops.total, tops.others)
        return replace(shown, without=tops.without, is_exact=tops.is_exact, is_complete=is_complete)
