"""The table of every service."""

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.ids import ServiceId
from core.model.views import Picture, ServiceView
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.service_cells import TREND_CELLS, service_cells, service_search, service_sort
from widgets.present.verdicts import is_trouble

SERVICE_COLUMNS = (
    Column("verdict", "VERDICT", 10, is_frozen=True),
    Column("service", "SERVICE", 30, is_frozen=True),
    Column("state", "STATE", 11, priority=4),
    Column("since", "SINCE", 9, justify="right", priority=1),
    Column("cpu", "CPU", 5, justify="right", priority=5),
    Column("memory", "MEMORY", 8, justify="right", priority=6),
    Column("latency", "LATENCY", 7, justify="right", priority=2),
    Column("trend", "TREND", TREND_CELLS, priority=3),
    Column("uptime", "UPTIME", 6, justify="right", priority=7),
    Column("restarts", "RST", 3, justify="right", priority=8),
    Column("reason", "WHY", 32, weight=1),
)


class ServicesTablePane(LeanTable):
    """One row per service, in the order of the configuration until a person sorts it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "logs", "Logs", id="services.logs"),
        Binding("x", "app.offers", "Actions", id="services.actions"),
    ]

    @dataclass
    class LogsAsked(Message):
        """The logs of the service under the cursor are wanted; `target` is `system/service`."""

        target: str

    picture: var[Picture | None] = var(None, init=False)

    @property
    def offers_target(self) -> str:
        """The service under the cursor."""
        view = self.selected
        return f"{view.spec.id.system}/{view.spec.id.service}" if view is not None else ""

    def action_logs(self) -> None:
        """Show the logs of the service under the cursor."""
        if (view := self.selected) is not None:
            self.post_message(self.LogsAsked(f"{view.spec.id.system}/{view.spec.id.service}"))

    def __init__(self) -> None:
        super().__init__()
        self._known_rows: dict[ServiceId, tuple[ServiceView, Row]] = {}

    def on_mount(self) -> None:
        self.columns = SERVICE_COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "services")

    def watch_picture(self) -> None:
        if self.picture is None:
            return
        views = [view for system in self.picture.systems for view in system.services]
        self.empty_text = absence_line(Absence.NONE, "services")
        now = self.picture.now
        self.rows = tuple(
            replace(self._row(view, position), draw=partial(service_cells, view, now))
            for position, view in enumerate(views)
        )

    def _row(self, view: ServiceView, position: int) -> Row:
        """Return what a row sorts and filters by; its cells tell ages and are drawn every time."""
        known = self._known_rows.get(view.spec.id)
        if known is not None and known[0] is view:
            return known[1]
        row = Row(
            str(view.spec.id),
            sort=service_sort(view, position),
            search=service_search(view),
            is_fault=is_trouble(view),
        )
        self._known_rows[view.spec.id] = (view, row)
        return row

    @property
    def selected(self) -> ServiceView | None:
        """The service under the cursor."""
        if self.picture is None:
            return None
        for system in self.picture.systems:
            for view in system.services:
                if str(view.spec.id) == self.cursor_key:
                    return view
        return None
