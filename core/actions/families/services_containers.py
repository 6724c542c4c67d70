"""Restart, start and stop of containers, by their ids, and of compose services, which are some."""

from dataclasses import dataclass

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.evidence import ContainerRuns, StaysStopped
from core.actions.families.services_container_steps import (
    BESIDE_STOP_S,
    STOPPED,
    RestartContainer,
    StartContainer,
    StopContainer,
    started,
)
from core.actions.families.services_draft import (
    AT_ONCE,
    RESTART,
    START,
    STOP,
    Manner,
    ServiceDraft,
    actual_verb,
    counted,
    dependents_line,
    health,
    held_ports,
    no_loop,
    passed,
    refused,
    stop_flight,
    warning,
)
from core.actions.service_traits import ContainerTrait, container_text
from core.clients.acting.engine import ContainerMake
from core.clients.docker_facts import ContainerFacts
from core.errors import ClientError, ClientMissing
from core.model.action import Preflight, Target
from core.model.text import SafeText, clean, join
from core.model.topology import ComposeService, DockerContainer, ServiceSpec

_DEPENDS_ON = "com.docker.compose.depends_on"
_LOOP_RESTARTS = 3
_SHORT_STOP_S = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """One container of a service, now."""

    facts: ContainerFacts
    make: ContainerMake

    @property
    def is_stopped(self) -> bool:
        """Whether it would have to be started."""
        return self.facts.status in STOPPED

    @property
    def is_looping(self) -> bool:
        """Whether the engine restarts it all the time."""
        return self.facts.status == "restarting" or (self.facts.restarts or 0) >= _LOOP_RESTARTS

    @property
    def target(self) -> Target:
        """It, by name: its id changes when it is made again."""
        return Target("container", self.make.name, clean(f"container {self.make.name}"))


async def found_container(site: Site, container_id: str) -> Found:
    """Look at one container."""
    engine = site.ports.engine
    return Found(await engine.inspect(container_id), await engine.make_of(container_id))


async def ids_of(site: Site, runs: ComposeService | DockerContainer) -> tuple[str, ...]:
    """Return the ids of a service's containers; aliases are tried after the name."""
    engine = site.ports.engine
    if isinstance(runs, DockerContainer):
        return (await engine.find(runs.container),)
    for name in (runs.service, *runs.aliases):
        if found := await engine.find_service(runs.project, name):
            return found
    raise ClientMissing(
        f"project {clean(runs.project)} has no container of {clean(runs.service)}: "
        f"compose.up makes it"
    )


async def container_draft(
    site: Site,
    service: ServiceSpec,
    runs: ComposeService | DockerContainer,
    verb: str,
    manner: Manner = AT_ONCE,
) -> ServiceDraft:
    """Return what it takes to restart, start or stop a service's containers."""
    name = runs.container if isinstance(runs, DockerContainer) else runs.service
    target = Target("container", name, clean(f"container {name}"))
    try:
        all_of_it = [await found_container(site, one) for one in await ids_of(site, runs)]
    except ClientError as error:
        return refused(target, verb, stop_flight("engine", str(error)))
    is_running = not all(one.is_stopped for one in all_of_it)
    verb, about = actual_verb(verb, is_running=is_running)
    meant = [one for one in all_of_it if verb == RESTART or one.is_stopped == (verb == START)]
    stops, rest = _all_steps(meant, verb, manner)
    checks, now = await health(site, service)
    flights = [flight for one in meant for flight in _flights(one, verb)]
    flights += [*((about,) if about else ()), *now, *await _port_flights(site, meant, verb)]
    return ServiceDraft(
        title=clean(f"{verb} {', '.join(one.make.name for one in meant) or name}"),
        verb=verb,
        targets=tuple(one.target for one in meant) or (target,),
        steps=(*stops, *rest),
        traits=tuple(
            DraftTrait(one.target.title, ContainerTrait(one.make.name, one.is_looping))
            for one in meant
        ),
        proofs=_proofs(meant, verb, checks),
        radius=await _radius(site, service, meant, verb),
        preflight=tuple(flights),
        locks=(f"compose:{runs.project}",) if isinstance(runs, ComposeService) else (),
        downtime=_downtime(meant, verb),
        way_back=_way_back(verb),
        estimate_s=(15.0 if verb != STOP else 5.0) + 2.0 * len(meant),
        stops=len(stops),
    )


def _all_steps(
    meant: list[Found], verb: str, manner: Manner
) -> tuple[tuple[DraftStep, ...], tuple[DraftStep, ...]]:
    """Return the steps that stop everything first, and the others."""
    steps = [_steps(one, verb, manner) for one in meant]
    if verb == STOP:
        return tuple(step for several in steps for step in several), ()
    if not manner.is_split:
        return (), tuple(step for several in steps for step in several)
    return (
        tuple(step for several in steps for step in several[:-1]),
        tuple(several[-1] for several in steps),
    )


def _steps(one: Found, verb: str, manner: Manner) -> tuple[DraftStep, ...]:
    name, make = one.make.name, one.make
    deadline_s = make.stop_timeout_s + BESIDE_STOP_S
    stop = DraftStep(
        clean(f"stop {name}"), StopContainer(make.id, make.stop_timeout_s), deadline_s,
        is_irreversible=verb == RESTART and not manner.is_split, undo=SafeText("it is started"),
    )  # fmt: skip
    start = DraftStep(
        clean(f"start {name}"), StartContainer(make.id, make.stop_timeout_s), deadline_s,
        undo=SafeText("it is stopped"),
    )  # fmt: skip
    if verb == STOP:
        return (stop,)
    if verb == START or one.is_stopped:
        return (start,)
    if manner.is_split or one.is_looping or one.facts.status == "paused":
        return (stop, start)  # its start time says nothing: only stopped and running are sure
    step = RestartContainer(make.id, started(one.facts), make.stop_timeout_s)
    return (DraftStep(clean(f"restart {name}"), step, deadline_s),)


def _flights(one: Found, verb: str) -> tuple[Preflight, ...]:
    make, facts = one.make, one.facts
    found = [passed("container", f"{make.name}: {container_text(facts)}")]
    if make.is_auto_removed and verb != START:
        text = f"{make.name} was made with --rm: once stopped it is gone and cannot be started"
        found.append(stop_flight("removed", text, "make it without --rm"))
    if one.is_looping:
        text = f"restart loop: the engine has restarted {make.name} {facts.restarts} times"
        found.append(warning("restart loop", text, "read its log first: a restart mends no fault"))
    if facts.status == "paused":
        found.append(warning("paused", f"{make.name} is paused"))
    if make.anonymous_volumes:
        text = f"{make.name} keeps {', '.join(make.anonymous_volumes)} in volumes without a name"
        found.append(warning("volumes", f"{text}: they stay now, and are lost when it is removed"))
    if verb != START and make.stop_timeout_s < _SHORT_STOP_S:
        text = f"{make.name} is killed after {make.stop_timeout_s:g} s: writes may be cut off"
        found.append(warning("stop timeout", text))
    if verb == STOP and make.restart_policy == "always":
        text = f"{make.name} has restart policy always: it returns when the engine restarts"
        found.append(warning("restart policy", text))
    return tuple(found)


async def _port_flights(site: Site, meant: list[Found], verb: str) -> tuple[Preflight, ...]:
    ports = tuple(port for one in meant if one.is_stopped for port in one.make.ports)
    return await held_ports(site, ports, is_certain=True) if verb != STOP else ()


def _proofs(
    meant: list[Found], verb: str, checks: tuple[DraftProof, ...]
) -> tuple[DraftProof, ...]:
    if verb == STOP:
        return tuple(
            DraftProof(
                clean(f"{one.make.name} stays stopped"), StaysStopped("container", one.make.id)
            )
            for one in meant
        )
    return (
        *(
            DraftProof(
                clean(f"{one.make.name} runs anew"),
                ContainerRuns(one.make.id, started(one.facts)),
            )
            for one in meant
        ),
        *checks,
        *(no_loop("container", one.make.id, checks) for one in meant),
    )


async def _radius(
    site: Site, service: ServiceSpec, meant: list[Found], verb: str
) -> tuple[SafeText, ...]:
    names = join(", ", [clean(one.make.name) for one in meant])
    head = clean(f"{len(meant)} container{'' if len(meant) == 1 else 's'}: {names}")
    if verb == START:
        return (head,)
    needing = await _compose_dependents(site, service)
    more = (
        ()
        if not needing
        else (
            counted(
                len(needing), "compose service needs", "compose services need", "it",
                clean(", ".join(needing), 300),
            ),
        )
    )  # fmt: skip
    return (head, *more, *dependents_line(site, service))


async def _compose_dependents(site: Site, service: ServiceSpec) -> tuple[str, ...]:
    """Return services of the same project whose containers say that they depend on this one."""
    runs, engine = service.runs_as, site.ports.engine
    if not isinstance(runs, ComposeService):
        return ()
    others = {
        one.runs_as.service
        for system in site.topology.systems
        for one in system.services
        if isinstance(one.runs_as, ComposeService) and one.runs_as.project == runs.project
    } - {runs.service}
    found: list[str] = []
    for other in sorted(others):
        for one in (await engine.find_service(runs.project, other))[:1]:
            named = (await engine.make_of(one)).label(_DEPENDS_ON)
            if runs.service in {entry.partition(":")[0] for entry in named.split(",")}:
                found.append(other)
    return tuple(found)


def _downtime(meant: list[Found], verb: str) -> SafeText:
    if verb == STOP:
        return SafeText("until it is started again")
    if verb == START:
        return SafeText("")
    longest_s = max((one.make.stop_timeout_s for one in meant), default=0.0)
    return clean(f"up to {longest_s:g} s to stop, then until it answers again")


def _way_back(verb: str) -> SafeText:
    if verb == RESTART:
        return SafeText("none: the run that ends is gone; container and data are untouched")
    if verb == STOP:
        return SafeText("it is started again")
    return SafeText("it is stopped again, when it does not prove to work")
