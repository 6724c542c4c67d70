"""Containers of a real engine: life, death, memory, health, and an engine that goes away."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from docker.types import ServiceMode

from core.clients.clock import SystemClock
from core.clients.docker import DockerEngine
from core.errors import ClientError, ClientMissing, ClientTimeout
from core.model.events import Event, Noted, RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService
from core.model.verdict import Verdict
from core.sources.containers import ContainerSource
from tests.real.relay import relay

pytestmark = [
    pytest.mark.xdist_group("docker"),
    pytest.mark.real("docker"),
    # The SDK leaves the socket of a failed connection to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Let the SDK's forgotten sockets be found in the test that left them."""
    yield
    gc.collect()


IMAGE = "qd/busybox:latest"
PROJECT = "qdtest"
Run = Callable[..., Container]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start containers of the test project, and remove them afterwards."""
    client = docker.from_env()
    started: list[Container] = []

    def start(service: str, command: str, **options: Any) -> Container:
        labels = {
            "com.docker.compose.project": PROJECT,
            "com.docker.compose.service": service,
            "com.docker.compose.oneoff": "False",
        }
        name = f"{PROJECT}-{service}-{len(started)}"
        started.append(
            client.containers.run(
                IMAGE, ["sh", "-c", command], name=name, labels=labels, detach=True, **options
            )
        )
        return started[-1]

    yield start
    for container in started:
        container.remove(force=True)
    client.close()


class Watched:
    """What a source told so far."""

    def __init__(self) -> None:
        self.latest: dict[str, RuntimeState] = {}
        self.notes: list[str] = []

    def take(self, event: Event) -> None:
        if isinstance(event, RuntimeObserved):
            self.latest[event.service.service] = event.state
        elif isinstance(event, Noted):
            self.notes.append(event.text)

    def word(self, name: str = "api") -> str:
        """Return the state of a service; empty: nothing told yet."""
        return str(self.latest[name].state) if name in self.latest else ""

    def verdict(self, name: str = "api") -> Verdict | None:
        """Return the verdict of a service; None: nothing told yet."""
        return self.latest[name].verdict if name in self.latest else None

    async def until(self, is_so: Callable[["Watched"], bool], seconds: float = 120.0) -> None:
        """Wait until something is true of what was told."""
        async with asyncio.timeout(seconds):
            while not is_so(self):
                await asyncio.sleep(0.02)


@asynccontextmanager
async def watching(*names: str, url: str = "") -> AsyncIterator[Watched]:
    clock = SystemClock()
    services = tuple(
        ServiceSpec(ServiceId("s", name), name, ComposeService(PROJECT, name), ()) for name in names
    )
    source = ContainerSource(services, DockerEngine(url, clock), clock)
    watched = Watched()
    following = asyncio.ensure_future(source.follow(watched.take))
    try:
        yield watched
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError, ClientError):
            await following
        await source.aclose()


async def test_a_container_that_dies_and_is_started_again(run: Run) -> None:
    api = run("api", "sleep 1000")
    async with watching("api") as watched:
        await watched.until(lambda seen: seen.verdict() is Verdict.OK)
        before = watched.latest["api"]
        await asyncio.to_thread(api.kill)
        await watched.until(lambda seen: seen.word() == "exited 137")
        assert watched.latest["api"].verdict is Verdict.DOWN
        await asyncio.to_thread(api.start)
        await watched.until(lambda seen: seen.verdict() is Verdict.OK)
        assert watched.latest["api"].fingerprint != before.fingerprint


async def test_an_unhealthy_container_tells_what_its_probe_said(run: Run) -> None:
    health = {
        "test": ["CMD-SHELL", "test -e /tmp/ok || { echo not yet; exit 1; }"],
        "interval": 300_000_000,
        "retries": 1,
    }
    api = run("api", "sleep 1000", healthcheck=health)
    async with watching("api") as watched:
        await watched.until(lambda seen: seen.word() == "running (unhealthy)")
        assert watched.latest["api"].reason == "its health check fails: not yet"
        await asyncio.to_thread(api.exec_run, "touch /tmp/ok")
        await watched.until(lambda seen: seen.word() == "running (healthy)")


async def test_a_container_killed_for_memory(run: Run) -> None:
    run("api", "sleep 1; tail /dev/zero", mem_limit="16m", memswap_limit="16m")
    async with watching("api") as watched:
        await watched.until(lambda seen: seen.word() == "exited 137")
        assert "out of memory (OOMKilled" in watched.latest["api"].reason


async def test_a_crash_loop_is_down_also_while_it_is_up(run: Run) -> None:
    run("api", "sleep 0.3; exit 3", restart_policy={"Name": "always"})
    async with watching("api") as watched:
        await watched.until(lambda seen: seen.word() == "crash loop")
        assert watched.latest["api"].verdict is Verdict.DOWN


async def test_two_of_one_service_and_one_of_them_gone(run: Run) -> None:
    first, _ = run("api", "sleep 1000"), run("api", "sleep 1000")
    async with watching("api") as watched:
        await watched.until(lambda seen: seen.word() == "running ×2")
        await asyncio.to_thread(first.kill)
        await watched.until(lambda seen: seen.verdict() is Verdict.DEGRADED)
        assert "1 of 2 running" in watched.latest["api"].reason


async def test_twelve_containers_are_measured_side_by_side(run: Run) -> None:
    names = [f"n{number}" for number in range(12)]
    before = set(threading.enumerate())
    for name in names:
        run(name, "sleep 1000", mem_limit="32m")
    async with watching(*names) as watched:
        await watched.until(lambda seen: len(seen.latest) == len(names))
        await watched.until(
            lambda seen: all(state.cpu_percent is not None for state in seen.latest.values())
        )
        assert all(state.memory_bytes for state in watched.latest.values())
        assert {state.memory_limit_bytes for state in watched.latest.values()} == {32 << 20}

    def reading() -> list[str]:
        mine = (one for one in threading.enumerate() if one not in before)
        return [one.name for one in mine if "docker-" in one.name]

    # An engine under load takes its time to let go of a stream of statistics that just opens.
    until = time.monotonic() + 120
    while reading() and time.monotonic() < until:
        await asyncio.sleep(0.02)
    assert reading() == []


async def test_names_and_absent_containers(run: Run) -> None:
    api = run("api", "sleep 1000")
    engine = DockerEngine("", SystemClock())
    assert await engine.list_ids((), (f"{PROJECT}-api-0",)) == {api.id}
    assert await engine.list_ids((), (f"{PROJECT}-api",)) == frozenset(), "never a substring"
    assert await engine.list_ids((), ("--help",)) == frozenset()
    with pytest.raises(ClientMissing):
        await engine.inspect("0" * 64)
    engine.close()


def socket_path() -> str:
    return os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


async def test_an_engine_that_stops_leaves_everything_unknown(run: Run, tmp_path: Path) -> None:
    run("api", "sleep 1000")
    async with relay(tmp_path / "docker.sock", socket_path()) as between:
        clock = SystemClock()
        service = ServiceSpec(ServiceId("s", "api"), "api", ComposeService(PROJECT, "api"), ())
        source = ContainerSource((service,), DockerEngine(f"unix://{between.path}", clock), clock)
        watched = Watched()
        following = asyncio.ensure_future(source.follow(watched.take))
        await watched.until(lambda seen: "api" in seen.latest)
        await watched.until(lambda seen: seen.latest["api"].cpu_percent is not None)
        await between.cut()
        with pytest.raises(ClientMissing, match="no Docker socket"):
            await asyncio.wait_for(following, 120)
        assert watched.latest["api"].state == "no engine"
        await between.open()
        again = asyncio.ensure_future(source.follow(watched.take))
        await watched.until(lambda seen: seen.verdict() is Verdict.OK)
        again.cancel()
        with suppress(asyncio.CancelledError):
            await again
        await source.aclose()


async def test_a_frozen_engine_is_a_timeout(tmp_path: Path) -> None:
    async with relay(tmp_path / "docker.sock", socket_path()) as between:
        engine = DockerEngine(f"unix://{between.path}", SystemClock())
        assert await engine.list_ids((), ("qd-none",)) == frozenset()
        between.is_flowing.clear()
        with pytest.raises(ClientTimeout):
            await engine.list_ids((), ("qd-none",))
        between.is_flowing.set()
        async with asyncio.timeout(120):
            while True:
                with suppress(ClientTimeout):
                    await engine.list_ids((), ("qd-none",))
                    break
        engine.close()


async def test_a_single_container_is_found_by_its_name(run: Run) -> None:
    run("api", "sleep 1000")
    clock = SystemClock()
    spec = ServiceSpec(ServiceId("s", "x"), "x", DockerContainer(f"{PROJECT}-api-0"), ())
    source = ContainerSource((spec,), DockerEngine("", clock), clock)
    watched = Watched()
    following = asyncio.ensure_future(source.follow(watched.take))
    await watched.until(lambda seen: "x" in seen.latest)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await source.aclose()
    assert watched.latest["x"].name == f"{PROJECT}-api-0"


@pytest.fixture
def swarm() -> Iterator[docker.DockerClient]:
    """Make the test engine a swarm of one for the length of a test; never a person's own engine."""
    if socket_path() == "/var/run/docker.sock":
        pytest.skip("not run: it would make your own engine a swarm")
    client = docker.from_env()
    client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
    yield client
    client.swarm.leave(force=True)
    client.close()


async def test_a_swarm_service_by_its_tasks(swarm: docker.DockerClient) -> None:
    clock = SystemClock()
    spec = ServiceSpec(ServiceId("s", "web"), "web", SwarmService("qd-web"), ())
    swarm.services.create(
        IMAGE, name="qd-web", command=["sleep", "1000"], mode=ServiceMode("replicated", 2)
    )
    source = ContainerSource((spec,), DockerEngine("", clock), clock)
    watched = Watched()
    following = asyncio.ensure_future(source.follow(watched.take))
    await watched.until(lambda seen: seen.word("web") == "2/2 running")
    assert watched.latest["web"].kind == "swarm"
    swarm.services.get("qd-web").scale(0)
    await watched.until(lambda seen: seen.word("web") == "0/0 running")
    assert watched.verdict("web") is Verdict.DOWN
    swarm.services.get("qd-web").remove()
    await watched.until(lambda seen: seen.word("web") == "not found")
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    await source.aclose()
