"""Finishes what a dead executor left: looks first, then goes forward, back, or asks for a person.

The table is in docs/actions/engine.md; recovery is journalled like everything else, so that it may
itself be killed and be begun again.
"""

import math
from dataclasses import dataclass

from core.actions.audit.record import Event
from core.actions.part import Seen, Sight
from core.actions.run import Run
from core.model.action import Phase, Proof
from core.model.action_state import ActionState, StepState
from core.model.text import EMPTY, SafeText, clean

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of an unfinished action, and what will be done about it."""

    found: SafeText
    will: SafeText


def find(state: ActionState) -> Finding:
    """Say what a journal means, before anything is looked at or done."""
    begun = [index for index, one in enumerate(state.steps) if one.state is not StepState.WAITING]
    total = len(state.steps)
    if state.is_ended and state.is_audited:
        return Finding(
            clean(f"it could not be finished: {state.text}"),
            SafeText("nothing by itself: put it right, then `recover ID --resolved NOTE`"),
        )
    if state.is_ended:
        return Finding(
            clean(f"it has ended ({state.phase.value}), and the audit log does not have its end"),
            SafeText("write its end into the audit log"),
        )
    if not begun:
        return Finding(
            SafeText("it died before its first step; nothing has been changed"),
            SafeText("close it as aborted before start"),
        )
    if state.is_proven:
        return Finding(
            SafeText("it died after its proof, before everything was put away"),
            SafeText("put the rest away and commit it"),
        )
    if state.phase is Phase.ROLLING_BACK:
        return Finding(
            clean(f"it died while it went back: {state.text}"),
            SafeText("undo again from the top, which is harmless where it is done"),
        )
    if state.phase is Phase.VERIFYING:
        return Finding(
            SafeText("it died between its last step and the proof"),
            SafeText("take the second look again; commit, or go back"),
        )
    return Finding(
        clean(f"it died at step {begun[-1] + 1} of {total}"),
        SafeText("look whether that step was done, then go back; past a point of no return, on"),
    )


class Recovery:
    """One action's way from what was left to its end; the locks are held by the caller."""

    def __init__(self, run: Run, state: ActionState) -> None:
        self._run = run
        self._state = state

    async def resolve(self) -> None:
        """Bring it to its end."""
        run, state = self._run, self._state
        run.fail("recovering")
        if state.is_ended:
            run.settle(state.phase, state.text, state.proof)
            return
        run.record(Event.RECOVER, reason=find(state).found)
        begun = [
            index for index, one in enumerate(state.steps) if one.state is not StepState.WAITING
        ]
        if begun:
            await self._programs_end(begun)
        if not begun:
            run.end(Phase.ABORTED, "its process died before the first step")
        elif state.is_proven and state.proof is not None:
            await run.finish(state.proof, state.text)
        elif state.phase is Phase.ROLLING_BACK:
            await self._go_back_again(begun)
        else:
            await self._look(begun)

    async def _programs_end(self, begun: list[int]) -> None:
        """Wait for programs that the dead process has left: they would undo what is done here."""
        run, clock = self._run, self._run.ports.clock
        until_s = clock.monotonic() + max(run.plan.steps[index].deadline_s for index in begun)
        told = EMPTY
        # Not to see them, as on a machine that is too busy to answer, is not to see that none runs.
        while (left := await run.programs()) != () and clock.monotonic() < until_s:
            shown = ", ".join(f"{one.argv[0]} (pid {one.id.pid})" for one in left or ())
            what = shown or "the processes cannot be read"
            if (text := clean(f"waiting for what it left running: {what}", 300)) != told:
                run.work.say(told := text)
            await clock.sleep(_LOOK_EVERY_S)

    async def _go_back_again(self, begun: list[int]) -> None:
        main = [index for index in begun if index in self._run.main]
        for index in main:
            await self._undo_at_rest(index)
        await self._run.back(main, self._state.text)

    async def _undo_at_rest(self, index: int) -> None:
        """Wait until nothing goes on any more of an undo that was begun and not seen done."""
        run, step = self._run, self._state.steps[index]
        if step.undo_begun_s is None or step.state is StepState.UNDONE:
            return
        clock = run.ports.clock
        until_s = clock.monotonic() + run.plan.steps[index].deadline_s
        while clock.monotonic() < until_s and await run.goes_on(
            index, clock.now().timestamp() - step.undo_begun_s
        ):
            await clock.sleep(_LOOK_EVERY_S)

    async def _look(self, begun: list[int]) -> None:
        """See which of the begun steps are done; the last of them may be anything."""
        run = self._run
        begun = [index for index in begun if index in run.main]
        if not begun:
            await self._prove([])
            return
        await run.mend(begun[-1])
        seen = await self._seen_at_rest(begun[-1])
        run.work.say(clean(f"{run.plan.steps[begun[-1]].title}: {seen.text}"))
        run.fail("looked")
        if seen.sight is Sight.NEITHER:
            await self._back_or_ask(begun, f"it was cut off in the middle: {seen.text}")
        elif seen.sight is Sight.BEFORE:
            # What it was about to put in place may lie beside its target: undo takes that away too.
            left = begun if run.can_go_back(begun) else begun[:-1]
            await self._half_done(left, "its process died before this step was done")
        elif begun[-1] == run.main[-1]:
            await self._prove(begun)
        else:
            await self._half_done(begun, f"its process died after step {begun[-1] + 1}")

    async def _seen_at_rest(self, index: int) -> Seen:
        """Look once nothing goes on any more of what the dead process had asked others for."""
        run, begun_s = self._run, self._state.steps[index].begun_s
        clock = run.ports.clock
        until_s = clock.monotonic() + run.plan.steps[index].deadline_s
        while True:
            seen = await run.observe(index)
            since_s = clock.now().timestamp() - begun_s if begun_s is not None else math.inf
            if seen.sight is Sight.AFTER or clock.monotonic() >= until_s:
                return seen
            if not await run.goes_on(index, since_s):
                return await run.observe(index)
            await clock.sleep(_LOOK_EVERY_S)

    async def _half_done(self, done: list[int], reason: str) -> None:
        """Go back; past the point of no return go on, because there is no way back any more."""
        run = self._run
        if run.can_go_back(done):
            await run.back(done, reason)
            return
        for index in run.main[len(done) :]:
            if problem := await run.do(index):
                run.end(Phase.NEEDS_HUMAN, problem)
                return
        await self._prove(list(run.main))

    async def _prove(self, applied: list[int]) -> None:
        proof, text = await self._run.prove()
        if proof is Proof.FAILED:
            await self._back_or_ask(applied, text)
        else:
            await self._run.finish(proof, text)

    async def _back_or_ask(self, applied: list[int], reason: str) -> None:
        if self._run.can_go_back(applied):
            await self._run.back(applied, reason)
        else:
            self._run.end(Phase.NEEDS_HUMAN, reason)
