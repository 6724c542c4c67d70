"""One entry in full: pending, of the stream, or a dead letter."""

from textual.reactive import var

from core.model.dead_letter import DeadLetter
from core.model.stream import PendingEntry, StreamEntry
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.fitting import rule
from widgets.present.line import Line
from widgets.present.stream_entry import entry_lines
from widgets.present.stream_letters import letter_lines
from widgets.present.stream_pending import pending_lines

Subject = PendingEntry | StreamEntry | DeadLetter


class StreamEntryPane(PicturePane):
    """Its JSON decoded, or every field as it is written."""

    subject: var[Subject | None] = var(None, init=False)
    is_raw: var[bool] = var(False, init=False)

    def watch_subject(self, before: Subject | None, after: Subject | None) -> None:
        if before is None or after is None or _id_of(before) != _id_of(after):
            self.scroll_to(y=0, animate=False)
        self.redraw()

    def watch_is_raw(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        note = "as written" if self.is_raw else "decoded"
        head = rule("Entry", width, f"y: {note}", is_focused=self.has_focus)
        match self.subject:
            case PendingEntry() as one:
                return (head, *pending_lines(one, width, is_raw=self.is_raw))
            case DeadLetter() as one:
                return (head, *letter_lines(one, width, is_raw=self.is_raw))
            case StreamEntry() as one:
                return (head, *entry_lines(one, width, is_raw=self.is_raw))
            case None:
                return (head, absence_line(Absence.NONE, "entry selected"))


def _id_of(subject: Subject) -> str:
    return str(subject.entry.id if isinstance(subject, DeadLetter) else subject.id)
