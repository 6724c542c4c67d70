"""One API key with its store, one store, or one secret, in full."""

from textual.reactive import var

from core.model.secret_view import SecretRow
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.key_details import entry_lines
from widgets.present.keys import KeyEntry
from widgets.present.line import Line
from widgets.present.secrets import secret_lines


class KeyDetailsPane(PicturePane):
    """What is known of what the cursor is on."""

    subject: var[KeyEntry | SecretRow | None] = var(None, init=False)

    def watch_subject(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        match self.subject:
            case KeyEntry() as entry:
                return entry_lines(entry, picture.now, width, is_focused=self.has_focus)
            case SecretRow() as row:
                return secret_lines(row, width, is_focused=self.has_focus)
            case None:
                return (absence_line(Absence.NONE, "row selected"),)
