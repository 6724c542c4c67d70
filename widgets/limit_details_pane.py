"""One circuit breaker, or one rate-limit record, in full."""

from textual.reactive import var

from core.model.circuit import Circuit
from core.model.limit import LimitRow, Limits
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.circuits import circuit_lines
from widgets.present.fitting import rule
from widgets.present.limits import limit_lines, pattern_lines
from widgets.present.line import Line


class LimitDetailsPane(PicturePane):
    """What is known of what the cursor is on, and what is written in Redis."""

    subject: var[Circuit | LimitRow | None] = var(None, init=False)
    limits: var[Limits | None] = var(None, init=False)
    """The server's records, of which the subject is one."""

    def watch_subject(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        match self.subject:
            case Circuit() as circuit:
                head = rule("Circuit", width, circuit.server, is_focused=self.has_focus)
                return (head, *circuit_lines(circuit, picture, width))
            case LimitRow() as record:
                head = rule("Client", width, record.server, is_focused=self.has_focus)
                counted = pattern_lines(self.limits, width) if self.limits is not None else ()
                return (head, *limit_lines(record, width), *counted)
            case None:
                return (absence_line(Absence.NONE, "row selected"),)
