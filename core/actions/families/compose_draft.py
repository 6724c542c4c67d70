"""What is meant by a compose target: which project, files and services, and how they are now."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from core.actions.action import DraftProof, Site
from core.actions.families.compose_call import Call, Wanted, call_of, project_of, read_wanted
from core.actions.families.compose_evidence import ComposeRuns
from core.actions.families.compose_look import Before, Member, before_of, members, told
from core.actions.families.services_draft import (
    dependents_line,
    health,
    passed,
    stop_flight,
    warning,
)
from core.errors import ActionError, ClientMissing
from core.model.action import ActionRequest, Preflight, Target
from core.model.operation import ComposeSpec
from core.model.text import SafeText, clean, join
from core.model.topology import ComposeService, ServiceSpec


@dataclass(frozen=True, slots=True)
class Scope:
    """What is meant."""

    request: ActionRequest
    call: Call
    wanted: tuple[Wanted, ...]
    """Only the services that are meant, as the files have them."""
    found: tuple[Member, ...]
    """Their containers now."""
    is_whole: bool
    """The whole project, and not single services of it."""
    add_on: str = ""
    """The name of the add-on whose files are meant; empty: the project's own."""

    @property
    def names(self) -> tuple[str, ...]:
        """Compose's names of the services."""
        return tuple(one.name for one in self.wanted)

    @property
    def before(self) -> Before:
        """The containers as a plan holds them."""
        return before_of(self.found)

    def flags(self, *more: str) -> tuple[str, ...]:
        """Return options of `up`: what single services need is left alone."""
        return more if self.is_whole else (*more, "--no-deps")

    def targets(self, services: tuple[str, ...]) -> tuple[Target, ...]:
        """Return what is acted on: containers by name, services where there is none yet."""
        found = [one for one in self.found if one.service in services]
        without = sorted(set(services) - {one.service for one in found})
        return (
            *(
                Target("container", str(one.facts.name), clean(f"container {one.facts.name}"))
                for one in found
            ),
            *(
                Target("compose", f"{self.call.project}/{one}", clean(f"service {one}"))
                for one in without
            ),
        )


def compose_of(site: Site, system: str) -> ComposeSpec:
    """Return where a system's compose project is.

    Raises:
        ActionError: the system is unknown, or has none.
    """
    site.system(system)
    spec = site.operations_of(system).compose
    if spec is None:
        raise ActionError(
            f"no compose project is configured for {system}; set systems.{system}.compose"
        )
    return spec


async def scope_of(site: Site, request: ActionRequest) -> Scope:
    """Return what a request means; `shop/shop` is the whole project, `shop/a,b` two services.

    Raises:
        ActionError: it means nothing, or compose is not here or refuses its files.
        ClientError: the engine cannot be asked.
    """
    system, _, name = request.target.partition("/")
    spec = compose_of(site, system)
    add_on = _add_on(spec, name)
    call = await call_of(site, spec, add_on or spec.files)
    wanted = await read_wanted(site, call)
    is_whole = bool(add_on) or name in {"", system, project_of(spec)}
    if not is_whole:
        known = {one.name: one for one in wanted}
        asked = dict.fromkeys(one.strip() for one in name.split(","))
        wanted = tuple(known[_compose_name(site, system, one, known)] for one in asked)
    found = await members(site.ports, call.project, tuple(one.name for one in wanted))
    return Scope(request, call, wanted, found, is_whole, name if add_on else "")


def _add_on(spec: ComposeSpec, name: str) -> tuple[str, ...]:
    """Return the files of an add-on: `monitoring` is `docker-compose.monitoring.yml`."""
    return tuple(
        file for file in spec.optional_files if name and f".{name}." in PurePosixPath(file).name
    )


def _compose_name(site: Site, system: str, name: str, known: dict[str, Wanted]) -> str:
    """Return what compose calls a service; the runbook may know it by another name."""
    names = [name]
    for one in site.system(system).services:
        runs = one.runs_as
        if isinstance(runs, ComposeService) and name in {one.id.service, *runs.aliases}:
            names += [runs.service, *runs.aliases]
    for candidate in names:
        if candidate in known:
            return candidate
    raise ActionError(
        f"the compose files have no service {clean(name)!r}; they have: {', '.join(known)}"
    )


def watched(site: Site, scope: Scope, services: tuple[str, ...]) -> tuple[ServiceSpec, ...]:
    """Return the configured services behind these compose services."""
    return tuple(
        one
        for system in site.topology.systems
        for one in system.services
        if isinstance(one.runs_as, ComposeService)
        and one.runs_as.project == scope.call.project
        and {one.runs_as.service, *one.runs_as.aliases} & set(services)
    )


async def proofs_of(
    site: Site, scope: Scope, services: tuple[str, ...]
) -> tuple[tuple[DraftProof, ...], tuple[Preflight, ...]]:
    """Return how it is proven that these services run and work, and how they do now."""
    runs = DraftProof(
        SafeText("all their containers run, the same for ten seconds"),
        ComposeRuns(scope.call.project, services),
    )
    proofs, flights = [runs], list[Preflight]()
    for one in watched(site, scope, services):
        checks, now = await health(site, one)
        proofs += checks
        flights += now
    return tuple(proofs), tuple(flights)


def tool_flights(scope: Scope) -> tuple[Preflight, ...]:
    """Return which compose it is, and what it will be called with."""
    return (
        passed("compose", f"version {scope.call.version}: {scope.call.words()}"),
        passed("containers", told(scope.found)),
        *(
            warning("volumes", f"{one.facts.name} keeps {', '.join(one.anonymous_volumes)} in"
                    " volumes without a name: what is made anew starts without that data")
            for one in scope.found
            if one.anonymous_volumes
        ),
    )  # fmt: skip


async def image_flights(
    site: Site, scope: Scope, services: tuple[str, ...]
) -> tuple[Preflight, ...]:
    """Return which images have to come from elsewhere first."""
    flights: list[Preflight] = []
    for one in scope.wanted:
        if one.name not in services:
            continue
        try:
            await site.ports.engine.image_digest(one.image)
        except ClientMissing:
            how = "it is built first" if one.is_built else "it is pulled first"
            flights.append(warning("image", f"{one.image} is not here: {how}"))
    return tuple(flights)


def radius_of(
    site: Site, scope: Scope, services: tuple[str, ...], does: str
) -> tuple[SafeText, ...]:
    """Return what is touched: `2 of 5 services are made anew: api, web`, and who needs them."""
    total = len(scope.wanted)
    head = clean(f"{len(services)} of {total} services {does}: {', '.join(services)}", 400)
    needing = [
        line for one in watched(site, scope, services) for line in dependents_line(site, one)
    ]
    return (head, *dict.fromkeys(needing))


def preview_of(scope: Scope, services: tuple[str, ...]) -> tuple[SafeText, ...]:
    """Return the containers that are meant, with the images that they run."""
    return tuple(
        join("  ", [clean(one.facts.name), clean(one.image_name), clean(one.image_id[7:19])])
        for one in scope.found
        if one.service in services
    )


def nothing(text: str, remedy: str = "") -> Preflight:
    """Return that there is nothing to do."""
    return stop_flight("state", text, remedy)
