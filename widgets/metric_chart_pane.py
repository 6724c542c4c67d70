"""The selected series over time."""

from textual.reactive import var

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.line import Line
from widgets.present.metrics import MetricEntry, metric_chart


class MetricChartPane(PicturePane):
    """A chart of one series; a counter is drawn as its rate."""

    entry: var[MetricEntry | None] = var(None, init=False)

    def watch_entry(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        return metric_chart(self.entry, picture, width, height, is_focused=self.has_focus)
