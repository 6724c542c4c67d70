"""The table of actions that run or ran."""

from datetime import datetime
from functools import partial
from typing import ClassVar

from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture
from widgets.action_page_table import ActionPageTable
from widgets.lean_table import Column, Row
from widgets.present.actions import action_cells, action_search

_COLUMNS = (
    Column("outcome", "OUTCOME", 22, is_frozen=True),
    Column("title", "ACTION", 28, weight=1, is_frozen=True),
    Column("system", "SYSTEM", 16, priority=1),
    Column("actor", "WHO", 10, priority=4),
    Column("begun", "BEGUN", 9, justify="right", priority=2),
    Column("took", "TOOK", 9, justify="right", priority=3),
)


class ActionsTablePane(ActionPageTable[ActionState]):
    """One row per action, the newest first until a person sorts it."""

    COLUMNS: ClassVar[tuple[Column, ...]] = _COLUMNS
    NOUN: ClassVar[str] = "actions"
    NONE_TEXT: ClassVar[str] = "actions so far"

    def entries(self, actions: ActionsPicture) -> tuple[ActionState, ...] | None:
        return actions.states if actions.is_read else None

    def key_of(self, one: ActionState) -> str:
        return one.plan.id

    def row_of(self, one: ActionState, now: datetime) -> Row:
        return Row(
            one.plan.id,
            sort=_sort(one),
            search=action_search(one),
            is_fault=one.is_blocking,
            draw=partial(action_cells, one, now),
        )


def _sort(state: ActionState) -> tuple[float | str | None, ...]:
    plan = state.plan
    took_s = None
    if state.begun_s is not None and state.ended_s is not None:
        took_s = state.ended_s - state.begun_s
    return (state.phase.value, plan.title, plan.system, plan.actor, state.begun_s, took_s)
