"""Our widgets and Textual's, each asked to do the same things."""
# ruff: noqa: D102 - the protocols say what each method does

import string
from collections.abc import Callable
from typing import Protocol

from rich.text import Text
from textual.widget import Widget
from textual.widgets import DataTable, Log, RichLog

from core.model.text import SafeText, clean
from widgets.lean_table import Column, LeanTable, Row
from widgets.line_view import LineView
from widgets.present.line import BLANK, Line, Tone, span

COLUMNS = tuple(string.ascii_uppercase[:12])
_COLUMN_CELLS = 14
LINES_PER_TICK = 1000
_MESSAGES = (
    "GET /v1/items 200 in 12 ms from 127.0.0.1",
    "breaker closed again after 3 successes",
    "retrying the upstream: connection reset by peer",
    "token bucket of a client is empty, 429",
    "POST /v1/orders 201 in 48 ms from 127.0.0.1, body of 1,204 bytes",
    "cache missed",
    "slow answer of the upstream: 3.1 s, limit 2.0 s",
)


class TableSubject(Protocol):
    """A table of a number of rows that a script drives."""

    @property
    def widget(self) -> Widget:
        """What is shown."""
        ...

    def empty(self) -> None:
        """Remove all rows."""

    def load(self) -> None:
        """Show all rows."""

    def change_one_cell(self, turn: int) -> None:
        """Give one cell in sight a value it did not have."""

    def change_cells_in_sight(self, turn: int) -> None:
        """Give every cell in sight a value it did not have."""

    def move_cursor(self) -> None:
        """Go one row down."""

    def page_down(self) -> None:
        """Go a screenful down."""


def value_of(row: int, column: int, turn: int) -> str:
    """Return what stands in a cell: of one width, another one each turn."""
    return f"{(row * 7919 + column * 104729 + turn * 1299709) % 10**9:09}"


class OurTable:
    """The lean table, its rows made late as in the console."""

    def __init__(self, count: int) -> None:
        """Take the number of rows."""
        self.widget = LeanTable()
        self._count = count

    def empty(self) -> None:
        self.widget.columns = tuple(Column(name, name, _COLUMN_CELLS) for name in COLUMNS)
        self.widget.rows = ()

    def load(self) -> None:
        self.widget.rows = tuple(_row(number, 0) for number in range(self._count))

    def change_one_cell(self, turn: int) -> None:
        rows = list(self.widget.rows)
        rows[5] = _row(5, 0, {3: turn})
        self.widget.rows = tuple(rows)

    def change_cells_in_sight(self, turn: int) -> None:
        rows = list(self.widget.rows)
        for number in range(min(self.widget.size.height, len(rows))):
            rows[number] = _row(number, turn)
        self.widget.rows = tuple(rows)

    def move_cursor(self) -> None:
        self.widget.action_move(1)

    def page_down(self) -> None:
        self.widget.action_page(1)


def _row(number: int, turn: int, turns: dict[int, int] | None = None) -> Row:
    def draw() -> tuple[Line, ...]:
        return tuple(
            (span(value_of(number, place, (turns or {}).get(place, turn)), _tone(place)),)
            for place in range(len(COLUMNS))
        )

    key = f"row-{number}"
    return Row(key, sort=(number,), search=clean(key), draw=draw)


def _tone(place: int) -> Tone:
    return (Tone.PLAIN, Tone.DIM, Tone.OK)[place % 3]


class TextualTable:
    """Textual's DataTable, its cells in styles as ours."""

    _STYLES = ("", "dim", "green")

    def __init__(self, count: int) -> None:
        """Take the number of rows."""
        self.widget: DataTable[Text] = DataTable(cursor_type="row")
        self._count = count

    def empty(self) -> None:
        self.widget.clear(columns=True)
        for name in COLUMNS:
            self.widget.add_column(name, width=_COLUMN_CELLS, key=name)

    def load(self) -> None:
        for number in range(self._count):
            self.widget.add_row(*self._cells(number, 0), key=f"row-{number}")

    def change_one_cell(self, turn: int) -> None:
        self.widget.update_cell("row-5", COLUMNS[3], self._cells(5, turn)[3])

    def change_cells_in_sight(self, turn: int) -> None:
        for number in range(min(self.widget.size.height, self._count)):
            for name, cell in zip(COLUMNS, self._cells(number, turn), strict=True):
                self.widget.update_cell(f"row-{number}", name, cell)

    def move_cursor(self) -> None:
        self.widget.action_cursor_down()

    def page_down(self) -> None:
        self.widget.action_page_down()

    def _cells(self, number: int, turn: int) -> list[Text]:
        return [
            Text(value_of(number, place, turn), self._STYLES[place % 3])
            for place in range(len(COLUMNS))
        ]


class Ring:
    """Lines kept as sanitised text, made into spans when they are in sight."""

    def __init__(self) -> None:
        """Start empty."""
        self.texts: list[SafeText] = []

    @property
    def line_count(self) -> int:
        return len(self.texts)

    def line(self, index: int) -> Line:
        if not 0 <= index < len(self.texts):
            return BLANK
        return (span(self.texts[index]),)


class LogSubject(Protocol):
    """A view that lines are appended to."""

    @property
    def widget(self) -> Widget:
        """What is shown."""
        ...

    def append(self, lines: list[str]) -> None:
        """Add lines at the end and show the end."""


class OurLog:
    """The line view over a source; the sanitiser is part of what it costs."""

    def __init__(self) -> None:
        """Start empty."""
        self.widget = LineView()
        self.widget.follows = True
        self._ring = Ring()

    def append(self, lines: list[str]) -> None:
        self._ring.texts += [clean(one) for one in lines]
        self.widget.show_source(self._ring)


class TextualRichLog:
    """Textual's RichLog."""

    def __init__(self) -> None:
        """Start empty."""
        self.widget = RichLog()

    def append(self, lines: list[str]) -> None:
        for one in lines:
            self.widget.write(one)


class TextualLog:
    """Textual's Log: no styles."""

    def __init__(self) -> None:
        """Start empty."""
        self.widget = Log()

    def append(self, lines: list[str]) -> None:
        self.widget.write_lines(lines)


TABLES: dict[str, Callable[[int], TableSubject]] = {
    "lean table": OurTable,
    "DataTable": TextualTable,
}
LOGS: dict[str, Callable[[], LogSubject]] = {
    "line view": OurLog,
    "RichLog": TextualRichLog,
    "Log": TextualLog,
}
OURS = frozenset({"lean table", "line view"})


def log_lines(tick: int) -> list[str]:
    """Return the lines of one tick."""
    first = tick * LINES_PER_TICK
    return [
        f"2026-03-01T03:00:{number % 60:02}Z INFO gateway {_MESSAGES[number * 31 % 7]} {number}"
        for number in range(first, first + LINES_PER_TICK)
    ]
