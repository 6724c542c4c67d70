"""Outside providers: what they say of themselves, apart from our own systems. Pure."""

from core.model.views import Picture
from widgets.present.durations import since_text
from widgets.present.fitting import fit, rule, width_of
from widgets.present.line import BLANK, Line, Tone, span
from widgets.present.services import chip, why
from widgets.present.systems import outside_services

_MAX_NAME_CELLS = 20
_AGE_CELLS = 9


def outside_lines(picture: Picture, width: int, rows: int) -> tuple[Line, ...]:
    """Return a heading and one line per provider; nothing when none is configured."""
    views = outside_services(picture.systems)
    if not views or rows < 3:
        return ()
    lines: list[Line] = [rule("Outside providers", width)]
    cells = min(_MAX_NAME_CELLS, max(width_of(chip(view)) for view in views)) + 1
    for view in views[: rows - 2]:
        age = span(since_text(view.since, picture.now).rjust(_AGE_CELLS), Tone.DIM)
        room = width - cells - _AGE_CELLS - 2
        name = (*fit(chip(view), cells), span(" "))
        lines.append((*name, *fit(why(view), room), span(" "), age))
    return (*lines, BLANK)
