"""A table for live data, on the line API.

Rows are known by key: the cursor and the marks follow the object, whatever is sorted, filtered or
gone. Assigning `rows` repaints only visible lines that differ. A click moves the cursor and does
nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.painting import strip_of
from widgets.present.line import Line, Tone, line, span
from widgets.present.table import (
    GAP_CELLS,
    Column,
    Placed,
    Row,
    Wish,
    next_cursor,
    place_columns,
    wanted_rows,
)
from widgets.table_drawing import draw_cells, header_cell
from widgets.tones import styles

__all__ = ["Column", "LeanTable", "Row"]

_GUTTER_CELLS = 1
_HEADER_LINES = 1
_STRIPS_KEPT = 160
_CURSOR, _CURSOR_BLURRED, _MARK = "▌", "▏", "*"


class LeanTable(ScrollView, can_focus=True):
    """Columns, rows, a cursor, marks, a filter and an order."""

    DEFAULT_CSS = """
    LeanTable { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    LeanTable > .lean-table--header { text-style: bold; }
    LeanTable > .lean-table--cursor { background: $panel; text-style: bold; }
    LeanTable:ansi > .lean-table--cursor { text-style: reverse; }
    LeanTable > .lean-table--cursor-blurred { background: $surface; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lean-table--header",
        "lean-table--cursor",
        "lean-table--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", id="table.down", show=False),
        Binding("up,k", "move(-1)", "Up", id="table.up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="table.page-down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="table.page-up", show=False),
        Binding("home,g", "edge(0)", "First row", id="table.first", show=False),
        Binding("end,G", "edge(-1)", "Last row", id="table.last", show=False),
        Binding("left,h", "sideways(-8)", "Columns left", id="table.left", show=False),
        Binding("right,l", "sideways(8)", "Columns right", id="table.right", show=False),
        Binding("space", "mark", "Mark", id="table.mark", show=False),
        Binding("less_than_sign", "sort_by(-1)", "Sort left", id="table.sort-left", show=False),
        Binding("greater_than_sign", "sort_by(1)", "Sort right", id="table.sort-right", show=False),
        Binding("o", "reverse", "Reverse order", id="table.sort-reverse", show=False),
        Binding("enter", "select", "Open", id="table.open"),
    ]  # fmt: skip

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row."""

        table: "LeanTable"
        key: str

        @property
        def control(self) -> "LeanTable":
            """The table."""
            return self.table

    @dataclass
    class Selected(Message):
        """The row under the cursor was opened."""

        table: "LeanTable"
        key: str

        @property
        def control(self) -> "LeanTable":
            """The table."""
            return self.table

    @dataclass
    class MarksChanged(Message):
        """Other rows are marked than before."""

        table: "LeanTable"

        @property
        def control(self) -> "LeanTable":
            """The table."""
            return self.table

    columns: var[tuple[Column, ...]] = var((), init=False)
    # Always: rows that are drawn late compare equal, whatever they will draw.
    rows: var[tuple[Row, ...]] = var((), init=False, always_update=True)
    filter_text: var[str] = var("", init=False)
    faults_only: var[bool] = var(False, init=False)
    sort_column: var[str] = var("", init=False)
    """Id of a column; empty: the order in which the rows came."""
    sort_reverse: var[bool] = var(False, init=False)
    cursor_key: var[str] = var("", init=False)
    marked: var[frozenset[str]] = var(frozenset(), init=False)
    empty_text: var[Line] = var((), init=False)
    """Shown instead of rows: loading, none, unreachable and not exposed are four texts."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Make an empty table."""
        super().__init__(name=name, id=id, classes=classes)
        self._shown_rows: tuple[Row, ...] = ()
        self._places: dict[str, int] = {}
        self._placed: tuple[Placed, ...] = ()
        self._contents: dict[str, tuple[Row, tuple[Line, ...]]] = {}
        self._strips: dict[tuple[object, ...], tuple[tuple[Line, ...], Strip]] = {}
        self._strip_tones: Mapping[Tone, Style] | None = None

    # What is shown

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that the filter leaves, in order."""
        return self._shown_rows

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows shown, rows in all, marked rows, marked rows that are hidden."""
        hidden = sum(key not in self._places for key in self.marked)
        return len(self._shown_rows), len(self.rows), len(self.marked), hidden

    def watch_rows(self) -> None:
        keys = {row.key for row in self.rows}
        if not self.marked <= keys:
            self.marked &= keys
        self._arrange()

    def watch_filter_text(self) -> None:
        self._arrange()

    def watch_faults_only(self) -> None:
        self._arrange()

    def watch_sort_column(self) -> None:
        self._arrange()
        self.refresh()

    def watch_sort_reverse(self) -> None:
        self._arrange()
        self.refresh()

    def watch_columns(self) -> None:
        self._lay_out()
        self._arrange()

    def watch_empty_text(self) -> None:
        if not self._shown_rows:
            self.refresh()

    def watch_marked(self) -> None:
        self.refresh()
        self.post_message(self.MarksChanged(self))

    def _arrange(self) -> None:
        """Order and filter anew, keep the cursor on its object, repaint what differs."""
        before = self._shown_rows
        index = next((i for i, c in enumerate(self.columns) if c.id == self.sort_column), None)
        wish = Wish(self.filter_text, self.faults_only, index, self.sort_reverse)
        after = wanted_rows(self.rows, wish)
        self._shown_rows = after
        self._places = {row.key: place for place, row in enumerate(after)}
        key = next_cursor(before, after, self.cursor_key)
        was, cursor_moved = self._place_before(before), key != self.cursor_key
        if len(before) != len(after):
            self._fit()
        self._repaint_differing(before, after)
        if cursor_moved:
            self.cursor_key = key
        elif key and was != self._places.get(key) and was is not None:
            self._keep_in_sight(was)

    def _place_before(self, before: tuple[Row, ...]) -> int | None:
        return next((i for i, row in enumerate(before) if row.key == self.cursor_key), None)

    def _keep_in_sight(self, was: int) -> None:
        """Scroll with the row under the cursor when it moved, if it could be seen before."""
        top, height = self.scroll_offset.y, self.size.height - _HEADER_LINES
        if top <= was < top + height:
            self._scroll_to_cursor()

    def _repaint_differing(self, before: tuple[Row, ...], after: tuple[Row, ...]) -> None:
        top = self.scroll_offset.y
        width, height = self.size
        if not before or not after:
            self.refresh()
            return
        regions: list[Region] = []
        for line_at in range(height - _HEADER_LINES):
            index = top + line_at
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            if self._differ(old, new):
                regions.append(Region(0, line_at + _HEADER_LINES, width, 1))
        if regions:
            self.refresh(*regions)

    def _differ(self, old: Row | None, new: Row | None) -> bool:
        if old is new:
            return False
        if old is None or new is None or old.key != new.key:
            return True
        known = self._contents.get(old.key)
        return known is None or known[0] is not old or known[1] != self._content(new)

    def _content(self, row: Row) -> tuple[Line, ...]:
        """Return a row's cells; a row that is drawn late is drawn once."""
        known = self._contents.get(row.key)
        if known is not None and known[0] is row:
            return known[1]
        if len(self._contents) > _STRIPS_KEPT:
            self._contents.clear()
        content = row.content()
        self._contents[row.key] = (row, content)
        return content

    # Room

    def on_resize(self) -> None:
        self._lay_out()
        self._scroll_to_cursor()

    def _lay_out(self) -> None:
        self._placed = place_columns(self.columns, self._room()[0] - _GUTTER_CELLS)
        self._strips.clear()
        self._fit()
        self.refresh()

    def watch_show_vertical_scrollbar(self) -> None:
        self._lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def _fit(self) -> None:
        used = sum(one.width + GAP_CELLS for one in self._placed) + _GUTTER_CELLS - GAP_CELLS
        self.virtual_size = Size(max(used, 1), len(self._shown_rows) + _HEADER_LINES)

    # The cursor

    def watch_cursor_key(self, before: str, after: str) -> None:
        self._scroll_to_cursor()
        for key in (before, after):
            self._repaint_key(key)
        self.post_message(self.Highlighted(self, after))

    def on_focus(self) -> None:
        self._repaint_key(self.cursor_key)

    def on_blur(self) -> None:
        self._repaint_key(self.cursor_key)

    def _repaint_key(self, key: str) -> None:
        place = self._places.get(key)
        if place is not None:
            y = place - self.scroll_offset.y + _HEADER_LINES
            self.refresh(Region(0, y, self.size.width, 1))

    def _scroll_to_cursor(self) -> None:
        place = self._places.get(self.cursor_key)
        height = self.size.height - _HEADER_LINES
        if place is None or height <= 0:
            return
        top = self.scroll_offset.y
        # Forced: rows that have just come get their scrollbar with the next layout.
        if place < top:
            self.scroll_to(y=place, animate=False, force=True)
        elif place >= top + height:
            self.scroll_to(y=place - height + 1, animate=False, force=True)

    def _move_to(self, place: int) -> None:
        if self._shown_rows:
            self.cursor_key = self._shown_rows[max(0, min(place, len(self._shown_rows) - 1))].key

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self._move_to(self._places.get(self.cursor_key, 0) + step)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screenfuls."""
        self.action_move(pages * max(1, self.size.height - _HEADER_LINES - 1))

    def action_edge(self, place: int) -> None:
        """Move the cursor to the first row (0) or the last (-1)."""
        self._move_to(0 if place == 0 else len(self._shown_rows) - 1)

    def action_sideways(self, cells: int) -> None:
        """Scroll the columns that are not frozen."""
        self.scroll_to(x=max(0, self.scroll_offset.x + cells), animate=False)

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor and go to the next."""
        if self.cursor_key:
            self.marked ^= {self.cursor_key}
            self.action_move(1)

    def action_sort_by(self, step: int) -> None:
        """Sort by the next column to the right (1) or left (-1); beyond the last: as it came."""
        ids = ["", *(one.column.id for one in self._placed if one.column.is_sortable)]
        now = ids.index(self.sort_column) if self.sort_column in ids else 0
        self.sort_column = ids[(now + step) % len(ids)]

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.sort_reverse = not self.sort_reverse

    def action_select(self) -> None:
        """Open the row under the cursor."""
        if self.cursor_key:
            self.post_message(self.Selected(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row that was clicked, and nothing else."""
        place = event.y - _HEADER_LINES + self.scroll_offset.y
        if event.y >= _HEADER_LINES and place < len(self._shown_rows):
            self._move_to(place)

    # Painting

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        if tones is not self._strip_tones or len(self._strips) > _STRIPS_KEPT:
            self._strips.clear()
            self._strip_tones = tones
        if y < _HEADER_LINES:
            return self._header(tones)
        place = self.scroll_offset.y + y - _HEADER_LINES
        if place < len(self._shown_rows):
            return self._row_strip(self._shown_rows[place], tones)
        is_message = not self._shown_rows and y == _HEADER_LINES
        content = self._nothing_to_show() if is_message else ()
        return strip_of(content, self._room()[0], self.rich_style, tones)

    def _nothing_to_show(self) -> Line:
        """Tell an empty table from one whose rows are all hidden."""
        if self.rows:
            return line(span(f" none of {len(self.rows)} rows match", Tone.DIM))
        return (span(" "), *self.empty_text)

    def _header(self, tones: Mapping[Tone, Style]) -> Strip:
        base = self.get_component_rich_style("lean-table--header")
        cells = [
            (one, header_cell(one, self.sort_column, is_reversed=self.sort_reverse))
            for one in self._placed
        ]
        return draw_cells(Segment(" ", base), cells, base, tones, self._room())

    def _room(self) -> tuple[int, int]:
        # Textual's size counts the cells under the scrollbar too.
        return max(0, self.size.width - self.scrollbar_size_vertical), self.scroll_offset.x

    def _row_strip(self, row: Row, tones: Mapping[Tone, Style]) -> Strip:
        is_cursor, is_marked = row.key == self.cursor_key, row.key in self.marked
        key = (row.key, is_cursor and self.has_focus, is_cursor, is_marked, self._room())
        content = self._content(row)
        known = self._strips.get(key)
        if known is not None and known[0] == content:
            return known[1]
        base = self.rich_style
        if is_cursor:
            name = "cursor" if self.has_focus else "cursor-blurred"
            base = self.get_component_rich_style(f"lean-table--{name}")
        sign = (_CURSOR if self.has_focus else _CURSOR_BLURRED) if is_cursor else " "
        gutter = Segment(_MARK if is_marked else sign, base + tones[Tone.ACCENT])
        cells = [
            (one, content[one.index] if one.index < len(content) else ()) for one in self._placed
        ]
        strip = draw_cells(gutter, cells, base, tones, self._room())
        self._strips[key] = (content, strip)
        return strip
