"""The names of what the Streams screen can show, and what looking costs the server."""

from textual.reactive import var

from core.model.redis_view import RedisPicture
from widgets.line_strip import LineStrip
from widgets.present.stream_pages import StreamPage, pages_line


class StreamPagesPane(LineStrip):
    """One line: all pages, the shown one marked; our own load at its end."""

    current: var[StreamPage] = var(StreamPage.STREAMS, init=False)
    redis: var[RedisPicture | None] = var(None, init=False)
    server: var[str] = var("", init=False)
    """Whose load is told."""

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def watch_current(self) -> None:
        self._draw()

    def watch_redis(self) -> None:
        self._draw()

    def watch_server(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.size.width > 0:
            self.lines = (pages_line(self.current, self.redis, self.server, self.size.width),)
