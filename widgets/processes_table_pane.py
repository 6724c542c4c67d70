"""The table of processes."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import var

from core.model.views import Picture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.processes import (
    is_process_fault,
    process_cells,
    process_key,
    process_search,
    process_sort,
)

PROCESS_COLUMNS = (
    Column("pid", "PID", 7, justify="right", is_frozen=True),
    Column("user", "USER", 9, priority=3),
    Column("cpu", "CPU", 6, justify="right"),
    Column("memory", "MEMORY", 9, justify="right"),
    Column("threads", "THR", 4, justify="right", priority=5),
    Column("state", "STATE", 8, priority=4),
    Column("age", "AGE", 9, justify="right", priority=2),
    Column("command", "COMMAND", 20, weight=1),
)


class ProcessesTablePane(LeanTable):
    """Processes, busiest first until a person sorts them; a row is a pid with its start."""

    CALM_TEXT = "no zombie, and none fills a core"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "app.offers", "Actions", id="processes.actions")
    ]

    picture: var[Picture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = PROCESS_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "processes")

    def watch_picture(self) -> None:
        if self.picture is None:
            return
        host, now = self.picture.snapshot.host, self.picture.now
        is_loaded = host.processes_at is not None
        self.empty_text = absence_line(Absence.NONE if is_loaded else Absence.LOADING, "processes")
        self.rows = tuple(
            Row(
                process_key(one),
                process_cells(one, now),
                process_sort(one),
                process_search(one),
                is_process_fault(one),
            )
            for one in host.processes
        )

    @property
    def offers_target(self) -> str:
        """The service that the process under the cursor is; empty: it is none of ours."""
        if self.picture is None:
            return ""
        runtimes = self.picture.snapshot.runtimes
        pid = self.cursor_key.partition("@")[0]
        own = (name for name, one in runtimes.items() if str(one.pid) == pid)
        found = next(own, None)
        return f"{found.system}/{found.service}" if found is not None else ""
