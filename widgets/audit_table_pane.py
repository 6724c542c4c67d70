"""The table of the audit log's newest records."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.reactive import var

from core.model.action_pages import AuditRow, AuditTrail
from core.model.action_view import ActionsPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.action_pages import audit_cells, audit_search

_COLUMNS = (
    Column("at", "TIME", 11, is_frozen=True),
    Column("event", "EVENT", 14, is_frozen=True),
    Column("who", "WHO", 10, priority=2),
    Column("what", "WHAT", 20, weight=1),
    Column("result", "RESULT", 16, weight=1, priority=1),
    Column("seq", "RECORD", 7, justify="right", priority=3),
)


class AuditTablePane(LeanTable):
    """One row per record, the newest first."""

    CALM_TEXT: ClassVar[str] = "nothing was refused or went wrong"

    actions: var[ActionsPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[AuditTrail, datetime] | None = None

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "audit log")

    def watch_actions(self) -> None:
        self._fill()

    def watch_now(self) -> None:
        self._fill()

    def _fill(self) -> None:
        trail = self.actions.pages.trail if self.actions is not None else None
        if self.actions is None or self.now is None:
            return
        if trail is None:
            problem = self.actions.pages.problem or self.actions.problem
            if problem:
                self.empty_text = absence_line(Absence.UNREACHABLE, "audit log", problem)
            return
        # A time without a date is another text tomorrow, not with the next second.
        drawn = (trail, self.now.replace(hour=0, minute=0, second=0, microsecond=0))
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self.empty_text = absence_line(Absence.NONE, "records so far")
        now = self.now
        self.rows = tuple(
            Row(
                str(one.seq),
                sort=_sort(one),
                search=audit_search(one),
                is_fault=one.is_trouble,
                draw=partial(audit_cells, one, now),
            )
            for one in trail.rows
        )

    @property
    def selected(self) -> AuditRow | None:
        """The record under the cursor."""
        trail = self.actions.pages.trail if self.actions is not None else None
        rows = trail.rows if trail is not None else ()
        return next((one for one in rows if str(one.seq) == self.cursor_key), None)


def _sort(row: AuditRow) -> tuple[float | str | None, ...]:
    at_s = row.at.timestamp() if row.at is not None else None
    return (at_s, row.event, row.who, row.what, row.result, float(row.seq))
