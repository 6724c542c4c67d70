"""`scale.apply`: more or fewer of a service: by Swarm, by compose, or by kubectl."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from core.actions.action import (
    Action,
    Draft,
    DraftProof,
    DraftStep,
    DraftTrait,
    Input,
    Offer,
    Site,
)
from core.actions.families.compose_draft import scope_of, tool_flights, watched
from core.actions.families.compose_evidence import ComposeIs
from core.actions.families.compose_up import up_draft
from core.actions.families.scale_steps import (
    ComposeCount,
    DeploymentReady,
    DeploymentTrait,
    ScaleCompose,
    ScaleDeployment,
    read_deployment,
)
from core.actions.families.services_draft import dependents_line, health, passed, stop_flight
from core.actions.families.services_swarm import ScaleSwarm, SwarmRuns
from core.actions.service_traits import SwarmTrait
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.operation import ScaleSpec
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import ServiceSpec, SwarmService

_MOST = 100
"""More replicas of one service than these are a mistake on one machine."""
_SECONDS_EACH = 5.0


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for."""

    system: str
    spec: ScaleSpec
    to: int | None
    """None: as the files say; it is about limits."""


def _wish(site: Site, request: ActionRequest) -> _Wish:
    """Read a request.

    Raises:
        ActionError: there is no such entry, or no sensible number.
    """
    system, _, name = request.target.partition("/")
    scaling = site.operations_of(site.system(system).name).scaling
    spec = next((one for one in scaling if one.name == name), None)
    if spec is None:
        known = ", ".join(one.name for one in scaling) or "none"
        raise ActionError(f"{system} has no scaling {clean(name)!r}; it has: {known}")
    given = request.input("replicas")
    if given and not (given.isascii() and given.isdigit() and int(given) <= _MOST):
        raise ActionError(f"replicas is a number from 0 to {_MOST}, not {clean(given, 40)!r}")
    to = int(given) if given else spec.replicas
    if to is None and spec.kind != "compose":
        raise ActionError(f"how many? --set replicas=N, or set scaling.{name}.replicas")
    return _Wish(system, spec, to)


def _service(site: Site, wish: _Wish) -> ServiceSpec | None:
    """Return the configured service that is meant, if it is one."""
    services = site.system(wish.system).services
    return next((one for one in services if one.id.service == wish.spec.service), None)


async def _shared(site: Site, wish: _Wish, was: int) -> tuple[Draft, tuple[DraftProof, ...]]:
    """Return what all scaling begins with, and the proofs of the service's own checks."""
    service = _service(site, wish)
    checks, now = await health(site, service) if service and wish.to else ((), ())
    to = wish.to or 0
    does = "begin" if to > was else "end"
    draft = Draft(
        title=clean(f"set {wish.spec.service} from {was} to {to} replicas"),
        targets=(),
        steps=(),
        radius=(
            clean(f"{abs(to - was)} replicas of {wish.spec.service} {does}"),
            *(dependents_line(site, service) if service and to < was else ()),
        ),
        preflight=(*now, *_same(was, to)),
        downtime=SafeText("until it is scaled up again") if not to else EMPTY,
        way_back=clean(f"{was} replicas again"),
        danger=Danger.CHANGE if to > was else Danger.INTERRUPT,
        estimate_s=10.0 + _SECONDS_EACH * abs(to - was),
    )
    return draft, checks


def _same(was: int, to: int) -> tuple[Preflight, ...]:
    if was != to:
        return (passed("replicas", f"{was} → {to}"),)
    return (stop_flight("replicas", f"it has {to} already: nothing to do"),)


def _refused(wish: _Wish, flight: Preflight) -> Draft:
    name = wish.spec.service
    return Draft(
        title=clean(f"scale {name}"),
        targets=(Target("service", f"{wish.system}/{name}", clean(f"service {name}")),),
        steps=(),
        preflight=(flight,),
    )


async def _swarm(site: Site, wish: _Wish) -> Draft:
    service = _service(site, wish)
    runs = service.runs_as if service else None
    name = runs.service if isinstance(runs, SwarmService) else wish.spec.service
    try:
        state = await site.ports.engine.swarm(name)
    except ClientError as error:
        remedy = f"docker service create --name {name} --replicas {wish.to} {wish.spec.image}"
        return _refused(wish, stop_flight("swarm", str(error), remedy.strip()))
    if state.replicas is None:
        text = f"{name} runs once on each node: it has no replicas to set"
        return _refused(wish, stop_flight("mode", text))
    was, to = state.replicas, wish.to or 0
    draft, checks = await _shared(site, wish, was)
    step = DraftStep(draft.title, ScaleSwarm(name, was, to), 30.0, undo=clean(f"set to {was}"))
    return replace(
        draft,
        targets=(Target("swarm", name, clean(f"swarm service {name}")),),
        steps=(step,) if was != to else (),
        traits=(DraftTrait(clean(f"swarm service {name}"), SwarmTrait(name)),),
        proofs=(DraftProof(SafeText("all its tasks run"), SwarmRuns(name)), *checks),
    )


async def _kubernetes(site: Site, wish: _Wish) -> Draft:
    spec = wish.spec
    namespace, name = spec.namespace or "default", spec.deployment or spec.service
    try:
        now = await read_deployment(site.ports.commands, namespace, name)
    except ClientError as error:
        return _refused(wish, stop_flight("kubectl", str(error), "look: kubectl get deployments"))
    draft, checks = await _shared(site, wish, now.wanted)
    to = wish.to or 0
    step = ScaleDeployment(namespace, name, now.wanted, to)
    undo = clean(f"set to {now.wanted}")
    return replace(
        draft,
        targets=(Target("deployment", f"{namespace}/{name}", clean(f"deployment {name}")),),
        steps=(DraftStep(draft.title, step, 60.0, undo=undo),) if to != now.wanted else (),
        traits=(DraftTrait(clean(f"deployment {name}"), DeploymentTrait(namespace, name)),),
        proofs=(
            DraftProof(SafeText("all replicas are ready"), DeploymentReady(namespace, name)),
            *checks,
        ),
        preflight=(passed("deployment", now.text()), *draft.preflight),
    )


async def _compose(site: Site, wish: _Wish) -> Draft:
    asked = ActionRequest("compose.up", f"{wish.system}/{wish.spec.service}")
    try:
        scope = await scope_of(site, asked)
        if wish.to is None:
            return await up_draft(site, scope)  # limits: the file has them, and `up` applies it
    except ClientError as error:
        return _refused(wish, stop_flight("engine", str(error)))
    name, call = scope.names[0], scope.call
    was = sum(one.is_up for one in scope.found)
    draft, checks = await _shared(site, wish, was)
    step = ScaleCompose(call.argv, call.cwd, call.project, name, was, wish.to)
    undo = clean(f"set to {was}")
    known = watched(site, scope, (name,))
    return replace(
        draft,
        targets=scope.targets((name,)),
        steps=(DraftStep(draft.title, step, 310.0, undo=undo),) if was != wish.to else (),
        traits=(DraftTrait(clean(f"containers of {name}"), ComposeIs(call.project, (name,))),),
        proofs=(
            DraftProof(
                clean(f"{wish.to} containers run"), ComposeCount(call.project, name, wish.to)
            ),
            *(checks if known else ()),
        ),
        preflight=(*tool_flights(scope), *draft.preflight),
        locks=(f"compose:{call.project}",),
    )


_KINDS: dict[str, Callable[[Site, _Wish], Awaitable[Draft]]] = {
    "swarm": _swarm,
    "kubernetes": _kubernetes,
    "compose": _compose,
}


async def _draft(site: Site, request: ActionRequest) -> Draft:
    wish = _wish(site, request)
    drafter = _KINDS.get(wish.spec.kind)
    if drafter is None:
        raise ActionError(f"nobody knows how {wish.spec.kind!r} scales; known: {', '.join(_KINDS)}")
    return await drafter(site, wish)


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "scale.apply",
            f"{system.name}/{one.name}",
            clean(one.title or f"Scale {one.service}"),
            EMPTY if one.kind in _KINDS else clean(f"nobody knows how {one.kind} scales"),
        )
        for system in site.topology.systems
        for one in site.operations_of(system.name).scaling
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "scale.apply",
        "Set replicas",
        "scale",
        Danger.INTERRUPT,
        _offers,
        _draft,
        (Input("replicas", "how many; none: as configured"),),
    ),
)
