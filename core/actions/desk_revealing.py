"""New keys that wait to be shown once: which there are, and taking one. Blocking."""

from collections.abc import Iterable

from core.actions.audit.record import Event
from core.actions.desk import ActionDesk
from core.actions.recorder import Fields
from core.actions.run import subject_of
from core.actions.shelf import Shelf
from core.clients.acting.key_store import REVEAL
from core.errors import ActionError, ClientError
from core.keys.reveal import chars_of, take, waits
from core.model.action import Plan
from core.model.action_state import ActionState
from core.model.action_view import WaitingKey
from core.model.secret import Secret

_GONE = "the key has been shown already; whoever has not got it makes another one"


def waiting_keys(shelf: Shelf, states: Iterable[ActionState]) -> tuple[WaitingKey, ...]:
    """Return the keys that ended actions left for the screen, the newest first."""
    found: list[WaitingKey] = []
    for state in states:
        plan = state.plan
        if not state.is_ended or plan.request.input("to") != REVEAL:
            continue
        if chars := chars_of(shelf.folder / plan.id):
            target, ended_s = plan.request.target, state.ended_s or plan.made_at_s
            found.append(WaitingKey(plan.id, target, plan.title, ended_s, chars))
    return tuple(found)


def reveal(desk: ActionDesk, action_id: str) -> Secret:
    """Take the key that an action left, once it is written down that somebody is shown it.

    Raises:
        ActionError: it is not allowed, the audit log does not take it, or nothing waits.
    """
    folder = desk.shelf.at(action_id)
    plan = folder.plan()
    reason = desk.gates.against_plan(plan)
    if not reason and not waits(folder.path):
        reason = _GONE
    if reason:
        raise _refused(desk, plan, reason)
    desk.audit.append(Event.REVEAL, **subject_of(plan) | Fields(result="on a screen"))
    try:
        return take(folder.path / REVEAL)
    except ClientError as error:
        # The record before it stands: of two who ask at once it is told which one was shown it.
        raise _refused(desk, plan, str(error)) from error


def _refused(desk: ActionDesk, plan: Plan, reason: str) -> ActionError:
    """Write down that nobody was shown the key, and return why."""
    desk.audit.append(Event.DENIED, **subject_of(plan) | Fields(reason=f"reveal: {reason}"))
    return ActionError(f"nothing is shown: {reason}")
