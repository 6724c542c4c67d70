"""The pages of the Streams screen, and the line that names them. Pure."""

from enum import StrEnum

from core.model.redis_view import RedisPicture
from widgets.present.fitting import spread
from widgets.present.line import BLANK, Line, Span, Tone, span
from widgets.present.streams import load_line, looked_line


class StreamPage(StrEnum):
    """What the screen shows; in the order in which one drills down."""

    STREAMS = "streams"
    PENDING = "pending"
    ENTRIES = "entries"
    LETTERS = "dead letters"


def pages_line(current: StreamPage, redis: RedisPicture | None, server: str, width: int) -> Line:
    """Return the pages, the shown one marked; at the right how old it is and what it costs."""
    parts: list[Span] = []
    for page in StreamPage:
        is_here = page is current
        text = span(f" {page.value.capitalize()} ").text
        parts.append(Span(text, Tone.ACCENT if is_here else Tone.DIM, is_here, is_here))
    keys = (span("  [ ]", Tone.KEY, bold=True), span(" turn", Tone.DIM))
    view = redis.server(server) if redis is not None else None
    right: Line = BLANK
    if redis is not None and view is not None:
        right = (*looked_line(view, redis.now_s), *load_line(view.load))
    return spread((*parts, *keys), right, width)
