"""Where the records of a merged view come from: a log's pages, or what a search of it finds."""

from collections.abc import Generator, Sequence
from typing import Protocol

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import Entry, Found, Span
from core.logs.query.query import Query
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled
from core.logs.stream.reading import ReadLimit
from core.model.log import LogPosition

_READ_BYTES = 1 << 20


class Well(Protocol):
    """What a lane draws from, bit by bit, in the order it is gone through."""

    reached: LogPosition
    """As far as was drawn: where to go on."""
    reached_s: float | None
    """About when that was written; None where it is not known."""
    is_dry: bool
    scanned_bytes: int
    total_bytes: int

    def draw(self, cancelled: Cancelled) -> Sequence[Entry]:
        """Return the next few; none does not mean that it is dry.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        ...

    def close(self) -> None:
        """Stop what works ahead."""
        ...


class PageWell:
    """All records of a log."""

    def __init__(self, log: OpenedLog, order: Order, end: LogPosition, records: int) -> None:
        self._log = log
        self._order = order
        self._limit = ReadLimit(records, _READ_BYTES)
        self.reached = end
        self.reached_s: float | None = None
        self.is_dry = False
        self.scanned_bytes = self.total_bytes = 0

    def draw(self, cancelled: Cancelled) -> Sequence[Entry]:
        """Read a page of the log."""
        if self._order is Order.NEWEST_FIRST:
            stretch = self._log.read_before(self.reached, self._limit, cancelled)
            entries, self.reached = stretch.entries[::-1], stretch.begin
        else:
            stretch = self._log.read_after(self.reached, self._limit, cancelled)
            entries, self.reached = stretch.entries, stretch.end
        self.is_dry = stretch.is_last
        return entries

    def close(self) -> None:
        """Hold nothing."""


class MatchWell:
    """The records of a log that a query matches."""

    def __init__(self, log: OpenedLog, order: Order, end: LogPosition, query: Query) -> None:
        self._order = order
        self._search = log.search(query)
        self._founds: Generator[Found, None, None] | None = None
        self.reached = end
        self.reached_s: float | None = None
        self.is_dry = False
        self.scanned_bytes = self.total_bytes = 0

    def draw(self, cancelled: Cancelled) -> Sequence[Entry]:
        """Search a stretch of the log."""
        if self._founds is None:
            is_back = self._order is Order.NEWEST_FIRST
            span = Span(end=self.reached) if is_back else Span(begin=self.reached)
            self._founds = self._search.run(self._order, span, cancelled)
        found = next(self._founds, None)
        if found is None:
            self.is_dry = not cancelled()
            return ()
        self.reached, self.reached_s = found.reached, found.reached_s
        self.scanned_bytes, self.total_bytes = found.scanned_bytes, found.total_bytes
        return found.entries[::-1] if self._order is Order.NEWEST_FIRST else found.entries

    def close(self) -> None:
        """End the threads of the scan."""
        if self._founds is not None:
            self._founds.close()
