"""One action being carried out by this process: forward, proven, or back (ADR 0018)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from core.actions.audit.record import Event
from core.actions.failpoints import FailPoints
from core.actions.journal import Journal, Mark
from core.actions.part import Evidence, Mending, Outliving, Seen, Sight, Step, thaw
from core.actions.plan_codec import code_of, plan_hash
from core.actions.ports import Ports
from core.actions.recorder import Fields, Recorder
from core.actions.work import Work
from core.clients.acting.processes import ProcessView
from core.errors import ActionError, ClientError
from core.model.action import Phase, Plan, PlannedStep, Proof
from core.model.text import SafeText, clean

_PROOF_S = 300.0
"""Whatever a proof's own deadline says, it is not waited for longer."""

_ENDINGS = {
    Phase.COMMITTED: Event.COMMITTED,
    Phase.ROLLED_BACK: Event.ROLLED_BACK,
    Phase.ABORTED: Event.ABORTED,
    Phase.NEEDS_HUMAN: Event.NEEDS_HUMAN,
}


@dataclass(slots=True)
class Run:
    """What is at hand while an action runs.

    `is_told_to_stop` asks whether SIGTERM has come: the step that runs is finished, no other begun.
    """

    plan: Plan
    ports: Ports
    journal: Journal
    audit: Recorder
    work: Work
    fail: FailPoints
    is_told_to_stop: Callable[[], bool] = lambda: False
    is_audit_lost: bool = False

    @property
    def main(self) -> range:
        """The steps before the proof, by index; those after it follow them."""
        return range(sum(not one.is_after_proof for one in self.plan.steps))

    @property
    def last(self) -> range:
        """The steps after the proof, by index."""
        return range(len(self.main), len(self.plan.steps))

    def step(self, index: int) -> Step:
        """Return a step's part."""
        return thaw(self.plan.steps[index].part)

    async def observe(self, index: int) -> Seen:
        """Look at one step's target; what cannot be looked at is in neither state."""
        try:
            async with asyncio.timeout(self.plan.steps[index].deadline_s):
                return await self.step(index).observe(self.ports)
        except (ActionError, ClientError) as error:
            return Seen(Sight.NEITHER, clean(str(error)))
        except TimeoutError:
            return Seen(Sight.NEITHER, SafeText("no answer within the step's deadline"))

    async def goes_on(self, index: int, since_s: float) -> bool:
        """Tell whether what a dead process began may be going on; what cannot be asked does not."""
        step = self.step(index)
        if not isinstance(step, Outliving):
            return False
        try:
            async with asyncio.timeout(self.plan.steps[index].deadline_s):
                return await step.goes_on(self.ports, since_s)
        except (ActionError, ClientError, TimeoutError):
            return False

    async def mend(self, index: int) -> None:
        """Finish what a dead process left of a step beside its target; what cannot be is told."""
        step = self.step(index)
        if not isinstance(step, Mending):
            return
        try:
            await self._within(self.plan.steps[index], step.mend(self.ports, self.work))
        except (ActionError, ClientError) as error:
            self.work.say(clean(f"what was left beside it could not be finished: {error}"))

    async def programs(self) -> tuple[ProcessView, ...] | None:
        """Return what a dead process ran for this action and that still runs; None: unknown."""
        try:
            return await self.ports.processes.of_action(self.plan.id)
        except ClientError:
            return None

    async def save(self) -> None:
        """Copy what the way back needs.

        Raises:
            ActionError: a copy could not be made or proven; nothing has been changed.
        """
        for index, planned in enumerate(self.plan.steps):
            self.fail("save")
            await self._within(planned, self.step(index).save(self.ports, self.work))
            self.journal.add(Mark.SAVED, index)
        self.fail("saved")

    async def do(self, index: int) -> str:
        """Do one step and look at what it did; return what is wrong, or nothing."""
        planned = self.plan.steps[index]
        self.fail("before_begin")
        self.journal.add(Mark.BEGIN, index)
        self.fail("begun")
        self.work.say(planned.title)
        self.record(Event.STEP_BEGIN, step=index)
        began = self.ports.clock.monotonic()
        problem = await self._applied(planned, self.step(index))
        self.fail("applied")
        seen = await self.observe(index)
        took_s = self.ports.clock.monotonic() - began
        self.fail("observed")
        if seen.sight is Sight.AFTER:
            # What the target shows decides; what the step complained of is kept beside it.
            said = f"{seen.text}; it reported: {problem}" if problem else seen.text
            self.journal.add(Mark.DONE, index, said, took_s=round(took_s, 3))
            self.record(
                Event.STEP_END, step=index, result="done", dur_ms=int(took_s * 1000),
                after=seen.text, reason=problem,
            )  # fmt: skip
            self.fail("done")
            return ""
        problem = problem or f"it reports success, and a second look shows: {seen.text}"
        self.journal.add(
            Mark.FAILED, index, problem, took_s=round(took_s, 3), sight=seen.sight.value
        )
        self.work.say(clean(f"failed: {problem}"))
        self.record(
            Event.STEP_END, step=index, result="failed", dur_ms=int(took_s * 1000), reason=problem
        )
        self.fail("failed")
        return f"{planned.title}: {problem}"

    async def _applied(self, planned: PlannedStep, step: Step) -> str:
        try:
            await self._within(planned, step.apply(self.ports, self.work))
        except (ActionError, ClientError) as error:
            return str(error)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    async def _within(self, planned: PlannedStep, work: object) -> None:
        try:
            async with asyncio.timeout(planned.deadline_s):
                await work  # pyright: ignore[reportGeneralTypeIssues]
        except TimeoutError as error:
            raise ActionError(f"it took longer than {planned.deadline_s:.0f} s") from error

    async def prove(self) -> tuple[Proof, str]:
        """Take the second look; return what it showed, and in words what was not right."""
        self.journal.add(Mark.VERIFYING)
        self.fail("verifying")
        worst, texts = Proof.VERIFIED, list[str]()
        # All at once: each of them waits for seconds that the others wait too.
        looks = [self._proven(thaw(planned.part)) for planned in self.plan.proofs]
        said = await asyncio.gather(*looks)
        for planned, (proof, text) in zip(self.plan.proofs, said, strict=True):
            self.journal.add(Mark.PROVEN, text=f"{planned.title}: {text}", proof=proof.value)
            self.work.say(clean(f"{planned.title}: {text}"))
            if proof is not Proof.VERIFIED:
                texts.append(f"{planned.title}: {text}")
                worst = proof if worst is not Proof.FAILED else worst
        self.record(Event.VERIFY, result=worst.value, reason="; ".join(texts))
        self.fail("proven")
        return worst, "; ".join(texts)

    async def _proven(self, evidence: Evidence) -> tuple[Proof, str]:
        try:
            async with asyncio.timeout(_PROOF_S):
                proven = await evidence.prove(self.ports, self.work)
        except (ActionError, ClientError) as error:
            return Proof.UNVERIFIED, f"it could not be looked at: {error}"
        except TimeoutError:
            return Proof.UNVERIFIED, f"no answer within {_PROOF_S:.0f} s"
        return proven.proof, proven.text

    def can_go_back(self, applied: list[int]) -> bool:
        """Tell whether every one of these steps has a way back."""
        return all(
            self.step(index).can_undo and not self.plan.steps[index].is_irreversible
            for index in applied
        )

    async def back(self, applied: list[int], reason: str) -> None:
        """Undo these steps, the last first, and end: rolled back, or in need of a person."""
        self.journal.add(Mark.ROLLING_BACK, text=reason)
        self.work.say(clean(f"going back: {reason}"))
        self.fail("rolling_back")
        for index in sorted(applied, reverse=True):
            problem = await self._undone(index)
            if problem:
                title = self.plan.steps[index].title
                self.end(Phase.NEEDS_HUMAN, f"{reason}; {title} could not be undone: {problem}")
                return
        self.end(Phase.ROLLED_BACK, reason)

    async def _undone(self, index: int) -> str:
        planned = self.plan.steps[index]
        self.journal.add(Mark.UNDO_BEGIN, index)
        self.fail("undo_begun")
        problem = ""
        try:
            await self._within(planned, self.step(index).undo(self.ports, self.work))
        except (ActionError, ClientError) as error:
            problem = str(error)
        except OSError as error:
            problem = error.strerror or str(error)
        self.fail("undone")
        seen = await self.observe(index)
        if seen.sight is not Sight.BEFORE:
            return problem or f"it shows: {seen.text}"
        self.journal.add(Mark.UNDONE, index, seen.text)
        self.work.say(clean(f"undone: {planned.title}"))
        return ""

    async def finish(self, proof: Proof, text: str) -> None:
        """Do the steps that waited for the proof, and commit."""
        self.journal.add(Mark.VERIFIED, text=text, proof=proof.value)
        self.fail("verified")
        for index in self.last:
            seen = await self.observe(index)
            if seen.sight is not Sight.AFTER and (problem := await self.do(index)):
                text = "; ".join(filter(None, (text, f"left behind: {problem}")))
        self.end(Phase.COMMITTED, text, proof)

    def end(self, phase: Phase, text: str, proof: Proof | None = None) -> None:
        """End for good: in the journal, then in the audit log, then closed."""
        self.fail("before_end")
        said = proof.value if proof else ""
        self.journal.add(Mark.ENDED, text=text, phase=phase.value, proof=said)
        self.work.say(clean(f"{phase.value}: {text}" if text else phase.value))
        self.fail("ended")
        self.settle(phase, text, proof)

    def settle(self, phase: Phase, text: str, proof: Proof | None) -> None:
        """Write the terminal audit record, and that it is written."""
        try:
            self._append(
                _ENDINGS[phase], result=proof.value if proof else "", reason=text, is_ending=True
            )
        except ActionError as error:
            # The journal stays open: recovery writes the record when the log takes it again.
            self.work.say(clean(f"the audit log does not take the end: {error}"))
            return
        self.fail("audited")
        self.journal.add(Mark.AUDITED)
        self.fail("before_close")
        self.journal.add(Mark.CLOSED)

    def record(self, event: Event, **more: Unpack[Fields]) -> None:
        """Write an audit record; a log that fails now stops the action at its next safe point."""
        try:
            self._append(event, **more)
        except ActionError as error:
            if not self.is_audit_lost:
                self.is_audit_lost = True
                self.work.say(clean(f"the audit log fails: {error}"))

    def _append(self, event: Event, **more: Unpack[Fields]) -> None:
        self.audit.append(event, **subject_of(self.plan) | more)


def subject_of(plan: Plan) -> Fields:
    """Return what every record of an action says of its plan."""
    return Fields(
        action_id=plan.id,
        verb=plan.request.action,
        target=plan.request.target,
        target_kind=plan.targets[0].kind if plan.targets else "",
        plan_hash=plan_hash(plan),
        code=code_of(plan),
        env=plan.environment,
    )
