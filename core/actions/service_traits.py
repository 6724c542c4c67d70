"""What a unit, a container, a Swarm service, an image or a process was when a plan was made."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import part
from core.actions.ports import Ports
from core.clients.docker_facts import ContainerFacts
from core.clients.systemd import UnitFacts
from core.errors import ClientMissing
from core.model.text import SafeText, clean, join

_GONE = SafeText("not there")


def unit_text(facts: UnitFacts) -> SafeText:
    """Return what a unit is doing: `active (running), no job, invocation 4be1…`."""
    if facts.load_state != "loaded":
        return facts.load_state
    job = "a job is pending" if facts.has_job else "no job"
    run = f", invocation {facts.invocation_id}" if facts.invocation_id else ""
    return clean(f"{facts.active_state} ({facts.sub_state}), {job}{run}")


def container_text(facts: ContainerFacts) -> SafeText:
    """Return which container it is and what it does: `3f2a9c0d1e2f running since …`."""
    since = f" since {facts.started_at.isoformat()}" if facts.started_at else ""
    return clean(f"{facts.id[:12]} {facts.status}{since}")


@part
@dataclass(frozen=True, slots=True)
class UnitTrait:
    """Which run of a unit it is, what it does, and that no job waits."""

    kind: ClassVar[str] = "trait.unit"
    unit: str
    is_looping: bool = False
    """It restarts by itself all the time, so that only its being loaded can be held on to."""

    async def read(self, ports: Ports) -> SafeText:
        """Return run, state and job."""
        facts = await ports.units.show(self.unit)
        return facts.load_state if self.is_looping else unit_text(facts)


@part
@dataclass(frozen=True, slots=True)
class ContainerTrait:
    """Which container has a name, and which run of it that is."""

    kind: ClassVar[str] = "trait.container"
    name: str
    is_looping: bool = False
    """It restarts by itself all the time, so that only its id can be held on to."""

    async def read(self, ports: Ports) -> SafeText:
        """Return id, state and start."""
        try:
            facts = await ports.engine.inspect(await ports.engine.find(self.name))
        except ClientMissing:
            return _GONE
        return clean(facts.id[:12]) if self.is_looping else container_text(facts)


@part
@dataclass(frozen=True, slots=True)
class ComposeTrait:
    """Which containers a compose service has, and which runs of them those are."""

    kind: ClassVar[str] = "trait.compose"
    project: str
    service: str

    async def read(self, ports: Ports) -> SafeText:
        """Return ids, states and starts."""
        found = await ports.engine.find_service(self.project, self.service)
        if not found:
            return SafeText("no container")
        return join("; ", [container_text(await ports.engine.inspect(one)) for one in found])


@part
@dataclass(frozen=True, slots=True)
class SwarmTrait:
    """Which version of a Swarm service is defined."""

    kind: ClassVar[str] = "trait.swarm"
    service: str

    async def read(self, ports: Ports) -> SafeText:
        """Return version, image and replicas."""
        try:
            state = await ports.engine.swarm(self.service)
        except ClientMissing:
            return _GONE
        replicas = "one per node" if state.replicas is None else f"{state.replicas} replicas"
        return clean(f"{state.spec_sha256[:12]} {state.image}, {replicas}, {state.forced} forced")


@part
@dataclass(frozen=True, slots=True)
class ImageTrait:
    """What an image's name means; tags move."""

    kind: ClassVar[str] = "trait.image"
    reference: str

    async def read(self, ports: Ports) -> SafeText:
        """Return the id."""
        try:
            return clean(await ports.engine.image_digest(self.reference))
        except ClientMissing:
            return _GONE


@part
@dataclass(frozen=True, slots=True)
class ProcessTrait:
    """Which processes are the service."""

    kind: ClassVar[str] = "trait.process"
    command: tuple[str, ...]
    cwd: str = ""
    pidfile: str = ""

    async def read(self, ports: Ports) -> SafeText:
        """Return pids with their start ticks."""
        found = await ports.processes.find(self.command, self.cwd, self.pidfile)
        runs = sorted((view.id.pid, view.id.start_ticks) for view in found)
        return clean(", ".join(f"pid {pid} started at {ticks}" for pid, ticks in runs) or "none")


@part
@dataclass(frozen=True, slots=True)
class PrunableTrait:
    """What a prune would take away."""

    kind: ClassVar[str] = "trait.prunable"
    what: str

    async def read(self, ports: Ports) -> SafeText:
        """Return the items."""
        counts = await ports.engine.prunable(self.what)
        items = [item for count in counts for item in count.items]
        return join(", ", items) or SafeText("nothing")
