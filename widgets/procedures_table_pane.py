"""The table of procedures with where their last run stands."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.reactive import var

from core.model.action_pages import ProcedureEntry
from core.model.action_view import ActionsPicture
from core.model.procedure import RunPhase
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.procedures import procedure_cells, procedure_search

_COLUMNS = (
    Column("title", "PROCEDURE", 34, weight=1, is_frozen=True),
    Column("name", "NAME", 30, priority=3),
    Column("kind", "KIND", 12, priority=2),
    Column("steps", "STEPS", 5, justify="right", priority=4),
    Column("last", "LAST RUN", 28, priority=1),
)


class ProceduresTablePane(LeanTable):
    """One row per procedure, in the order of the configuration."""

    CALM_TEXT: ClassVar[str] = "no run has failed"

    actions: var[ActionsPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "procedures")

    def watch_actions(self) -> None:
        self._fill()

    def watch_now(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self.actions is None or self.now is None:
            return
        entries = self.actions.pages.procedures
        if entries is None:
            problem = self.actions.pages.problem or self.actions.problem
            if problem:
                self.empty_text = absence_line(Absence.UNREACHABLE, "procedures", problem)
            return
        self.empty_text = absence_line(Absence.NONE, "procedures configured")
        now = self.now
        self.rows = tuple(
            Row(
                _key(one),
                sort=_sort(one),
                search=procedure_search(one),
                is_fault=one.last is not None and one.last.phase is RunPhase.STOPPED,
                draw=partial(procedure_cells, one, now),
            )
            for one in entries
        )

    @property
    def selected(self) -> ProcedureEntry | None:
        """The procedure under the cursor."""
        entries = self.actions.pages.procedures if self.actions is not None else None
        return next((one for one in entries or () if _key(one) == self.cursor_key), None)


def _key(entry: ProcedureEntry) -> str:
    return f"{entry.system}/{entry.spec.name}"


def _sort(entry: ProcedureEntry) -> tuple[float | str | None, ...]:
    spec = entry.spec
    changed_s = entry.last.changed_s if entry.last is not None else None
    return (spec.title, _key(entry), spec.kind, float(len(entry.steps)), changed_s)
