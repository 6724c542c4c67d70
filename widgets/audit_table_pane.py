"""The table of the audit log's newest records."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from core.model.action_pages import AuditRow, AuditTrail
from core.model.action_view import ActionsPicture
from widgets.action_page_table import ActionPageTable
from widgets.lean_table import Column, Row
from widgets.present.action_pages import audit_cells, audit_search

_COLUMNS = (
    Column("at", "TIME", 11, is_frozen=True),
    Column("event", "EVENT", 14, is_frozen=True),
    Column("who", "WHO", 10, priority=2),
    Column("what", "WHAT", 20, weight=1),
    Column("result", "RESULT", 16, weight=1, priority=1),
    Column("seq", "RECORD", 7, justify="right", priority=3),
)


class AuditTablePane(ActionPageTable[AuditRow]):
    """One row per record, the newest first."""

    CALM_TEXT: ClassVar[str] = "nothing was refused or went wrong"
    COLUMNS: ClassVar[tuple[Column, ...]] = _COLUMNS
    NOUN: ClassVar[str] = "audit log"
    NONE_TEXT: ClassVar[str] = "records so far"

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[AuditTrail, datetime] | None = None

    def entries(self, actions: ActionsPicture) -> tuple[AuditRow, ...] | None:
        return actions.pages.trail.rows if actions.pages.trail is not None else None

    def key_of(self, one: AuditRow) -> str:
        return str(one.seq)

    def row_of(self, one: AuditRow, now: datetime) -> Row:
        return Row(
            str(one.seq),
            sort=_sort(one),
            search=audit_search(one),
            is_fault=one.is_trouble,
            draw=partial(audit_cells, one, now),
        )

    def _fill(self) -> None:
        trail = self.actions.pages.trail if self.actions is not None else None
        if trail is not None and self.now is not None:
            # A time without a date is another text tomorrow, not with the next second.
            drawn = (trail, self.now.replace(hour=0, minute=0, second=0, microsecond=0))
            if drawn == self._drawn:
                return
            self._drawn = drawn
        super()._fill()


def _sort(row: AuditRow) -> tuple[float | str | None, ...]:
    at_s = row.at.timestamp() if row.at is not None else None
    return (at_s, row.event, row.who, row.what, row.result, float(row.seq))
