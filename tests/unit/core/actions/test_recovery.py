"""Recovery: who may, and which way it goes where there is no way back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.audit.record import Event
from core.actions.ids import new_id
from core.clients.acting.processes import ProcessId, ProcessView
from core.errors import ActionError, ClientTimeout
from core.model.action import Phase, Plan
from core.model.text import SafeText
from tests.fakes.acting_parts import Put
from tests.unit.core.actions.stage import Killed, Places, Stage

NEW = ("new", "new")


class PlaceNamed(Places):
    """Kills at the first pass of a place."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __call__(self, name: str) -> None:
        super().__call__(name)
        if name == self._name:
            raise Killed(name)


def irreversible(plan: Plan, *steps: int) -> Plan:
    """Return a plan with points of no return at these steps."""
    given = tuple(
        replace(one, is_irreversible=index in steps) for index, one in enumerate(plan.steps)
    )
    return replace(plan, id=new_id(plan.made_at_s), steps=given)


def killed_at(tmp_path: Path, name: str, count: int, *no_return: int) -> Stage:
    """Return a stage whose executor died at the COUNT-th pass of a place."""
    probe, own = tmp_path / "probe", tmp_path / "own"
    probe.mkdir()
    own.mkdir()
    stage = Stage(probe)
    stage.confirm(stage.plan())
    places = Places()
    stage.execute(places)
    at = [index for index, one in enumerate(places.passed) if one == name][count - 1]
    stage = Stage(own)
    plan = irreversible(stage.plan(), *no_return)
    stage.keep(plan)
    stage.confirm(plan)
    with pytest.raises(Killed):
        stage.execute(Places(at))
    return stage


@pytest.mark.parametrize(("name", "count"), [("begun", 2), ("before_begin", 2), ("done", 1)])
def test_past_the_point_of_no_return_it_goes_on(tmp_path: Path, name: str, count: int) -> None:
    """The second step is not done, and the first has no way back: half is the worst of all."""
    state = (stage := killed_at(tmp_path, name, count, 0)).recover()
    assert (state.phase, stage.contents) == (Phase.COMMITTED, NEW)
    assert stage.records.ends == {Event.COMMITTED}


@pytest.mark.parametrize(("name", "count"), [("begun", 2), ("before_begin", 2), ("done", 1)])
def test_before_it_the_way_is_back(tmp_path: Path, name: str, count: int) -> None:
    state = (stage := killed_at(tmp_path, name, count, 1)).recover()
    assert (state.phase, stage.contents) == (Phase.ROLLED_BACK, ("old", "old"))


def test_a_point_of_no_return_that_was_not_passed_is_none(tmp_path: Path) -> None:
    state = (stage := killed_at(tmp_path, "begun", 1, 0)).recover()
    assert (state.phase, stage.contents) == (Phase.ROLLED_BACK, ("old", "old"))


def test_what_others_go_on_with_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine stops a container for nobody too: looked at too early, it would end as undone."""
    stage, asked = killed_at(tmp_path, "begun", 2, 1), list[float]()

    async def goes_on(step: Put, _ports: object, since_s: float) -> bool:
        asked.append(since_s)
        if len(asked) == 3:
            Path(step.path).write_text(step.after, "utf-8")
        return True

    monkeypatch.setattr(Put, "goes_on", goes_on, raising=False)
    quick(stage, monkeypatch)
    state = stage.recover()
    assert (state.phase, stage.contents) == (Phase.COMMITTED, NEW)
    assert len(asked) == 3
    assert min(asked) >= 0


def quick(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait on this stage."""

    async def sleep(_seconds: float) -> None: ...

    monkeypatch.setattr(stage.clock, "sleep", sleep)


def test_an_undo_that_others_go_on_with_is_waited_for_before_it_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, asked = killed_at(tmp_path, "begun", 2), list[str]()
    with pytest.raises(Killed):
        stage.recover(PlaceNamed("undo_begun"))

    async def goes_on(step: Put, _ports: object, since_s: float) -> bool:
        assert since_s >= 0
        asked.append(step.path)
        return len(asked) < 3

    monkeypatch.setattr(Put, "goes_on", goes_on, raising=False)
    quick(stage, monkeypatch)
    assert stage.recover().phase is Phase.ROLLED_BACK
    assert asked == [str(stage.files / "two")] * 3
    assert stage.contents == ("old", "old")


@pytest.mark.parametrize("place", ["begun", "undo_begun"])
def test_programs_that_the_dead_process_has_left_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """They would write over what is put back."""
    stage, left = killed_at(tmp_path, "begun", 2), [3]
    if place == "undo_begun":
        with pytest.raises(Killed):
            stage.recover(PlaceNamed(place))

    async def of_action(action_id: str) -> tuple[ProcessView, ...]:
        assert action_id == stage.action.action_id
        left[0] -= 1
        if not left[0]:
            (stage.files / "two").write_text("new", "utf-8")
        view = ProcessView(ProcessId(7, 7), (SafeText("writer"),), SafeText("app"), ())
        return (view,) * bool(left[0])

    monkeypatch.setattr(stage.ports.processes, "of_action", of_action)
    quick(stage, monkeypatch)
    state = stage.recover()
    is_done = place == "begun"
    assert state.phase is (Phase.COMMITTED if is_done else Phase.ROLLED_BACK)
    assert stage.contents == (NEW if is_done else ("old", "old"))
    said = stage.action.output.read_text("utf-8")
    assert said.count("waiting for what it left running: writer (pid 7)") == 1


def test_processes_that_cannot_be_read_are_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, looks = killed_at(tmp_path, "begun", 2), [0]

    async def of_action(_action_id: str) -> tuple[ProcessView, ...]:
        looks[0] += 1
        if looks[0] < 3:
            raise ClientTimeout("the processes: no answer")
        (stage.files / "two").write_text("new", "utf-8")
        return ()

    monkeypatch.setattr(stage.ports.processes, "of_action", of_action)
    quick(stage, monkeypatch)
    assert stage.recover().phase is Phase.COMMITTED
    assert looks == [3]
    said = stage.action.output.read_text("utf-8")
    assert said.count("waiting for what it left running: the processes cannot be read") == 1


def test_half_a_step_without_a_way_back_needs_a_person(tmp_path: Path) -> None:
    state = (stage := killed_at(tmp_path, "half", 1, 0)).recover()
    assert state.phase is Phase.NEEDS_HUMAN
    assert "cut off in the middle: it holds 'half'" in state.text
    assert stage.records.ends == {Event.NEEDS_HUMAN}


def test_who_may_not_act_may_not_recover_either(tmp_path: Path) -> None:
    stage = killed_at(tmp_path, "applied", 1)
    executor = stage.executor(Places())
    executor.recovery_gate = lambda _plan: "read-only"
    before = stage.contents
    with pytest.raises(ActionError, match="stays unfinished: read-only"):
        asyncio.run(executor.recover())
    executor.close()
    assert stage.contents == before
    assert stage.records.rows[-1][0] is Event.DENIED
    assert not stage.state.is_ended
    assert stage.recover().phase is Phase.ROLLED_BACK


def test_an_end_that_only_waits_for_its_record_is_written_whoever_may(tmp_path: Path) -> None:
    stage = killed_at(tmp_path, "ended", 1)
    executor = stage.executor(Places())
    executor.recovery_gate = lambda _plan: "read-only"
    asyncio.run(executor.recover())
    executor.close()
    assert stage.state.is_audited
    assert stage.contents == NEW


def test_what_has_ended_is_left_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.confirm(stage.plan())
    stage.execute()
    rows = len(stage.records.rows)
    stage.recover()
    assert len(stage.records.rows) == rows
