"""A table alone in an application, and a person at it."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from core.model.text import clean
from tui.themes import THEMES
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.line import line

WIDTH, HEIGHT = 40, 11
ROWS_SEEN = HEIGHT - 1
COLUMNS = (
    Column("name", "NAME", 8, is_frozen=True),
    Column("state", "STATE", 10),
    Column("count", "COUNT", 6, justify="right"),
    Column("note", "NOTE", 24),
)
WIDE = ("漢字漢字漢字漢字漢字漢字", "a漢字", "👩👩👩👩👩👩👩", "é" * 12, "e\u0301" * 30, "ab" * 30)


class CountingTable(LeanTable):
    """Remembers which lines it was asked to draw."""

    drawn: list[int]

    def on_mount(self) -> None:
        self.drawn = []
        self.columns = COLUMNS

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class TableApp(App[None]):
    """One table, and what it says."""

    CSS = "CountingTable.warm { background: #400000; }"

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self.heard: list[tuple[str, str]] = []
        self._first_rows = tuple(rows)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "dark"

    def compose(self) -> ComposeResult:
        yield CountingTable()

    def on_ready(self) -> None:
        table = self.query_one(CountingTable)
        table.rows = self._first_rows
        table.focus()

    @on(LeanTable.Highlighted)
    @on(LeanTable.Selected)
    def hear(self, message: LeanTable.Highlighted | LeanTable.Selected) -> None:
        assert message.control is message.table
        self.heard.append((type(message).__name__, message.key))

    @on(LeanTable.MarksChanged)
    def hear_marks(self, message: LeanTable.MarksChanged) -> None:
        self.heard.append(("MarksChanged", " ".join(sorted(message.control.marked))))


@dataclass
class Bench:
    """A table in an application that runs."""

    app: TableApp
    table: CountingTable
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def show(self, rows: Sequence[Row]) -> None:
        self.table.rows = tuple(rows)
        await self.pilot.pause()

    async def lines_drawn_by(self, rows: Sequence[Row]) -> list[int]:
        """Return which lines were drawn because of new rows."""
        self.table.drawn.clear()
        await self.show(rows)
        return sorted(set(self.table.drawn))

    @property
    def room(self) -> int:
        """Cells of a line beside the scrollbar."""
        return max(0, self.table.size.width - self.table.scrollbar_size_vertical)

    @property
    def text(self) -> list[str]:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def names(self) -> list[str]:
        """The first column, without the heading."""
        return [text[1:9].strip() for text in self.text[1:] if text[1:9].strip()]

    @property
    def cursor_text(self) -> str:
        """The line that wears the cursor."""
        return next((text for text in self.text if text.startswith("▌")), "")


@contextlib.asynccontextmanager
async def opened(
    rows: Sequence[Row], size: tuple[int, int] = (WIDTH, HEIGHT)
) -> AsyncGenerator[Bench]:
    app = TableApp(rows)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Bench(app, app.query_one(CountingTable), pilot)


def row(key: str, state: str = "fine", count: float | None = 0, note: str = "a note") -> Row:
    texts = (key, state, "–" if count is None else f"{count:g}", note)
    return Row(
        key,
        tuple(line(text) for text in texts),
        (key, state, count, note),
        clean(" ".join(texts)),
        is_fault=state == "down",
    )


def rows_of(count: int, first: int = 0) -> tuple[Row, ...]:
    return tuple(row(f"r{number:05}", count=number) for number in range(first, first + count))


def without(rows: Sequence[Row], *keys: str) -> tuple[Row, ...]:
    return tuple(one for one in rows if one.key not in keys)


def whole(strip: Strip, width: int) -> bool:
    """Tell whether a strip takes the cells that it says, and those of its room."""
    return cell_len(strip.text) == strip.cell_length == width
