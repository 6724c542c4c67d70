"""What a journal means: a pure fold from its entries to the state of the action."""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from core.actions.journal import Entry, Mark
from core.actions.plan_codec import code_of
from core.errors import ActionError
from core.model.action import Phase, Plan, Proof
from core.model.action_state import ActionState, ProcessRun, ProofSaid, StepProgress, StepState
from core.model.text import clean

_PHASES = {
    Mark.INTENT: Phase.CONFIRMED,
    Mark.LOCKED: Phase.LOCKED,
    Mark.REVALIDATED: Phase.REVALIDATED,
    Mark.BACKED_UP: Phase.BACKED_UP,
    Mark.BEGIN: Phase.RUNNING,
    Mark.VERIFYING: Phase.VERIFYING,
    Mark.ROLLING_BACK: Phase.ROLLING_BACK,
}


def replay(plan: Plan, entries: Iterable[Entry], *, is_confirmed: bool = False) -> ActionState:
    """Return where an action stands. Whether its executor lives is for the caller to add.

    Raises:
        ActionError: the entries are not those of this plan, or of another version.
    """
    phase = Phase.CONFIRMED if is_confirmed else Phase.PLANNED
    empty = ActionState(plan, code_of(plan), phase, (StepProgress(),) * len(plan.steps))
    try:
        return reduce(_after, entries, empty)
    except (LookupError, ValueError, TypeError) as error:
        raise ActionError(f"the journal of {plan.id} is not of its plan or this version") from error


def _after(state: ActionState, entry: Entry) -> ActionState:
    phase = _PHASES.get(entry.mark)
    if phase is not None and not state.is_ended:
        state = replace(state, phase=phase, has_intent=True)
    match entry.mark:
        case Mark.STARTED | Mark.RECOVERING:
            return _begun(state, entry)
        case Mark.BEGIN | Mark.DONE | Mark.FAILED | Mark.UNDO_BEGIN | Mark.UNDONE:
            return _stepped(state, entry)
        case Mark.PROVEN:
            said = ProofSaid(Proof(entry.more["proof"]), clean(entry.text))
            return replace(state, proofs=(*state.proofs, said))
        case Mark.ENDED:
            proof = entry.more.get("proof")
            return replace(
                state,
                phase=Phase(entry.more["phase"]),
                proof=Proof(proof) if proof else None,
                text=clean(entry.text),
                ended_s=entry.at_s,
            )
        case Mark.AUDITED | Mark.CLOSED:
            return replace(state, is_audited=True)
        case Mark.VERIFIED:
            proof = Proof(entry.more["proof"])
            return replace(state, is_proven=True, proof=proof, text=clean(entry.text))
        case Mark.RESOLVED:
            return replace(state, is_resolved=True)
        case Mark.ROLLING_BACK:
            return replace(state, text=clean(entry.text))
        case _:
            return state


def _begun(state: ActionState, entry: Entry) -> ActionState:
    executor = ProcessRun(entry.more["pid"], entry.more["ticks"], entry.more["boot"])
    return replace(
        state,
        executor=executor,
        begun_s=state.begun_s or entry.at_s,
        is_recovered=state.is_recovered or entry.mark is Mark.RECOVERING,
        proofs=() if entry.mark is Mark.RECOVERING else state.proofs,
    )


_STEP_STATES = {
    Mark.BEGIN: StepState.RUNNING,
    Mark.DONE: StepState.DONE,
    Mark.FAILED: StepState.FAILED,
    Mark.UNDONE: StepState.UNDONE,
}


def _stepped(state: ActionState, entry: Entry) -> ActionState:
    index = entry.step or 0
    old = state.steps[index]
    new = StepProgress(
        _STEP_STATES.get(entry.mark, old.state),
        entry.at_s if entry.mark is Mark.BEGIN else old.begun_s,
        entry.more.get("took_s", old.took_s),
        clean(entry.text) if entry.text else old.text,
        entry.at_s if entry.mark is Mark.UNDO_BEGIN else old.undo_begun_s,
    )
    return replace(state, steps=(*state.steps[:index], new, *state.steps[index + 1 :]))
