"""The table of actions that run or ran."""

from datetime import datetime
from functools import partial

from textual.reactive import var

from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.actions import action_cells, action_search

_COLUMNS = (
    Column("outcome", "OUTCOME", 22, is_frozen=True),
    Column("title", "ACTION", 30, weight=1, is_frozen=True),
    Column("system", "SYSTEM", 16, priority=3),
    Column("actor", "WHO", 10, priority=4),
    Column("begun", "BEGUN", 9, justify="right", priority=1),
    Column("took", "TOOK", 9, justify="right", priority=2),
)


class ActionsTablePane(LeanTable):
    """One row per action, the newest first until a person sorts it."""

    actions: var[ActionsPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "actions")

    def watch_actions(self) -> None:
        self._fill()

    def watch_now(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self.actions is None or self.now is None or not self.actions.is_read:
            return
        self.empty_text = absence_line(Absence.NONE, "actions so far")
        now = self.now
        self.rows = tuple(
            Row(
                state.plan.id,
                sort=_sort(state),
                search=action_search(state),
                is_fault=state.is_blocking,
                draw=partial(action_cells, state, now),
            )
            for state in self.actions.states
        )

    @property
    def selected(self) -> ActionState | None:
        """The action under the cursor."""
        states = self.actions.states if self.actions is not None else ()
        return next((one for one in states if one.plan.id == self.cursor_key), None)


def _sort(state: ActionState) -> tuple[float | str | None, ...]:
    plan = state.plan
    took_s = None
    if state.begun_s is not None and state.ended_s is not None:
        took_s = state.ended_s - state.begun_s
    return (state.phase.value, plan.title, plan.system, plan.actor, state.begun_s, took_s)
