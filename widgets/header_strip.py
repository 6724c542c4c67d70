"""The header strip of every screen."""

from datetime import tzinfo

from textual.reactive import var

from core.model.views import Picture
from widgets.line_strip import LineStrip
from widgets.present.header import OFF, Mode, banner_line, header_line


class HeaderStrip(LineStrip):
    """One line; two while something must not be overlooked (paused, nothing watched)."""

    DEFAULT_CSS = """
    HeaderStrip { dock: top; height: 1; background: $panel; }
    HeaderStrip.-loud { height: 2; }
    """

    picture: var[Picture | None] = var(None, init=False)
    title: var[str] = var("", init=False)
    mode: var[Mode] = var(OFF, init=False)
    zone: tzinfo | None = None
    """The zone of the second clock; None: the machine's."""

    def watch_picture(self) -> None:
        self._draw()

    def watch_mode(self) -> None:
        self._draw()

    def watch_title(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.size.width
        if self.picture is None or width <= 0:
            return
        banner = banner_line(self.picture, width)
        self.set_class(bool(banner), "-loud")
        head = header_line(self.picture, self.title, width, mode=self.mode, zone=self.zone)
        self.lines = (head, banner) if banner else (head,)
