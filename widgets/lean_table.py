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
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.extent import tell_extent
from widgets.painting import strip_of
from widgets.present.line import Line, Tone, line, span
from widgets.present.table import (
    GUTTER_CELLS,
    Column,
    Placed,
    Row,
    Wish,
    cells_used,
    next_cursor,
    out_of_sight,
    place_columns,
    wanted_rows,
)
from widgets.present.veiling import look_ahead
from widgets.table_drawing import draw_cells, header_cell, with_marks
from widgets.table_keys import TABLE_KEYS
from widgets.table_strips import TableStrips
from widgets.tones import styles

__all__ = ["Column", "LeanTable", "Row"]

_HEADER_LINES = 1
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
    BINDINGS: ClassVar[list[BindingType]] = TABLE_KEYS
    CALM_TEXT: ClassVar[str] = "no row is in trouble"
    """Shown where only faults are wanted and there are none: what a fault would be."""

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
        self._strips = TableStrips()

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
        differing = self._strips.differing(before, after, range(top, top + height - _HEADER_LINES))
        if differing:
            lines = (place - top + _HEADER_LINES for place in differing)
            self.refresh(*(Region(0, line_at, width, 1) for line_at in lines))

    # What can be done

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this table now; empty when it can."""
        return "there is no row" if action == "select" and not self.cursor_key else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot be done here."""
        return None if self.reason_against(action) else True

    # Room

    def on_resize(self) -> None:
        self._lay_out()
        self._scroll_to_cursor()

    def _lay_out(self) -> None:
        self._placed = place_columns(self.columns, self._room()[0] - GUTTER_CELLS)
        self._strips.clear()
        self._fit()
        self.refresh()

    def watch_show_vertical_scrollbar(self) -> None:
        self._lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def _fit(self) -> None:
        width = max(cells_used(self._placed), 1)
        tell_extent(self, Size(width, len(self._shown_rows) + _HEADER_LINES))

    # The cursor

    def watch_cursor_key(self, before: str, after: str) -> None:
        self._scroll_to_cursor()
        for key in (before, after):
            self._repaint_key(key)
        if bool(before) != bool(after):
            self.refresh_bindings()
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

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the visible lines of a region."""
        top = self.scroll_offset.y + crop.y - _HEADER_LINES
        rows = self._shown_rows[max(0, top) : max(0, top + crop.height)]
        look_ahead(cell for row in rows for cell in self._strips.cells_of(row))
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        self._strips.use(tones)
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
        if self.rows and self.faults_only and not self.filter_text:
            return line(span(f" {self.CALM_TEXT} ({len(self.rows)} rows hidden)", Tone.DIM))
        if self.rows:
            return line(span(f" none of {len(self.rows)} rows match", Tone.DIM))
        return (span(" "), *self.empty_text)

    def _header(self, tones: Mapping[Tone, Style]) -> Strip:
        base = self.get_component_rich_style("lean-table--header")
        cells = [
            (one, header_cell(one, self.sort_column, is_reversed=self.sort_reverse))
            for one in self._placed
        ]
        drawn = draw_cells(Segment(" ", base), cells, base, tones, self._room())
        return with_marks(drawn, out_of_sight(self._placed, *self._room()), base, tones)

    def _room(self) -> tuple[int, int]:
        # Textual's size counts the cells under the scrollbar too.
        return max(0, self.size.width - self.scrollbar_size_vertical), self.scroll_offset.x

    def _row_strip(self, row: Row, tones: Mapping[Tone, Style]) -> Strip:
        is_cursor, is_marked = row.key == self.cursor_key, row.key in self.marked
        state = (is_cursor and self.has_focus, is_cursor, is_marked, self._room())

        def draw(content: tuple[Line, ...]) -> Strip:
            return self._draw_row(content, tones, is_cursor=is_cursor, is_marked=is_marked)

        return self._strips.strip_of(row, state, draw)

    def _draw_row(
        self,
        content: tuple[Line, ...],
        tones: Mapping[Tone, Style],
        *,
        is_cursor: bool,
        is_marked: bool,
    ) -> Strip:
        base = self.rich_style
        if is_cursor:
            name = "cursor" if self.has_focus else "cursor-blurred"
            base = self.get_component_rich_style(f"lean-table--{name}")
        sign = (_CURSOR if self.has_focus else _CURSOR_BLURRED) if is_cursor else " "
        gutter = Segment(_MARK if is_marked else sign, base + tones[Tone.ACCENT])
        cells = [
            (one, content[one.index] if one.index < len(content) else ()) for one in self._placed
        ]
        return draw_cells(gutter, cells, base, tones, self._room())
