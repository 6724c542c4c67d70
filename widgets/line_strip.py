"""A widget that is a few lines and nothing else: no children, no scrolling, no markup."""

from rich.segment import Segment
from rich.style import Style
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from widgets.present.line import BLANK, Line, Span
from widgets.tones import styles


class LineStrip(Widget):
    """Draws `lines`; repaints when they differ from those drawn before."""

    DEFAULT_CSS = """
    LineStrip { height: 1; width: 1fr; }
    """

    lines: var[tuple[Line, ...]] = var((), init=False)

    def watch_lines(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line in the tones of the theme."""
        drawn = self.lines[y] if y < len(self.lines) else BLANK
        base = self.rich_style
        segments = [Segment(part.text, self._style_of(part, base)) for part in drawn]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _style_of(self, part: Span, base: Style) -> Style:
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        style = base + tones[part.tone]
        if part.is_bold or part.is_reversed:
            style += Style(bold=part.is_bold or None, reverse=part.is_reversed or None)
        return style
