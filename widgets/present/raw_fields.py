"""A record as it is written, for whoever does not believe what was made of it. Pure."""

from collections.abc import Sequence

from core.model.text import SafeText
from widgets.present.fitting import cut
from widgets.present.line import BLANK, Line, Tone, line, span

_MOST_NAME_CELLS = 32


def raw_lines(fields: Sequence[tuple[SafeText, SafeText]], width: int) -> tuple[Line, ...]:
    """Return names and values in two columns under a head; nothing where there are none."""
    if not fields:
        return ()
    cells = min(max(len(name) for name, _ in fields) + 2, _MOST_NAME_CELLS)
    rows = (
        cut(line(span(f"{name:<{cells}}", Tone.LABEL), span(value)), width)
        for name, value in fields
    )
    return (BLANK, line(span("As it is written", Tone.LABEL, bold=True)), *rows)
