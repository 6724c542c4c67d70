"""From a request to a frozen plan: look, judge, fingerprint. Nothing is changed here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftStep, Site
from core.actions.ids import new_id
from core.actions.part import freeze
from core.actions.rungs import BULK, rung_of
from core.errors import ActionError, ClientError
from core.model.action import (
    ActionRequest,
    Danger,
    Grade,
    Plan,
    PlannedProof,
    PlannedStep,
    PlannedTrait,
    Preflight,
)
from core.model.text import EMPTY, SafeText, clean

PLAN_LIVES_S = 120.0
PLANNING_S = 10.0
"""What cannot be looked at within that cannot be acted on now, unless its action says more."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Who plans, and where."""

    site: Site
    host: str
    actor: str
    boot_id: str
    config: str
    bulk: int = BULK
    actor_uid: int = -1
    lives_s: Callable[[Danger], float] = lambda _danger: PLAN_LIVES_S
    """How long a plan of this danger holds; longer where a second person has to be found."""

    async def plan(self, action: Action, request: ActionRequest) -> Plan:
        """Return the plan; what forbids it is one of its preflight checks.

        Raises:
            ActionError: the request makes no sense, or the target cannot be looked at.
        """
        within_s = PLANNING_S if action.look_s is None else action.look_s
        try:
            async with asyncio.timeout(within_s):
                _check_inputs(action, request)
                draft = await action.draft(self.site, request)
                traits = [
                    PlannedTrait(
                        one.title, freeze(one.trait), await one.trait.read(self.site.ports)
                    )
                    for one in draft.traits
                ]
        except ClientError as error:
            raise ActionError(f"{request.target} cannot be looked at: {error}") from error
        except TimeoutError as error:
            raise ActionError(
                f"{request.target} could not be looked at within {within_s:.0f} s"
            ) from error
        return self._frozen(action, request, draft, tuple(traits))

    def _frozen(
        self,
        action: Action,
        request: ActionRequest,
        draft: Draft,
        traits: tuple[PlannedTrait, ...],
    ) -> Plan:
        clock = self.site.ports.clock
        now_s = round(clock.now().timestamp(), 3)
        environment = self.site.topology.environment
        danger = draft.danger or action.danger
        own = () if draft.is_locked_whole else draft.targets
        locks = {f"{one.kind}:{one.id}" for one in own} | set(draft.locks)
        return Plan(
            id=new_id(now_s),
            request=request,
            title=draft.title,
            verb=action.verb,
            system=draft.system or request.target.partition("/")[0],
            called=draft.called or request.target.rpartition("/")[2] or request.target,
            host=self.host,
            environment=environment.value,
            danger=danger,
            rung=rung_of(danger, environment, len(draft.targets), self.bulk),
            targets=draft.targets,
            locks=tuple(sorted(locks)),
            preflight=(*draft.preflight, *_unmeant(draft)),
            traits=traits,
            steps=tuple(
                PlannedStep(
                    one.title,
                    freeze(one.step),
                    one.deadline_s,
                    one.is_irreversible,
                    _undo_words(one),
                    one.is_after_proof,
                )
                for one in sorted(draft.steps, key=lambda one: one.is_after_proof)
            ),
            proofs=tuple(PlannedProof(one.title, freeze(one.evidence)) for one in draft.proofs),
            radius=draft.radius,
            downtime=draft.downtime,
            way_back=draft.way_back,
            preview=draft.preview,
            backup_bytes=draft.backup_bytes,
            estimate_s=draft.estimate_s,
            made_at_s=now_s,
            made_boot_s=round(clock.monotonic(), 3),
            boot_id=self.boot_id,
            lives_s=self.lives_s(danger),
            actor=self.actor,
            actor_uid=self.actor_uid,
            config=self.config,
        )


def _check_inputs(action: Action, request: ActionRequest) -> None:
    """Refuse inputs that the action does not take, and miss those that it needs."""
    known = {one.name: one for one in action.inputs}
    if "*" not in known:
        for name, _ in request.inputs:
            if name not in known:
                has = ", ".join(known) or "none"
                raise ActionError(f"{action.id} takes no input {name!r}; it takes: {has}")
    given = dict(request.inputs)
    for one in action.inputs:
        value = given.get(one.name, "")
        if one.is_required and not value:
            raise ActionError(f"{action.id} needs --set {one.name}=…: {one.title}")
        if value and one.choices and value not in one.choices:
            raise ActionError(f"{one.name} is one of: {', '.join(one.choices)}; not {value!r}")


def _unmeant(draft: Draft) -> tuple[Preflight, ...]:
    """Return what speaks against a draft that does nothing."""
    if draft.steps:
        return ()
    return (Preflight("steps", Grade.STOP, clean("there is nothing to do")),)


def _undo_words(one: DraftStep) -> SafeText:
    """Return how a step is undone; empty exactly where it cannot be, whatever the family said."""
    if not one.step.can_undo:
        return EMPTY
    return one.undo or SafeText("it is put back")
