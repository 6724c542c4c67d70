"""What is asked of the chosen logs: query, window, how many from the end. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.logs.desk.finding import within
from core.logs.query.query import Query, parse_query
from core.model.log import LogRecord


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records there shall be."""

    query: Query | None = None
    """None: all of them."""
    window_s: float | None = None
    """Only the last so many seconds, by the records' own time."""
    last: int | None = None
    """Only so many from the end, and what comes after them."""

    @property
    def text(self) -> str:
        """The query as it was written."""
        return self.query.text if self.query is not None else ""

    def effective(self, now_s: float) -> Query | None:
        """Return the query with the window that was chosen beside it."""
        if self.window_s is None:
            return self.query
        return within(self.query or parse_query("", now_s), now_s - self.window_s, None)

    def wanted(self, records: Iterable[LogRecord], now_s: float) -> list[LogRecord]:
        """Return those of the records that are asked for."""
        query = self.effective(now_s)
        if query is None:
            return list(records)
        return [one for one in records if query.is_in_window(one) and query.matches(one)]
