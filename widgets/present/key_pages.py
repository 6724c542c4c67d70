"""The pages of the Keys screen, and the line that names them. Pure."""

from enum import StrEnum

from widgets.present.fitting import cut
from widgets.present.line import Line, Span, Tone, span


class KeysPage(StrEnum):
    """What the screen shows."""

    KEYS = "keys"
    USAGE = "usage"
    SECRETS = "secrets"


def pages_line(current: KeysPage, width: int) -> Line:
    """Return the pages, the shown one marked."""
    parts: list[Span] = []
    for page in KeysPage:
        is_here = page is current
        text = span(f" {page.value.capitalize()} ").text
        parts.append(Span(text, Tone.ACCENT if is_here else Tone.DIM, is_here, is_here))
    keys = (span("  [ ]", Tone.KEY, bold=True), span(" turn", Tone.DIM))
    return cut((*parts, *keys), width)
