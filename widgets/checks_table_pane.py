"""The table of one service's checks."""

from dataclasses import dataclass

from textual.reactive import var

from core.model.ids import ServiceId
from core.model.verdict import Verdict
from core.model.views import CheckView, Picture, ServiceView
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.checks import history_strip
from widgets.present.service_cells import check_cells, check_search, check_sort
from widgets.present.services import lead_check

STRIP_CELLS = 20

CHECK_COLUMNS = (
    Column("verdict", "VERDICT", 10, is_frozen=True),
    Column("check", "CHECK", 12, is_frozen=True),
    Column("state", "STATE", 14, priority=5),
    Column("code", "HTTP", 4, justify="right", priority=2),
    Column("now", "NOW", 7, justify="right", priority=1),
    Column("p50", "P50", 7, justify="right", priority=8),
    Column("p95", "P95", 7, justify="right", priority=6),
    Column("p99", "P99", 7, justify="right", priority=9),
    Column("uptime", "UPTIME", 6, justify="right", priority=4),
    Column("since", "SINCE", 9, justify="right", priority=3),
    Column("next", "NEXT", 6, justify="right", priority=10),
    Column("history", "HISTORY", STRIP_CELLS, priority=7),
    Column("reason", "WHY", 24, weight=1),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A service at one moment: what the table shows the checks of."""

    picture: Picture
    service: ServiceView | None


class ChecksTablePane(LeanTable):
    """One row per check: verdict, figures, history and why."""

    subject: var[Subject | None] = var(None, init=False)

    _service: ServiceId | None = None
    """Whose checks these are: with another service the cursor starts on its worst check."""

    def on_mount(self) -> None:
        self.columns = CHECK_COLUMNS

    def watch_subject(self) -> None:
        if self.subject is None:
            return
        service, now = self.subject.service, self.subject.picture.now
        lead = lead_check(service) if service else None
        self.empty_text = absence_line(Absence.NONE, "checks")
        self.rows = tuple(
            Row(
                str(check.spec.id),
                check_cells(check, now, history_strip(check, STRIP_CELLS)),
                check_sort(check),
                check_search(check),
                check.verdict is not Verdict.OK,
            )
            for check in (service.checks if service else ())
        )
        if service is not None and service.spec.id != self._service:
            self._service = service.spec.id
            self.cursor_key = str(lead.spec.id) if lead else ""

    @property
    def selected(self) -> CheckView | None:
        """The check under the cursor."""
        service = self.subject.service if self.subject else None
        for check in service.checks if service else ():
            if str(check.spec.id) == self.cursor_key:
                return check
        return None
