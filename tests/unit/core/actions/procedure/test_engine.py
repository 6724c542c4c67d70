"""A run moves on one step at a time, and never past a gate that failed."""

import random

import pytest

from core.actions.procedure.engine import advance, replayed
from core.actions.procedure.events import (
    Abandoned,
    Began,
    Ended,
    Entered,
    Event,
    PartSkipped,
    Resumed,
    Skipped,
    Started,
    Ticked,
    TurnedBack,
    Undone,
    Withdrawn,
    from_line,
    to_line,
)
from core.actions.procedure.steps import request_of, steps_of
from core.errors import ActionError
from core.model.action import ActionRequest
from core.model.operation import ProcedureStep
from core.model.procedure import OVER, Part, ProcedureRun, RunPhase, RunStep, StepStatus
from core.model.procedure_ways import (
    BY_PEOPLE,
    failed_step,
    next_step,
    part_in_question,
    undoable,
    ways_on,
)
from core.model.text import clean
from tests.unit.core.actions.procedure.making import ID, new_run, operations, step


def done(run: ProcedureRun, index: int, *, ok: bool = True, action: str = "") -> ProcedureRun:
    run = advance(run, Began(101.0, "mia", index, action))
    return advance(run, Ended(102.0, "mia", index, ok, "seen"))


def statuses(run: ProcedureRun) -> list[str]:
    return [one.status.value for one in run.records]


def test_steps_follow_each_other_to_the_end() -> None:
    run = new_run(step("check", "api/health"), step("human", "look"), step("wait", wait_s=1))
    assert next_step(run) == 0
    run = done(run, 0)
    assert next_step(run) == 1
    run = advance(run, Ticked(103.0, "tom", 1, text="fine"))
    assert (run.records[1].status, run.records[1].who) == (StepStatus.TICKED, "tom")
    run = done(run, 2)
    assert (run.phase, next_step(run)) == (RunPhase.FINISHED, None)
    assert run.counts == {StepStatus.PASSED: 2, StepStatus.TICKED: 1}


def test_a_failed_gate_is_tried_again_or_given_up_but_never_passed() -> None:
    run = new_run(step("command", "validate", is_gate=True), step("human", "deploy"))
    run = done(run, 0, ok=False)
    assert (run.phase, next_step(run), failed_step(run)) == (RunPhase.STOPPED, None, 0)
    with pytest.raises(ActionError, match="is a gate"):
        advance(run, Skipped(103.0, "mia", 0))
    with pytest.raises(ActionError, match="resume it first"):
        advance(run, Ticked(103.0, "mia", 1))
    assert advance(run, Abandoned(103.0, "mia")).phase is RunPhase.ABANDONED
    again = advance(run, Resumed(103.0, "mia"))
    assert (next_step(again), again.records[0].text) == (0, "seen")
    again = done(again, 0)
    assert (again.records[0].tries, next_step(again)) == (2, 1)


def test_a_failed_step_that_is_no_gate_can_be_skipped() -> None:
    run = new_run(step("action", "service.restart", target="api"), step("human", "look"))
    run = done(run, 0, ok=False)
    assert run.phase is RunPhase.STOPPED
    run = advance(run, Skipped(103.0, "mia", 0, "known"))
    assert (run.phase, next_step(run), statuses(run)[0]) == (RunPhase.GOING, 1, "skipped")


def test_a_look_that_finds_a_fault_goes_on_and_stays_a_finding() -> None:
    run = new_run(step("check", "api/health", on_failure="go_on"), step("log", "errors"))
    run = done(run, 0, ok=False)
    assert (run.phase, next_step(run)) == (RunPhase.GOING, 1)
    run = advance(run, Ticked(103.0, "mia", 1))
    assert (run.phase, statuses(run)) == (RunPhase.FINISHED, ["failed", "ticked"])


def test_a_person_may_say_that_their_own_step_failed() -> None:
    run = new_run(step("human", "compare counts", is_gate=True), step("human", "go on"))
    run = advance(run, Ticked(101.0, "mia", 0, is_ok=False, text="counts differ"))
    assert (run.phase, run.records[0].text) == (RunPhase.STOPPED, "counts differ")


def test_rolling_back_undoes_what_actions_did_the_last_first() -> None:
    run = new_run(
        step("action", "backup.create", target="data"),
        step("check", "api/health"),
        step("action", "config.edit", target="site"),
        step("action", "service.restart", target="api", on_failure="roll_back"),
    )
    run = done(done(done(run, 0, action="A"), 1), 2, action="B")
    run = done(run, 3, ok=False, action="C")
    assert (run.phase, undoable(run), next_step(run)) == (RunPhase.ROLLING_BACK, (2, 0), 2)
    with pytest.raises(ActionError, match="not to be undone now"):
        advance(run, Undone(103.0, "mia", 0))
    run = advance(run, Undone(103.0, "mia", 2))
    run = advance(run, Undone(104.0, "mia", 0))
    assert run.phase is RunPhase.ROLLED_BACK
    assert statuses(run) == ["undone", "passed", "undone", "failed"]
    assert run.records[2].action_id == "B"


def test_with_nothing_done_there_is_nothing_to_roll_back() -> None:
    run = new_run(step("action", "service.restart", target="api", on_failure="roll_back"))
    assert done(run, 0, ok=False).phase is RunPhase.ROLLED_BACK


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Ended(1.0, "m", 0, True), "is pending"),
        (Began(1.0, "m", 1), "is not next"),
        (Began(1.0, "m", 7), "there is no step 8"),
        (Withdrawn(1.0, "m", 0), "is pending"),
        (Ticked(1.0, "m", 0), "the console does it itself"),
        (Resumed(1.0, "m"), "is not stopped"),
        (Undone(1.0, "m", 0), "not to be undone"),
        (Skipped(1.0, "m", 1), "is not next"),
    ],
)
def test_what_cannot_happen_is_refused(event: Event, why: str) -> None:
    run = new_run(step("check", "api/health"), step("human", "look"))
    with pytest.raises(ActionError, match=why):
        advance(run, event)


def test_two_people_cannot_tick_the_same_step() -> None:
    run = advance(
        new_run(step("human", "a"), step("check", "b/c")), Ticked(1.0, "mia", 0)
    )  # fmt: skip
    with pytest.raises(ActionError, match="step 1 is ticked"):
        advance(run, Ticked(1.0, "tom", 0))


def test_what_is_over_stays_over() -> None:
    run = advance(new_run(step("human", "a")), Ticked(1.0, "mia", 0))
    with pytest.raises(ActionError, match="the run is over"):
        advance(run, Abandoned(2.0, "tom"))


def test_procedures_within_are_written_out_with_numbers_and_titles() -> None:
    own = operations(
        p=[step("check", "a/b"), step("procedure", "back"), step("human", "tell")],
        back=[step("action", "git.rollback", target="main"), step("procedure", "deep")],
        deep=[step("wait", wait_s=5)],
    )
    steps = steps_of(own, "p")
    back, deep = Part("2", clean("procedure back")), Part("2.2", clean("procedure deep"))
    assert [(one.number, one.step.kind, one.within) for one in steps] == [
        ("1", "check", ()),
        ("2.1", "action", (back,)),
        ("2.2.1", "wait", (back, deep)),
        ("3", "human", ()),
    ]


def test_a_procedure_that_contains_itself_or_nobody_knows_is_refused() -> None:
    own = operations(a=[step("procedure", "b")], b=[step("procedure", "a")], c=[])
    with pytest.raises(ActionError, match="a contains itself"):
        steps_of(own, "a")
    with pytest.raises(ActionError, match="there is no procedure 'x'"):
        steps_of(operations(a=[step("procedure", "x")]), "a")
    with pytest.raises(ActionError, match="did you mean"):
        steps_of(operations(backup=[]), "bakup")


def test_actions_and_commands_ask_for_something_of_their_system() -> None:
    def asked(one: object) -> ActionRequest:
        return request_of("shop", RunStep("1", one))  # pyright: ignore[reportArgumentType]

    assert asked(step("action", "service.restart", target="api")) == ActionRequest(
        "service.restart", "shop/api"
    )
    assert asked(step("command", "migrate", inputs=(("n", "1"),))) == ActionRequest(
        "command.run", "shop/migrate", (("n", "1"),)
    )
    with pytest.raises(ActionError, match="is no action"):
        asked(step("human", "look"))


def _is_left_by_part(run: ProcedureRun, gate: int, after: int) -> bool:
    """Tell whether a step follows an optional part that was skipped with the gate in it."""
    left = {part for part in run.steps[gate].within if part.is_optional}
    was_skipped = run.records[gate].status is StepStatus.SKIPPED
    return was_skipped and not left.issubset(run.steps[after].within)


def random_step(dice: random.Random) -> ProcedureStep:
    kind = dice.choice(["check", "wait", "human", "view", "action", "command"])
    is_gate = dice.random() < 0.4
    choices = ["stop", "roll_back"] if is_gate else ["stop", "roll_back", "go_on"]
    return step(kind, "x", is_gate=is_gate, on_failure=dice.choice(choices))


def random_event(dice: random.Random, run: ProcedureRun) -> Event:
    index = dice.randrange(len(run.steps))
    guess = next_step(run) if dice.random() < 0.8 else index
    at = index if guess is None else guess
    ok = dice.random() < 0.7
    return dice.choice(
        [
            Began(1.0, "m", at, dice.choice(["", "A"])),
            Ended(1.0, "m", at, ok, "t"),
            Ended(1.0, "m", at, ok, "t"),
            Ticked(1.0, "m", at, ok),
            Skipped(1.0, "m", at),
            Resumed(1.0, "m"),
            Withdrawn(1.0, "m", at),
            Undone(1.0, "m", at),
            Entered(1.0, "m", _part(run)),
            *([PartSkipped(1.0, "m", _part(run))] if dice.random() < 0.3 else []),
            *([TurnedBack(1.0, "m")] if dice.random() < 0.2 else []),
        ]
    )


def _part(run: ProcedureRun) -> str:
    part = part_in_question(run)
    return part.number if part is not None else "2"


def random_start(dice: random.Random) -> Started:
    """Return a run's start, of steps alone or with an optional part, and one within that."""

    def some() -> list[ProcedureStep]:
        return [random_step(dice) for _ in range(dice.randint(1, 3))]

    def part(name: str) -> ProcedureStep:
        return step("procedure", name, is_optional=dice.random() < 0.7)

    own = operations(
        p=[*some(), *([part("q"), *some()] if dice.random() < 0.7 else [])],
        q=[*some(), *([part("r"), *some()] if dice.random() < 0.5 else [])],
        r=some(),
    )
    return Started(100.0, "mia", ID, "shop", "p", "P", steps_of(own, "p"))


def test_whatever_happens_gates_hold_and_the_journal_tells_the_same_run() -> None:
    dice = random.Random(7)
    phases: set[RunPhase] = set()
    for _ in range(400):
        start = random_start(dice)
        events: list[Event] = [start]
        run = replayed(events)
        for _ in range(40):
            event = random_event(dice, run)
            try:
                run = advance(run, event)
            except ActionError:
                continue
            events.append(event)
            running = [one for one in run.records if one.status is StepStatus.RUNNING]
            assert len(running) <= 1
            for index, (one, record) in enumerate(zip(run.steps, run.records, strict=True)):
                later = [
                    run.records[after]
                    for after in range(index + 1, len(run.steps))
                    if not _is_left_by_part(run, index, after)
                ]
                is_good = record.status in {StepStatus.PASSED, StepStatus.TICKED, StepStatus.UNDONE}
                if one.step.is_gate and not is_good:
                    is_left = record.status is StepStatus.SKIPPED
                    assert not is_left or any(part.is_optional for part in one.within)
                    undone = {StepStatus.PENDING, *([StepStatus.SKIPPED] if is_left else [])}
                    assert undone.issuperset(after.status for after in later)
                if record.status is StepStatus.TICKED:
                    assert one.step.kind in BY_PEOPLE
                wants = [part.number for part in one.within if part.is_optional]
                if record.status not in {StepStatus.PENDING, StepStatus.SKIPPED}:
                    assert run.entered.issuperset(wants)
            assert bool(ways_on(run)) == (not run.is_over)
            assert (next_step(run) is None) == (run.phase in OVER or run.phase is RunPhase.STOPPED)
        assert replayed(from_line(to_line(one)) for one in events) == run
        phases.add(run.phase)
    assert phases == set(RunPhase) - {RunPhase.ABANDONED}
