"""The list of logs that can be shown, with which are."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.log_view import LogPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.log_menu import service_of
from widgets.present.log_status import log_cells

LOG_COLUMNS = (
    Column("chosen", "", 1, is_sortable=False, is_frozen=True),
    Column("log", "LOG", 16, weight=1, is_frozen=True),
    Column("state", "STATE", 9, priority=2),
    Column("size", "SIZE", 8, justify="right", priority=1),
)


class LogSourcesPane(LeanTable):
    """One row per log. Space chooses it beside the others, enter shows it alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", "Show too", id="logs.choose"),
        Binding("enter", "alone", "Show alone", id="logs.alone"),
        Binding("a", "all", "Show its system", id="logs.system"),
        # The application does it; before the screen's, which searches the logs themselves.
        Binding("slash", "app.filter", "Filter the list", id="app.filter", priority=True),
    ]

    @dataclass
    class Chosen(Message):
        """Other logs are to be shown."""

        sources: tuple[str, ...]
        is_alone: bool = False
        """One of them, to be looked at."""

    logs: var[LogPicture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = LOG_COLUMNS
        self.empty_text = absence_line(Absence.NONE, "", "no log is configured")

    def watch_logs(self) -> None:
        if self.logs is None:
            return
        self.rows = tuple(
            Row(
                one.source,
                log_cells(one),
                (float(one.is_chosen), one.title, one.state, one.size_bytes),
                one.title,
                one.state in {"refused", "gone"},
            )
            for one in self.logs.logs
        )

    @property
    def chosen(self) -> tuple[str, ...]:
        """The sources that are shown."""
        logs = self.logs.logs if self.logs is not None else ()
        return tuple(one.source for one in logs if one.is_chosen)

    @property
    def offers_target(self) -> str:
        """The service whose log is under the cursor."""
        return service_of(self.cursor_key)

    def action_choose(self) -> None:
        """Show the log under the cursor too, or no more."""
        if self.cursor_key:
            chosen = set(self.chosen) ^ {self.cursor_key}
            self._choose(chosen)
            self.action_move(1)

    def action_alone(self) -> None:
        """Show the log under the cursor, and no other."""
        if self.cursor_key:
            self.post_message(self.Chosen((self.cursor_key,), is_alone=True))

    def action_all(self) -> None:
        """Show all logs of the system of the log under the cursor."""
        system = self.cursor_key.partition("/")[0]
        self._choose({row.key for row in self.rows if row.key.partition("/")[0] == system})

    def _choose(self, sources: set[str]) -> None:
        ordered = tuple(row.key for row in self.rows if row.key in sources)
        self.post_message(self.Chosen(ordered))
