"""A container engine that a test plays on: containers, events, statistics, outages."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from core.clients.docker_facts import (
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    ContainerFacts,
    ContainerUse,
    EngineEvent,
    SwarmFacts,
)
from core.errors import ClientError, ClientMissing
from core.model.text import EMPTY, SafeText, clean
from tests.fakes.clock import START

MIB = 1024 * 1024


def labels(project: str, service: str) -> MappingProxyType[str, SafeText]:
    """Return the labels that compose sets."""
    return MappingProxyType({COMPOSE_PROJECT: clean(project), COMPOSE_SERVICE: clean(service)})


def container(name: str, service: str = "api", project: str = "shop") -> ContainerFacts:
    """Return a running compose container that has been up for an hour."""
    return ContainerFacts(
        id=(name.encode().hex() + "0" * 64)[:64],
        name=clean(name),
        image=clean("shop/api:1"),
        labels=labels(project, service),
        status=clean("running"),
        health=EMPTY,
        health_output=EMPTY,
        exit_code=0,
        is_oom_killed=False,
        error=EMPTY,
        restarts=0,
        started_at=START - timedelta(hours=1),
        pid=4242,
        memory_limit_bytes=None,
    )


def exited(facts: ContainerFacts, code: int) -> ContainerFacts:
    """Return a container after its end."""
    return replace(facts, status=clean("exited"), exit_code=code, pid=None)


class FakeEngine:
    """Holds containers by id; events and statistics flow when the test sends them."""

    def __init__(self, *containers: ContainerFacts) -> None:
        self.containers = {one.id: one for one in containers}
        self.swarms: dict[str, SwarmFacts] = {}
        self.outage: ClientError | None = None
        self.listings = 0
        self.event_streams = 0
        self.open_uses: list[str] = []
        self.is_closed = False
        self._events: asyncio.Queue[EngineEvent | None] = asyncio.Queue()
        self._uses: dict[str, asyncio.Queue[ContainerUse | None]] = {}

    def put(self, facts: ContainerFacts) -> None:
        """Change a container without a word."""
        self.containers[facts.id] = facts

    def tell(self, action: str, facts: ContainerFacts) -> None:
        """Send an event about a container."""
        event = EngineEvent(action, facts.id, facts.name, facts.labels, facts.exit_code)
        self._events.put_nowait(event)

    def hang_up(self) -> None:
        """End the stream of events without a word, as a stopping engine does."""
        self._events.put_nowait(None)

    def measure(self, facts: ContainerFacts, use: ContainerUse | None) -> None:
        """Send one sample; None ends that stream without a word."""
        self._uses.setdefault(facts.id, asyncio.Queue()).put_nowait(use)

    def _fail_in_outage(self) -> None:
        if self.outage is not None:
            raise self.outage

    async def list_ids(self, labels: tuple[str, ...], names: tuple[str, ...]) -> frozenset[str]:
        self._fail_in_outage()
        self.listings += 1
        wanted = {tuple(label.split("=", 1)) for label in labels}
        return frozenset(
            one.id
            for one in self.containers.values()
            if one.name in names or wanted & set(one.labels.items())
        )

    async def inspect(self, container_id: str) -> ContainerFacts:
        self._fail_in_outage()
        if container_id not in self.containers:
            raise ClientMissing("no such container")
        return self.containers[container_id]

    async def read_swarm(self, service: str) -> SwarmFacts:
        self._fail_in_outage()
        if service not in self.swarms:
            raise ClientMissing("not a swarm manager")
        return self.swarms[service]

    async def follow_events(self) -> AsyncGenerator[EngineEvent, None]:
        self._fail_in_outage()
        self.event_streams += 1
        while (event := await self._events.get()) is not None:
            yield event

    async def follow_use(self, container_id: str) -> AsyncGenerator[ContainerUse, None]:
        self._fail_in_outage()
        queue = self._uses.setdefault(container_id, asyncio.Queue())
        self.open_uses.append(container_id)
        try:
            while (use := await queue.get()) is not None:
                yield use
        finally:
            self.open_uses.remove(container_id)

    def close(self) -> None:
        self.is_closed = True
