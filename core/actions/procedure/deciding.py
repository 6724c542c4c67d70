"""What people decide of a run stands in the audit log before it counts."""

from collections.abc import Sequence
from functools import reduce

from core.actions.audit.record import Event as Audited
from core.actions.procedure.engine import advance, begin
from core.actions.procedure.events import (
    Abandoned,
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
)
from core.actions.procedure.store import HeldRun, RunStore
from core.actions.recorder import Fields, Recorder
from core.errors import ActionError
from core.model.procedure import ProcedureRun
from core.model.procedure_ways import left_of, part_in_question, step_in_question, steps_text


def decide(held: HeldRun, events: Sequence[Event], audit: Recorder) -> None:
    """Write a person's decision into the audit log and the journal.

    Args:
        held: The run.
        events: What the decision comes to. None is written down unless all of them can happen.
        audit: The audit log.

    Raises:
        ActionError: it cannot happen now, or one of the two logs did not take it.
    """
    reduce(advance, events, held.run)
    for event in events:
        audit.append(Audited.PROCEDURE, **record_of(held.run, event))
        held.add(event)


def started(event: Started, store: RunStore, audit: Recorder) -> HeldRun:
    """Write into the audit log that a run begins, and begin it.

    Raises:
        ActionError: it has no steps, the audit log does not take it, or the run cannot be kept:
            then the audit log says that too.
    """
    begin(event)
    said = Fields(verb="begin", target=f"{event.system}/{event.procedure}", action_id=event.id)
    audit.append(Audited.PROCEDURE, **said)
    try:
        return store.start(event)
    except ActionError as error:
        failed = Fields(verb="begin failed", reason=str(error))
        audit.append(Audited.PROCEDURE, **(said | failed))
        raise


def record_of(run: ProcedureRun, event: Event) -> Fields:
    """Return what the audit log says of a decision about a run as it stands before. Pure."""
    verb, about, said = _told(run, event)
    fields = Fields(verb=verb, target=f"{run.system}/{run.procedure}", action_id=run.id)
    reason = ": ".join(filter(None, (about, said)))
    return fields | Fields(reason=reason) if reason else fields


def _told(run: ProcedureRun, event: Event) -> tuple[str, str, str]:
    """Return what was done, what it is about, and what the person says of it."""
    match event:
        case Ticked(step=step, text=text):
            return ("tick" if event.is_ok else "fail"), _step(run, step), text
        case Skipped(step=step, text=text):
            return "skip", _step(run, step), text
        case Entered(part=part):
            return "begin part", f"part {part}, {_title(run)}", ""
        case PartSkipped(part=part, text=text):
            return "skip part", f"part {part}, {_title(run)} ({_left(run)})", text
        case Given(inputs=inputs):
            return "give", "", ", ".join(f"{name}={value}" for name, value in inputs)
        case Undone(step=step, text=text):
            return "undone by hand", _step(run, step), text
        case Resumed():
            return "try again", _step(run, step_in_question(run)), ""
        case TurnedBack(text=text):
            return "roll back", "", text
        case Abandoned(text=text):
            return "give up", _step(run, step_in_question(run)), text
        case _:
            raise TypeError(event)


def _step(run: ProcedureRun, index: int | None) -> str:
    return "" if index is None else f"step {run.steps[index].number}, {run.steps[index].step.title}"


def _title(run: ProcedureRun) -> str:
    part = part_in_question(run)
    return "" if part is None else part.title


def _left(run: ProcedureRun) -> str:
    """Return the steps that go with a part, with what was seen where one of them failed."""
    part = part_in_question(run)
    return "" if part is None or not left_of(run, part) else steps_text(run, part)
