"""Percentiles of a field over what is shown, in a few lines below the rows."""

from textual.reactive import var

from core.model.log_view import LogPicture
from widgets.line_strip import LineStrip
from widgets.present.log_measure import measure_lines


class LogMeasurePane(LineStrip):
    """As high as what it says."""

    DEFAULT_CSS = """
    LogMeasurePane { height: 4; }
    """

    logs: var[LogPicture | None] = var(None, init=False)

    def watch_logs(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw anew: other figures, another width."""
        logs, width = self.logs, self.size.width
        if logs is not None and logs.measure is not None and width > 0:
            self.lines = measure_lines(logs.measure, logs.count, logs.unknown_fields, width)
            self.styles.height = len(self.lines)
