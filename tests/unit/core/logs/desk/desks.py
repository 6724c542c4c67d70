"""A desk over real files, without a thread: a test says when it looks and counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.desk import Desk
from core.logs.desk.orders import Choose, Order
from core.logs.files.log_file import LogFile
from core.logs.query.query import Query, parse_query
from core.model.log_view import LogPicture, LogRow
from core.model.text import clean

NOW_S = 1_773_480_413.0
"""2026-03-14T09:26:53Z."""
BEGIN_S = NOW_S - 7200


def text_of(row: LogRow) -> str:
    """What a row says; a seam says what it is."""
    if row.seam is not None:
        return f"<{row.seam.kind}>"
    return str(row.record.message) if row.record is not None else ""


def stamped(number: int, text: str, level: str = "INFO", every_s: float = 1.0) -> str:
    """A line that says when it was written."""
    moment = datetime.fromtimestamp(BEGIN_S + number * every_s, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S},{number % 1000:03d} - app - {level} - {text}\n"


def query(text: str) -> Query:
    return parse_query(text, NOW_S)


class DeskAtWork:
    """A desk and everything that it published."""

    def __init__(
        self,
        paths: Mapping[str, Path],
        open_log: Callable[[str], OpenedLog] | None = None,
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.now_s = NOW_S
        self.pictures: list[LogPicture] = []
        self._paths = dict(paths)
        self.desk = Desk(
            {source: clean(source) for source in paths},
            open_log or self._open,
            lambda: self.now_s,
            is_interrupted,
            self.pictures.append,
        )

    def _open(self, source: str) -> OpenedLog:
        return OpenedLog(LogFile(str(self._paths[source]), source), self.now_s)

    @property
    def picture(self) -> LogPicture:
        return self.desk.picture

    @property
    def texts(self) -> list[str]:
        return [text_of(row) for row in self.picture.rows]

    def choose_all(self) -> None:
        self.do(Choose(tuple(self._paths)))

    def do(self, order: Order) -> None:
        """Carry out one order and all the counting that comes of it."""
        self.desk.carry_out(order)
        self.look()
        self.count()

    def look(self) -> None:
        """Take everything that has come."""
        self.now_s += 1
        while self.desk.look():
            pass

    def count(self) -> None:
        while self.desk.has_work:
            self.desk.step()
