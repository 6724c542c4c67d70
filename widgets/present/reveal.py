"""What is said before a new key is shown, and while it is. Pure."""

from math import ceil

from core.model.action_view import WaitingKey
from core.model.text import SafeText
from widgets.present.fitting import wrap
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import plural

SHOWN_S = 30.0
"""How long a key is shown; a person who needs longer copies it, or has it written to a file."""
_MOST_ROWS = 4
_HONEST = (
    "The store itself holds it in clear, because the server needs it. What can be shown can be"
    " photographed: with to=file:/path it never comes to a screen."
)


def reveal_lines(waiting: WaitingKey, warning: SafeText, width: int) -> tuple[Line, ...]:
    """Return what a person should know before they ask for the key.

    Args:
        waiting: The key.
        warning: What records this terminal; empty: nothing that can be seen.
        width: Cells.
    """
    once = (
        f"It is shown once, to one person, for {SHOWN_S:.0f} seconds at most; any key hides it for"
        " good. That it was shown stands in the audit log."
    )
    lines = [
        *wrap(waiting.title, width, _MOST_ROWS, Tone.DIM),
        BLANK,
        *wrap(once, width, _MOST_ROWS),
        *wrap(_HONEST, width, _MOST_ROWS, Tone.DIM),
    ]
    if warning:
        lines += [*wrap(f"▲ {warning}", width, _MOST_ROWS, Tone.DEGRADED)]
    return (*lines, BLANK)


def left_line(left_s: float) -> Line:
    """Return how long it is still shown."""
    tone = Tone.DEGRADED if left_s <= 5 else Tone.LABEL
    return line(span(f"hidden in {plural(ceil(left_s), 'second')}", tone))


def waiting_line(waiting: WaitingKey, others: int = 0) -> Line:
    """Return that a new key waits, and how it is shown."""
    more = f", and {plural(others, 'other')}" if others else ""
    return line(
        span(f"● a new key of {waiting.target}{more} waits: ", Tone.ACCENT, bold=True),
        span("v", Tone.KEY, bold=True),
        span(" shows it once", Tone.ACCENT),
    )
