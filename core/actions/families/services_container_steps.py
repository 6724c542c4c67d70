"""Steps that restart, start and stop one container, by its id."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import container_text
from core.actions.work import Work
from core.clients.docker_facts import ContainerFacts
from core.model.text import clean

BESIDE_STOP_S = 130.0
"""What the engine may take beside the time a container has to stop."""
STOPPED = frozenset({"created", "exited", "dead"})
KILLS_WITHIN_S = 5.0
"""After the time to stop is over, as a rule."""


def started(facts: ContainerFacts) -> str:
    """Return when a run began, as steps hold it; empty: never."""
    return facts.started_at.isoformat() if facts.started_at else ""


def seen_as(facts: ContainerFacts, *, is_before: bool, is_after: bool) -> Seen:
    """Return a look at a container."""
    sight = Sight.BEFORE if is_before else Sight.AFTER if is_after else Sight.NEITHER
    ended = f", exit code {facts.exit_code}" if facts.status == "exited" else ""
    error = f", {facts.error}" if facts.error else ""
    return Seen(sight, clean(f"{facts.name} is {container_text(facts)}{ended}{error}"))


@part
@dataclass(frozen=True, slots=True)
class RestartContainer(BareStep):
    """Restarts a running container in one call of the engine's."""

    kind: ClassVar[str] = "container.restart"
    container_id: str
    was: str
    """When the run began that ends, ISO 8601."""
    stop_s: float

    async def observe(self, ports: Ports) -> Seen:
        """Tell the old run from a new one by its start."""
        facts = await ports.engine.inspect(self.container_id)
        is_up, is_old = facts.status == "running", started(facts) == self.was
        return seen_as(facts, is_before=is_up and is_old, is_after=is_up and not is_old)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Restart, unless that has happened."""
        if (await self.observe(ports)).sight is not Sight.AFTER:
            await ports.engine.restart(self.container_id, self.stop_s)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether it may be stopping: the engine does not say, and does it for nobody too."""
        return since_s < self.stop_s + KILLS_WITHIN_S


@part
@dataclass(frozen=True, slots=True)
class StopContainer(BareStep):
    """Stops a container."""

    kind: ClassVar[str] = "container.stop"
    can_undo: ClassVar[bool] = True
    container_id: str
    stop_s: float

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is stopped."""
        facts = await ports.engine.inspect(self.container_id)
        is_stopped = facts.status in STOPPED
        return seen_as(facts, is_before=not is_stopped, is_after=is_stopped)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Stop it."""
        await ports.engine.stop(self.container_id, self.stop_s)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Start it again."""
        await ports.engine.start(self.container_id)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether it may be stopping: the engine does not say, and does it for nobody too."""
        return since_s < self.stop_s + KILLS_WITHIN_S


@part
@dataclass(frozen=True, slots=True)
class StartContainer(BareStep):
    """Starts a stopped container."""

    kind: ClassVar[str] = "container.start"
    can_undo: ClassVar[bool] = True
    container_id: str
    stop_s: float

    async def observe(self, ports: Ports) -> Seen:
        """See whether it runs."""
        facts = await ports.engine.inspect(self.container_id)
        is_up = facts.status == "running"
        return seen_as(facts, is_before=facts.status in STOPPED, is_after=is_up)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Start it."""
        await ports.engine.start(self.container_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Stop it again."""
        await ports.engine.stop(self.container_id, self.stop_s)
