"""What the containers of a compose project are now, as its steps compare them."""

from dataclasses import dataclass

from core.actions.families.services_container_steps import KILLS_WITHIN_S
from core.actions.ports import Ports
from core.clients.docker_facts import ContainerFacts
from core.errors import ClientMissing
from core.model.text import SafeText, clean

CONFIG_HASH = "com.docker.compose.config-hash"

Before = tuple[tuple[str, str, str], ...]
"""Service, container id and run of each container, as a plan holds them."""


@dataclass(frozen=True, slots=True)
class Member:
    """One container of a project."""

    service: str
    facts: ContainerFacts
    config_hash: str
    image_id: str
    image_name: str
    restart_policy: str
    anonymous_volumes: tuple[str, ...]

    @property
    def id(self) -> str:
        """The container's."""
        return self.facts.id

    @property
    def started(self) -> str:
        """When its run began; empty: never."""
        return self.facts.started_at.isoformat() if self.facts.started_at else ""

    @property
    def run(self) -> str:
        """Which run of it this is; a stopped one is told from the run that it was."""
        return self.started if self.is_up else f"{self.started} {self.facts.status}".strip()

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self.facts.status == "running"

    @property
    def is_finished(self) -> bool:
        """Whether it was a job that has ended well, such as a migration."""
        is_over = self.facts.status == "exited" and self.facts.exit_code == 0
        return is_over and self.restart_policy in {"no", "on-failure"}

    def text(self) -> SafeText:
        """Return `api: running (healthy)`."""
        health = f" ({self.facts.health})" if self.facts.health else ""
        code = f" {self.facts.exit_code}" if self.facts.status == "exited" else ""
        return clean(f"{self.service}: {self.facts.status}{code}{health}")


async def members(ports: Ports, project: str, services: tuple[str, ...]) -> tuple[Member, ...]:
    """Return the containers of these services; one that goes meanwhile is left out."""
    found: list[Member] = []
    for service in services:
        for one in await ports.engine.find_service(project, service):
            try:
                facts, make = await ports.engine.inspect(one), await ports.engine.make_of(one)
            except ClientMissing:
                continue
            found.append(
                Member(
                    service, facts, make.label(CONFIG_HASH), make.image_id, make.image_name,
                    make.restart_policy, make.anonymous_volumes,
                )
            )  # fmt: skip
    return tuple(found)


def before_of(found: tuple[Member, ...]) -> Before:
    """Return containers as a plan holds them."""
    return tuple((one.service, one.id, one.run) for one in found)


def told(found: tuple[Member, ...]) -> SafeText:
    """Return one line about them."""
    return clean(", ".join(one.text() for one in found) or "no container", 400)


async def longest_stop_s(ports: Ports, project: str, services: tuple[str, ...]) -> float:
    """Return how long the engine may go on stopping one of the containers, in s; none: no time."""
    found = await members(ports, project, services)
    makes = [await ports.engine.make_of(one.id) for one in found]
    return max((one.stop_timeout_s + KILLS_WITHIN_S for one in makes), default=0.0)
