"""Ends one grace when its moment has come: as it was confirmed with the rotation, or not at all.

It is an action like any other, planned anew and carried out by an executor. Here it is said yes
to, in the name of who confirmed the rotation, where nothing is asked that they were not told.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.actions.desk import ActionDesk
from core.actions.plan_codec import code_of, phrase_of
from core.clients.clock import Clock
from core.clients.waits import Wait
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Grade, Phase, Plan, Rung
from core.model.text import clean

END = "key.end"
_TRIES, _TRY_AGAIN_S = 10, 30.0
_LOOK_S, _LOOKS = 0.2, 3000
_LONGEST_SLEEP_S = 20.0
"""A machine that slept wakes up late: the wall clock is asked again after this."""
_ROTATED = frozenset({Phase.COMMITTED})


async def wait_until(wait: Wait, clock: Clock, is_wanted: Callable[[], bool]) -> bool:
    """Wait for a moment; return whether it is still wanted then."""
    while is_wanted():
        left_s = wait.moment.timestamp() - clock.now().timestamp()
        if left_s <= 0:
            return True
        await clock.sleep(min(left_s, _LONGEST_SLEEP_S))
    return False


class RefusedError(ActionError):
    """It is not to be ended without a person; the text says why."""


@dataclass(frozen=True, slots=True)
class GraceEnd:
    """One end, carried out."""

    desk: ActionDesk
    wait: Wait
    clock: Clock
    passed: Callable[[str], None] = lambda _name: None
    """Told of the places that are passed."""

    async def run(self) -> str:
        """End it, trying again while something is in the way; return why not, empty: it is done."""
        problem = ""
        for _ in range(_TRIES):
            try:
                return await self._once()
            except RefusedError as error:
                return str(error)
            except (ActionError, ClientError) as error:
                problem = str(error)
            await self.clock.sleep(_TRY_AGAIN_S)
        return problem

    async def _once(self) -> str:
        rotation = self.desk.shelf.state(self.wait.action_id)
        if not rotation.is_ended:
            raise ActionError(f"the rotation {self.wait.action_id} has no end yet")
        if rotation.phase not in _ROTATED:
            raise RefusedError(f"the rotation {self.wait.action_id} was not carried out")
        self.passed("due")
        request = ActionRequest(END, self.wait.target, (("of", self.wait.order),))
        plan = await self.desk.plan(request)
        self.passed("planned")
        self._refuse_unexpected(plan, rotation.plan)
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        self.desk.confirm(plan, said, is_armed=True)
        self.passed("confirmed")
        return await self._followed(plan.id)

    def _refuse_unexpected(self, plan: Plan, rotation: Plan) -> None:
        """Let nothing be done that whoever confirmed the rotation was not told.

        Raises:
            RefusedError: a person has to look.
            ActionError: something is in the way that may go away.
        """
        known = {one.id for one in rotation.targets if one.kind == "key"}
        if not all(one.id in known for one in plan.targets if one.kind == "key"):
            raise RefusedError("it would switch off keys that were not confirmed")
        stops = [one for one in plan.preflight if one.grade is Grade.STOP]
        lasting = [one for one in stops if one.name not in _PASSING]
        if lasting:
            raise RefusedError("; ".join(f"{one.name}: {one.text}" for one in lasting))
        if stops:
            raise ActionError("; ".join(one.text for one in stops))
        if plan.danger is Danger.DESTROY or plan.rung > rotation.rung:
            raise RefusedError("it asks for more by now than was confirmed: a person has to do it")

    async def _followed(self, action_id: str) -> str:
        for _ in range(_LOOKS):
            state = await asyncio.to_thread(self.desk.shelf.state, action_id)
            if state.is_ended and not state.is_alive:
                is_done = state.phase is Phase.COMMITTED
                return "" if is_done else str(clean(f"{action_id}: {state.text}", 300))
            await self.clock.sleep(_LOOK_S)
        return f"{action_id} has no end yet"


_PASSING = frozenset({"holder", "unfinished", "audit log"})
"""What is in the way for a while."""
