"""Where a run goes on and what a person can do with it now. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.model.action import Plan
from core.model.procedure import SETTLED, Part, ProcedureRun, RunPhase, StepStatus
from core.model.text import SafeText, clean

BY_PEOPLE = frozenset({"human", "log", "view"})
"""Kinds of steps that only a person can say how they came out."""


class Way(StrEnum):
    """What a person does with a run; their names are those of the command line's verbs."""

    GO_ON = "resume"
    """Carry on; try the failed step again."""
    TICK = "tick"
    FAIL = "fail"
    """A tick that says that it did not come out."""
    SKIP = "skip"
    SKIP_PART = "skip-part"
    """Leave out all that is left of an optional part, its gates too."""
    ROLL_BACK = "roll-back"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class WayOn:
    """One of them, with what it does as this run stands."""

    way: Way
    what: SafeText


@dataclass(frozen=True, slots=True)
class Move:
    """One of them, chosen."""

    way: Way
    note: str = ""
    step: int | None = None
    """The step that the person saw as the one it is about."""
    is_seen: bool = False
    """Whether `step` was seen at all: a run that has moved on since is then left alone."""
    plan: Plan | None = None
    """What they said yes to, where the step is an action."""
    said: str = ""
    given: tuple[tuple[str, str], ...] = ()
    """What they say that later steps are done with: each as `STEP.NAME` and its value."""


def next_step(run: ProcedureRun) -> int | None:
    """Return the step that is next or running; None where a person has to decide, or it is over.

    While a run rolls back it is the last step that is not undone yet.
    """
    if run.phase is RunPhase.GOING:
        return unsettled_step(run)
    if run.phase is RunPhase.ROLLING_BACK:
        return next(iter(undoable(run)), None)
    return None


def unsettled_step(run: ProcedureRun) -> int | None:
    """Return the first step that has not come out yet, however the run stands."""
    unsettled = (i for i, one in enumerate(run.records) if one.status not in SETTLED)
    return next(unsettled, None)


def failed_step(run: ProcedureRun) -> int | None:
    """Return the step that stopped the run."""
    if run.phase not in {RunPhase.STOPPED, RunPhase.ROLLING_BACK}:
        return None
    failed = [index for index, one in enumerate(run.records) if one.status is StepStatus.FAILED]
    return failed[-1] if failed else None


def step_in_question(run: ProcedureRun) -> int | None:
    """Return the step that a person decides about: the failed one, or the next."""
    return failed_step(run) if run.phase is RunPhase.STOPPED else next_step(run)


def part_asked(run: ProcedureRun) -> Part | None:
    """Return the optional part that is next and that nobody has said of whether it is needed."""
    index = unsettled_step(run)
    if run.phase is not RunPhase.GOING or index is None:
        return None
    parts = run.steps[index].within
    return next((one for one in parts if one.is_optional and one.number not in run.entered), None)


def part_in_question(run: ProcedureRun) -> Part | None:
    """Return the optional part that can be skipped now: the one asked about, or the innermost."""
    index = step_in_question(run)
    if index is None or run.phase not in {RunPhase.GOING, RunPhase.STOPPED}:
        return None
    parts = [one for one in run.steps[index].within if one.is_optional]
    return part_asked(run) or (parts[-1] if parts else None)


def left_of(run: ProcedureRun, part: Part) -> tuple[int, ...]:
    """Return the steps that would be left out with a part: those not done, and the failed one."""
    failed = failed_step(run)
    return tuple(
        index
        for index, one in enumerate(run.steps)
        if part in one.within and (index == failed or run.records[index].status not in SETTLED)
    )


def undoable(run: ProcedureRun) -> tuple[int, ...]:
    """Return the actions that were carried out, the last first."""
    return tuple(
        index
        for index in reversed(range(len(run.steps)))
        if run.records[index].status is StepStatus.PASSED and run.records[index].action_id
    )


def ways_on(run: ProcedureRun) -> tuple[WayOn, ...]:
    """Return what a person can do now, what most want first; nothing when the run is over."""
    return tuple(WayOn(way, clean(what)) for way, what in _ways_on(run))


def _ways_on(run: ProcedureRun) -> Iterator[tuple[Way, str]]:
    index = step_in_question(run)
    if run.is_over or index is None:
        return
    one, record = run.steps[index], run.records[index]
    step = f"step {one.number}"
    if run.phase is RunPhase.ROLLING_BACK:
        yield Way.GO_ON, f"plans how to take back {step}"
        yield Way.TICK, f"says that {step} was taken back by hand"
        yield Way.ABANDON, "gives up; what was done stays done"
        return
    asked, part = part_asked(run), part_in_question(run)
    if asked is not None:
        yield Way.GO_ON, f"begins part {asked.number}: it is needed"
        yield from _leaving(run, part)
        return
    is_stopped = run.phase is RunPhase.STOPPED
    if record.status is not StepStatus.RUNNING and one.step.kind in BY_PEOPLE and not is_stopped:
        yield Way.TICK, f"says that {step} is done"
        yield Way.FAIL, f"says that {step} did not come out as it should"
    elif is_stopped:
        yield Way.GO_ON, f"tries {step} again"
    else:
        yield Way.GO_ON, _carrying_on(run, index)
    if record.status is StepStatus.RUNNING:
        return
    if not one.step.is_gate:
        yield Way.SKIP, f"goes past {step}"
    yield from _leaving(run, part)


def _leaving(run: ProcedureRun, part: Part | None) -> Iterator[tuple[Way, str]]:
    """Yield the ways that leave more than one step behind."""
    if part is not None:
        yield Way.SKIP_PART, f"skips part {part.number} as a whole: {steps_text(run, part)}"
    if undoable(run):
        yield Way.ROLL_BACK, "takes back what its actions did, the last first"
    yield Way.ABANDON, "gives up; what was done stays done"


def steps_text(run: ProcedureRun, part: Part) -> str:
    """Return which steps would be left out with a part: `5.1 to 5.3, gates too`."""
    left = left_of(run, part)
    first, last = run.steps[left[0]].number, run.steps[left[-1]].number
    has_gate = any(run.steps[index].step.is_gate for index in left)
    gate = ("; it is a gate" if len(left) == 1 else ", gates too") if has_gate else ""
    return (f"step {first}" if len(left) == 1 else f"steps {first} to {last}") + gate


def _carrying_on(run: ProcedureRun, index: int) -> str:
    number, kind = run.steps[index].number, run.steps[index].step.kind
    if run.records[index].status is StepStatus.RUNNING:
        return f"takes step {number} up where it was left"
    if kind in {"action", "command"}:
        return f"plans step {number} and asks for a yes to it"
    return f"goes on with step {number}"
