"""A whole pass over the chosen logs, in steps: how many records match, of which level, when."""

from collections.abc import Generator, Iterator, Sequence

from core.logs.aggregate.counts import CountsOf
from core.logs.aggregate.histogram import HistogramOf
from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import Found
from core.logs.query.query import Query, parse_query
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled
from core.model.log_view import LogBucket, LogCount

UNASKED_BYTES = 8 * 1024 * 1024
"""Without a query every record has to be read to be counted: then only so much of each log is."""


class Counting:
    """Counts newest first, all logs in turn.

    Args:
        logs: What is counted.
        query: What counts; None: every record of the newest part.
        buckets: How finely time is divided.
        now_s: Seconds since 1970.
    """

    def __init__(
        self, logs: Sequence[OpenedLog], query: Query | None, buckets: int, now_s: float
    ) -> None:
        self._is_limited = query is None
        asked = query if query is not None else parse_query("", now_s)
        self._is_ended = False
        self._searches: list[Iterator[Found]] = [
            log.search(asked).run(Order.NEWEST_FIRST, cancelled=self._has_ended) for log in logs
        ]
        self._counts = CountsOf(asked.since_s, asked.until_s)
        self._histogram = HistogramOf(buckets, asked.since_s, asked.until_s)
        self._scanned = [0] * len(logs)
        self._totals = [log.size_bytes for log in logs]

    def step(self, cancelled: Cancelled) -> bool:
        """Look at one more stretch of each log; tell whether any is left.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        for number, search in enumerate(self._searches):
            if cancelled():
                return True
            found = next(search, None)
            if found is None:
                self._scanned[number] = self._totals[number]
                continue
            self._scanned[number], self._totals[number] = found.scanned_bytes, found.total_bytes
            for record in found.records:
                self._counts.add(record)
                self._histogram.add(record)
            if self._is_limited and found.scanned_bytes >= UNASKED_BYTES:
                self._totals[number] = found.scanned_bytes
        return any(
            scanned < total for scanned, total in zip(self._scanned, self._totals, strict=True)
        )

    def result(self, *, is_complete: bool) -> LogCount:
        """Return what has been counted so far."""
        counts, histogram = self._counts.result(), self._histogram.result()
        return LogCount(
            matched=counts.total,
            by_level=tuple(counts.by_level.items()),
            timeless=counts.timeless,
            width_s=histogram.width_s,
            buckets=tuple(LogBucket(one.begin_s, one.by_level) for one in histogram.buckets),
            scanned_bytes=sum(self._scanned),
            total_bytes=sum(self._totals),
            is_complete=is_complete,
            is_newest_part=self._is_limited and max(self._totals, default=0) >= UNASKED_BYTES,
            is_begun=True,
        )

    def close(self) -> None:
        """Stop the threads of the searches."""
        self._is_ended = True
        for search in self._searches:
            if isinstance(search, Generator):
                search.close()

    def _has_ended(self) -> bool:
        return self._is_ended
