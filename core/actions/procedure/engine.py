"""How a run moves on: pure, and the same for the console, the command line and its replay."""

from collections.abc import Iterable
from dataclasses import replace

from core.actions.procedure.events import (
    Abandoned,
    Began,
    Ended,
    Entered,
    Event,
    Given,
    PartSkipped,
    Resumed,
    Skipped,
    Started,
    Ticked,
    TurnedBack,
    Undone,
    Withdrawn,
)
from core.actions.procedure.inputs import with_inputs
from core.errors import ActionError
from core.model.procedure import ProcedureRun, RunPhase, StepRecord, StepStatus
from core.model.procedure_ways import (
    BY_PEOPLE,
    failed_step,
    left_of,
    next_step,
    part_asked,
    part_in_question,
    step_in_question,
    undoable,
    unsettled_step,
)
from core.model.text import clean


def begin(event: Started) -> ProcedureRun:
    """Return a run whose first step is next.

    Raises:
        ActionError: there are no steps.
    """
    if not event.steps:
        raise ActionError(f"{event.procedure} has no steps")
    return ProcedureRun(
        id=event.id,
        system=event.system,
        procedure=event.procedure,
        title=clean(event.title),
        steps=event.steps,
        records=tuple(StepRecord() for _ in event.steps),
        phase=RunPhase.GOING,
        started_s=event.at_s,
        started_by=clean(event.who),
        changed_s=event.at_s,
        config=event.config,
    )


def advance(run: ProcedureRun, event: Event) -> ProcedureRun:
    """Return the run after an event.

    Raises:
        ActionError: that cannot happen as the run stands; the text says why.
    """
    if run.is_over:
        raise ActionError(f"the run is over ({run.phase})")
    moved = _moved(run, event)
    return replace(moved, changed_s=max(run.changed_s, event.at_s))


def replayed(events: Iterable[Event]) -> ProcedureRun:
    """Return the run that a journal tells of.

    Raises:
        ActionError: it does not begin with its start, or its events do not follow each other.
    """
    run: ProcedureRun | None = None
    for event in events:
        if isinstance(event, Started):
            if run is not None:
                raise ActionError("the journal starts twice")
            run = begin(event)
        elif run is None:
            raise ActionError("the journal does not begin with its start")
        else:
            run = advance(run, event)
    if run is None:
        raise ActionError("the journal is empty")
    return run


def _moved(run: ProcedureRun, event: Event) -> ProcedureRun:
    match event:
        case Began():
            _must_be_next(run, event.step, StepStatus.PENDING)
            tries = run.records[event.step].tries + 1
            return _with(run, event.step, _record(event, StepStatus.RUNNING, "", tries))
        case Withdrawn():
            _must_be_next(run, event.step, StepStatus.RUNNING)
            tries = run.records[event.step].tries - 1
            return _with(run, event.step, _record(event, StepStatus.PENDING, event.text, tries))
        case Ended():
            _must_be_next(run, event.step, StepStatus.RUNNING)
            return _settled(run, event, StepStatus.PASSED)
        case Ticked():
            _must_be_next(run, event.step, StepStatus.PENDING)
            step = run.steps[event.step]
            if step.step.kind not in BY_PEOPLE:
                raise ActionError(f"step {step.number} is not ticked: the console does it itself")
            return _settled(run, event, StepStatus.TICKED)
        case Skipped():
            return _skipped(run, event)
        case Resumed():
            return _resumed(run, event)
        case Entered() | PartSkipped() | Given():
            return _ahead(run, event)
        case _:
            return _turned(run, event)


def _ahead(run: ProcedureRun, event: Entered | PartSkipped | Given) -> ProcedureRun:
    """Return the run after a word about steps that are still to come."""
    match event:
        case Entered():
            return _entered(run, event)
        case PartSkipped():
            return _part_skipped(run, event)
        case Given():
            return _given(run, event)


def _turned(run: ProcedureRun, event: Event) -> ProcedureRun:
    """Return the run after an event that gives its way another direction."""
    match event:
        case TurnedBack():
            return _turned_back(run)
        case Undone():
            return _undone(run, event)
        case Abandoned():
            return replace(run, phase=RunPhase.ABANDONED)
        case _:
            raise ActionError(f"a run cannot be {event.ev} here")


def _must_be_next(run: ProcedureRun, index: int, status: StepStatus) -> None:
    if run.phase is not RunPhase.GOING:
        raise ActionError(f"the run is {run.phase}: resume it first")
    if not 0 <= index < len(run.steps):
        raise ActionError(f"there is no step {index + 1}")
    number, record = run.steps[index].number, run.records[index]
    if record.status is not status:
        raise ActionError(f"step {number} is {record.status}")
    if index != unsettled_step(run):
        raise ActionError(f"step {number} is not next")
    _must_be_needed(run)


def _must_be_needed(run: ProcedureRun) -> None:
    """Refuse what is done in an optional part before somebody said that it is needed."""
    part = part_asked(run)
    if part is not None:
        raise ActionError(f"part {part.number} is optional: say first whether it is needed")


def _settled(run: ProcedureRun, event: Ended | Ticked, good: StepStatus) -> ProcedureRun:
    tries = run.records[event.step].tries or 1
    status = good if event.is_ok else StepStatus.FAILED
    done = _with(run, event.step, _record(event, status, event.text, tries))
    if event.is_ok:
        return _finished_if_last(done)
    step = run.steps[event.step].step
    if step.on_failure == "roll_back":
        return _rolled_back_if_done(replace(done, phase=RunPhase.ROLLING_BACK))
    if step.on_failure == "go_on" and not step.is_gate:
        return _finished_if_last(done)
    return replace(done, phase=RunPhase.STOPPED)


def _skipped(run: ProcedureRun, event: Skipped) -> ProcedureRun:
    if step_in_question(run) != event.step or run.phase is RunPhase.ROLLING_BACK:
        raise ActionError(f"step {_number(run, event.step)} is not next")
    if run.steps[event.step].step.is_gate:
        raise ActionError(f"step {_number(run, event.step)} is a gate: nothing follows without it")
    if run.records[event.step].status is StepStatus.RUNNING:
        raise ActionError(f"step {_number(run, event.step)} is running")
    _must_be_needed(run)
    record = _record(event, StepStatus.SKIPPED, event.text, run.records[event.step].tries)
    return _finished_if_last(replace(_with(run, event.step, record), phase=RunPhase.GOING))


def _entered(run: ProcedureRun, event: Entered) -> ProcedureRun:
    part = part_asked(run)
    if part is None or part.number != event.part:
        raise ActionError(f"part {event.part} is not asked about now")
    return replace(run, entered=run.entered | {part.number})


def _part_skipped(run: ProcedureRun, event: PartSkipped) -> ProcedureRun:
    part, index = part_in_question(run), step_in_question(run)
    if part is None or index is None or part.number != event.part:
        raise ActionError(f"part {event.part} cannot be skipped now")
    if run.records[index].status is StepStatus.RUNNING:
        raise ActionError(f"step {_number(run, index)} is running")
    for one in left_of(run, part):
        text = event.text if one == index else f"with part {part.number}"
        record = _record(event, StepStatus.SKIPPED, text, run.records[one].tries)
        run = _with(run, one, replace(record, action_id=run.records[one].action_id))
    return _finished_if_last(replace(run, phase=RunPhase.GOING))


def _given(run: ProcedureRun, event: Given) -> ProcedureRun:
    steps = with_inputs(run.steps, event.inputs)
    for index, one in enumerate(steps):
        is_open = run.records[index].status in {StepStatus.PENDING, StepStatus.FAILED}
        if one != run.steps[index] and not is_open:
            raise ActionError(f"step {one.number} is {run.records[index].status}")
    return replace(run, steps=steps)


def _resumed(run: ProcedureRun, event: Resumed) -> ProcedureRun:
    index = failed_step(run)
    if run.phase is not RunPhase.STOPPED or index is None:
        raise ActionError("the run is not stopped")
    # The number of tries and what was seen last stay to be read.
    record = replace(run.records[index], status=StepStatus.PENDING, at_s=event.at_s)
    return replace(_with(run, index, record), phase=RunPhase.GOING)


def _turned_back(run: ProcedureRun) -> ProcedureRun:
    if run.phase is RunPhase.ROLLING_BACK:
        raise ActionError("the run rolls back already")
    if any(one.status is StepStatus.RUNNING for one in run.records):
        raise ActionError("a step is running: its end comes first")
    if not undoable(run):
        raise ActionError("no action of this run has anything to take back")
    return replace(run, phase=RunPhase.ROLLING_BACK)


def _undone(run: ProcedureRun, event: Undone) -> ProcedureRun:
    if run.phase is not RunPhase.ROLLING_BACK or event.step != next_step(run):
        raise ActionError(f"step {_number(run, event.step)} is not to be undone now")
    old = run.records[event.step]
    record = replace(
        _record(event, StepStatus.UNDONE, event.text, old.tries), action_id=old.action_id
    )
    return _rolled_back_if_done(_with(run, event.step, record))


def _record(event: Event, status: StepStatus, text: str, tries: int = 0) -> StepRecord:
    action_id = event.action_id if isinstance(event, Began) else ""
    return StepRecord(status, event.at_s, clean(event.who), clean(text), action_id, tries)


def _with(run: ProcedureRun, index: int, record: StepRecord) -> ProcedureRun:
    if record.status in {StepStatus.PASSED, StepStatus.FAILED}:
        record = replace(record, action_id=record.action_id or run.records[index].action_id)
    records = (*run.records[:index], record, *run.records[index + 1 :])
    return replace(run, records=records)


def _finished_if_last(run: ProcedureRun) -> ProcedureRun:
    return run if unsettled_step(run) is not None else replace(run, phase=RunPhase.FINISHED)


def _rolled_back_if_done(run: ProcedureRun) -> ProcedureRun:
    return run if undoable(run) else replace(run, phase=RunPhase.ROLLED_BACK)


def _number(run: ProcedureRun, index: int) -> str:
    return run.steps[index].number if 0 <= index < len(run.steps) else str(index + 1)
