"""The process under the cursor, in full."""

from textual.reactive import var

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.line import Line
from widgets.present.process_details import process_at, process_lines


class ProcessDetailsPane(PicturePane, can_focus=False):
    """Whole command, owner, age, use, and where it listens."""

    key: var[str] = var("", init=False)
    """Of the row in the table of processes."""

    def watch_key(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        return process_lines(process_at(picture.snapshot.host, self.key), picture, width)
