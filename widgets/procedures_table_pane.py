"""The table of procedures with where their last run stands."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from core.model.action_pages import ProcedureEntry
from core.model.action_view import ActionsPicture
from core.model.procedure import RunPhase
from widgets.action_page_table import ActionPageTable
from widgets.lean_table import Column, Row
from widgets.present.procedures import procedure_cells, procedure_search

_COLUMNS = (
    Column("title", "PROCEDURE", 34, weight=1, is_frozen=True),
    Column("name", "NAME", 30, priority=3),
    Column("kind", "KIND", 12, priority=2),
    Column("steps", "STEPS", 5, justify="right", priority=4),
    Column("last", "LAST RUN", 28, priority=1),
)


class ProceduresTablePane(ActionPageTable[ProcedureEntry]):
    """One row per procedure, in the order of the configuration."""

    CALM_TEXT: ClassVar[str] = "no run has failed"
    COLUMNS: ClassVar[tuple[Column, ...]] = _COLUMNS
    NOUN: ClassVar[str] = "procedures"
    NONE_TEXT: ClassVar[str] = "procedures configured"

    def entries(self, actions: ActionsPicture) -> tuple[ProcedureEntry, ...] | None:
        return actions.pages.procedures

    def key_of(self, one: ProcedureEntry) -> str:
        return _key(one)

    def row_of(self, one: ProcedureEntry, now: datetime) -> Row:
        return Row(
            _key(one),
            sort=_sort(one),
            search=procedure_search(one),
            is_fault=one.last is not None and one.last.phase is RunPhase.STOPPED,
            draw=partial(procedure_cells, one, now),
        )


def _key(entry: ProcedureEntry) -> str:
    return f"{entry.system}/{entry.spec.name}"


def _sort(entry: ProcedureEntry) -> tuple[float | str | None, ...]:
    spec = entry.spec
    changed_s = entry.last.changed_s if entry.last is not None else None
    return (spec.title, _key(entry), spec.kind, float(len(entry.steps)), changed_s)
