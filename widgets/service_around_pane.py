"""Around a service: where it runs, what it needs and who needs it, what happened to it."""

from textual.reactive import var

from core.model.views import Picture, ServiceView
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.around import around_lines
from widgets.present.line import Line


class ServiceAroundPane(PicturePane):
    """Everything about a service but its checks."""

    service: var[ServiceView | None] = var(None, init=False)

    def watch_service(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        if self.service is None:
            return (absence_line(Absence.NONE, "services selected"),)
        return around_lines(picture, self.service, width, is_focused=self.has_focus)
