"""The footer of every screen: keys that work here and now."""

from textual.reactive import var

from widgets.line_strip import LineStrip
from widgets.present.footer import KeyHint, footer_line


class KeyFooter(LineStrip):
    """Draws the hints it is given, as many as fit."""

    DEFAULT_CSS = """
    KeyFooter { dock: bottom; height: 1; background: $panel; }
    """

    hints: var[tuple[KeyHint, ...]] = var((), init=False)

    def watch_hints(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.size.width > 0:
            self.lines = (footer_line(self.hints, self.size.width),)
