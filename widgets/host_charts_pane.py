"""The machine drawn over time."""

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.fitting import rule
from widgets.present.host import charts
from widgets.present.line import Line


class HostChartsPane(PicturePane):
    """CPU, memory, load, network, disks and swap: as many charts as the room has."""

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        head = rule(f"Machine {picture.host_name}", width, is_focused=self.has_focus)
        return (head, *charts(picture, width, height - 1))
