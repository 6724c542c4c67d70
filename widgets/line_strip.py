"""A widget that is a few lines and nothing else: no children, no scrolling, no markup."""

from textual.geometry import Region
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from widgets.painting import strip_of
from widgets.present.line import BLANK, Line
from widgets.tones import styles


class LineStrip(Widget):
    """Draws `lines`; repaints those that differ from what was drawn before."""

    DEFAULT_CSS = """
    LineStrip { height: 1; width: 1fr; }
    """

    lines: var[tuple[Line, ...]] = var((), init=False)

    def watch_lines(self, before: tuple[Line, ...], after: tuple[Line, ...]) -> None:
        width = self.size.width
        regions = [
            Region(0, y, width, 1)
            for y in range(max(len(before), len(after)))
            if before[y : y + 1] != after[y : y + 1]
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """Draw one line in the tones of the theme."""
        drawn = self.lines[y] if y < len(self.lines) else BLANK
        # Textual leaves the parameter of App open.
        tones = styles(self.app)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        return strip_of(drawn, self.size.width, self.rich_style, tones)
