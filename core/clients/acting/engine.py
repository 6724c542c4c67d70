"""The container engine, changed: containers, images and Swarm services."""

from dataclasses import dataclass, field
from typing import Protocol

from core.clients.docker_facts import ContainerFacts
from core.model.text import EMPTY, SafeText

PRUNES = ("containers", "networks", "images", "unused-images", "build-cache", "volumes")
"""`images`: those without a name. `unused-images`: all that no container uses.
`volumes`: all without a container, named ones too."""


@dataclass(frozen=True, slots=True)
class ContainerMake:
    """How a container was made, as far as it has to be made again from another image."""

    id: str
    name: str
    image_id: str
    """`sha256:…` of what it runs; a tag may have moved since."""
    image_name: str
    stop_timeout_s: float
    restart_policy: str
    anonymous_volumes: tuple[str, ...]
    mounts: tuple[tuple[str, str], ...]
    """Source and destination."""
    config: str = field(repr=False)
    """The engine's own JSON of `Config`, `HostConfig` and networks, canonical. It holds the
    environment, secrets too: never in a plan, a journal or a message."""
    is_auto_removed: bool = False
    """Made with `--rm`: once stopped it is gone."""
    labels: tuple[tuple[str, str], ...] = ()
    """All of them, sorted; among them compose's `config-hash`."""
    ports: tuple[int, ...] = ()
    """Published on this machine, as far as they are fixed."""
    networks: tuple[str, ...] = ()
    """Joined, sorted."""
    places: tuple[tuple[str, str], ...] = ()
    """Of each mount the path on the engine's own disk, and the destination."""

    def label(self, name: str) -> str:
        """Return a label's value; empty: it has none of this name."""
        return dict(self.labels).get(name, "")


@dataclass(frozen=True, slots=True)
class SwarmState:
    """A Swarm service now."""

    id: str
    version: int
    image: SafeText
    replicas: int | None
    update_state: SafeText
    """`updating`, `completed`, `paused`, `rollback_completed`, …; empty: never updated."""
    has_previous: bool
    running: int = 0
    """Tasks that run and are wanted."""
    forced: int = 0
    """How often all tasks were replaced on demand (`ForceUpdate`)."""
    spec_sha256: str = ""
    """Of the definition now, in canonical JSON."""
    previous_sha256: str = ""
    """Of the definition that a rollback goes back to; empty: there is none."""
    previous_image: SafeText = EMPTY
    error: SafeText = EMPTY
    """What the newest failed task says."""


@dataclass(frozen=True, slots=True)
class PruneCount:
    """What a prune would remove."""

    what: SafeText
    items: tuple[SafeText, ...]
    """Id or name first, then what it is called: `3f2a9c0d1e2f shop/api:1`."""
    size_bytes: int
    """0 where the engine does not say."""


class EngineControl(Protocol):
    """What steps need of the engine. Every call raises `ClientError` of the right kind."""

    def environment(self) -> tuple[tuple[str, str], ...]:
        """Return the variables with which the engine's own tools reach the same engine."""
        ...

    async def find(self, name: str) -> str:
        """Return the id of the container of exactly this name."""
        ...

    async def find_service(self, project: str, service: str) -> tuple[str, ...]:
        """Return ids of a compose service's containers, stopped ones too, one-offs not."""
        ...

    async def running(self) -> tuple[str, ...]:
        """Return ids of all containers that run."""
        ...

    async def inspect(self, container_id: str) -> ContainerFacts:
        """Return a container as it is."""
        ...

    async def make_of(self, container_id: str) -> ContainerMake:
        """Return how it was made."""
        ...

    async def start(self, container_id: str) -> None:
        """Start it."""
        ...

    async def stop(self, container_id: str, timeout_s: float) -> None:
        """Stop it; killed after the timeout."""
        ...

    async def restart(self, container_id: str, timeout_s: float) -> None:
        """Stop and start it; the environment is not read again."""
        ...

    async def rename(self, container_id: str, name: str) -> None:
        """Give it another name."""
        ...

    async def remove(self, container_id: str) -> None:
        """Remove a stopped container; its named volumes stay."""
        ...

    async def create_like(
        self,
        make: ContainerMake,
        image_id: str,
        name: str,
        labels: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Make a container as another was made, from an image, with more labels; return its id.

        What the old image had set by itself (environment, command, …) the new one sets. The
        data of anonymous volumes is shared. Nothing is left of one that could not be joined to
        its networks.
        """
        ...

    async def image_digest(self, reference: str) -> str:
        """Return the id of a local image.

        Raises:
            ClientMissing: it is not here.
        """
        ...

    async def images(self, repository: str) -> tuple[tuple[str, str, float], ...]:
        """Return (id, tags, made at in s since 1970) of a repository's images, newest first."""
        ...

    async def swarm(self, service: str) -> SwarmState:
        """Return a Swarm service."""
        ...

    async def swarm_scale(self, service: str, replicas: int, version: int) -> None:
        """Set the replicas of a service that still has this version."""
        ...

    async def swarm_rollback(self, service: str, version: int) -> None:
        """Go back to the previous definition."""
        ...

    async def swarm_restart(self, service: str, version: int) -> None:
        """Have all tasks replaced."""
        ...

    async def prunable(self, what: str) -> tuple[PruneCount, ...]:
        """Return what a prune of one of `PRUNES` would remove."""
        ...

    async def prune(self, what: str) -> int:
        """Prune; return the bytes that the engine says it freed."""
        ...
