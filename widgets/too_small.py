"""What a terminal shows that is too small for anything else."""

from textual.reactive import var

from core.model.views import Picture
from widgets.line_strip import LineStrip
from widgets.present.fitting import width_of
from widgets.present.header import systems_line
from widgets.present.line import Line, Tone, line, span

LEAST_COLUMNS = 40
LEAST_ROWS = 10


class TooSmall(LineStrip):
    """Says how large it must be, and still how the systems are."""

    DEFAULT_CSS = """
    TooSmall { height: 100%; width: 100%; display: none; }
    """

    picture: var[Picture | None] = var(None, init=False)

    def watch_picture(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.is_on_screen:
            self.lines = too_small_lines(self.picture, self.size.width, self.size.height)


def too_small_lines(picture: Picture | None, width: int, height: int) -> tuple[Line, ...]:
    """Return the systems first, then what is wrong; each fits as far as there is room."""
    systems = systems_line(picture) if picture is not None else ()
    if picture is not None and width_of(systems) > width:
        systems = systems_line(picture, with_words=False)
    need = line(span(f"needs {LEAST_COLUMNS}x{LEAST_ROWS}", Tone.DEGRADED, bold=True))
    have = line(span(f"this is {width}x{height}", Tone.LABEL))
    return (systems, need, have)[: max(1, height)]
