"""Runs are moved on by real actions, up to the next person; one console at a time moves a run."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from core.actions.action import Site
from core.actions.desk import ActionDesk
from core.actions.desk_procedures import RunDriver
from core.actions.procedure.store import RunStore
from core.actions.undoing import UNDO, undo_action
from core.model.action import ActionRequest
from core.model.action_view import RunAnswer
from core.model.operation import ProcedureStep
from core.model.procedure import RunPhase, StepStatus
from core.model.procedure_ways import Move, Way, step_in_question, ways_on
from core.model.text import EMPTY
from tests.fakes.clock import FakeClock, settle
from tests.unit.core.actions.procedure.making import operations, step
from tests.unit.core.actions.test_desk import Front


class Answers:
    """Where a run stood each time that it needed somebody."""

    def __init__(self) -> None:
        self.all: list[RunAnswer] = []

    def __call__(self, answer: RunAnswer) -> None:
        self.all.append(answer)

    @property
    def last(self) -> RunAnswer:
        return self.all[-1]


class Console:
    """A driver on a desk whose executor is the real one, in a thread."""

    def __init__(self, folder: Path, *steps: ProcedureStep) -> None:
        self.front = Front(folder)
        self.store = RunStore(folder / "procedures")
        self.answers = Answers()
        own = {"shop": operations(p=list(steps))}
        site = self.front.desk.planner.site
        planner = replace(self.front.desk.planner, site=Site(site.topology, own, site.ports))
        self.desk: ActionDesk = replace(
            self.front.desk, planner=planner, start=self._execute,
            actions={**self.front.desk.actions, UNDO: undo_action(self.front.desk.shelf)},
        )  # fmt: skip
        self.driver = self.another()

    def another(self) -> RunDriver:
        """Return what a second console has."""
        return RunDriver(self.desk, self.store, lambda _desk, _plan: EMPTY)

    def _execute(self, what: str, action_id: str) -> None:
        assert what == "execute"
        self.front.stage.action = self.desk.shelf.at(action_id)
        self.front.stage.execute()

    async def begin(self, *inputs: tuple[str, str]) -> RunAnswer:
        request = ActionRequest("procedure.begin", "shop/p", inputs)
        await self.driver.begin(request, self.answers, is_armed=True)
        return self.answers.last

    async def move(self, way: Way, note: str = "", **more: object) -> RunAnswer:
        run = self.answers.last.run
        assert run is not None
        move = replace(Move(way, note, step_in_question(run), is_seen=True), **more)  # pyright: ignore[reportArgumentType]
        await self.driver.move(run.id, move, self.answers, is_armed=True)
        return self.answers.last

    async def say_yes(self) -> RunAnswer:
        asked = self.answers.last.plan
        assert asked is not None
        return await self.move(Way.GO_ON, plan=asked.plan, said=asked.code)

    @property
    def clock(self) -> FakeClock:
        return cast("FakeClock", self.desk.planner.site.ports.clock)


Open = Callable[..., Console]


@pytest.fixture
def console(tmp_path: Path) -> Open:
    return lambda *steps: Console(tmp_path, *steps)


def swap(console_folder: Path, **more: object) -> ProcedureStep:
    inputs = (("folder", str(console_folder / "files")),)
    return step("action", "test.swap", target="files", inputs=inputs, **more)


async def test_each_action_is_confirmed_as_it_demands_and_then_carried_out(
    console: Open, tmp_path: Path
) -> None:
    one = console(step("human", "look"), swap(tmp_path, is_gate=True), step("human", "tell"))
    first = await one.begin()
    assert first.plan is None
    asked = await one.move(Way.TICK, "all quiet")
    assert asked.plan is not None
    assert asked.plan.plan is not None
    assert one.front.stage.contents == ("old", "old")
    after = await one.say_yes()
    assert after.run is not None
    assert one.front.stage.contents == ("new", "new")
    assert [record.status for record in after.run.records] == [
        StepStatus.TICKED, StepStatus.PASSED, StepStatus.PENDING
    ]  # fmt: skip
    done = await one.move(Way.TICK)
    assert done.run is not None
    assert done.run.phase is RunPhase.FINISHED
    assert one.store.read(done.run_id) == done.run


async def test_what_was_done_is_taken_back_by_an_action_with_its_own_yes(
    console: Open, tmp_path: Path
) -> None:
    one = console(swap(tmp_path), step("human", "is it well?"))
    await one.begin()
    await one.say_yes()
    failed = await one.move(Way.FAIL, "it is not")
    assert failed.run is not None
    assert failed.run.phase is RunPhase.STOPPED
    assert Way.ROLL_BACK in [way.way for way in ways_on(failed.run)]
    asked = await one.move(Way.ROLL_BACK)
    assert asked.plan is not None
    assert asked.plan.plan is not None
    assert asked.plan.plan.request.action == UNDO
    assert one.front.stage.contents == ("new", "new")
    back = await one.say_yes()
    assert one.front.stage.contents == ("old", "old")
    assert back.run is not None
    assert back.run.phase is RunPhase.ROLLED_BACK


async def test_an_undo_that_was_done_elsewhere_is_found_and_not_done_twice(
    console: Open, tmp_path: Path
) -> None:
    one = console(swap(tmp_path), step("human", "is it well?"))
    await one.begin()
    done = await one.say_yes()
    assert done.run is not None
    undo = await one.desk.plan(ActionRequest(UNDO, done.run.records[0].action_id))
    from core.actions.plan_codec import code_of  # noqa: PLC0415 - one test says yes by itself

    await asyncio.to_thread(one.desk.confirm, undo, code_of(undo), is_armed=True)
    back = await one.move(Way.ROLL_BACK)
    assert back.plan is None
    assert back.run is not None
    assert back.run.phase is RunPhase.ROLLED_BACK
    assert undo.id in back.run.records[0].text


async def test_a_move_for_a_step_that_is_past_is_refused(console: Open, tmp_path: Path) -> None:
    one = console(step("human", "one"), step("human", "two"), swap(tmp_path))
    stale = (await one.begin()).run
    assert stale is not None
    await one.move(Way.TICK)
    move = Move(Way.TICK, "", step_in_question(stale), is_seen=True)
    await one.driver.move(stale.id, move, one.answers, is_armed=True)
    assert "moved on meanwhile: it is at step 2" in one.answers.last.problem
    assert one.store.read(stale.id).records[1].status is StepStatus.PENDING


async def test_one_console_moves_a_run_and_what_it_lets_go_another_takes_up(
    console: Open,
) -> None:
    one = console(step("wait", wait_s=600.0), step("human", "two"))
    task = asyncio.ensure_future(one.begin())
    await _until(lambda: bool(one.clock.sleeping_s))
    (run_id,) = one.driver.moving
    other, told = one.another(), Answers()
    await other.move(run_id, Move(Way.GO_ON), told, is_armed=True)
    assert "moves on this run" in told.last.problem
    one.driver.let_go(run_id)
    await asyncio.wait([task])
    assert one.driver.moving == frozenset()
    assert one.store.read(run_id).records[0].status is StepStatus.RUNNING
    taking_up = asyncio.ensure_future(other.move(run_id, Move(Way.GO_ON), told, is_armed=True))
    await _until(lambda: bool(other.moving) and bool(one.clock.sleeping_s))
    await one.clock.advance(600)
    await asyncio.wait([taking_up])
    run = told.last.run
    assert run is not None
    assert (run.records[0].status, run.records[0].tries) == (StepStatus.PASSED, 1)


async def test_what_a_step_leaves_open_is_given_when_it_begins_and_kept(
    console: Open, tmp_path: Path
) -> None:
    one = console(step("human", "look"), step("action", "test.swap", target="files"))
    folder = str(tmp_path / "files")
    begun = await one.begin(("2.folder", folder))
    assert begun.run is not None
    assert begun.run.steps[1].step.inputs == (("folder", folder),)
    assert (await one.move(Way.TICK)).plan is not None
    assert "no input of a step" in (await one.begin(("7.folder", "x"))).problem
    assert "sounds like a secret" in (await one.begin(("2.api_key", "x"))).problem


async def test_a_run_of_another_configuration_is_left_alone(console: Open) -> None:
    one = console(step("human", "look"))
    begun = await one.begin()
    planner = replace(one.desk.planner, config="/srv/other.yaml")
    stranger = RunDriver(replace(one.desk, planner=planner), one.store, lambda _desk, _plan: EMPTY)
    await stranger.move(begun.run_id, Move(Way.TICK), one.answers, is_armed=True)
    assert "another configuration: /etc/quarterdeck.yaml" in one.answers.last.problem


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():
            await settle()
            await asyncio.to_thread(lambda: None)
