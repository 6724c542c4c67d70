"""`service.restart`, `service.start`, `service.stop`: one service or several, however they run."""

from collections.abc import Awaitable, Callable

from core.actions.action import Action, Draft, Offer, Site
from core.actions.families.services_steps import merged, service_steps
from core.errors import ActionError
from core.model.action import ActionRequest, Danger
from core.model.text import EMPTY, SafeText, clean

_MOST = 20
"""More services than these are a procedure."""


def _offers(verb: str) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(
                f"service.{verb}",
                f"{one.id.system}/{one.id.service}",
                clean(f"{verb} {one.title or one.id.service}".capitalize()),
                EMPTY if one.runs_as else SafeText("the configuration does not say how it runs"),
            )
            for system in site.topology.systems
            for one in system.services
            if not one.is_outside
        )

    return offers


def _draft(verb: str) -> Callable[[Site, ActionRequest], Awaitable[Draft]]:
    async def draft(site: Site, request: ActionRequest) -> Draft:
        system, _, names = request.target.partition("/")
        asked = [name.strip() for name in names.split(",")]
        if len(asked) > _MOST:
            raise ActionError(f"{len(asked)} services at once are too many; {_MOST} at most")
        services = [site.service(f"{system}/{name}") for name in dict.fromkeys(asked)]
        one = merged(tuple([await service_steps(site, service, verb) for service in services]))
        return Draft(
            title=one.title,
            targets=one.targets,
            steps=one.steps,
            traits=one.traits,
            proofs=one.proofs,
            radius=one.radius,
            preflight=one.preflight,
            locks=one.locks,
            downtime=one.downtime,
            way_back=one.way_back,
            danger=Danger.CHANGE if one.verb == "start" else None,
            estimate_s=one.estimate_s,
        )

    return draft


ACTIONS: tuple[Action, ...] = tuple(
    Action(
        f"service.{verb}",
        f"{verb.capitalize()} a service",
        verb,
        danger,
        _offers(verb),
        _draft(verb),
    )
    for verb, danger in (
        ("restart", Danger.INTERRUPT),
        ("start", Danger.CHANGE),
        ("stop", Danger.INTERRUPT),
    )
)
