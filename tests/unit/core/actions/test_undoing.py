"""Undo: what was committed is taken back by its own steps, or it is said why not."""

import asyncio
from pathlib import Path

import pytest

from core.actions.shelf import Shelf
from core.actions.undoing import UNDO, undo_action
from core.errors import ActionError
from core.model.action import ActionRequest, Phase, Plan
from tests.unit.core.actions.stage import Stage


def committed(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.confirm(stage.plan())
    assert stage.execute().phase is Phase.COMMITTED
    return stage


def plan_of_undo(stage: Stage) -> Plan:
    shelf = Shelf(stage.folder / "actions", lambda _run: False)
    request = ActionRequest(UNDO, stage.action.action_id)
    return asyncio.run(stage.planner.plan(undo_action(shelf), request))


def test_what_was_done_is_taken_back_and_is_an_action_itself(tmp_path: Path) -> None:
    stage = committed(tmp_path)
    plan = plan_of_undo(stage)
    assert not plan.is_stopped
    stage.keep(plan)
    stage.confirm(plan)
    state = stage.execute()
    assert state.phase is Phase.COMMITTED
    assert stage.contents == ("old", "old")


def test_an_undo_can_be_undone(tmp_path: Path) -> None:
    stage = committed(tmp_path)
    for wanted in (("old", "old"), ("new", "new")):
        plan = plan_of_undo(stage)
        stage.keep(plan)
        stage.confirm(plan)
        stage.execute()
        assert stage.contents == wanted


def test_what_somebody_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    stage = committed(tmp_path)
    (stage.files / "two").write_text("somebody's", "utf-8")
    plan = plan_of_undo(stage)
    assert plan.is_stopped
    assert "not as the action left it" in str(plan.preflight)


def test_what_was_not_committed_is_not_undone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, proof="fails")
    stage.confirm(stage.plan())
    stage.execute()
    with pytest.raises(ActionError, match="only what was committed"):
        plan_of_undo(stage)
