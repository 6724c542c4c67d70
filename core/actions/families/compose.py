"""`compose.up`, `recreate`, `restart`, `stop`, `down`, `build`, `update`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from core.actions.action import Action, Draft, DraftStep, Input, Offer, Site
from core.actions.families.compose_draft import (
    Scope,
    nothing,
    proofs_of,
    radius_of,
    scope_of,
)
from core.actions.families.compose_evidence import stays
from core.actions.families.compose_steps import (
    BUILD_DEADLINE_S,
    DEADLINE_S,
    ComposeBuild,
    ComposeDown,
    ComposeRestart,
    ComposeStop,
    ComposeUpdate,
)
from core.actions.families.compose_up import base_draft, recreate_draft, up_draft
from core.actions.families.services_draft import stop_flight, warning
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Target
from core.model.text import SafeText, clean
from core.model.topology import ComposeService


async def _restart_draft(site: Site, scope: Scope) -> Draft:
    services = tuple(dict.fromkeys(one.service for one in scope.found))
    base = base_draft(scope, services, f"restart {len(services)} services")
    if not services:
        flight = nothing("there is no container to restart", "compose.up")
        return replace(base, preflight=(*base.preflight, flight))
    call = scope.call
    step = ComposeRestart(call.argv, call.cwd, call.project, services, scope.before)
    proofs, now = await proofs_of(site, scope, services)
    unread = warning(
        "environment", "a restart reads neither files nor environment again", "compose.recreate"
    )
    return replace(
        base,
        steps=(DraftStep(base.title, step, DEADLINE_S + 10),),
        proofs=proofs,
        radius=radius_of(site, scope, services, "are restarted"),
        preflight=(*base.preflight, unread, *now),
        downtime=SafeText("of each service from its stop until it answers again"),
        way_back=SafeText("none: the runs that end are gone; containers and data are untouched"),
        estimate_s=30.0,
    )


async def _stop_draft(site: Site, scope: Scope) -> Draft:
    services = tuple(dict.fromkeys(one.service for one in scope.found if one.is_up))
    base = base_draft(scope, services, f"stop {len(services)} services")
    if not services:
        flight = nothing("none of its containers runs: nothing to stop")
        return replace(base, preflight=(*base.preflight, flight))
    call = scope.call
    step = ComposeStop(call.argv, call.cwd, call.project, services)
    return replace(
        base,
        steps=(DraftStep(base.title, step, DEADLINE_S + 10, undo=SafeText("up --detach")),),
        proofs=(stays(call.project, services, is_gone=False),),
        radius=radius_of(site, scope, services, "stop"),
        downtime=SafeText("until they are started again"),
        way_back=SafeText("they are brought up again with what the files say by then"),
        estimate_s=15.0,
    )


async def _down_draft(site: Site, scope: Scope) -> Draft:
    if not scope.is_whole:
        raise ActionError("compose down is for the whole project; compose.stop stops services")
    services = tuple(dict.fromkeys(one.service for one in scope.found))
    base = base_draft(scope, services, f"remove {len(scope.found)} containers")
    if not services:
        flight = nothing("it has no container: nothing to remove")
        return replace(base, preflight=(*base.preflight, flight))
    call = scope.call
    step = ComposeDown(call.argv, call.cwd, call.project, services, scope.before)
    lost = warning("containers", "what they wrote outside of volumes is lost; volumes stay")
    return replace(
        base,
        steps=(DraftStep(base.title, step, DEADLINE_S + 10, is_irreversible=True),),
        proofs=(stays(call.project, services, is_gone=True),),
        radius=(
            clean(f"{len(scope.found)} containers and the project's networks are removed"),
            *radius_of(site, scope, services, "end"),
        ),
        preflight=(*base.preflight, lost),
        downtime=SafeText("until it is brought up again"),
        way_back=SafeText("compose.up makes new containers; named volumes keep their data"),
        estimate_s=20.0,
    )


async def _build_draft(site: Site, scope: Scope) -> Draft:
    built = tuple(one for one in scope.wanted if one.is_built)
    names = tuple(one.name for one in built)
    base = base_draft(scope, names, f"build {len(names)} images")
    if not built:
        flight = nothing("the files build no image: each is pulled", "compose.update")
        return replace(base, preflight=(*base.preflight, flight))
    images: list[tuple[str, str]] = []
    for one in built:
        try:
            images.append((one.image, await site.ports.engine.image_digest(one.image)))
        except ClientMissing:
            images.append((one.image, ""))
    is_fresh = scope.request.input("cache", "no") == "no"
    call = scope.call
    step = ComposeBuild(
        call.argv, call.cwd, names, tuple(images), ("--no-cache",) if is_fresh else ()
    )
    return replace(
        base,
        targets=tuple(Target("image", name, clean(f"image {name}")) for name, _ in images),
        steps=(DraftStep(base.title, step, BUILD_DEADLINE_S + 10),),
        radius=(clean(f"{len(images)} images get their names anew; what runs goes on running"),),
        way_back=SafeText("the old images stay, without a name, until they are pruned"),
        preview=tuple(clean(f"{name} is {old[7:19] or 'not there'}") for name, old in images),
        estimate_s=120.0,
    )


async def _update_draft(site: Site, scope: Scope) -> Draft:
    services = scope.names
    base = base_draft(scope, services, f"update {len(services)} services")
    call = scope.call
    missing = sorted(set(services) - {one.service for one in scope.found})
    if missing:
        flight = stop_flight("state", f"{', '.join(missing)} has no container", "compose.up")
        return replace(base, preflight=(*base.preflight, flight))
    step = ComposeUpdate(call.argv, call.cwd, call.project, services, scope.before)
    proofs, now = await proofs_of(site, scope, services)
    return replace(
        base,
        steps=(DraftStep(base.title, step, 2 * BUILD_DEADLINE_S, is_irreversible=True),),
        proofs=proofs,
        radius=radius_of(site, scope, services, "are made anew where their image is newer"),
        preflight=(*base.preflight, *now),
        downtime=SafeText("of each service that has a newer image, while it is made anew"),
        way_back=SafeText("image.rollback, service by service; the old images stay"),
        estimate_s=120.0,
    )


_Drafter = Callable[[Site, Scope], Awaitable[Draft]]


def _drafted(verb: str, drafter: _Drafter) -> Callable[[Site, ActionRequest], Awaitable[Draft]]:
    async def draft(site: Site, request: ActionRequest) -> Draft:
        try:
            scope = await scope_of(site, request)
        except ClientError as error:
            system = request.target.partition("/")[0]
            return Draft(
                title=clean(f"{verb} {request.target}"),
                targets=(Target("compose", system, clean(f"compose project of {system}")),),
                steps=(),
                preflight=(stop_flight("engine", str(error)),),
            )
        return await drafter(site, scope)

    return draft


def _offers(action: str, *, has_services: bool) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        found: list[Offer] = []
        for system in site.topology.systems:
            if site.operations_of(system.name).compose is None:
                continue
            verb = action.partition(".")[2]
            found.append(Offer(action, f"{system.name}/{system.name}", clean(f"Compose {verb}")))
            found += [
                Offer(
                    action, f"{system.name}/{one.id.service}", clean(f"Compose {verb} {one.title}")
                )
                for one in system.services
                if has_services and isinstance(one.runs_as, ComposeService)
            ]
        return tuple(found)

    return offers


_KINDS: tuple[tuple[str, str, Danger, _Drafter, bool], ...] = (
    ("up", "Bring up what the files say", Danger.INTERRUPT, up_draft, True),
    ("recreate", "Make containers anew", Danger.INTERRUPT, recreate_draft, True),
    ("restart", "Restart containers", Danger.INTERRUPT, _restart_draft, True),
    ("stop", "Stop containers", Danger.INTERRUPT, _stop_draft, True),
    ("down", "Remove containers and networks", Danger.INTERRUPT, _down_draft, False),
    ("build", "Build images", Danger.CHANGE, _build_draft, True),
    ("update", "Pull newer images and use them", Danger.INTERRUPT, _update_draft, True),
)
_INPUTS = {
    "build": (Input("cache", "use the build cache", "no", choices=("no", "yes")),),
}

ACTIONS: tuple[Action, ...] = tuple(
    Action(
        f"compose.{verb}",
        title,
        verb,
        danger,
        _offers(f"compose.{verb}", has_services=has_services),
        _drafted(verb, drafter),
        _INPUTS.get(verb, ()),
    )
    for verb, title, danger, drafter, has_services in _KINDS
)
