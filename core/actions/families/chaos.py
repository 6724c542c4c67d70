"""`chaos.stop`: takes a service away for a while, and brings it back whatever happens."""

from secrets import token_hex

from core.actions.action import Action, Draft, DraftProof, DraftStep, Input, Offer, Site
from core.actions.families.chaos_steps import ArmGuardian, ReleaseGuardian, StayAway
from core.actions.families.probes import span_of
from core.actions.families.services_draft import (
    check_name,
    dependents,
    proving_checks,
    stop_flight,
)
from core.actions.families.services_steps import ServiceDraft, restart_around
from core.actions.part import freeze
from core.actions.results import ResultSays, forgetting, new_result
from core.clients.docker_address import address_of
from core.errors import ActionError
from core.model.action import ActionRequest, Danger
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Environment, ServiceSpec

_MOST_S = {
    Environment.PRODUCTION: 60.0,
    Environment.STAGING: 300.0,
    Environment.DEVELOPMENT: 300.0,
}
_MOST_CHECKS = 8
_BESIDE_S = 30.0
_ARM_S = 45.0


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "chaos.stop",
            f"{one.id.system}/{one.id.service}",
            clean(f"Take {one.title or one.id.service} away for a while"),
            EMPTY if one.runs_as else SafeText("the configuration does not say how it runs"),
        )
        for system in site.topology.systems
        for one in system.services
        if not one.is_outside
    )


async def _draft(site: Site, request: ActionRequest) -> Draft:
    service = site.service(request.target)
    away_s = span_of(request, "for", 30, _MOST_S[site.topology.environment])
    if site.ports.guards is None:
        raise ActionError("nothing here can start a guardian, so nothing is taken away")
    result = new_result(site.ports)
    away = DraftStep(
        clean(f"leave it away for {away_s:g} s"),
        StayAway(away_s, _checks(site, service), result),
        away_s + _BESIDE_S,
        undo=SafeText("nothing to undo: it only waits"),
    )
    around = await restart_around(site, service, (away,))
    title = clean(f"take {service.id.service} away for {away_s:g} s")
    if not around.stops:
        return _refused(around, title)
    return _whole(site, around, title, away_s, result)


def _refused(around: ServiceDraft, title: SafeText) -> Draft:
    """Return the draft of what is not there to be taken away."""
    flight = stop_flight("state", "it does not run: there is nothing to take away", "start it")
    return Draft(title, around.targets, (), preflight=(*around.preflight, flight))


def _whole(site: Site, around: ServiceDraft, title: SafeText, away_s: float, result: str) -> Draft:
    starts = around.steps[around.stops + 1 :]
    order = f"{site.ports.results}/{token_hex(16)}.guard"
    parts = tuple(freeze(one.step) for one in starts)
    lasts_s = sum(one.deadline_s for one in around.steps) + _BESIDE_S
    arm = ArmGuardian(
        order,
        tuple((one.kind, one.arguments) for one in parts),
        lasts_s,
        address_of(site.topology.docker_url),
    )
    return Draft(
        title=title,
        targets=around.targets,
        steps=(
            DraftStep(SafeText("start a guardian that brings it back"), arm, _ARM_S,
                      undo=SafeText("the guardian goes")),
            *around.steps,
            DraftStep(SafeText("have the guardian go"), ReleaseGuardian(order), _ARM_S,
                      is_after_proof=True),
            forgetting(result),
        ),
        traits=around.traits,
        proofs=(*around.proofs, DraftProof(SafeText("what was seen"), ResultSays(result))),
        radius=(*around.radius,
                clean(f"a guardian starts it when this action dies, or after {lasts_s:.0f} s")),
        preflight=around.preflight,
        locks=around.locks,
        downtime=clean(f"{away_s:g} s, and until it answers again"),
        way_back=SafeText("it is started again, at once when anything fails"),
        estimate_s=away_s + (around.estimate_s or 0.0),
    )  # fmt: skip


def _checks(site: Site, service: ServiceSpec) -> tuple[str, ...]:
    """Return the checks to look at meanwhile: its own, and of whoever needs it."""
    found = [
        check_name(check)
        for one in (service, *dependents(site, service))
        for check in proving_checks(one)
    ]
    return tuple(found[:_MOST_CHECKS])


ACTIONS: tuple[Action, ...] = (
    Action(
        "chaos.stop",
        "Take a service away for a while",
        "break",
        Danger.INTERRUPT,
        _offers,
        _draft,
        (Input("for", "how long; 60s at most in production, else 5m", "30s"),),
    ),
)
