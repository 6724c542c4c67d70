"""What the Overview's cursor is on, in more words."""

from textual.reactive import var

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.line import Line
from widgets.present.spot import spot_lines
from widgets.present.systems import Spot


class OverviewDetailsPane(PicturePane):
    """A system's services and why each is as it is, or one service with its checks."""

    DEFAULT_CSS = """
    OverviewDetailsPane { height: 1fr; width: 100%; }
    """

    spot: var[Spot | None] = var(None, init=False)

    def watch_spot(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        return spot_lines(picture, self.spot, width, height, is_focused=self.has_focus)
