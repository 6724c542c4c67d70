"""What a procedure's steps need, done through the desk: looks, plans, confirmed actions."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.actions.desk_following import follow
from core.actions.plan_codec import code_of
from core.actions.procedure.runner import Outcome
from core.actions.undoing import UNDO
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Grade, Phase, Plan, Proof, Rung
from core.model.action_state import ActionState
from core.model.text import clean
from core.model.verdict import Verdict

if TYPE_CHECKING:
    from core.actions.desk import ActionDesk

Tell = Callable[[str], None]
"""Is given what an action says while it runs."""


def _nobody(_text: str) -> None:
    """Tell nobody."""


class DeskHands:
    """The runner's hands. `waiting` is the plan that a person has to confirm.

    Args:
        desk: The desk of the run's configuration.
        tell: Is given what actions say while they run.
        is_armed: Whether changes are switched on where the run is moved on.
    """

    def __init__(self, desk: "ActionDesk", tell: Tell = _nobody, *, is_armed: bool = True) -> None:
        self.waiting: Plan | None = None
        self._desk = desk
        self._tell = tell
        self._is_armed = is_armed
        self._said: dict[str, str] = {}
        self._confirmed: Plan | None = None

    def confirm(self, plan: Plan, said: str) -> None:
        """Take a yes to the plan of a step that was shown; it is good for that step alone."""
        self._said[plan.id] = said
        self._confirmed = plan

    async def check(self, name: str) -> Outcome:
        """Look at a check once."""
        result = await self._desk.planner.site.ports.look(name)
        reason = clean(result.reason or result.state)
        return Outcome(result.verdict is Verdict.OK, clean(f"{result.verdict}: {reason}"))

    async def propose(self, request: ActionRequest) -> str | None:
        """Plan; only what changes nothing needs no code."""
        confirmed, self._confirmed = self._confirmed, None
        if confirmed is not None and confirmed.request == request:
            return confirmed.id
        plan = await self._desk.plan(request)
        stops = [f"{one.name}: {one.text}" for one in plan.preflight if one.grade is Grade.STOP]
        if stops:
            raise ActionError("; ".join(stops))
        if plan.rung is not Rung.NONE:
            self.waiting = plan
            return None
        self._said[plan.id] = code_of(plan)
        return plan.id

    async def carry_out(self, action_id: str) -> Outcome:
        """Start a confirmed plan and follow it to its end."""
        plan = self._desk.shelf.at(action_id).plan()
        said = self._said[action_id]
        await asyncio.to_thread(self._desk.confirm, plan, said, is_armed=self._is_armed)
        state = await follow(self._desk, action_id, self._told)
        if state.begun_s is None or state.phase is Phase.ABORTED:
            raise ActionError(f"nothing was changed: {state.text or 'it did not start'}")
        return _outcome(state)

    async def found(self, action_id: str) -> Outcome | None:
        """Return how an action ended, following it while it runs."""
        state = await asyncio.to_thread(self._desk.shelf.state, action_id)
        if state.begun_s is None:
            return None
        if state.is_alive:
            state = await follow(self._desk, action_id, self._told)
        return None if state.phase is Phase.ABORTED else _outcome(state)

    async def undo(self, action_id: str) -> Outcome | None:
        """Take back by an action of its own, with a plan and a yes; None: a person has to.

        One that was carried out before, here or elsewhere, is found and not done again.
        """
        undone = await asyncio.to_thread(self._undone, action_id)
        if undone is not None:
            if undone.is_alive:
                undone = await follow(self._desk, undone.plan.id, self._told)
            if _outcome(undone).is_ok:
                return Outcome(True, clean(f"taken back by action {undone.plan.id}"))
        try:
            undoing = await self.propose(ActionRequest(UNDO, action_id))
        except (ActionError, ClientError):
            return None
        if undoing is None:
            return None
        outcome = await self.carry_out(undoing)
        self._tell(f"{outcome.text}\n")
        return outcome

    def _undone(self, action_id: str) -> ActionState | None:
        """Return the newest action that takes this one back and was begun."""
        wanted = ActionRequest(UNDO, action_id)
        found = (one for one in self._desk.shelf.begun()[0] if one.plan.request == wanted)
        return next((one for one in found if one.is_alive or one.phase is Phase.COMMITTED), None)

    def _told(self, _state: ActionState, text: str) -> None:
        if text:
            self._tell(text)


def _outcome(state: ActionState) -> Outcome:
    word = state.proof.value if state.proof else state.phase.value.replace("_", " ")
    if state.is_left_over:
        word = "unfinished, and nobody is at it: `quarterdeck recover` finishes it"
    text = f"{word}: {state.text}" if state.text else word
    is_ok = state.phase is Phase.COMMITTED and state.proof is not Proof.FAILED
    return Outcome(is_ok, clean(text))
