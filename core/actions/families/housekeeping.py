"""`docker.prune_images`, `docker.prune_system`: what the plan lists goes, and no more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Input, Offer, Site
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import PrunableTrait
from core.actions.work import Work
from core.clients.acting.engine import PruneCount
from core.errors import ClientError
from core.model.action import ActionRequest, Danger, Preflight, Proof, Target
from core.model.text import SafeText, clean

_DEADLINE_S = 910.0
_SHOWN = 60
_KIB = 1024.0
_ORDER = ("unused-images", "networks", "build-cache", "volumes", "containers")
"""Containers last: what stopped ones use is not in the list, so it must not go either."""
_TITLES = {
    "images": "images without a name",
    "unused-images": "images that no container has",
    "networks": "networks without a running container",
    "build-cache": "entries of the build cache",
    "volumes": "volumes that no container has",
    "containers": "stopped containers",
}


def _size(size_bytes: int) -> str:
    """Return `1.2 GiB`; empty for nothing."""
    value, units = float(size_bytes), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= _KIB and len(units) > 1:
        value /= _KIB
        del units[0]
    return f"{value:.3g} {units[0]}" if size_bytes else ""


@part
@dataclass(frozen=True, slots=True)
class PruneEngine(BareStep):
    """Has the engine take away what nothing uses, of one kind."""

    kind: ClassVar[str] = "engine.prune"
    what: str
    items: tuple[str, ...]
    """Each begins with its id or name."""

    async def observe(self, ports: Ports) -> Seen:
        """See how many of the listed are left."""
        left = await _left(ports, self.what, self.items)
        sight = Sight.BEFORE if len(left) == len(self.items) else Sight.NEITHER
        text = clean(f"{len(left)} of {len(self.items)} are there: {', '.join(left)}", 300)
        return Seen(sight if left else Sight.AFTER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Prune, unless that has happened."""
        if await _left(ports, self.what, self.items):
            freed = await ports.engine.prune(self.what)
            work.say(clean(f"{self.what}: the engine says that it freed {_size(freed) or '0 B'}"))


async def _left(ports: Ports, what: str, items: tuple[str, ...]) -> tuple[str, ...]:
    counts = await ports.engine.prunable(what)
    now = {item.partition(" ")[0] for count in counts for item in count.items}
    return tuple(item for item in items if item.partition(" ")[0] in now)


@part
@dataclass(frozen=True, slots=True)
class RunningStay:
    """Whatever ran before still runs."""

    kind: ClassVar[str] = "evidence.running_stay"
    containers: tuple[str, ...]
    """Ids."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at each."""
        ended: list[str] = []
        for one in self.containers:
            try:
                facts = await ports.engine.inspect(one)
            except ClientError as error:
                ended.append(f"{one[:12]}: {error}")
                continue
            if facts.status != "running":
                ended.append(f"{facts.name}: {facts.status}")
        if ended:
            return Proven(Proof.FAILED, clean("; ".join(ended), 300))
        return Proven(Proof.VERIFIED, clean(f"{len(self.containers)} containers run as before"))


async def _draft(site: Site, what: tuple[str, ...], title: str, danger: Danger) -> Draft:
    targets = (Target("engine", "docker", SafeText("this Docker engine")),)
    try:
        counts = [
            (kind, count) for kind in what for count in await site.ports.engine.prunable(kind)
        ]
    except ClientError as error:
        return Draft(clean(title), targets, (), preflight=(stop_flight("engine", str(error)),))
    found = [(kind, count) for kind, count in counts if count.items]
    total = sum(count.size_bytes for _, count in found)
    number = sum(len(count.items) for _, count in found)
    return Draft(
        title=clean(f"{title}: {number} things, {_size(total) or 'of no size that it tells'}"),
        targets=targets,
        steps=tuple(_step(kind, count) for kind, count in found),
        traits=tuple(DraftTrait(clean(_TITLES[kind]), PrunableTrait(kind)) for kind in what),
        proofs=await _proofs(site),
        radius=tuple(_line(kind, count) for kind, count in counts),
        preflight=_flights(what, number),
        preview=_preview(found),
        way_back=SafeText("none: images can be pulled or built again, the rest is gone"),
        danger=danger,
        estimate_s=5.0 + number,
    )


def _step(kind: str, count: PruneCount) -> DraftStep:
    title = clean(f"remove {len(count.items)} {_TITLES[kind]}")
    return DraftStep(title, PruneEngine(kind, count.items), _DEADLINE_S, is_irreversible=True)


def _line(kind: str, count: PruneCount) -> SafeText:
    size = f", {_size(count.size_bytes)}" if count.size_bytes else ""
    return clean(f"{len(count.items)} {_TITLES[kind]}{size}")


def _preview(found: list[tuple[str, PruneCount]]) -> tuple[SafeText, ...]:
    lines = [clean(f"{kind}  {item}", 200) for kind, count in found for item in count.items]
    more = len(lines) - _SHOWN
    return (*lines[:_SHOWN], *((clean(f"… and {more} more"),) if more > 0 else ()))


def _flights(what: tuple[str, ...], number: int) -> tuple[Preflight, ...]:
    if not number:
        return (stop_flight("waste", "there is nothing to remove"),)
    flights = [passed("waste", f"{number} things that nothing uses")]
    if "containers" in what:
        text = "stopped containers and networks of all projects of this engine are meant"
        flights.append(warning("other projects", text, "compose.down removes those of one"))
    if "volumes" in what:
        text = "volumes hold data: what is in them is lost for good"
        flights.append(warning("volumes", text, "back them up first"))
    return tuple(flights)


async def _proofs(site: Site) -> tuple[DraftProof, ...]:
    running = await site.ports.engine.running()
    title = SafeText("what ran still runs")
    return (DraftProof(title, RunningStay(running)),)


async def _images_draft(site: Site, request: ActionRequest) -> Draft:
    is_all = request.input("all", "no") == "yes"
    what = ("unused-images",) if is_all else ("images",)
    return await _draft(site, what, "remove images", Danger.DESTROY if is_all else Danger.CHANGE)


async def _system_draft(site: Site, request: ActionRequest) -> Draft:
    has_volumes = request.input("volumes", "no") == "yes"
    what = tuple(kind for kind in _ORDER if kind != "volumes" or has_volumes)
    return await _draft(site, what, "remove what nothing uses", Danger.DESTROY)


def _offers(action: str, title: SafeText) -> Callable[[Site], tuple[Offer, ...]]:
    """Offer it on the engine of each system that has a compose project."""

    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(action, f"{system.name}/docker", title)
            for system in site.topology.systems
            if site.operations_of(system.name).compose is not None
        )

    return offers


_YES_NO = ("no", "yes")
ACTIONS: tuple[Action, ...] = (
    Action(
        "docker.prune_images",
        "Remove unused images",
        "prune",
        Danger.CHANGE,
        _offers("docker.prune_images", SafeText("Remove unused images")),
        _images_draft,
        (Input("all", "also those with a name", "no", choices=_YES_NO),),
    ),
    Action(
        "docker.prune_system",
        "Remove what nothing uses",
        "prune",
        Danger.DESTROY,
        _offers("docker.prune_system", SafeText("Remove what nothing uses")),
        _system_draft,
        (Input("volumes", "also volumes, with their data", "no", choices=_YES_NO),),
    ),
)
