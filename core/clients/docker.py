"""The Docker engine: the port `ContainerEngine` and its adapter on the Docker SDK, read only."""

import re
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Protocol, TypeVar

from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.docker_address import address_of
from core.clients.docker_api import EngineApi
from core.clients.docker_connection import (
    FAULTS,
    EngineStream,
    connect,
    open_events,
    open_use,
)
from core.clients.docker_errors import translate
from core.clients.docker_facts import (
    ContainerFacts,
    ContainerUse,
    EngineEvent,
    SwarmFacts,
    dig,
    parse_container,
    parse_event,
    parse_swarm,
    parse_task,
    parse_use,
)
from core.clients.thread_stream import follow_in_thread
from core.errors import ClientMissing, ClientRefused, ClientTimeout
from core.model.text import clean

_T = TypeVar("_T")
_DEADLINE_S = 5
_STREAM_SILENCE_S = 15.0
"""Statistics come once a second; so long without one means that the engine is frozen."""
_EVENTS = ["create", "start", "die", "stop", "kill", "oom", "destroy", "health_status"]
"""A health check alone makes three exec events per probe: they are filtered on the server."""


class ContainerEngine(Protocol):
    """What the sources need of a container engine."""

    async def list_ids(self, labels: tuple[str, ...], names: tuple[str, ...]) -> frozenset[str]:
        """Return ids of containers, stopped ones too, that carry any label or any name."""
        ...

    async def inspect(self, container_id: str) -> ContainerFacts:
        """Return one container."""
        ...

    async def read_swarm(self, service: str) -> SwarmFacts:
        """Return one Swarm service with its tasks."""
        ...

    def follow_events(self) -> AsyncGenerator[EngineEvent, None]:
        """Yield what happens to containers, until the engine hangs up."""
        ...

    def follow_use(self, container_id: str) -> AsyncGenerator[ContainerUse, None]:
        """Yield what a container uses, once a second, until it or the engine ends."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class DockerEngine:
    """One engine, connected when first needed."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Take `unix://…` or `tcp://…`; empty: DOCKER_HOST, else the usual socket."""
        self._url = url
        self._worker = BlockingWorker("docker", clock)
        self._api: EngineApi | None = None
        self._connecting = threading.Lock()
        self.place = clean(address_of(url).removeprefix("unix://"))
        """Where the engine is, for a message."""

    def _connect(self) -> EngineApi:
        with self._connecting:  # the worker and the streams may come at the same moment
            if self._api is None:
                self._api = connect(self._url, _DEADLINE_S)
            return self._api

    async def _ask(self, call: Callable[[EngineApi], _T]) -> _T:
        """Run one call in the worker.

        Raises:
            ClientError: always one of ours.
        """
        try:
            return await self._worker.run(lambda: call(self._connect()), _DEADLINE_S + 1)
        except (*FAULTS, ImportError) as error:
            named = translate(error, self.place)
            if isinstance(named, ClientRefused | ClientTimeout):
                self._forget()  # what comes back may be another engine, of another version
            raise named from error

    def _forget(self) -> None:
        if self._api is not None:
            self._api.close()
            self._api = None

    async def list_ids(self, labels: tuple[str, ...], names: tuple[str, ...]) -> frozenset[str]:
        """Return ids of containers, stopped ones too, that carry any label or any name.

        One sparse list per label and one for all names: no inspect inside.

        Raises:
            ClientError: the engine is absent, refuses, is frozen, or makes no sense.
        """
        queries: list[dict[str, list[str]]] = [{"label": [label]} for label in labels]
        if names:
            queries.append({"name": [f"^/?{re.escape(name)}$" for name in names]})

        def ask(api: EngineApi) -> list[object]:
            return [row for query in queries for row in api.containers(all=True, filters=query)]

        rows = await self._ask(ask)
        return frozenset(str(dig(row, "Id")) for row in rows)

    async def inspect(self, container_id: str) -> ContainerFacts:
        """Return one container.

        Raises:
            ClientMissing: it has been removed.
            ClientError: the engine is absent, refuses, is frozen, or makes no sense.
        """
        return parse_container(await self._ask(lambda api: api.inspect_container(container_id)))

    async def read_swarm(self, service: str) -> SwarmFacts:
        """Return one Swarm service with its tasks.

        Raises:
            ClientMissing: no such service, or this node is not a manager.
            ClientError: the engine is absent, refuses, is frozen, or makes no sense.
        """

        def ask(api: EngineApi) -> tuple[list[object], list[object]]:
            found = list(api.services(filters={"name": service}))
            tasks: Iterable[object] = api.tasks(filters={"service": service}) if found else ()
            return found, list(tasks)

        services, tasks = await self._ask(ask)
        exact = next((one for one in services if dig(one, "Spec", "Name") == service), None)
        if exact is None:
            raise ClientMissing(f"no such swarm service: {clean(service)}")
        return parse_swarm(exact, tuple(parse_task(task) for task in tasks))

    async def follow_events(self) -> AsyncGenerator[EngineEvent, None]:
        """Yield what happens to containers, until the engine hangs up (silently, when it stops).

        Raises:
            ClientError: the engine is absent, refuses, or makes no sense.
        """
        stream = self._follow("docker-events", lambda: open_events(self._connect(), _EVENTS))
        async with aclosing(stream):
            async for raw in stream:
                if (event := parse_event(raw)) is not None:
                    yield event

    async def follow_use(self, container_id: str) -> AsyncGenerator[ContainerUse, None]:
        """Yield what a container uses, once a second, until it or the engine ends.

        Raises:
            ClientError: the engine is absent, refuses, is frozen, or makes no sense.
        """
        stream = self._follow(
            f"docker-stats-{container_id[:12]}",
            lambda: open_use(self._connect(), container_id, _STREAM_SILENCE_S),
        )
        async with aclosing(stream):
            async for raw in stream:
                yield parse_use(raw)

    async def _follow(
        self, name: str, open_stream: Callable[[], EngineStream]
    ) -> AsyncGenerator[object, None]:
        try:
            async with aclosing(follow_in_thread(name, open_stream)) as stream:
                async for raw in stream:
                    yield raw
        except (*FAULTS, ImportError) as error:
            raise translate(error, self.place) from error

    def close(self) -> None:
        """Close connections and let the thread end."""
        self._worker.close()
        self._forget()
