"""Drafts that bring services up as the files say, and what all drafts of compose begin with."""

from dataclasses import replace

from core.actions.action import Draft, DraftStep, DraftTrait, Site
from core.actions.families.compose_call import Wanted, read_dry_run
from core.actions.families.compose_draft import (
    Scope,
    image_flights,
    nothing,
    preview_of,
    proofs_of,
    radius_of,
    tool_flights,
)
from core.actions.families.compose_evidence import ComposeIs
from core.actions.families.compose_look import Member
from core.actions.families.compose_steps import BUILD_DEADLINE_S, ComposeUp
from core.actions.families.services_draft import warning
from core.errors import ClientMissing
from core.model.action import Danger, Preflight
from core.model.text import SafeText, clean

_GONE = SafeText("none: the old containers are gone; image.rollback goes back to an older image")


def base_draft(scope: Scope, services: tuple[str, ...], title: str) -> Draft:
    """Return what all drafts of these services share."""
    call = scope.call
    return Draft(
        title=clean(f"{title} of compose project {call.project}"),
        targets=scope.targets(services),
        steps=(),
        traits=(
            DraftTrait(
                clean(f"containers of {call.project}"), ComposeIs(call.project, scope.names)
            ),
        ),
        preflight=tool_flights(scope),
        preview=preview_of(scope, services),
        locks=(f"compose:{call.project}",),
    )


async def _up(site: Site, scope: Scope, *, is_forced: bool) -> Draft:
    services = scope.names if is_forced else await _changing(site, scope)
    base = base_draft(scope, services, f"bring up {len(services)} services")
    if not services:
        flight = nothing("everything runs as the files say: nothing to do", "compose.recreate")
        return replace(base, preflight=(*base.preflight, flight))
    call = scope.call
    step = ComposeUp(
        call.argv, call.cwd, call.project, scope.names, services,
        scope.before, scope.flags(*(("--force-recreate",) if is_forced else ())),
    )  # fmt: skip
    proofs, now = await proofs_of(site, scope, services)
    running = [one for one in scope.found if one.service in services and one.is_up]
    return replace(
        base,
        steps=(DraftStep(base.title, step, BUILD_DEADLINE_S + 10, is_irreversible=True),),
        proofs=proofs,
        radius=radius_of(site, scope, services, "are made anew or started"),
        preflight=(
            *base.preflight,
            *_add_on_flights(scope),
            *await image_flights(site, scope, services),
            *now,
        ),
        downtime=SafeText("of each service from its stop until it answers again")
        if running
        else SafeText(""),
        way_back=_GONE if running else SafeText("compose.stop or compose.down"),
        danger=Danger.INTERRUPT if running else Danger.CHANGE,
        estimate_s=30.0,
    )


async def _changing(site: Site, scope: Scope) -> tuple[str, ...]:
    """Return services that `up` would touch: by its own word, else as far as can be compared."""
    said = await read_dry_run(site, scope.call, scope.flags(), scope.names)
    found: list[str] = []
    for one in scope.wanted:
        own = [member for member in scope.found if member.service == one.name]
        is_named = said is not None and any(str(member.facts.name) in said for member in own)
        if not own or is_named or (said is None and await _differs(site, one, own)):
            found.append(one.name)
    return tuple(found)


async def _differs(site: Site, wanted: Wanted, own: list[Member]) -> bool:
    is_same = all(not wanted.config_hash or one.config_hash == wanted.config_hash for one in own)
    is_up = all(one.is_up or one.is_finished for one in own)
    return not is_same or not is_up or await _is_older(site, wanted.image, own[0].image_id)


async def _is_older(site: Site, image: str, runs: str) -> bool:
    try:
        return await site.ports.engine.image_digest(image) != runs
    except ClientMissing:
        return False


def _add_on_flights(scope: Scope) -> tuple[Preflight, ...]:
    shared = sorted({one.service for one in scope.found}) if scope.add_on else []
    if not shared:
        return ()
    text = f"the files of {scope.add_on} define {', '.join(shared)} as well: they are made anew"
    return (warning("add-on", text, "its ports, names and passwords replace those that run"),)


async def up_draft(site: Site, scope: Scope) -> Draft:
    """Return what brings up whatever is not as the files say."""
    return await _up(site, scope, is_forced=False)


async def recreate_draft(site: Site, scope: Scope) -> Draft:
    """Return what makes every container anew, so that files and environment are read again."""
    draft = await _up(site, scope, is_forced=True)
    return replace(draft, title=clean(f"make anew {scope.call.project}: {', '.join(scope.names)}"))
