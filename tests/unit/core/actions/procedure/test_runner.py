"""The machine's steps are carried out up to the first that takes a person."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.procedure.events import Began, Resumed, Ticked
from core.actions.procedure.runner import Outcome, Runner
from core.actions.procedure.store import HeldRun, RunStore
from core.errors import ActionError, ClientRefused
from core.model.action import ActionRequest
from core.model.operation import ProcedureStep
from core.model.procedure import ProcedureRun, RunPhase, StepStatus
from core.model.text import clean
from tests.fakes.clock import FakeClock
from tests.unit.core.actions.procedure.making import started, step

OK = Outcome(True, clean("as it should be"))
BAD = Outcome(False, clean("down"))


class FakeHands:
    """Answers what it was told to, and refuses the unexpected."""

    def __init__(self) -> None:
        self.checks: dict[str, list[Outcome | Exception]] = {}
        self.ids: dict[str, str | Exception | None] = {}
        self.ends: dict[str, Outcome | Exception] = {}
        self.known: dict[str, Outcome] = {}
        self.undone: dict[str, Outcome | None] = {}
        self.asked: list[str] = []

    async def check(self, name: str) -> Outcome:
        self.asked.append(f"check {name}")
        answers = self.checks[name]
        return _given(answers.pop(0) if len(answers) > 1 else answers[0])

    async def propose(self, request: ActionRequest) -> str | None:
        self.asked.append(f"{request.action} {request.target}")
        answer = self.ids[request.action]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def carry_out(self, action_id: str) -> Outcome:
        self.asked.append(f"start {action_id}")
        return _given(self.ends[action_id])

    async def found(self, action_id: str) -> Outcome | None:
        self.asked.append(f"found {action_id}")
        return self.known.get(action_id)

    async def undo(self, action_id: str) -> Outcome | None:
        self.asked.append(f"undo {action_id}")
        return self.undone[action_id]


def _given(answer: Outcome | Exception) -> Outcome:
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture
def hands() -> FakeHands:
    return FakeHands()


class Bench:
    def __init__(self, folder: Path) -> None:
        self.store = RunStore(folder)
        self.clock = FakeClock()
        self.held: HeldRun | None = None

    def start(self, *steps: ProcedureStep) -> HeldRun:
        self.held = self.store.start(started(*steps))
        return self.held

    def runner(self, hands: FakeHands) -> Runner:
        assert self.held is not None
        return Runner(self.held, hands, self.clock, "mia")

    async def go(self, hands: FakeHands, advance_s: float = 0.0) -> ProcedureRun:
        task = asyncio.ensure_future(self.runner(hands).go())
        await self.clock.advance(advance_s)
        assert task.done(), self.clock.sleeping_s
        return task.result()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    if made.held is not None:
        made.held.close()


async def test_it_goes_up_to_the_step_of_a_person_and_on_after_the_tick(
    bench: Bench, hands: FakeHands
) -> None:
    held = bench.start(step("check", "api/health"), step("human", "look"), step("wait", wait_s=9))
    hands.checks["shop/api/health"] = [OK]
    run = await bench.go(hands)
    assert [one.status.value for one in run.records] == ["passed", "pending", "pending"]
    held.add(Ticked(1.0, "tom", 1))
    run = await bench.go(hands, 10)
    assert (run.phase, run.records[2].text) == (RunPhase.FINISHED, "waited 9 s")


async def test_an_action_waits_for_its_code_then_for_its_check(
    bench: Bench, hands: FakeHands
) -> None:
    bench.start(
        step(
            "action", "service.restart", target="api", until="api/health", within_s=30, is_gate=True
        )
    )
    hands.ids["service.restart"] = None
    run = await bench.go(hands)
    assert run.records[0].status is StepStatus.PENDING
    hands.ids["service.restart"] = "A1"
    hands.ends["A1"] = OK
    hands.checks["shop/api/health"] = [BAD, ClientRefused("nothing listens"), OK]
    run = await bench.go(hands, 3)
    assert run.phase is RunPhase.FINISHED
    assert run.records[0].text == "as it should be; api/health ok after 2 s"
    assert run.records[0].action_id == "A1"


async def test_what_is_not_ok_in_time_fails_and_says_what_was_seen(
    bench: Bench, hands: FakeHands
) -> None:
    bench.start(step("check", "api/health", until="api/health", within_s=5))
    hands.checks["shop/api/health"] = [BAD]
    run = await bench.go(hands, 6)
    assert (run.phase, run.records[0].text) == (
        RunPhase.STOPPED, "api/health is not ok within 5 s: down"
    )  # fmt: skip
    # Looked at once a second, at the start and after each of the seconds that fit.
    assert len(hands.asked) == 6


async def test_a_check_that_is_waited_for_elsewhere_is_looked_at_itself_too(
    bench: Bench, hands: FakeHands
) -> None:
    bench.start(step("check", "api/health", until="db/port", is_gate=True))
    hands.checks["shop/api/health"] = [BAD]
    run = await bench.go(hands)
    assert (run.phase, hands.asked) == (RunPhase.STOPPED, ["check shop/api/health"])


async def test_a_finding_does_not_keep_the_rest_from_being_done(
    bench: Bench, hands: FakeHands
) -> None:
    bench.start(
        step("check", "api/health", on_failure="go_on"),
        step("command", "analytics", on_failure="go_on"),
        step("check", "db/port"),
    )
    hands.checks = {"shop/api/health": [ActionError("no such check")], "shop/db/port": [OK]}
    hands.ids["command.run"] = ActionError("shop has no command 'analytics'")
    run = await bench.go(hands)
    assert run.phase is RunPhase.FINISHED
    assert [one.text for one in run.records[:2]] == [
        "no such check", "shop has no command 'analytics'"
    ]  # fmt: skip
    assert "command.run shop/analytics" in hands.asked


async def test_a_failed_step_is_where_it_resumes(bench: Bench, hands: FakeHands) -> None:
    held = bench.start(step("check", "a/b", is_gate=True), step("command", "go"))
    hands.checks["shop/a/b"] = [BAD, OK]
    assert (await bench.go(hands)).phase is RunPhase.STOPPED
    assert (await bench.go(hands)).phase is RunPhase.STOPPED
    held.add(Resumed(2.0, "mia"))
    hands.ids["command.run"] = "A1"
    hands.ends["A1"] = OK
    run = await bench.go(hands)
    assert (run.phase, run.records[0].tries) == (RunPhase.FINISHED, 2)


async def test_what_could_not_be_started_is_pending_again_and_the_reason_is_raised(
    bench: Bench, hands: FakeHands
) -> None:
    held = bench.start(step("action", "service.stop", target="api"))
    hands.ids["service.stop"] = "A1"
    hands.ends["A1"] = ActionError("nothing was started: the plan is too old")
    with pytest.raises(ActionError, match="too old"):
        await bench.go(hands)
    assert (held.run.records[0].status, held.run.records[0].tries) == (StepStatus.PENDING, 0)


async def test_an_action_that_ran_while_nobody_looked_is_found_not_repeated(
    bench: Bench, hands: FakeHands
) -> None:
    held = bench.start(step("action", "service.stop", target="api", is_gate=True))
    held.add(Began(1.0, "mia", 0, "A1"))
    hands.known["A1"] = BAD
    run = await bench.go(hands)
    assert (run.phase, hands.asked) == (RunPhase.STOPPED, ["found A1"])


@pytest.mark.parametrize("action_id", ["", "A1"])
async def test_a_step_that_was_left_before_it_did_anything_begins_anew(
    bench: Bench, hands: FakeHands, action_id: str
) -> None:
    held = bench.start(
        step("action", "service.stop", target="api") if action_id else step("check", "a/b")
    )
    held.add(Began(1.0, "mia", 0, action_id))
    hands.ids["service.stop"] = "A2"
    hands.ends["A2"] = OK
    hands.checks["shop/a/b"] = [OK]
    run = await bench.go(hands)
    assert (run.phase, run.records[0].tries) == (RunPhase.FINISHED, 1)
    assert run.records[0].action_id == ("A2" if action_id else "")


async def test_rolling_back_undoes_by_itself_as_far_as_it_may(
    bench: Bench, hands: FakeHands
) -> None:
    bench.start(
        step("action", "a.a", target="x"),
        step("action", "b.b", target="x"),
        step("check", "a/b", on_failure="roll_back"),
    )
    hands.ids = {"a.a": "A", "b.b": "B"}
    hands.ends = {"A": OK, "B": OK}
    hands.checks["shop/a/b"] = [BAD]
    hands.undone = {"B": OK, "A": None}
    run = await bench.go(hands)
    assert run.phase is RunPhase.ROLLING_BACK
    assert [one.status.value for one in run.records] == ["passed", "undone", "failed"]
    hands.undone["A"] = OK
    assert (await bench.go(hands)).phase is RunPhase.ROLLED_BACK
    assert hands.asked[-1] == "undo A"
