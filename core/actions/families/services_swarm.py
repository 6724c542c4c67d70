"""Restart, start, stop and scale of Swarm services; each change names the definition it saw."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.services_draft import (
    AT_ONCE,
    RESTART,
    START,
    STOP,
    Manner,
    ServiceDraft,
    actual_verb,
    dependents_line,
    health,
    passed,
    refused,
    stop_flight,
    warning,
)
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import SwarmTrait
from core.actions.work import Work
from core.clients.acting.engine import SwarmState
from core.errors import ClientError, StepFailedError
from core.model.action import Preflight, Proof, Target
from core.model.text import SafeText, clean
from core.model.topology import ServiceSpec, SwarmService

_ROLLING_S = 240.0
_LOOK_EVERY_S = 1.0
_MOVING = frozenset({"updating", "rollback_started"})
_BROKEN = frozenset({"paused", "rollback_paused"})


def _text(service: str, state: SwarmState) -> SafeText:
    wanted = "one per node" if state.replicas is None else f"of {state.replicas}"
    update = f", {state.update_state}" if state.update_state else ""
    return clean(f"{service}: {state.running} {wanted} running{update}")


def _seen(service: str, state: SwarmState, *, is_before: bool, is_after: bool) -> Seen:
    sight = Sight.BEFORE if is_before else Sight.AFTER if is_after else Sight.NEITHER
    return Seen(sight, _text(service, state))


@part
@dataclass(frozen=True, slots=True)
class ForceSwarm(BareStep):
    """Has all tasks of a service replaced, in the way its update settings say."""

    kind: ClassVar[str] = "swarm.force"
    service: str
    was: int
    """How often that had been done."""

    async def observe(self, ports: Ports) -> Seen:
        """See whether it was done once more."""
        state = await ports.engine.swarm(self.service)
        return _seen(
            self.service,
            state,
            is_before=state.forced == self.was,
            is_after=state.forced == self.was + 1,
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Ask for it, unless that has happened."""
        state = await ports.engine.swarm(self.service)
        if state.forced == self.was:
            await ports.engine.swarm_restart(self.service, state.version)


@part
@dataclass(frozen=True, slots=True)
class ScaleSwarm(BareStep):
    """Sets the replicas of a service."""

    kind: ClassVar[str] = "swarm.scale"
    can_undo: ClassVar[bool] = True
    service: str
    was: int
    to: int

    async def observe(self, ports: Ports) -> Seen:
        """See how many are asked for."""
        state = await ports.engine.swarm(self.service)
        return _seen(
            self.service,
            state,
            is_before=state.replicas == self.was,
            is_after=state.replicas == self.to,
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set the new number."""
        await self._set(ports, self.was, self.to)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Set the old number."""
        await self._set(ports, self.to, self.was)

    async def _set(self, ports: Ports, was: int, to: int) -> None:
        state = await ports.engine.swarm(self.service)
        if state.replicas == to:
            return
        if state.replicas != was:
            raise StepFailedError(
                f"{clean(self.service)} has {state.replicas} replicas, not {was}: somebody else"
                " is at it"
            )
        await ports.engine.swarm_scale(self.service, to, state.version)


@part
@dataclass(frozen=True, slots=True)
class SwarmRuns:
    """All tasks that are asked for run, and no update is under way or stuck."""

    kind: ClassVar[str] = "evidence.swarm_runs"
    service: str
    times: int = 3
    over_s: float = 10.0
    within_s: float = _ROLLING_S

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it has been so for a while, or the time is over."""
        clock = ports.clock
        until_s = clock.monotonic() + self.within_s
        good, since_s = 0, 0.0
        while True:
            state = await ports.engine.swarm(self.service)
            now_s = clock.monotonic()
            if state.update_state in _BROKEN:
                why = f"{_text(self.service, state)}: {state.error or 'its tasks failed'}"
                return Proven(Proof.FAILED, clean(why))
            is_whole = state.running == state.replicas or (state.replicas is None and state.running)
            if not is_whole or state.update_state in _MOVING:
                good = 0
                if now_s >= until_s:
                    why = f"{_text(self.service, state)}: {state.error or 'not complete in time'}"
                    return Proven(Proof.FAILED, clean(why))
                await clock.sleep(_LOOK_EVERY_S)
                continue
            since_s = since_s if good else now_s
            good += 1
            if good >= self.times and now_s - since_s >= self.over_s:
                return Proven(Proof.VERIFIED, _text(self.service, state))
            await clock.sleep(self.over_s / max(1, self.times - 1))


async def swarm_draft(
    site: Site, service: ServiceSpec, runs: SwarmService, verb: str, manner: Manner = AT_ONCE
) -> ServiceDraft:
    """Return what it takes to restart, start or stop a Swarm service."""
    name = runs.service
    target = Target("swarm", name, clean(f"swarm service {name}"))
    try:
        state = await site.ports.engine.swarm(name)
    except ClientError as error:
        return refused(target, verb, stop_flight("swarm", str(error)))
    if state.update_state in _MOVING:
        flight = stop_flight("update", f"an update is under way: {_text(name, state)}", "wait")
        return refused(target, verb, flight)
    if state.replicas is None and (verb != RESTART or manner.is_split):
        text = f"{name} runs once on each node: it has no replicas to set"
        return refused(target, verb, stop_flight("mode", text, "docker service rm ends it"))
    verb, about = actual_verb(verb, is_running=state.replicas != 0)
    checks, now = await health(site, service)
    to = _replicas(site, service)
    return ServiceDraft(
        title=clean(f"{verb} swarm service {name}"),
        verb=verb,
        targets=(target,),
        steps=_steps(name, state, verb, to, manner),
        traits=(DraftTrait(target.title, SwarmTrait(name)),),
        proofs=(
            DraftProof(SafeText("all its tasks run"), SwarmRuns(name)),
            *(checks if verb != STOP else ()),
        ),
        radius=(
            clean(f"1 swarm service with {state.running} running tasks"),
            *(dependents_line(site, service) if verb != START else ()),
        ),
        preflight=(
            passed("service", _text(name, state)),
            *((about,) if about else ()),
            *_start_flight(verb, to),
            *now,
        ),
        downtime=_downtime(verb),
        way_back=SafeText("none") if verb == RESTART else SafeText("the replicas are set back"),
        estimate_s=30.0,
        stops=1 if verb == STOP or (verb == RESTART and manner.is_split) else 0,
    )


def _replicas(site: Site, service: ServiceSpec) -> int:
    """Return how many the configuration wants of a service that has none now."""
    for one in site.operations_of(service.id.system).scaling:
        is_it = one.kind == "swarm" and one.service == service.id.service
        if is_it and one.replicas:
            return one.replicas
    return 1


def _start_flight(verb: str, to: int) -> tuple[Preflight, ...]:
    if verb != START:
        return ()
    return (warning("replicas", f"it will have {to}", "scale.apply sets another number"),)


def _steps(
    name: str, state: SwarmState, verb: str, to: int, manner: Manner
) -> tuple[DraftStep, ...]:
    now = state.replicas or 0
    if verb == RESTART and manner.is_split:
        return (_scaling(name, now, 0), _scaling(name, 0, now))
    if verb == RESTART:
        step = ForceSwarm(name, state.forced)
        return (DraftStep(clean(f"replace all tasks of {name}"), step, 30.0),)
    return (_scaling(name, now, to if verb == START else 0),)


def _scaling(name: str, was: int, to: int) -> DraftStep:
    title = clean(f"set replicas of {name} from {was} to {to}")
    return DraftStep(title, ScaleSwarm(name, was, to), 30.0, undo=clean(f"set to {was}"))


def _downtime(verb: str) -> SafeText:
    if verb == RESTART:
        return SafeText("none where it has several replicas: they are replaced one after another")
    return SafeText("until it is started again") if verb == STOP else SafeText("")
