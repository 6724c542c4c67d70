"""How many records when: the histogram over the rows, on which one can move."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.log_view import LogPicture
from widgets.line_view import LineView
from widgets.present.log_rows import RowStyle
from widgets.present.log_summary import summary_lines


class LogSummaryPane(LineView):
    """Totals, all records over time, warnings where there is room, errors over time."""

    DEFAULT_CSS = """
    LogSummaryPane { height: 3; scrollbar-size-vertical: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Earlier", id="histogram.left", show=False),
        Binding("right,l", "step(1)", "Later", id="histogram.right", show=False),
        Binding("home,g", "edge(0)", "First", id="histogram.first", show=False),
        Binding("end,G", "edge(-1)", "Last", id="histogram.last", show=False),
        Binding("enter", "open", "Go there", id="histogram.open"),
    ]

    @dataclass
    class Picked(Message):
        """Somebody wants to see the records of a moment, seconds since 1970."""

        time_s: float

    logs: var[LogPicture | None] = var(None, init=False)
    row_style: var[RowStyle] = var(RowStyle(), init=False)
    chosen: var[int] = var(-1, init=False)
    """Number of the bucket under the cursor; -1: the newest."""

    def watch_logs(self) -> None:
        self.redraw()

    def watch_row_style(self) -> None:
        self.redraw()

    def watch_chosen(self) -> None:
        self.redraw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        # Not the events: those are told before it is so.
        super().watch_has_focus(_has_focus)
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw anew: another picture, size, cursor."""
        width = self.size.width
        if self.logs is None or width <= 0:
            return
        at = self._at() if self.has_focus else None
        style = self.row_style
        self.lines = summary_lines(self.logs, width, at, style.times, style.zone, self.size.height)

    def _at(self) -> int | None:
        count = len(self.logs.count.buckets) if self.logs is not None else 0
        if not count:
            return None
        return count - 1 if self.chosen < 0 else min(self.chosen, count - 1)

    def action_step(self, by: int) -> None:
        """Move by one bucket and let the rows follow."""
        at = self._at()
        if at is not None and self.logs is not None:
            self.chosen = max(0, min(at + by, len(self.logs.count.buckets) - 1))
            self.action_open()

    def action_edge(self, place: int) -> None:
        """Go to the first bucket or the last."""
        if self.logs is not None and self.logs.count.buckets:
            self.chosen = 0 if place == 0 else len(self.logs.count.buckets) - 1
            self.action_open()

    def action_open(self) -> None:
        """Show the records of the bucket."""
        at = self._at()
        if at is not None and self.logs is not None:
            self.post_message(self.Picked(self.logs.count.buckets[at].begin_s))
