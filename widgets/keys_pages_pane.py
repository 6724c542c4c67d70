"""The names of what the Keys screen can show, the shown one marked."""

from textual.reactive import var

from widgets.line_strip import LineStrip
from widgets.present.key_pages import KeysPage, pages_line


class KeysPagesPane(LineStrip):
    """One line: all pages."""

    current: var[KeysPage] = var(KeysPage.KEYS, init=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def watch_current(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.size.width > 0:
            self.lines = (pages_line(self.current, self.size.width),)
