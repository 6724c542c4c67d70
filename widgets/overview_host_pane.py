"""The machine on the Overview: gauges where there is room, else one line."""

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.fitting import rule
from widgets.present.host import gauge_line, gauges
from widgets.present.line import Line
from widgets.present.outside import outside_lines


class OverviewHostPane(PicturePane, can_focus=False):
    """Gauges of CPU, memory, the fullest disk and swap; outside providers above them."""

    DEFAULT_CSS = """
    OverviewHostPane { height: 1; width: 100%; }
    """

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        if height < 4:
            return (gauge_line(picture, width),)
        drawn = gauges(picture, width, 5)
        room = height - len(drawn) - 1
        outside = outside_lines(picture, width, room)
        return (*outside, rule(str(picture.host_name), width), *drawn)
