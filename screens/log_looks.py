"""How the Logs screen looks, and what one does with rows in sight: marks, copies, times."""

from collections.abc import Sequence
from dataclasses import replace

from textual.reactive import var

from core.model.log import LogRecord
from core.model.log_view import LogPicture, LogRow
from core.model.text import EMPTY, clean_lines
from screens.base import ConsoleScreen
from screens.log_wishes import CopyWanted
from widgets.line_strip import LineStrip
from widgets.log_pane import LogPane
from widgets.log_summary_pane import LogSummaryPane
from widgets.present.log_rows import TimeStyle
from widgets.present.log_status import status_line
from widgets.present.numbers import plural

_SAID_FOR_S = 5.0
_TIMES = {TimeStyle.UTC: "UTC", TimeStyle.LOCAL: "local", TimeStyle.AGO: "ages"}


class LogLooks(ConsoleScreen):
    """The part of the Logs screen that asks nothing of anybody."""

    logs: var[LogPicture | None] = var(None, init=False)
    """What is known of the logs. The application assigns it."""

    search_text = ""
    """What is searched for."""
    saved_title = ""
    """Of the saved query that is asked; empty: none is."""
    _said = ""
    """What was said last, for a few seconds."""
    _read_problem = ""
    """The problem that somebody has gone on from."""

    @property
    def is_keeping(self) -> bool:
        """Whether the files of logs are shown instead of their rows."""
        return self.has_class("-with-keeping")

    def restyle(self, **changes: object) -> None:
        """Draw rows in another way; the names are those of `RowStyle`."""
        pane = self.query_one(LogPane)
        pane.row_style = replace(pane.row_style, **changes)  # pyright: ignore[reportArgumentType]
        self.query_one(LogSummaryPane).row_style = pane.row_style

    def tell(self) -> None:
        """Draw the line above the rows."""
        pane = self.query_one(LogPane)
        if self.logs is not None:
            is_read = self.logs.problem and self.logs.problem == self._read_problem
            told = status_line(
                replace(self.logs, problem=EMPTY) if is_read else self.logs,
                max(20, pane.size.width),
                follows=pane.follows,
                search_text=self.search_text,
                saved_title=self.saved_title,
                looks=self._looks,
                said=self._said,
                since_s=pane.row_style.since_s,
            )
            self.query_one("#logs-status", LineStrip).lines = (told,)

    @property
    def _looks(self) -> tuple[str, ...]:
        """What is unusual in how the rows look."""
        pane = self.query_one(LogPane)
        times = ("local times",) if pane.row_style.times is TimeStyle.LOCAL else ()
        return (*times, "wrapped") if pane.wraps else times

    def action_mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""
        pane = self.query_one(LogPane)
        if pane.cursor_key is not None:
            pane.marked ^= {pane.cursor_key}

    def action_elapsed(self) -> None:
        """Write times as they are since the nearest mark; once more: as they were.

        Without a mark the row under the cursor becomes one.
        """
        pane = self.query_one(LogPane)
        if pane.row_style.since_s is not None:
            self.restyle(since_s=None)
            self.tell()
            return
        row = pane.cursor_row
        if row is None or row.time_s is None:
            self.say("the row under the cursor has no time")
            return
        marks = [one for one in pane.rows if one.key in pane.marked and one.time_s is not None]
        if not marks:
            pane.marked |= {row.key}
        mark = min(marks or [row], key=lambda one: abs((one.time_s or 0.0) - (row.time_s or 0.0)))
        self.restyle(since_s=mark.time_s)
        self.tell()

    def say(self, text: str) -> None:
        """Say something for a few seconds, whatever comes meanwhile."""
        self._said = text
        self.set_timer(_SAID_FOR_S, lambda: self._say_no_more(text))
        self.tell()

    def _say_no_more(self, text: str) -> None:
        if self._said == text:
            self._said = ""
            self.tell()

    def read_on(self) -> None:
        """The cursor was moved: a problem that was told is not news any more."""
        if self.logs is not None and self.logs.problem and not self.query_one(LogPane).follows:
            self._read_problem = self.logs.problem
            self.tell()

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
        self.say(f"times: {_TIMES[following]}")

    def action_copy(self) -> None:
        """Copy the marked rows, or the one under the cursor."""
        pane = self.query_one(LogPane)
        rows = [row for row in pane.rows if row.key in pane.marked]
        if not rows and pane.cursor_row is not None:
            rows = [pane.cursor_row]
        self.copy_rows(rows)

    def copy_rows(self, rows: Sequence[LogRow]) -> None:
        """Copy rows as they were written; lines of the console are of no log."""
        written = [_written(row.record) for row in rows if row.record is not None]
        if not written:
            self.say("the console wrote this line, no log did" if rows else "there is no row")
            return
        self.say(f"copying {plural(len(written), 'record')}")
        self.post_message(CopyWanted("\n".join(written)))


def _written(record: LogRecord) -> str:
    """Return a record's lines as they were written, what a terminal would act on made visible."""
    return "\n".join(clean_lines(record.raw))
