"""A whole search over several logs, newest first, whose matches are counted and not kept."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Protocol

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import Found, Span
from core.logs.query.query import Query
from core.logs.scan.candidates import NORMAL_EFFORT, Effort
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled, never
from core.model.log import LogPosition, LogRecord


class Taker(Protocol):
    """What counts records: the aggregates."""

    def add(self, record: LogRecord) -> None:
        """Take one record, in no order that could be relied on."""
        ...


@dataclass(frozen=True, slots=True)
class CountProgress:
    """How far it has come."""

    matched: int
    scanned_bytes: int
    total_bytes: int
    """To be searched at most; a packed sibling counts from when it is unpacked."""
    reached_s: float | None
    """About since when all is counted, in all logs; seconds since 1970. None: not known, or all."""
    is_complete: bool = False


@dataclass(slots=True)
class _Road:
    """One log on the way."""

    source: str
    founds: Generator[Found, None, None]
    reached_s: float = math.inf
    scanned_bytes: int = 0
    total_bytes: int = 0
    is_over: bool = False


@dataclass(slots=True)
class Counting:
    """Feeds what a query matches to aggregates, which can be asked after every step.

    The log that has come least far back goes on, so that what is counted is all of the newest time.
    It holds threads while it runs and the records of one step, a few hundred.
    """

    logs: Sequence[OpenedLog]
    query: Query
    takers: Sequence[Taker]
    effort: Effort = NORMAL_EFFORT
    ends: Mapping[str, LogPosition] = field(default_factory=dict[str, LogPosition])
    """Where to end in each log, by its name; one without an entry is counted to its end."""
    reached: dict[str, LogPosition] = field(default_factory=dict[str, LogPosition], init=False)
    """What stands there or behind is counted: the ends of another that goes on after a break."""
    _matched: int = field(default=0, init=False)

    def steps(self, cancelled: Cancelled = never) -> Generator[CountProgress, None, None]:
        """Yield after each step, some milliseconds; close it to stop early. To be run once.

        Cancelled, it ends without saying that it is complete.

        Raises:
            LogUnreadableError: bytes cannot be had any more; look for news and begin again.
        """
        with ExitStack() as stack:
            roads = [
                _Road(
                    log.source,
                    stack.enter_context(
                        closing(
                            log.search(self.query, self.effort).run(
                                Order.NEWEST_FIRST, Span(end=self.ends.get(log.source)), cancelled
                            )
                        )
                    ),
                    total_bytes=log.size_bytes,
                )
                for log in self.logs
            ]
            while left := [road for road in roads if not road.is_over]:
                self._go_on(max(left, key=lambda road: (road.reached_s, -road.scanned_bytes)))
                if cancelled():
                    return
                yield self._progress(roads)

    def _go_on(self, road: _Road) -> None:
        found = next(road.founds, None)
        if found is None:
            road.is_over, road.total_bytes = True, road.scanned_bytes
            return
        road.scanned_bytes, road.total_bytes = found.scanned_bytes, found.total_bytes
        self.reached[road.source] = found.reached
        if found.reached_s is not None:
            road.reached_s = found.reached_s
        for entry in found.entries:
            self._matched += 1
            for taker in self.takers:
                taker.add(entry.record)

    def _progress(self, roads: Sequence[_Road]) -> CountProgress:
        left = [road.reached_s for road in roads if not road.is_over]
        return CountProgress(
            self._matched,
            sum(road.scanned_bytes for road in roads),
            sum(road.total_bytes for road in roads),
            None if math.inf in left else max(left, default=None),
            is_complete=not left,
        )
