"""What the drafts for units, containers, Swarm services and processes have in common."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.evidence import CheckHolds, NoCheck, NoRestartLoop
from core.errors import ActionError
from core.model.action import Grade, Preflight, Target
from core.model.check import CheckKind, CheckResult, CheckSpec
from core.model.text import EMPTY, SafeText, clean, join
from core.model.topology import ServiceSpec
from core.model.verdict import Verdict

RESTART, START, STOP = "restart", "start", "stop"
VERBS = (RESTART, START, STOP)
_LOOK_S = 5.0
_OTHER_PROOFS = (CheckKind.TCP, CheckKind.REDIS, CheckKind.API, CheckKind.PAGE)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared only
_USUAL_PORTS = {"http": 80, "https": 443, "redis": 6379}


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """What it takes to restart, start or stop one service; other families append it to theirs."""

    title: SafeText
    verb: str
    """What is really done: a restart of what is stopped is a start."""
    targets: tuple[Target, ...]
    steps: tuple[DraftStep, ...]
    traits: tuple[DraftTrait, ...] = ()
    proofs: tuple[DraftProof, ...] = ()
    radius: tuple[SafeText, ...] = ()
    preflight: tuple[Preflight, ...] = ()
    locks: tuple[str, ...] = ()
    downtime: SafeText = EMPTY
    way_back: SafeText = EMPTY
    estimate_s: float | None = None
    stops: int = 0
    """So many of the first steps stop it; where others begin is between them and the rest."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a restart is done."""

    is_split: bool = False
    """Stop and start are steps of their own, so that others fit between them and all of it can be
    undone; else it is one step wherever its manager has one."""


AT_ONCE = Manner()
SPLIT = Manner(is_split=True)


def stop_flight(name: str, text: str, remedy: str = "") -> Preflight:
    """Return a check that forbids the plan."""
    return Preflight(name, Grade.STOP, clean(text), clean(remedy))


def warning(name: str, text: str, remedy: str = "") -> Preflight:
    """Return a check that a person should read."""
    return Preflight(name, Grade.WARN, clean(text), clean(remedy))


def passed(name: str, text: str) -> Preflight:
    """Return a check that is well."""
    return Preflight(name, Grade.PASS, clean(text))


def refused(target: Target, verb: str, *flights: Preflight) -> ServiceDraft:
    """Return the draft of something that cannot be done; its preflight says why."""
    return ServiceDraft(clean(f"{verb} {target.title}"), verb, (target,), (), preflight=flights)


def actual_verb(asked: str, *, is_running: bool) -> tuple[str, Preflight | None]:
    """Return the verb for the present state, and what a person should know of it."""
    if asked == RESTART and not is_running:
        return START, warning("state", "it is stopped: this starts it")
    if asked == START and is_running:
        return START, stop_flight("state", "it runs already: nothing to start", "restart it")
    if asked == STOP and not is_running:
        return STOP, stop_flight("state", "it is stopped already: nothing to stop")
    return asked, None


def proving_checks(service: ServiceSpec) -> tuple[CheckSpec, ...]:
    """Return the checks that tell whether a service works: of health, else the plainest one."""
    health = tuple(one for one in service.checks if one.kind is CheckKind.HEALTH)
    if health:
        return health
    for kind in _OTHER_PROOFS:
        for one in service.checks:
            if one.kind is kind:
                return (one,)
    return ()


def check_name(check: CheckSpec) -> str:
    """Return `system/service/check`."""
    return f"{check.id.service.system}/{check.id.service.service}/{check.id.check}"


async def _look(site: Site, check: CheckSpec) -> CheckResult | None:
    try:
        async with asyncio.timeout(_LOOK_S):
            return await site.ports.look(check_name(check))
    except (ActionError, TimeoutError):
        return None


async def health(
    site: Site, service: ServiceSpec
) -> tuple[tuple[DraftProof, ...], tuple[Preflight, ...]]:
    """Return how its working is proven afterwards, and how it does now."""
    checks = proving_checks(service)
    name = str(service.id.service)
    if not checks:
        none = f"no check is configured for {name}: it will not be seen whether it works"
        proof = DraftProof(SafeText("whether it works"), NoCheck(name))
        return (proof,), (warning("health now", none),)
    results = await asyncio.gather(*(_look(site, one) for one in checks))
    proofs = tuple(
        DraftProof(
            clean(f"check {one.id.check}, 3 times over 10 s"),
            CheckHolds(
                check_name(one),
                is_degraded_enough=result is not None and result.verdict is Verdict.DEGRADED,
            ),
        )
        for one, result in zip(checks, results, strict=True)
    )
    return proofs, tuple(map(_health_flight, checks, results))


def _health_flight(check: CheckSpec, result: CheckResult | None) -> Preflight:
    if result is None:
        return warning("health now", f"{check.id.check}: it could not be looked at")
    text = f"{check.id.check}: {result.state}"
    if result.verdict is Verdict.OK:
        return passed("health now", text)
    return warning("health now", f"{text}: {result.reason}".removesuffix(": "))


def no_loop(manager: str, name: str, checks: tuple[DraftProof, ...]) -> DraftProof:
    """Return the last proof: checks that held for ten seconds have waited for it already."""
    has_waited = any(isinstance(one.evidence, CheckHolds) for one in checks)
    return DraftProof(
        SafeText("no restart loop"),
        NoRestartLoop(manager, name, over_s=2.0 if has_waited else 10.0),
    )


def dependents(site: Site, service: ServiceSpec) -> tuple[ServiceSpec, ...]:
    """Return the services that need this one, and those that need them."""
    everything = [one for system in site.topology.systems for one in system.services]
    needed, found = {service.id}, list[ServiceSpec]()
    while news := [
        one for one in everything if one.id not in needed and needed & set(one.depends_on)
    ]:
        needed |= {one.id for one in news}
        found += news
    return tuple(found)


def dependents_line(site: Site, service: ServiceSpec) -> tuple[SafeText, ...]:
    """Return the line of a blast radius about services that depend on it."""
    found = dependents(site, service)
    if not found:
        return ()
    return (counted(len(found), "service depends", "services depend", "on it", _names(found)),)


def _names(services: tuple[ServiceSpec, ...]) -> SafeText:
    return clean(", ".join(f"{one.id.system}/{one.id.service}" for one in services), 300)


def counted(number: int, one: str, several: str, rest: str, names: SafeText) -> SafeText:
    """Return `2 services depend on it: shop/api, shop/web`."""
    return clean(f"{number} {one if number == 1 else several} {rest}: {names}")


def ports_of_checks(service: ServiceSpec) -> tuple[int, ...]:
    """Return the ports of this machine at which its checks look."""
    found: set[int] = set()
    for check in service.checks:
        url = urlsplit(check.url)
        try:
            port = url.port or _USUAL_PORTS.get(url.scheme)
        except ValueError:
            continue
        if url.hostname in _LOOPBACK and port:
            found.add(port)
    return tuple(sorted(found))


async def held_ports(
    site: Site, ports: tuple[int, ...], *, is_certain: bool
) -> tuple[Preflight, ...]:
    """Return what speaks against a start: ports that somebody else holds."""
    if not ports:
        return ()
    holders = await site.ports.processes.listening(ports)
    make = stop_flight if is_certain else warning
    return tuple(
        make(f"port {port}", f"held by {who}", "end it first, or find out whose it is")
        for port, who in sorted(holders.items())
    ) or (passed("ports", f"{', '.join(map(str, ports))} free"),)


def merged(drafts: tuple[ServiceDraft, ...]) -> ServiceDraft:
    """Return several drafts as one, in their order."""
    if len(drafts) == 1:
        return drafts[0]

    def all_of(name: str) -> tuple[object, ...]:
        return tuple(item for draft in drafts for item in getattr(draft, name))

    lasts = [one.estimate_s for one in drafts if one.estimate_s is not None]
    fields = ("targets", "steps", "traits", "proofs", "radius", "preflight", "locks")
    return ServiceDraft(
        title=join(", ", [one.title for one in drafts]),
        verb=drafts[0].verb,
        downtime=join("; ", [one.downtime for one in drafts if one.downtime]),
        way_back=join("; ", list(dict.fromkeys(one.way_back for one in drafts if one.way_back))),
        estimate_s=sum(lasts) if lasts else None,
        **{name: all_of(name) for name in fields},  # pyright: ignore[reportArgumentType]
    )
