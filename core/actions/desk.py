"""What both front ends do with actions: plan, confirm and start, look on, finish what was left.

Blocking where it writes; the console calls it off its loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches

from core.actions.action import Action, Offer
from core.actions.approval import write_approval
from core.actions.audit.record import Event
from core.actions.folder import ActionFolder, Confirmation
from core.actions.journal import Journal, Mark
from core.actions.plan_codec import code_of, is_confirmed_by, phrase_of, plan_hash
from core.actions.planning import Planner
from core.actions.recorder import Fields, Recorder
from core.actions.run import subject_of
from core.actions.shelf import Shelf
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Grade, Phase, Plan, Preflight, Rung
from core.model.action_state import ActionState
from core.model.policy import Who
from core.model.text import EMPTY, SafeText, clean

Start = Callable[[str, str], None]
"""Starts the executor: `execute` or `recover`, and the action's id."""


_PLANS_SEARCHED = 200


@dataclass(frozen=True, slots=True)
class Gates:
    """What policy and read-only say. Each returns a reason against it; empty: there is none."""

    who: Who
    against_plan: Callable[[Plan], str]
    against_start: Callable[[Plan, bool], str]
    """With whether changes are switched on."""
    against_approval: Callable[[Plan], str]
    against_wish: Callable[[str, Danger], str] = lambda _action, _danger: ""
    """What is said of an action for which no plan could be made."""


@dataclass(frozen=True, slots=True)
class ActionDesk:
    """Plans for one person on one host."""

    planner: Planner
    actions: Mapping[str, Action]
    shelf: Shelf
    audit: Recorder
    check_audit: Callable[[], None]
    """Raises ActionError when no record could be written now."""
    gates: Gates
    start: Start
    holder_of: Callable[[str], SafeText | None]
    """Who holds a lock now."""

    audit_tail: Callable[[], str]
    """The end of the last record's hash."""

    look_between_hosts: Callable[[Plan], Awaitable[tuple[Preflight, ...]]] | None = None
    """What there is to say of locks between hosts; None: the configuration asks for none."""
    sink_trouble: Callable[[], str] = lambda: ""
    """Why anchors of this process do not get to their second place; empty: they do."""

    def audit_problem(self) -> SafeText:
        """Return why no record can be written; empty: the log takes them."""
        check = _audit_check(self.check_audit)
        return check.text if check.grade is Grade.STOP else EMPTY

    def record_arming(self, *, is_armed: bool) -> None:
        """Write down that somebody has switched changes on or off.

        Raises:
            ActionError: the audit log does not take it.
        """
        self.audit.append(Event.ARM if is_armed else Event.DISARM)

    def record_refusal(self, what: str, reason: str, action_id: str = "") -> None:
        """Write down what the console itself has refused, before anything was asked of us.

        Args:
            what: What was wished for, in a word: `arm`, `confirm`, `recover`.
            reason: Why it was refused.
            action_id: Of the plan or action that it was about; empty: about none.

        Raises:
            ActionError: the audit log does not take it.
        """
        if action_id:
            subject = subject_of(self.shelf.at(action_id).plan())
            self.audit.append(Event.DENIED, **subject | Fields(reason=f"{what}: {reason}"))
        else:
            self.audit.append(Event.DENIED, verb=what, reason=reason)

    def offers(self) -> tuple[Offer, ...]:
        """Return every action on every target that the configuration knows."""
        site = self.planner.site
        return tuple(
            replace(
                offer,
                inputs=offer.inputs or one.inputs,
                danger=one.danger if offer.danger is Danger.READ else offer.danger,
            )
            for one in self.actions.values()
            for offer in one.offers(site)
        )

    def action(self, name: str) -> Action:
        """Return a kind of action.

        Raises:
            ActionError: there is none of this name.
        """
        if name in self.actions:
            return self.actions[name]
        close = get_close_matches(name, self.actions, 1)
        hint = f"did you mean {close[0]}?" if close else "`quarterdeck actions` lists them"
        raise ActionError(f"there is no action {name!r}; {hint}")

    async def plan(self, request: ActionRequest, *, is_kept: bool = True) -> Plan:
        """Look, and keep the plan so that it can be confirmed; nothing is changed.

        Raises:
            ActionError: the request makes no sense, or the target cannot be looked at.
        """
        try:
            # In a thread: the first look for an action loads the families, which takes a while.
            action = await asyncio.to_thread(self.action, request.action)
            plan = await self.planner.plan(action, request)
        except (ActionError, ClientError) as error:
            if is_kept:
                await asyncio.to_thread(self._wish_failed, request, error)
            raise
        checks = await asyncio.to_thread(self._own_checks, plan)
        if self.look_between_hosts is not None and plan.danger is not Danger.READ:
            checks += await self.look_between_hosts(plan)
        plan = replace(plan, preflight=(*checks, *plan.preflight))
        if is_kept:
            await asyncio.to_thread(self._kept, plan)
        return plan

    def _wish_failed(self, request: ActionRequest, error: Exception) -> None:
        """Write down a wish that is refused, also where it makes no sense."""
        known = self.actions.get(request.action)
        danger = known.danger if known is not None else Danger.CHANGE
        reason = self.gates.against_wish(request.action, danger)
        if reason:
            with suppress(ActionError):
                self.audit.append(
                    Event.DENIED,
                    verb=request.action,
                    target=request.target,
                    reason=f"{reason}; nor could it be planned: {error}",
                )

    def _kept(self, plan: Plan) -> None:
        ActionFolder.make(self.shelf.folder, plan)
        reason = self.gates.against_plan(plan)
        if reason:
            # Whoever is refused may look on all the same, also where the log takes nothing.
            with suppress(ActionError):
                self.audit.append(Event.DENIED, **subject_of(plan) | Fields(reason=reason))
        elif not plan.is_stopped:
            self.audit.append(Event.PLAN, **subject_of(plan))

    def _own_checks(self, plan: Plan) -> tuple[Preflight, ...]:
        """Return what the engine itself looks at before every plan."""
        checks = [_audit_check(self.check_audit)]
        reason = self.gates.against_plan(plan)
        if reason:
            checks.append(Preflight("allowed", Grade.STOP, clean(reason)))
        unfinished = self.shelf.blocking(plan.locks)
        if unfinished is not None:
            said = f"action {unfinished.plan.id} ({unfinished.plan.title}) is unfinished"
            remedy = SafeText("`quarterdeck recover` says what was found and finishes it")
            checks.append(Preflight("unfinished", Grade.STOP, clean(said), remedy))
        holders = filter(None, map(self.holder_of, plan.locks))
        return (*checks, *(Preflight("holder", Grade.STOP, one) for one in holders))

    def planned(self, request: ActionRequest, code: str) -> Plan:
        """Return the kept plan of this request with this code.

        Raises:
            ActionError: there is none; it may be another's, or too old to be kept.
        """
        plan = self._coded(code.rpartition(" ")[2])
        if plan.request != request:
            raise ActionError(f"the code {code!r} is of another action: {plan.title}")
        return plan

    def _coded(self, code: str) -> Plan:
        """Return the newest kept plan with a code."""
        for one in self.shelf.ids()[:_PLANS_SEARCHED]:
            try:
                plan = self.shelf.at(one).plan()
            except ActionError:
                continue
            if code_of(plan) == code:
                return plan
        raise ActionError(f"no plan has the code {code!r}; plan it again")

    def confirm(self, plan: Plan, said: str, *, is_armed: bool) -> None:
        """Take a yes to exactly this plan, and start it.

        Raises:
            ActionError: it is not the yes that is asked for, or nothing may begin.
        """
        folder = self.shelf.at(plan.id)
        self._refuse_unfit(folder, plan, said, is_armed=is_armed)
        self.audit.append(Event.CONFIRM, **subject_of(plan))
        now_s = self.planner.site.ports.clock.now().timestamp()
        folder.confirm(
            Confirmation(plan_hash(plan), said, self.planner.actor, round(now_s, 3), is_armed)
        )
        self.start("execute", plan.id)

    def approve(self, code: str) -> Plan:
        """Approve somebody else's plan; return it.

        Raises:
            ActionError: there is no such plan, or this person's approval does not count.
        """
        plan = self._coded(code)
        reason = self.gates.against_approval(plan)
        if reason:
            self.audit.append(
                Event.DENIED, **subject_of(plan) | Fields(reason=f"approve: {reason}")
            )
            raise ActionError(f"not approved: {reason}")
        self.audit.append(Event.CONFIRM, **subject_of(plan) | Fields(result="approved"))
        boot_s = self.planner.site.ports.clock.monotonic()
        write_approval(self.shelf.at(plan.id), plan, self.gates.who, boot_s)
        return plan

    def _refuse_unfit(self, folder: ActionFolder, plan: Plan, said: str, *, is_armed: bool) -> None:
        reason = ""
        if folder.plan() != plan:
            reason = "the plan on disk is another one"
        elif folder.confirmation() is not None:
            reason = "it has been confirmed already"
        elif plan.is_stopped:
            stops = [one.text for one in plan.preflight if one.grade is Grade.STOP]
            reason = "; ".join(stops)
        elif not is_confirmed_by(plan, said):
            wanted = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
            reason = f"{wanted!r} would confirm it"
        else:
            reason = self.gates.against_start(plan, is_armed)
        if reason:
            self.audit.append(Event.DENIED, **subject_of(plan) | Fields(reason=reason))
            raise ActionError(f"nothing was started: {reason}")

    def blocking(self) -> tuple[ActionState, ...]:
        """Return actions that nobody finishes, or that wait for a person."""
        return tuple(self.shelf.unfinished())

    def recover(self, action_id: str) -> None:
        """Start finishing what a dead executor left.

        Raises:
            ActionError: somebody is at it, there is nothing to finish, or it is not allowed.
        """
        state = self.shelf.state(self.shelf.at(action_id).action_id)
        if not state.is_left_over:
            raise ActionError(f"action {state.plan.id} is not unfinished")
        self._refuse_unallowed(state.plan, "recover")
        self.start("recover", state.plan.id)

    def resolve(self, action_id: str, note: str) -> None:
        """Say that a person has dealt with what needed one; its targets are free again.

        Raises:
            ActionError: it does not need a person, or not this one.
        """
        folder = self.shelf.at(action_id)
        state = self.shelf.state(folder.action_id)
        if state.phase is not Phase.NEEDS_HUMAN or state.is_resolved:
            raise ActionError(f"action {folder.action_id} does not wait for a person")
        self._refuse_unallowed(state.plan, "resolve")
        said = Fields(result="resolved", reason=note)
        self.audit.append(Event.RECOVER, **subject_of(state.plan) | said)
        journal = Journal(folder.path, self.planner.site.ports.clock)
        try:
            journal.add(Mark.RESOLVED, text=note, by=self.planner.actor)
        finally:
            journal.close()

    def _refuse_unallowed(self, plan: Plan, what: str) -> None:
        """Refuse, and write down, what policy or read-only forbids to do with a plan."""
        reason = self.gates.against_plan(plan)
        if reason:
            self.audit.append(Event.DENIED, **subject_of(plan) | Fields(reason=f"{what}: {reason}"))
            raise ActionError(f"nothing was done: {reason}")


def _audit_check(check: Callable[[], None]) -> Preflight:
    try:
        check()
    except ActionError as error:
        remedy = SafeText("no audit, no action: repair it first; reading goes on")
        return Preflight("audit log", Grade.STOP, clean(str(error)), remedy)
    return Preflight("audit log", Grade.PASS, SafeText("takes records"))
