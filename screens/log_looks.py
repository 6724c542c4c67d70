"""How the Logs screen looks, and what one does with rows in sight: marks, copies, times."""

from collections.abc import Sequence
from dataclasses import replace

from textual.reactive import var

from core.model.log_view import LogPicture, LogRow
from core.model.text import clean_lines
from screens.base import ConsoleScreen
from screens.log_wishes import CopyWanted
from widgets.line_strip import LineStrip
from widgets.log_pane import LogPane
from widgets.log_summary_pane import LogSummaryPane
from widgets.present.durations import duration_text
from widgets.present.line import Tone, line, span
from widgets.present.log_rows import TimeStyle
from widgets.present.log_status import status_line


class LogLooks(ConsoleScreen):
    """The part of the Logs screen that asks nothing of anybody."""

    logs: var[LogPicture | None] = var(None, init=False)
    """What is known of the logs. The application assigns it."""

    search_text = ""
    """What is searched for."""
    saved_title = ""
    """Of the saved query that is asked; empty: none is."""

    def restyle(self, **changes: object) -> None:
        """Draw rows in another way; the names are those of `RowStyle`."""
        pane = self.query_one(LogPane)
        pane.row_style = replace(pane.row_style, **changes)  # pyright: ignore[reportArgumentType]
        self.query_one(LogSummaryPane).row_style = pane.row_style

    def tell(self) -> None:
        """Draw the line above the rows."""
        pane = self.query_one(LogPane)
        if self.logs is not None:
            told = status_line(
                self.logs,
                max(20, pane.size.width),
                follows=pane.follows,
                search_text=self.search_text,
                saved_title=self.saved_title,
                is_wrapped=pane.wraps,
            )
            self.query_one("#logs-status", LineStrip).lines = (told,)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""
        pane = self.query_one(LogPane)
        if pane.cursor_key is not None:
            pane.marked ^= {pane.cursor_key}

    def action_elapsed(self) -> None:
        """Say how long after the nearest mark before it the row under the cursor is."""
        pane = self.query_one(LogPane)
        row = pane.cursor_row
        marks = [one for one in pane.rows if one.key in pane.marked and one.time_s is not None]
        if row is None or row.time_s is None or not marks:
            self.say("mark a row with m first; both need a time")
            return
        mark = min(marks, key=lambda one: abs((one.time_s or 0.0) - (row.time_s or 0.0)))
        apart_s = row.time_s - (mark.time_s or 0.0)
        after = "after" if apart_s >= 0 else "before"
        self.say(f"{duration_text(abs(apart_s))} {after} the mark ({abs(apart_s):.3f} s)")

    def say(self, text: str) -> None:
        self.query_one("#logs-status", LineStrip).lines = (line(span(f" {text}", Tone.ACCENT)),)

    # How it looks

    def action_wrap(self) -> None:
        """Break long rows into lines, or cut them."""
        pane = self.query_one(LogPane)
        pane.wraps = not pane.wraps
        self.tell()

    def action_times(self) -> None:
        """Write times in UTC, local, or as ages."""
        styles = tuple(TimeStyle)
        now = self.query_one(LogPane).row_style
        following = styles[(styles.index(now.times) + 1) % len(styles)]
        now_s = self.picture.now.timestamp() if self.picture is not None else 0.0
        self.restyle(times=following, zone=self.zone, now_s=now_s)
        self.say(f"times: {following}")

    def action_copy(self) -> None:
        """Copy the marked rows, or the one under the cursor."""
        pane = self.query_one(LogPane)
        rows = [row for row in pane.rows if row.key in pane.marked]
        if not rows and pane.cursor_row is not None:
            rows = [pane.cursor_row]
        self.copy_rows(rows)

    def copy_rows(self, rows: Sequence[LogRow]) -> None:
        """Copy rows as they were written."""
        self.post_message(CopyWanted("\n".join(_written(row) for row in rows)))


def _written(row: LogRow) -> str:
    """Return a row's lines as they were written; what a terminal would act on is made visible."""
    if row.record is None:
        return ""
    return "\n".join(clean_lines(row.record.raw))
