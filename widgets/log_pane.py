"""The rows of the Logs screen: a window over logs of any size, on the line API.

The pane holds a stretch of rows. What is in sight is remembered by the key of its first row, not by
its number, so that older rows that come in above, and older ones that are let go, move nothing.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.model.log import LogPosition
from core.model.log_view import LogRow
from widgets.painting import strip_of
from widgets.present.line import BLANK, Line, Tone
from widgets.present.log_rows import GUTTER_CELLS, RowStyle, row_line, with_cursor, wrapped
from widgets.tones import styles

RowKey = tuple[str, LogPosition, bool]

_STRIPS_KEPT = 160
_NEAR_ROWS = 100
"""More rows are asked for when fewer than this are left above or below what is in sight."""
_WRAP_INDENT = 22


class LogPane(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, has a cursor and marks, follows the end."""

    DEFAULT_CSS = """
    LogPane { height: 1fr; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    LogPane > .log-pane--cursor { background: $panel; }
    LogPane:ansi > .log-pane--cursor { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-pane--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", id="log.down", show=False),
        Binding("up,k", "move(-1)", "Up", id="log.up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", id="log.page-down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", id="log.page-up", show=False),
        Binding("left,h", "sideways(-16)", "Left", id="log.left", show=False),
        Binding("right,l", "sideways(16)", "Right", id="log.right", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        key: RowKey | None

    @dataclass
    class Wanted(Message):
        """Rows are wanted before the first (True) or after the last."""

        is_older: bool

    @dataclass
    class Held(Message):
        """Somebody reads further up, or is at the end again."""

        is_held: bool

    rows: var[tuple[LogRow, ...]] = var((), init=False, always_update=True)
    """Assign only others: comparing thousands of records by what they say is work for nothing."""
    row_style: var[RowStyle] = var(RowStyle(), init=False)
    wraps: var[bool] = var(False, init=False)
    cursor_key: var[RowKey | None] = var[RowKey | None](None, init=False)
    marked: var[frozenset[RowKey]] = var(frozenset[RowKey](), init=False)
    empty_text: var[Line] = var((), init=False)
    follows: var[bool] = var(True, init=False)
    """The cursor stays on the newest row as rows come."""

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id)
        self._places: dict[RowKey, int] | None = None
        self._is_settling = False
        self._tops: list[int] = []
        self._drawn: dict[RowKey, tuple[LogRow, bool, tuple[Line, ...]]] = {}
        self._bases: dict[bool, Style] = {}
        self._strips: dict[tuple[RowKey, int, int], tuple[Line, Strip]] = {}
        self._strip_tones: Mapping[Tone, Style] | None = None

    @property
    def room(self) -> int:
        """Cells of a line that can be seen."""
        return max(1, self.size.width - self.scrollbar_size_vertical)

    @property
    def cursor_row(self) -> LogRow | None:
        """The row under the cursor."""
        place = self._place(self.cursor_key)
        return self.rows[place] if place is not None else None

    def _place(self, key: RowKey | None) -> int | None:
        rows = self.rows
        if key is None or not rows:
            return None
        if rows[-1].key == key:
            return len(rows) - 1
        # Made when it is asked for: while rows stream in, only the last one is.
        if self._places is None:
            self._places = {row.key: place for place, row in enumerate(rows)}
        return self._places.get(key)

    # Rows come and go

    def watch_rows(self, before: tuple[LogRow, ...], after: tuple[LogRow, ...]) -> None:
        anchor, offset = (None, 0) if self.follows else self._anchor(before)
        self._places = None
        self._measure()
        self._is_settling = True
        if self.follows or self._place(self.cursor_key) is None:
            self._settle_cursor(before)
        elif (place := self._place(anchor)) is not None:
            self._scroll_line_to_top(self._top_of(place) + offset)
        self._is_settling = False
        self.refresh()
        self._ask_for_more()

    def _anchor(self, rows: tuple[LogRow, ...]) -> tuple[RowKey | None, int]:
        """Return the first row in sight, and how many of its lines are above it."""
        at = self._row_at(self.scroll_offset.y)
        if at is None or at >= len(rows):
            return None, 0
        return rows[at].key, self.scroll_offset.y - self._top_of(at)

    def _settle_cursor(self, before: tuple[LogRow, ...]) -> None:
        """Put the cursor on the newest row, or where the row was that is gone."""
        if not self.rows:
            self.cursor_key = None
            return
        if self.follows:
            key = self.rows[-1].key
        else:
            was = next((at for at, row in enumerate(before) if row.key == self.cursor_key), 0)
            key = self.rows[min(was, len(self.rows) - 1)].key
        if key == self.cursor_key:
            self._show_cursor()
        self.cursor_key = key

    def watch_row_style(self) -> None:
        self._forget_drawings()

    def watch_wraps(self) -> None:
        self._forget_drawings()
        self._show_cursor()

    def watch_marked(self) -> None:
        self._forget_drawings()

    def watch_empty_text(self) -> None:
        if not self.rows:
            self.refresh()

    def on_resize(self) -> None:
        self._forget_drawings()
        self._show_cursor()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget_strips()

    def _forget_drawings(self) -> None:
        self._drawn.clear()
        self._forget_strips()
        self._measure()
        self.refresh()

    # Lines of rows

    def _measure(self) -> None:
        """Find at which line each row begins; only wrapped rows take more than one."""
        heights = [len(self._lines_of(row)) for row in self.rows] if self.wraps else []
        self._tops = [0, *accumulate(heights)] if self.wraps else []
        total = self._tops[-1] if self.wraps else len(self.rows)
        self.virtual_size = Size(self.room, total)

    def _top_of(self, place: int) -> int:
        return self._tops[place] if self.wraps else place

    def _row_at(self, line: int) -> int | None:
        if not self.wraps:
            return line if 0 <= line < len(self.rows) else None

        place = bisect_right(self._tops, line) - 1
        return place if 0 <= place < len(self.rows) else None

    def _lines_of(self, row: LogRow) -> tuple[Line, ...]:
        is_marked = row.key in self.marked
        known = self._drawn.get(row.key)
        if known is not None and known[0] is row and known[1] is is_marked:
            return known[2]
        if len(self._drawn) > max(_STRIPS_KEPT, 2 * len(self.rows) if self.wraps else 0):
            self._drawn.clear()
        whole = row_line(row, self.row_style, is_marked=is_marked)
        lines = wrapped(whole, self.room - 1, _WRAP_INDENT) if self.wraps else (whole,)
        self._drawn[row.key] = (row, is_marked, lines)
        return lines

    # The cursor

    def watch_cursor_key(self, before: RowKey | None, after: RowKey | None) -> None:
        self._show_cursor()
        if not self._is_settling:
            for key in (before, after):
                self._repaint(key)
        self.post_message(self.Moved(after))

    def on_focus(self) -> None:
        self._repaint(self.cursor_key)

    def on_blur(self) -> None:
        self._repaint(self.cursor_key)

    def _repaint(self, key: RowKey | None) -> None:
        place = self._place(key)
        if place is None:
            return
        top, height = self._top_of(place), len(self._lines_of(self.rows[place]))
        self.refresh(Region(0, top - self.scroll_offset.y, self.size.width, height))

    def _show_cursor(self) -> None:
        place = self._place(self.cursor_key)
        height = self.size.height
        if place is None or height <= 0:
            return
        top = self._top_of(place)
        bottom = top + len(self._lines_of(self.rows[place])) if self.wraps else top + 1
        if top < self.scroll_offset.y:
            self._scroll_line_to_top(top)
        elif bottom > self.scroll_offset.y + height:
            self._scroll_line_to_top(min(top, bottom - height))

    def _scroll_line_to_top(self, line: int) -> None:
        # Forced: rows that have just come get their scrollbar with the next layout.
        self.scroll_to(y=max(0, line), animate=False, force=True)

    def go_to(self, key: RowKey) -> bool:
        """Put the cursor on a row, in the middle of the pane; tell whether it is here."""
        place = self._place(key)
        if place is None:
            return False
        self.set_follows(place == len(self.rows) - 1 and self.follows)
        self.cursor_key = key
        self._scroll_line_to_top(self._top_of(place) - self.size.height // 2)
        return True

    def set_follows(self, follows: bool) -> None:
        """Follow the end, or stay; whoever feeds the pane is told."""
        if follows is not self.follows:
            self.follows = follows
            self.post_message(self.Held(not follows))

    def _move_to(self, place: int) -> None:
        if not self.rows:
            return
        place = max(0, min(place, len(self.rows) - 1))
        self.set_follows(place == len(self.rows) - 1)
        self.cursor_key = self.rows[place].key
        self._ask_for_more()

    def action_move(self, step: int) -> None:
        """Move the cursor by rows; up stops following, down to the end follows again."""
        place = self._place(self.cursor_key)
        self._move_to((len(self.rows) - 1 if place is None else place) + step)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screenfuls."""
        self.action_move(pages * max(1, self.size.height - 1))

    def action_sideways(self, cells: int) -> None:
        """Scroll the text under the cursor's eye to the side."""
        if not self.wraps:
            self._shift = max(0, self._shift + cells)
            self._forget_strips()
            self.refresh()

    _shift = 0

    def _ask_for_more(self) -> None:
        place = self._place(self.cursor_key)
        if place is None:
            return
        # Where it follows, rows that came above move the place of the first in sight only later.
        at_end = place - self.size.height
        top = at_end if self.follows else self._row_at(self.scroll_offset.y) or 0
        if min(place, top) < _NEAR_ROWS:
            self.post_message(self.Wanted(is_older=True))
        if len(self.rows) - max(place, top + self.size.height) < _NEAR_ROWS and not self.follows:
            self.post_message(self.Wanted(is_older=False))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        # A wheel moves what is in sight and leaves the cursor; it stays where it can be seen.
        top, height = round(new_value), self.size.height
        place = self._place(self.cursor_key)
        if place is None or height <= 0:
            return
        line = self._top_of(place)
        if line < top or line >= top + height:
            inside = self._row_at(max(top, min(line, top + height - 1)))
            if inside is not None:
                self.set_follows(inside == len(self.rows) - 1)
                self.cursor_key = self.rows[inside].key
                self._ask_for_more()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw visible lines as they are: there is no border, padding or tint to add.

        A row that has moved comes as the strip that it was before, which whoever compares frames
        knows by then.
        """
        strips = [self.render_line(y) for y in crop.line_range]
        for one in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(one, background) for strip in strips]
        style = self._base(has_cursor=False)
        return [strip.crop_extend(crop.x, crop.right, style) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        if tones is not self._strip_tones:
            # Other colours, or other things to hide: those are hidden before lines are broken.
            self._drawn.clear()
        if tones is not self._strip_tones or len(self._strips) > _STRIPS_KEPT:
            self._forget_strips()
            self._strip_tones = tones
        at = self.scroll_offset.y + y
        place = self._row_at(at)
        if place is None:
            why = () if self.rows else wrapped(self.empty_text, self.room, 1)
            line = why[y] if y < len(why) else BLANK
            return strip_of(line, self.room, self._base(has_cursor=False), tones)
        row = self.rows[place]
        lines = self._lines_of(row)
        inside = at - self._top_of(place)
        line = lines[inside] if inside < len(lines) else BLANK
        is_cursor = row.key == self.cursor_key
        sign = 0 if not is_cursor else 2 if self.has_focus else 1
        key = (row.key, inside, sign)
        known = self._strips.get(key)
        if known is not None and known[0] is line:
            return known[1]
        base = self._base(has_cursor=sign == 2)
        drawn = with_cursor(line, has_keys=sign == 2) if sign else line
        strip = self._strip(drawn, base, tones)
        self._strips[key] = (line, strip)
        return strip

    def _base(self, *, has_cursor: bool) -> Style:
        """Return the style of a row; made once for many, since it is gathered from all parents."""
        if has_cursor not in self._bases:
            name = "log-pane--cursor"
            style = self.get_component_rich_style(name) if has_cursor else self.rich_style
            self._bases[has_cursor] = style
        return self._bases[has_cursor]

    def _forget_strips(self) -> None:
        self._strips.clear()
        self._bases.clear()

    def _strip(self, line: Line, base: Style, tones: Mapping[Tone, Style]) -> Strip:
        if not self._shift or self.wraps:
            return strip_of(line, self.room, base, tones)
        whole = strip_of(line, self.room + self._shift, base, tones)
        gutter = whole.crop(0, GUTTER_CELLS)
        return Strip.join((gutter, whole.crop(GUTTER_CELLS + self._shift, self._shift + self.room)))
