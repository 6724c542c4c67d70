"""The Overview's first line: is anything wrong, what, and since when."""

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.line import Line
from widgets.present.systems import headline


class OverviewHeadlinePane(PicturePane, can_focus=False):
    """One line, or a bar three lines tall where there is room."""

    DEFAULT_CSS = """
    OverviewHeadlinePane { height: 1; width: 100%; }
    """

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        return tuple(headline(picture.systems, width, height, picture.now))
