"""One log on its way into a merged view: what was read ahead of it, and which time it stands for.

A record stands for the latest time among it and a few before it, so that a line written late does
not draw a log back in time. Where all that follows stands for an earlier time (a clock that was
wrong, then set), it stands with that. Both look at a few neighbours only, so that the order is the
same from either end and costs the same in a log of any length. With a query the neighbours are the
matches that were read ahead.
"""

import math
from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.outside import SLACK_S
from core.logs.browse.search import Entry
from core.logs.browse.wells import MatchWell, PageWell, Well
from core.logs.query.query import Query
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled
from core.logs.stream.reading import ReadLimit
from core.model.log import LogPosition, LogRecord

_BEFORE = 32
"""Records before one whose times count for it."""
_BEHIND = 2 * _BEFORE
"""Records behind one that take its time back: more than a wrong time can reach."""


class Lane(AbstractContextManager["Lane"]):
    """What comes next of one log.

    Args:
        log: The log.
        place: Its place among the logs; it decides where times are equal.
        order: Which way is gone.
        is_alone: There is no other log, so nothing need be compared.
    """

    def __init__(self, log: OpenedLog, place: int, order: Order, *, is_alone: bool) -> None:
        self.source = log.source
        self._log = log
        self._place = place
        self._is_back = order is Order.NEWEST_FIRST
        self._order = order
        self._is_alone = is_alone
        self._is_searched = False
        self._well: Well
        self._entries: deque[Entry] = deque()
        self._times: deque[float | None] = deque()
        """Going on: the latest times up to each entry. Going back: own times of the entries."""
        self._past: deque[float | None] = deque(maxlen=_BEFORE + 1)

    def start(
        self, end: LogPosition | None, query: Query | None, wanted: int, cancelled: Cancelled
    ) -> None:
        """Take up the log at a position.

        Raises:
            LogUnreadableError: its bytes cannot be had any more.
        """
        if end is None:
            at_end, at_begin = self._log.end_position, self._log.begin_position
            end = at_end(cancelled) if self._is_back else at_begin()
        if query is not None:
            self._is_searched = True
            self._well = MatchWell(self._log, self._order, end, query)
            return
        room = wanted if self._is_alone else min(wanted, 2 * _BEHIND) + _BEHIND
        self._well = PageWell(self._log, self._order, end, room)
        if not self._is_back and not self._is_alone:
            past = self._log.before(end, ReadLimit(records=_BEFORE), cancelled)
            self._past.extend(record.time_s for record in past)

    @property
    def end(self) -> LogPosition:
        """Where what was taken ends: where to go on."""
        if not self._entries:
            return self._well.reached
        return self._entries[0].end if self._is_back else self._entries[0].record.position

    @property
    def is_over(self) -> bool:
        """Whether nothing is left this way."""
        return self._well.is_dry and not self._entries

    @property
    def scanned_bytes(self) -> int:
        """Searched so far."""
        return self._well.scanned_bytes

    @property
    def total_bytes(self) -> int:
        """To be searched."""
        return self._well.total_bytes

    @property
    def is_ripe(self) -> bool:
        """Whether the next record is known, and the time it stands for."""
        if not self._entries or self._is_alone or self._is_searched or self._well.is_dry:
            return bool(self._entries)
        return len(self._entries) > (_BEFORE if self._is_back else _BEHIND)

    @property
    def rank(self) -> tuple[float, int]:
        """Where the next record stands among those of other logs."""
        return (0.0 if self._is_alone else self._stands_at_s()), self._place

    @property
    def distance(self) -> tuple[float, int]:
        """How far it has come, to let the one go on that is behind."""
        at_s = self._well.reached_s
        if at_s is None:
            return -math.inf, self.scanned_bytes
        return -at_s if self._is_back else at_s, self.scanned_bytes

    def may_come_before(self, other: "Lane | None") -> bool:
        """Return whether more must be drawn before it is certain that another lane is next."""
        if self.is_ripe or self._well.is_dry:
            return False
        at_s = self._well.reached_s
        if other is None or at_s is None or self._entries:
            return True
        other_s = other.rank[0]
        return at_s + SLACK_S >= other_s if self._is_back else at_s - SLACK_S <= other_s

    def pull(self, cancelled: Cancelled) -> None:
        """Draw a bit more.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        for entry in self._well.draw(cancelled):
            self._entries.append(entry)
            self._past.append(entry.record.time_s)
            self._times.append(entry.record.time_s if self._is_back else _latest(self._past))

    def take(self) -> LogRecord:
        """Return the next record and leave it behind."""
        self._times.popleft()
        return self._entries.popleft().record

    def _stands_at_s(self) -> float:
        if self._is_back:
            at_s = _latest(islice(self._times, _BEFORE + 1))
            return math.inf if at_s is None else at_s
        known = [at_s for at_s in islice(self._times, _BEHIND + 1) if at_s is not None]
        # It is given at once, with what it stands beside; a log without any time is given last.
        return min(known, default=-math.inf if self._log.has_times else math.inf)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._well.close()


def _latest(times: Iterable[float | None]) -> float | None:
    return max((at_s for at_s in times if at_s is not None), default=None)
