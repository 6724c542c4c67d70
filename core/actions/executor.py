"""Carries one confirmed plan out, from intent to its end. Runs in a process of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.actions.audit.record import Event
from core.actions.folder import AFTER, BEFORE, ActionFolder, Confirmation
from core.actions.host_locks import HostLocks
from core.actions.journal import Mark, read_journal
from core.actions.locks import TargetLocks
from core.actions.part import Sight, thaw
from core.actions.plan_codec import is_confirmed_by, plan_hash
from core.actions.recovery import Recovery
from core.actions.replay import replay
from core.actions.run import Run, subject_of
from core.errors import ActionError, ClientError
from core.model.action import Grade, Phase, Plan, Proof
from core.model.action_state import ActionState, ProcessRun
from core.model.text import clean

Capsule = Callable[[], Awaitable[bytes]]
"""How the system does now, as JSON; kept before and after."""
Gate = Callable[[Plan, Confirmation], str]
"""Why this plan may not be carried out; empty: it may."""
RecoveryGate = Callable[[Plan], str]
"""Why what was left of this plan may not be finished by this person now; empty: it may."""


@dataclass(slots=True)
class Executor:
    """One action's way from confirmed to its end."""

    folder: ActionFolder
    run: Run
    locks: TargetLocks
    gate: Gate
    """Policy, read-only and what is unfinished; asked here, whatever the front end asked."""
    capsule: Capsule
    holder: dict[str, object]
    """What a lock says of who holds it."""
    identity: ProcessRun
    """This process."""
    recovery_gate: RecoveryGate = lambda _plan: ""
    """Policy and read-only: going back changes its targets as well."""
    between_hosts: HostLocks | None = None
    """Held beside the kernel's locks; None: the configuration asks for none."""

    async def execute(self) -> None:
        """Carry it out; however it goes, the journal has one end.

        Raises:
            ActionError: it was begun before; `recover` finishes what was begun.
        """
        run = self.run
        if self._state().begun_s is not None:
            raise ActionError(f"action {run.plan.id} was begun before")
        self._sign(Mark.STARTED)
        run.fail("started")
        reason = self._reason_against()
        if reason:
            run.record(Event.DENIED, reason=reason)
            run.end(Phase.ABORTED, reason)
            return
        try:
            await self._act()
        finally:
            if self.between_hosts is not None:
                await self.between_hosts.release()

    async def _act(self) -> None:
        try:
            await self._prepare()
        except (ActionError, ClientError) as error:
            self.run.end(Phase.ABORTED, str(error))
            return
        await self._carry_out()
        await self._keep(AFTER)

    async def recover(self) -> None:
        """Finish what another process left; nothing where there is nothing to finish.

        Raises:
            ActionError: somebody holds its targets, or it is not allowed now; nothing has been
                done.
        """
        state = self._state()
        if state.begun_s is None or (state.is_ended and state.is_audited):
            return
        reason = "" if state.is_ended else self.recovery_gate(self.run.plan)
        if reason:
            self.run.record(Event.DENIED, reason=f"recover: {reason}")
            raise ActionError(f"action {self.run.plan.id} stays unfinished: {reason}")
        await self._lock()
        try:
            self._sign(Mark.RECOVERING)
            await Recovery(self.run, state).resolve()
        finally:
            if self.between_hosts is not None:
                await self.between_hosts.release()

    def close(self) -> None:
        """Give back what it holds, as the end of the process would."""
        self.run.audit.close()
        self.locks.close()
        self.run.journal.close()

    def _sign(self, mark: Mark) -> None:
        own = self.identity
        self.run.journal.add(mark, pid=own.pid, ticks=own.start_ticks, boot=own.boot_id)

    def _state(self) -> ActionState:
        return replay(self.run.plan, read_journal(self.folder.path), is_confirmed=True)

    def _reason_against(self) -> str:
        """Return why nothing may begin; whatever a front end let through is asked again."""
        plan, confirmation = self.run.plan, self.folder.confirmation()
        if confirmation is None:
            return "nobody has confirmed it"
        if confirmation.plan_hash != plan_hash(plan):
            return "another plan was confirmed"
        if not is_confirmed_by(plan, confirmation.said):
            return "what was typed does not confirm this plan"
        age_s = self.run.ports.clock.monotonic() - plan.made_boot_s
        if not 0 <= age_s <= plan.lives_s:
            return f"the plan is older than {plan.lives_s:.0f} s; look again"
        for one in plan.preflight:
            if one.grade is Grade.STOP:
                return f"{one.name}: {one.text}"
        return self.gate(plan, confirmation)

    async def _prepare(self) -> None:
        """Intent, locks, a second look at every fingerprint, copies.

        Raises:
            ActionError, ClientError: it must not begin; nothing has been changed.
        """
        run = self.run
        run.fail("before_intent")
        run.audit.append(Event.INTENT, **subject_of(run.plan))
        run.fail("intent")
        run.journal.add(Mark.INTENT)
        await self._lock()
        run.journal.add(Mark.LOCKED)
        run.fail("locked")
        await self._keep(BEFORE)
        await self._revalidate()
        run.journal.add(Mark.REVALIDATED)
        run.fail("revalidated")
        await run.save()
        run.journal.add(Mark.BACKED_UP)
        run.fail("backed_up")

    async def _lock(self) -> None:
        """Hold the targets: on this host, then between hosts.

        Raises:
            ActionError: somebody else does; the text says who.
        """
        self.locks.take(self.run.plan.locks, self.holder)
        if self.between_hosts is not None:
            await self.between_hosts.take()

    async def _revalidate(self) -> None:
        drifts: list[str] = []
        for one in self.run.plan.traits:
            try:
                now = await thaw(one.part).read(self.run.ports)
            except ClientError as error:
                now = clean(str(error))
            if now != one.value:
                drifts.append(f"{one.title} was {one.value}, is {now}")
        if drifts:
            raise ActionError(f"changed since the plan: {'; '.join(drifts)}; plan it again")

    async def _carry_out(self) -> None:
        run = self.run
        applied: list[int] = []
        for index in run.main:
            if why := await self._reason_to_stop(index):
                if applied:
                    await self._give_up(applied, why)
                else:
                    run.end(Phase.ABORTED, why)
                return
            problem = await run.do(index)
            applied.append(index)
            if problem:
                await self._after_failure(applied, index, problem)
                return
        proof, text = await run.prove()
        if proof is Proof.FAILED:
            await self._give_up(applied, text)
        else:
            await run.finish(proof, text)

    async def _reason_to_stop(self, index: int) -> str:
        """Return why this step must not be begun; empty: nothing is against it."""
        if self.run.is_told_to_stop():
            return "it was told to stop"
        if self.run.is_audit_lost:
            return "the audit log failed"
        if self.between_hosts is None or self.run.can_go_back([index]):
            return ""
        return await self.between_hosts.look()

    async def _after_failure(self, applied: list[int], index: int, problem: str) -> None:
        """Go back; the step that failed needs no undo where it has changed nothing."""
        seen = await self.run.observe(index)
        if seen.sight is Sight.BEFORE:
            applied = applied[:-1]
        await self._give_up(applied, problem)

    async def _give_up(self, applied: list[int], reason: str) -> None:
        if self.run.can_go_back(applied):
            await self.run.back(applied, reason)
        else:
            self.run.end(Phase.NEEDS_HUMAN, reason)

    async def _keep(self, name: str) -> None:
        """Keep how the system does; an action is not stopped for its photograph."""
        try:
            self.folder.write(name, await self.capsule())
        except (ActionError, ClientError) as error:
            self.run.work.say(clean(f"how the system does could not be kept: {error}"))
