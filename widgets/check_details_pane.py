"""One check in full."""

from textual.reactive import var

from core.model.views import CheckView, Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.checks import check_lines
from widgets.present.fitting import rule
from widgets.present.line import Line


class CheckDetailsPane(PicturePane):
    """What a check asks, what came, why that is its verdict, and its past."""

    check: var[CheckView | None] = var(None, init=False)

    def watch_check(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        if self.check is None:
            return (absence_line(Absence.NONE, "checks selected"),)
        head = rule("Check", width, str(self.check.spec.id.check), is_focused=self.has_focus)
        return (head, *check_lines(self.check, width, picture.now))
