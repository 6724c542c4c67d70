"""Pages of several logs in time order, forwards and backwards, read only as far as is wanted.

Within a log its own order is never changed: going back, a record counts as no later than the one
after it, going on as no earlier than the one before it. A record without a time stands with its
neighbour; a log without any stands at the end.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import Span
from core.logs.query.query import Query
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled
from core.logs.stream.reading import ReadLimit
from core.model.log import LogPosition, LogRecord

Ends = Mapping[str, LogPosition | None]
"""By source: where to go on reading; None: from the end (or the beginning) of the log."""

_AT_ONCE = ReadLimit(records=100, size_bytes=512 * 1024)


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of several logs."""

    records: tuple[LogRecord, ...]
    """In time order, oldest first."""
    ends: Ends
    """Where the next page in the same direction begins."""
    is_complete: bool
    """Nothing is left in this direction."""


def page_before(
    logs: Sequence[OpenedLog], ends: Ends, wanted: int, query: Query | None, cancelled: Cancelled
) -> Page:
    """Return the last `wanted` records before `ends`.

    Cancelled: what was found so far, never called complete.

    Raises:
        LogUnreadableError: bytes cannot be had any more; look for news and ask again.
    """
    roads = [_Road(log, _back(log, ends.get(log.source), query, cancelled), min) for log in logs]
    taken = _take(roads, wanted, lambda roads: max(roads, key=lambda road: road.moment_s))
    reached = {record.source: record.position for record in taken}
    return Page(
        tuple(reversed(taken)),
        {log.source: reached.get(log.source, ends.get(log.source)) for log in logs},
        all(road.head is None for road in roads) and not cancelled(),
    )


def page_after(
    logs: Sequence[OpenedLog], ends: Ends, wanted: int, query: Query | None, cancelled: Cancelled
) -> Page:
    """Return the first `wanted` records from `ends` on; else as `page_before`."""
    roads = [_Road(log, _on(log, ends.get(log.source), query, cancelled), max) for log in logs]
    taken = _take(roads, wanted, lambda roads: min(roads, key=lambda road: road.moment_s))
    reached = {record.source: after(record.position) for record in taken}
    return Page(
        tuple(taken),
        {log.source: reached.get(log.source, ends.get(log.source)) for log in logs},
        all(road.head is None for road in roads) and not cancelled(),
    )


def after(position: LogPosition) -> LogPosition:
    """Return a place behind the beginning of a record: the next one begins there or later."""
    return LogPosition(position.segment, position.offset + 1)


class _Road:
    """One log's records on the way, the next one at hand."""

    def __init__(
        self,
        log: OpenedLog,
        records: Iterator[LogRecord],
        bound: Callable[[float, float], float],
    ) -> None:
        self.log = log
        self.head: LogRecord | None = None
        self.moment_s = math.inf if bound is min else -math.inf
        self._records = records
        self._bound = bound
        self.advance()

    def advance(self) -> None:
        """Go to the next record."""
        self.head = next(self._records, None)
        if self.head is not None and self.head.time_s is not None:
            self.moment_s = self._bound(self.moment_s, self.head.time_s)


def _take(
    roads: Sequence[_Road], wanted: int, choose: Callable[[list[_Road]], _Road]
) -> list[LogRecord]:
    taken: list[LogRecord] = []
    while len(taken) < wanted:
        ready = [road for road in roads if road.head is not None]
        if not ready:
            break
        road = choose(ready) if len(ready) > 1 else ready[0]
        if road.head is not None:
            taken.append(road.head)
        road.advance()
    return taken


def _back(
    log: OpenedLog, end: LogPosition | None, query: Query | None, cancelled: Cancelled
) -> Iterator[LogRecord]:
    """Yield records going back from `end`."""
    if query is not None:
        for found in log.search(query).run(Order.NEWEST_FIRST, Span(end=end), cancelled):
            yield from reversed(found.records)
        return
    while records := log.before(end, _AT_ONCE, cancelled):
        yield from reversed(records)
        end = records[0].position


def _on(
    log: OpenedLog, begin: LogPosition | None, query: Query | None, cancelled: Cancelled
) -> Iterator[LogRecord]:
    """Yield records going on from `begin`."""
    if query is not None:
        for found in log.search(query).run(Order.OLDEST_FIRST, Span(begin=begin), cancelled):
            yield from found.records
        return
    while records := log.after(begin, _AT_ONCE, cancelled):
        yield from records
        begin = after(records[-1].position)
