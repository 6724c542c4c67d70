"""Reads what runs and what ran; of one action also what only its folder has."""

from dataclasses import replace

from core.actions.capsules import read_capsules
from core.actions.desk import ActionDesk
from core.actions.desk_revealing import waiting_keys
from core.actions.folder import ActionFolder
from core.actions.recovery import find
from core.errors import ConsoleError
from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture, AuditState, LookedAt, OddFolder
from core.model.text import EMPTY, SafeText, clean, clean_lines

_MAX_OUTPUT_BYTES = 64 * 1024


def read_actions(desk: ActionDesk, before: ActionsPicture, look_at: str) -> ActionsPicture:
    """Return what is known of actions now; blocking.

    Args:
        desk: Whose actions.
        before: What was known so far.
        look_at: The action whose folder is read in full; empty: none.
    """
    try:
        states, odd = desk.shelf.begun()
        looked_at = _looked_at(desk, states, look_at)
    except ConsoleError as error:
        return replace(before, is_read=True, problem=clean(str(error)))
    return replace(
        before,
        is_read=True,
        states=states,
        odd=tuple(OddFolder(clean(one.action_id), one.problem) for one in odd),
        looked_at=looked_at,
        waiting=waiting_keys(desk.shelf, states),
        audit=AuditState(desk.audit_problem(), clean(desk.audit_tail())),
        problem=EMPTY,
    )


def _looked_at(desk: ActionDesk, states: tuple[ActionState, ...], look_at: str) -> LookedAt | None:
    state = next((one for one in states if one.plan.id == look_at), None)
    if state is None:
        return None
    folder = desk.shelf.at(state.plan.id)
    is_compared, differences = read_capsules(folder)
    finding = find(state) if state.is_blocking else None
    return LookedAt(
        state.plan.id,
        _tail(folder),
        differences,
        is_compared,
        finding.found if finding else EMPTY,
        finding.will if finding else EMPTY,
    )


def _tail(folder: ActionFolder) -> tuple[SafeText, ...]:
    """Return the last lines of an action's output."""
    try:
        with folder.output.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MAX_OUTPUT_BYTES))
            data = file.read(_MAX_OUTPUT_BYTES)
    except OSError:
        return ()
    lines = data.split(b"\n")[1 if size > _MAX_OUTPUT_BYTES else 0 : -1]
    return clean_lines(b"\n".join(lines)) if lines else ()
