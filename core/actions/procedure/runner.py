"""Carries a run on: every step that needs nobody, one after the other, up to one that does."""

from dataclasses import dataclass
from typing import Protocol

from core.actions.procedure.events import Began, Ended, Event, Undone, Withdrawn
from core.actions.procedure.steps import request_of
from core.actions.procedure.store import HeldRun
from core.clients.clock import Clock
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest
from core.model.operation import ProcedureStep
from core.model.procedure import ProcedureRun, RunPhase, StepStatus
from core.model.procedure_ways import BY_PEOPLE, next_step, part_asked
from core.model.text import SafeText, clean, join

_LOOK_S = 1.0
"""Between two looks at what is waited for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How something came out."""

    is_ok: bool
    text: SafeText


class Hands(Protocol):
    """What a run needs of the world. All raise ActionError or ClientError."""

    async def check(self, name: str) -> Outcome:
        """Look at `system/service/check` once, now."""
        ...

    async def propose(self, request: ActionRequest) -> str | None:
        """Plan an action and return its id; None: a person has to confirm the plan first."""
        ...

    async def carry_out(self, action_id: str) -> Outcome:
        """Start what was proposed, and wait for its end."""
        ...

    async def found(self, action_id: str) -> Outcome | None:
        """Return how an action ended, waiting while it runs; None: it was never started."""
        ...

    async def undo(self, action_id: str) -> Outcome | None:
        """Take back what an action did; None: a person has to, or to confirm it."""
        ...


class Runner:
    """Moves one run on."""

    def __init__(self, held: HeldRun, hands: Hands, clock: Clock, who: str) -> None:
        self._held = held
        self._hands = hands
        self._clock = clock
        self._who = who

    @property
    def run(self) -> ProcedureRun:
        """The run as it stands."""
        return self._held.run

    async def go(self) -> ProcedureRun:
        """Carry on until a person is needed or it is over, and return the run.

        A failed step is no error: it stands in the run.

        Raises:
            ActionError: what was confirmed could not be started, or nothing can be written down.
        """
        await self._take_up()
        while (index := next_step(self.run)) is not None:
            if part_asked(self.run) is not None:
                break
            if self.run.phase is RunPhase.ROLLING_BACK:
                is_done = await self._undo(index)
            else:
                is_done = await self._do(index)
            if not is_done:
                break
        return self.run

    async def _take_up(self) -> None:
        """Settle a step that a runner left when it died."""
        index = next_step(self.run)
        if index is None or self.run.records[index].status is not StepStatus.RUNNING:
            return
        action_id = self.run.records[index].action_id
        if not action_id:
            # A look and a wait change nothing, and begin anew.
            self._add(Withdrawn(self._now_s(), self._who, index, "left in the middle"))
            return
        outcome = await self._hands.found(action_id)
        if outcome is None:
            self._add(Withdrawn(self._now_s(), self._who, index, "it was never started"))
            return
        await self._end(index, outcome)

    async def _do(self, index: int) -> bool:
        """Do a step; return False where a person is needed."""
        step = self.run.steps[index].step
        if step.kind in BY_PEOPLE:
            return False
        if step.kind in {"action", "command"}:
            return await self._act(index)
        self._add(Began(self._now_s(), self._who, index))
        if step.kind == "wait":
            await self._clock.sleep(step.wait_s)
            outcome = Outcome(True, clean(f"waited {step.wait_s:.0f} s"))
        elif step.until == step.what:
            outcome = Outcome(True, SafeText(""))
        else:
            outcome = await self._check(step.what)
        await self._end(index, outcome)
        return True

    async def _act(self, index: int) -> bool:
        request = request_of(self.run.system, self.run.steps[index])
        try:
            action_id = await self._hands.propose(request)
        except (ActionError, ClientError) as error:
            self._add(Began(self._now_s(), self._who, index))
            await self._end(index, Outcome(False, clean(str(error))))
            return True
        if action_id is None:
            return False
        self._add(Began(self._now_s(), self._who, index, action_id))
        try:
            outcome = await self._hands.carry_out(action_id)
        except (ActionError, ClientError) as error:
            outcome = await self._hands.found(action_id)
            if outcome is None:
                self._add(Withdrawn(self._now_s(), self._who, index, str(error)))
                raise
        await self._end(index, outcome)
        return True

    async def _end(self, index: int, outcome: Outcome) -> None:
        step = self.run.steps[index].step
        if outcome.is_ok and step.until:
            outcome = await self._waited(step, outcome)
        self._add(Ended(self._now_s(), self._who, index, outcome.is_ok, outcome.text))

    async def _waited(self, step: ProcedureStep, before: Outcome) -> Outcome:
        """Look until it is ok, as long as the step allows."""
        began_s = self._clock.monotonic()
        while True:
            seen = await self._check(step.until)
            took_s = self._clock.monotonic() - began_s
            if seen.is_ok:
                text = clean(f"{step.until} ok after {took_s:.0f} s")
                return Outcome(True, join("; ", [one for one in (before.text, text) if one]))
            if took_s + _LOOK_S > step.within_s:
                text = clean(f"{step.until} is not ok within {step.within_s:.0f} s: {seen.text}")
                return Outcome(False, join("; ", [one for one in (before.text, text) if one]))
            await self._clock.sleep(_LOOK_S)

    async def _check(self, name: str) -> Outcome:
        try:
            return await self._hands.check(f"{self.run.system}/{name}")
        except (ActionError, ClientError) as error:
            return Outcome(False, clean(str(error)))

    async def _undo(self, index: int) -> bool:
        try:
            outcome = await self._hands.undo(self.run.records[index].action_id)
        except (ActionError, ClientError):
            return False
        if outcome is None or not outcome.is_ok:
            return False
        self._add(Undone(self._now_s(), self._who, index, outcome.text))
        return True

    def _add(self, event: Event) -> None:
        self._held.add(event)

    def _now_s(self) -> float:
        return round(self._clock.now().timestamp(), 3)
