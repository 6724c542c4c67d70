"""A view of lines that scrolls, on the line API: strips are kept, only changed lines repaint.

Lines come from a tuple (`lines`) or from a `LineSource`, so that a view of a million lines holds
none of them.
"""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.painting import strip_of
from widgets.present.line import BLANK, Line, Tone
from widgets.present.veiling import look_ahead
from widgets.tones import styles

_STRIPS_KEPT = 160


class LineSource(Protocol):
    """Whoever holds the lines."""

    @property
    def line_count(self) -> int:
        """How many lines there are now."""
        ...

    def line(self, index: int) -> Line:
        """Return one line."""
        ...


class TupleLines:
    """Lines held in a tuple."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        """Take the lines."""
        self._lines = lines

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line(self, index: int) -> Line:
        """Return one line, blank beyond the end."""
        return self._lines[index] if 0 <= index < len(self._lines) else BLANK


class LineView(ScrollView, can_focus=True):
    """Shows lines and scrolls over them."""

    DEFAULT_CSS = """
    LineView { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", id="view.down", show=False),
        Binding("k", "scroll_up", "Up", id="view.up", show=False),
        Binding("g", "scroll_home", "Top", id="view.top", show=False),
        Binding("G", "scroll_end", "End", id="view.end", show=False),
    ]

    lines: var[tuple[Line, ...]] = var((), init=False)
    """What is shown. Assigning repaints the lines that differ."""

    follows: var[bool] = var(False, init=False)
    """Stay at the end as lines come. What its owner wishes: the view never changes it."""

    is_held: var[bool] = var(False, init=False)
    """Somebody scrolled up: following waits until the end is reached again."""

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Make an empty view."""
        super().__init__(name=name, id=id, classes=classes)
        self._source: LineSource = TupleLines(())
        self._strips: dict[tuple[Line, int, Style], Strip] = {}
        self._strip_tones: Mapping[Tone, Style] | None = None

    @property
    def room(self) -> int:
        """Cells of a line that can be seen: Textual's size counts those under the scrollbar too."""
        return max(0, self.size.width - self.scrollbar_size_vertical)

    def show_source(self, source: LineSource) -> None:
        """Show lines that somebody else holds; call again when they have changed."""
        self._source = source
        self._fit()
        self.refresh()

    def watch_lines(self, before: tuple[Line, ...], after: tuple[Line, ...]) -> None:
        self._source = TupleLines(after)
        if len(before) != len(after):
            self._fit()
        top = self.scroll_offset.y
        width, height = self.size
        regions = [
            Region(0, index - top, width, 1)
            for index in range(top, min(top + height, max(len(before), len(after))))
            if _at(before, index) != _at(after, index)
        ]
        if regions:
            self.refresh(*regions)

    def watch_follows(self) -> None:
        self.is_held = False
        self._keep_end_in_sight()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        # Not merely less than before: fewer lines and a larger room move the end upwards.
        self.is_held = self.follows and round(new_value) < self.max_scroll_y

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.virtual_size = Size(self.room, self._source.line_count)
        self._keep_end_in_sight()

    def _keep_end_in_sight(self) -> None:
        if self.follows and not self.is_held and self.is_attached:
            # Forced: the first lines that do not fit get their scrollbar with the next layout.
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the visible lines of a region."""
        top = self.scroll_offset.y + crop.y
        look_ahead(self._source.line(at) for at in range(top, top + crop.height))
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        line = self._source.line(self.scroll_offset.y + y)
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        if tones is not self._strip_tones or len(self._strips) > _STRIPS_KEPT:
            self._strips.clear()
            self._strip_tones = tones
        key = (line, self.room, self.rich_style)
        if key not in self._strips:
            self._strips[key] = strip_of(line, self.room, self.rich_style, tones)
        return self._strips[key]


def _at(lines: tuple[Line, ...], index: int) -> Line | None:
    return lines[index] if index < len(lines) else None
