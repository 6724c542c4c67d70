"""What a person's move comes to in the journal: the same for console and command line. Pure."""

from core.actions.procedure.events import (
    Abandoned,
    Entered,
    Event,
    Given,
    PartSkipped,
    Resumed,
    Skipped,
    Ticked,
    TurnedBack,
    Undone,
)
from core.errors import ActionError
from core.model.procedure import ProcedureRun, RunPhase
from core.model.procedure_ways import (
    Move,
    Way,
    part_asked,
    part_in_question,
    step_in_question,
)


def events_of(run: ProcedureRun, move: Move, at_s: float, who: str) -> tuple[Event, ...]:
    """Return everything that is written down for a move, first what it gives.

    Raises:
        ActionError: the person saw the run at another step.
    """
    given = (Given(at_s, who, move.given),) if move.given else ()
    event = event_of(run, move, at_s, who)
    return (*given, event) if event is not None else given


def event_of(run: ProcedureRun, move: Move, at_s: float, who: str) -> Event | None:
    """Return what is written down for a move; None: nothing, the run only goes on.

    Whether it can happen is the engine's to say.

    Raises:
        ActionError: the person saw the run at another step.
    """
    index = step_in_question(run)
    if move.is_seen and move.step != index:
        where = "is over" if index is None else f"is at step {run.steps[index].number}"
        raise ActionError(f"the run has moved on meanwhile: it {where}")
    if move.way is Way.SKIP_PART:
        part = part_in_question(run)
        if part is None:
            raise ActionError("the run is in no part that is optional")
        return PartSkipped(at_s, who, part.number, move.note)
    asked = part_asked(run)
    if asked is not None and move.way is Way.GO_ON:
        return Entered(at_s, who, asked.number)
    return _of_step(run, move, at_s, who)


def _of_step(run: ProcedureRun, move: Move, at_s: float, who: str) -> Event | None:
    """Return what is written down for a move that is about a step, or about the whole run."""
    index = step_in_question(run)
    step = 0 if index is None else index
    match move.way:
        case Way.GO_ON:
            return Resumed(at_s, who) if run.phase is RunPhase.STOPPED else None
        case Way.TICK if run.phase is RunPhase.ROLLING_BACK and index is not None:
            return Undone(at_s, who, step, move.note or "taken back by hand")
        case Way.TICK | Way.FAIL:
            return Ticked(at_s, who, step, move.way is Way.TICK, move.note)
        case Way.SKIP:
            return Skipped(at_s, who, step, move.note)
        case Way.ROLL_BACK:
            return TurnedBack(at_s, who, move.note)
        case _:
            return Abandoned(at_s, who, move.note)
