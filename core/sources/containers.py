"""Services that are containers: compose services, single containers and Swarm services.

One list and one inspect each find the state; after that the engine's events say what changed, and
one stream per running container says what it uses. Everything is looked at anew every 15 s, since
streams may end or lose something without a word.
"""

import asyncio
from contextlib import aclosing

from core.clients.clock import Clock
from core.clients.docker import ContainerEngine
from core.clients.docker_facts import ContainerFacts, ContainerUse, EngineEvent, SwarmFacts
from core.errors import (
    ClientDenied,
    ClientError,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
)
from core.model.events import Noted, RuntimeObserved
from core.model.runtime_state import RuntimeState
from core.model.text import clean
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService
from core.model.verdict import Verdict
from core.sources.base import Emit
from core.sources.container_state import (
    Place,
    belongs,
    container_state,
    queries_of,
    swarm_state,
    unknown_state,
)
from core.sources.restarts import RestartWatch

_TICK_S = 2.0
_SYNC_S = 15.0
_GATHER_S = 0.1
"""Events come in bursts (a restart makes four): so long they are gathered."""
_REOPEN_S = 1.0
_USE_KEPT_S = 10.0
"""Older figures of a silent stream are not shown as now."""
_MAX_STREAMS = 64

_WORDS: dict[type[ClientError], str] = {
    ClientMissing: "no engine",
    ClientDenied: "denied",
    ClientRefused: "engine down",
    ClientTimeout: "no answer",
}


class ContainerSource:
    """Follows all containers of the configuration on one engine."""

    name = "containers"

    def __init__(
        self, services: tuple[ServiceSpec, ...], engine: ContainerEngine, clock: Clock
    ) -> None:
        """Take the services to follow; those that are not containers are left out."""
        self._places: tuple[tuple[ServiceSpec, Place], ...] = tuple(
            (spec, spec.runs_as)
            for spec in services
            if isinstance(spec.runs_as, ComposeService | DockerContainer | SwarmService)
        )
        self._queries = queries_of(place for _, place in self._places)
        self._engine = engine
        self._clock = clock
        self._restarts = RestartWatch()
        self._containers: dict[str, ContainerFacts] = {}
        self._swarms: dict[str, SwarmFacts] = {}
        self._uses: dict[str, tuple[float, ContainerUse]] = {}
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._events: list[EngineEvent] = []
        self._wake = asyncio.Event()

    async def follow(self, emit: Emit) -> None:
        """Emit the state of every service now and whenever it changes, until the engine is gone.

        Raises:
            ClientError: the engine cannot be asked; every service has been told unknown before.
        """
        self._streams, self._events, self._wake = {}, [], asyncio.Event()
        failure: ClientError | None = None
        try:
            await self._sync()
            self._emit_states(emit)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch_events())
                group.create_task(self._refresh_on_events(emit, group))
                group.create_task(self._tick(emit, group))
        except* ClientError as errors:
            failure = _first(errors)
        if failure is not None:
            self._emit_unknown(emit, failure)
            raise failure

    async def _watch_events(self) -> None:
        """Collect events for ever. The stream ends without a word when the engine stops."""
        while True:
            async with aclosing(self._engine.follow_events()) as events:
                async for event in events:
                    if self._is_ours(event):
                        self._events.append(event)
                        self._wake.set()
            await self._clock.sleep(_REOPEN_S)
            await self._sync()

    def _is_ours(self, event: EngineEvent) -> bool:
        return event.container_id in self._containers or any(
            belongs(place, event.name, event.labels) for _, place in self._places
        )

    async def _refresh_on_events(self, emit: Emit, group: asyncio.TaskGroup) -> None:
        while True:
            await self._wake.wait()
            await self._clock.sleep(_GATHER_S)
            self._wake.clear()
            events, self._events = self._events, []
            await self._inspect_all(frozenset(event.container_id for event in events))
            await self._read_swarms()
            self._tend_streams(group)
            self._emit_notes(emit, events)
            self._emit_states(emit)

    async def _tick(self, emit: Emit, group: asyncio.TaskGroup) -> None:
        self._tend_streams(group)
        synced_s = self._clock.monotonic()
        while True:
            await self._clock.sleep(_TICK_S)
            if self._clock.monotonic() - synced_s >= _SYNC_S:
                await self._sync()
                synced_s = self._clock.monotonic()
            self._tend_streams(group)
            self._emit_states(emit)

    async def _sync(self) -> None:
        """Look at everything anew."""
        labels, names = self._queries
        ids = await self._engine.list_ids(labels, names)
        self._containers = {key: one for key, one in self._containers.items() if key in ids}
        await self._inspect_all(ids)
        await self._read_swarms()

    async def _inspect_all(self, ids: frozenset[str]) -> None:
        for container_id in ids:
            try:
                self._containers[container_id] = await self._engine.inspect(container_id)
            except ClientMissing:  # removed since it was named
                self._containers.pop(container_id, None)

    async def _read_swarms(self) -> None:
        """Read the Swarm services; where this node is no manager its own tasks must do."""
        for _, place in self._places:
            if isinstance(place, SwarmService):
                try:
                    facts = await self._engine.read_swarm(place.service)
                    self._swarms[place.service] = facts
                except ClientMissing:
                    self._swarms.pop(place.service, None)

    def _tend_streams(self, group: asyncio.TaskGroup) -> None:
        """Keep one stream per running container, and none for any other."""
        running = [key for key, one in self._containers.items() if one.status == "running"]
        for key in [key for key in self._streams if key not in running]:
            self._streams.pop(key).cancel()
            self._uses.pop(key, None)
        for key in running[:_MAX_STREAMS]:
            if key not in self._streams:
                self._streams[key] = group.create_task(self._follow_use(key))

    async def _follow_use(self, container_id: str) -> None:
        """Keep the latest figures of one container; a stream that ends is opened again."""
        while True:
            try:
                async with aclosing(self._engine.follow_use(container_id)) as uses:
                    async for use in uses:
                        self._uses[container_id] = (self._clock.monotonic(), use)
            except ClientError:  # the next list says whether the container or the engine is gone
                self._uses.pop(container_id, None)
            await self._clock.sleep(_REOPEN_S)

    def _state(self, place: Place) -> RuntimeState:
        now, now_s = self._clock.now(), self._clock.monotonic()
        uses = {key: use for key, (at_s, use) in self._uses.items() if now_s - at_s <= _USE_KEPT_S}
        mine = [one for one in self._containers.values() if belongs(place, one.name, one.labels)]
        if isinstance(place, SwarmService):
            if (facts := self._swarms.get(place.service)) is not None:
                return swarm_state(place, facts, mine, uses, now)
            # The engine keeps ended tasks for a while; they say nothing about the service.
            mine = [one for one in mine if one.status == "running"] or mine
        mine.sort(key=lambda one: one.name)
        recent = {one.id: self._restarts.count(one.id, now_s, one.restarts) for one in mine}
        return container_state(place, mine, uses, recent, now)

    def _emit_states(self, emit: Emit) -> None:
        for spec, place in self._places:
            emit(RuntimeObserved(spec.id, self._state(place)))

    def _emit_notes(self, emit: Emit, events: list[EngineEvent]) -> None:
        """Tell what the change of state alone does not: deaths that were over at once, and OOM."""
        for event in events:
            now = self._containers.get(event.container_id)
            is_up_again = now is not None and now.status == "running"
            if event.action == "oom":
                text = f"{event.name}: the kernel killed a process in it for memory"
            elif event.action == "die" and is_up_again:
                text = f"{event.name} ended with exit code {event.exit_code} and was started again"
            else:
                continue
            for spec, place in self._places:
                if belongs(place, event.name, event.labels):
                    emit(Noted(self._clock.now(), spec.id, Verdict.DOWN, clean(text)))

    def _emit_unknown(self, emit: Emit, error: ClientError) -> None:
        word = _WORDS.get(type(error), "cannot tell")
        for spec, place in self._places:
            state = unknown_state(place, word, str(error), self._clock.now())
            emit(RuntimeObserved(spec.id, state))

    async def aclose(self) -> None:
        """Close the engine's connections."""
        self._engine.close()


def _first(group: ExceptionGroup[ClientError]) -> ClientError:
    """Return one error of a group, however deep."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner
