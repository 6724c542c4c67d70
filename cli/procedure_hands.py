"""What a procedure's steps need, done through the desk: looks, plans, confirmed actions."""

import asyncio
import sys
from typing import TYPE_CHECKING

from cli.acting import follow
from core.actions.procedure.runner import Outcome
from core.errors import ActionError
from core.model.action import ActionRequest, Grade, Phase, Plan, Proof, Rung
from core.model.action_state import ActionState
from core.model.text import clean
from core.model.verdict import Verdict

if TYPE_CHECKING:
    from core.actions.desk import ActionDesk


class DeskHands:
    """The runner's hands. `waiting` is the plan that a person has to confirm.

    Args:
        desk: The desk of the run's configuration.
        is_quiet: Do not print what actions say while they run.
    """

    def __init__(self, desk: "ActionDesk", *, is_quiet: bool) -> None:
        self.waiting: Plan | None = None
        self._desk = desk
        self._is_quiet = is_quiet
        self._said: dict[str, str] = {}
        self._confirmed: Plan | None = None

    def confirm(self, request: ActionRequest, said: str) -> None:
        """Take a yes to the plan of a step that was shown.

        Raises:
            ActionError: no plan of it has that code.
        """
        plan = self._desk.planned(request, said)
        self._said[plan.id] = said
        self._confirmed = plan

    async def check(self, name: str) -> Outcome:
        """Look at a check once."""
        result = await self._desk.planner.site.ports.look(name)
        reason = clean(result.reason or result.state)
        return Outcome(result.verdict is Verdict.OK, clean(f"{result.verdict}: {reason}"))

    async def propose(self, request: ActionRequest) -> str | None:
        """Plan; only what changes nothing needs no code."""
        from core.actions.plan_codec import code_of

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
        await asyncio.to_thread(self._desk.confirm, plan, said, is_armed=True)
        state = await follow(self._desk, action_id, self._tell)
        if state.begun_s is None or state.phase is Phase.ABORTED:
            raise ActionError(f"nothing was changed: {state.text or 'it did not start'}")
        return _outcome(state)

    async def found(self, action_id: str) -> Outcome | None:
        """Return how an action ended, following it while it runs."""
        state = await asyncio.to_thread(self._desk.shelf.state, action_id)
        if state.begun_s is None:
            return None
        if state.is_alive:
            state = await follow(self._desk, action_id, self._tell)
        return None if state.phase is Phase.ABORTED else _outcome(state)

    async def undo(self, action_id: str) -> Outcome | None:
        """Leave it to a person: taking back is an action of its own, with a plan and a code."""
        return None

    def _tell(self, _state: ActionState, text: str) -> None:
        if text and not self._is_quiet:
            sys.stdout.write(text)
            sys.stdout.flush()


def _outcome(state: ActionState) -> Outcome:
    word = state.proof.value if state.proof else state.phase.value.replace("_", " ")
    if state.is_left_over:
        word = "unfinished, and nobody is at it: `quarterdeck recover` finishes it"
    text = f"{word}: {state.text}" if state.text else word
    is_ok = state.phase is Phase.COMMITTED and state.proof is not Proof.FAILED
    return Outcome(is_ok, clean(text))
