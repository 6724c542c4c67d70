"""The engine: what was confirmed is done once, proven, and ends in one way wherever killed."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core.actions.audit.record import Event
from core.actions.locks import TargetLocks
from core.errors import ActionError
from core.model.action import Phase, Proof
from core.model.action_state import StepState
from tests.unit.core.actions.stage import Killed, Places, Stage

OLD, NEW = ("old", "old"), ("new", "new")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def confirmed(tmp_path: Path, **inputs: str) -> Stage:
    stage = Stage(tmp_path, **inputs)
    stage.confirm(stage.plan())
    return stage


def test_what_was_confirmed_is_done_proven_and_recorded(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    state = stage.execute()
    assert stage.contents == NEW
    assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.VERIFIED)
    assert [one.state for one in state.steps] == [StepState.DONE, StepState.DONE]
    assert state.is_audited
    assert [event for event, _ in stage.records.rows] == [
        Event.INTENT, Event.STEP_BEGIN, Event.STEP_END, Event.STEP_BEGIN, Event.STEP_END,
        Event.VERIFY, Event.COMMITTED,
    ]  # fmt: skip


def test_planning_changes_nothing_and_nothing_runs_unconfirmed(stage: Stage) -> None:
    stage.plan()
    state = stage.execute()
    assert stage.contents == OLD
    assert state.phase is Phase.ABORTED
    assert "nobody has confirmed" in state.text


def test_a_plan_runs_once(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    stage.execute()
    with pytest.raises(ActionError, match="begun before"):
        stage.execute()


@pytest.mark.parametrize("name", ["one", "two"])
def test_what_changed_since_the_plan_stops_it_with_both_values(tmp_path: Path, name: str) -> None:
    stage = confirmed(tmp_path)
    (stage.files / name).write_text("drifted", "utf-8")
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert f"{name} holds was old, is drifted" in state.text


def test_a_plan_that_has_grown_old_is_refused(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    asyncio.run(stage.clock.advance(121.0))
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ABORTED, OLD)
    assert "older than 120 s" in state.text


def test_policy_is_asked_by_the_executor_itself(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    stage.reason = "read-only: the configuration or a flag refuses every change"
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ABORTED, OLD)
    assert [event for event, _ in stage.records.rows] == [Event.DENIED, Event.ABORTED]


def test_without_an_audit_record_nothing_happens(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    stage.records.fails_from = 0
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ABORTED, OLD)


@pytest.mark.parametrize("fails_from", range(1, 7))
def test_an_audit_log_that_fails_on_the_way_leaves_no_half(tmp_path: Path, fails_from: int) -> None:
    stage = confirmed(tmp_path)
    stage.records.fails_from = fails_from
    state = stage.execute()
    assert stage.contents in (OLD, NEW)
    assert state.phase in {Phase.COMMITTED, Phase.ROLLED_BACK}
    assert len(stage.records.ends) == 1


def test_an_end_that_the_audit_log_does_not_take_is_written_by_the_recovery(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    stage.records.fails_from, stage.records.takes_ends = 6, False
    assert not stage.execute().is_audited
    stage.records.fails_from = None
    state = stage.recover()
    assert state.is_audited
    assert stage.records.ends == {Event.COMMITTED}


@pytest.mark.parametrize("breaks", ["apply", "half", "lies"])
def test_a_step_that_fails_is_undone_with_those_before_it(tmp_path: Path, breaks: str) -> None:
    stage = confirmed(tmp_path, breaks=breaks)
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ROLLED_BACK, OLD)
    assert stage.records.ends == {Event.ROLLED_BACK}


def test_success_is_what_a_second_look_shows(tmp_path: Path) -> None:
    state = confirmed(tmp_path, breaks="lies").execute()
    assert "a second look shows: it holds 'old'" in state.text


def test_a_proof_that_fails_takes_everything_back(tmp_path: Path) -> None:
    stage = confirmed(tmp_path, proof="fails")
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ROLLED_BACK, OLD)


def test_a_way_back_that_is_blocked_needs_a_person(tmp_path: Path) -> None:
    stage = confirmed(tmp_path, breaks="undo", proof="fails")
    state = stage.execute()
    assert state.phase is Phase.NEEDS_HUMAN
    assert "the way back is blocked" in state.text
    assert state.is_blocking


def test_one_operator_per_target(tmp_path: Path) -> None:
    stage = confirmed(tmp_path)
    others = TargetLocks(tmp_path / "locks")
    holder = {"actor": "ada", "title": "restart it", "action": "01X", "since": "12:00"}
    others.take(stage.action.plan().locks[:1], holder)
    state = stage.execute()
    assert (state.phase, stage.contents) == (Phase.ABORTED, OLD)
    assert "ada runs restart it (01X) since 12:00" in state.text


CASES = [{}, {"breaks": "half"}, {"breaks": "lies"}, {"proof": "fails"}]


@pytest.mark.parametrize("inputs", CASES, ids=lambda one: "-".join(one.values()) or "good")
def test_killed_anywhere_and_again_in_the_recovery_it_ends_whole_and_once(
    tmp_path: Path, inputs: dict[str, str]
) -> None:
    """The crash matrix of the engine: every place × every place of the recovery that follows."""
    kills = 0
    first = 0
    while True:
        second = -1
        while True:
            folder = tmp_path / f"{first}-{second}"
            folder.mkdir()
            stage = confirmed(folder, **inputs)
            is_killed = _is_killed(stage.execute, Places(first))
            if not is_killed:
                assert first > 20
                assert kills > 400
                return
            kills += 1
            if second >= 0 and not _is_killed(stage.recover, Places(second)):
                break
            kills += 1
            state = stage.recover()
            where = f"{inputs} killed at {first}, in the recovery at {second}"
            if state.begun_s is None:  # killed before its first word: the plan just expires
                assert stage.contents == OLD, where
                break
            assert state.phase in {Phase.COMMITTED, Phase.ROLLED_BACK, Phase.ABORTED}, where
            assert stage.contents == (NEW if state.phase is Phase.COMMITTED else OLD), where
            assert len(stage.records.ends) == 1, where
            assert state.is_audited, where
            second += 1
        first += 1


def _is_killed(begin: Callable[[Places], object], places: Places) -> bool:
    try:
        begin(places)
    except Killed:
        return True
    return False
