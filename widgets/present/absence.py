"""Why there is nothing to show: four different reasons, four different texts. Pure."""

from enum import StrEnum

from widgets.present.line import Line, Tone, line, span


class Absence(StrEnum):
    """The reasons. The value is the text a person reads."""

    LOADING = "loading…"
    """Asked, and not answered yet."""
    NONE = "none"
    """Answered: there is nothing."""
    UNREACHABLE = "unreachable"
    """Asked, and no usable answer."""
    NOT_EXPOSED = "not exposed by this build"
    """It answers, and this is not among what it offers."""


def absence_line(absence: Absence, what: str = "", reason: str = "") -> Line:
    """Return the text in place of the missing thing: `listening ports: loading…`."""
    tone = Tone.DEGRADED if absence is Absence.UNREACHABLE else Tone.DIM
    head = f"{what}: " if what else ""
    tail = f": {reason}" if reason else ""
    return line(span(head, Tone.DIM), span(f"{absence.value}{tail}", tone))
