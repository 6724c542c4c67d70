"""Containers as services: judged, followed, reopened, told unknown when the engine is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from core.clients.docker_facts import ContainerFacts, ContainerUse, SwarmFacts, TaskFacts
from core.errors import ClientError, ClientMissing, ClientRefused
from core.model.events import Event, Noted, RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import EMPTY, clean
from core.model.topology import ComposeService, DockerContainer, RunsAs, ServiceSpec, SwarmService
from core.model.verdict import Verdict
from core.sources.container_judge import join_opinions, judge_container, judge_swarm
from core.sources.containers import ContainerSource
from tests.fakes.clock import START, FakeClock, settle
from tests.fakes.engine import MIB, FakeEngine, container, exited, labels

API = container("shop-api-1")


def changed(**fields: object) -> ContainerFacts:
    texts = {
        key: clean(value) if isinstance(value, str) else value for key, value in fields.items()
    }
    return replace(API, **texts)


@pytest.mark.parametrize(
    ("facts", "verdict", "word", "reason"),
    [
        (API, Verdict.OK, "running", "running"),
        (changed(health="healthy"), Verdict.OK, "running (healthy)", ""),
        (changed(health="starting"), Verdict.DEGRADED, "running (starting)", "not passed yet"),
        (
            changed(health="unhealthy", health_output="refused"),
            Verdict.DOWN,
            "running (unhealthy)",
            "health check fails: refused",
        ),
        (exited(API, 0), Verdict.DOWN, "exited 0", "exit code 0"),
        (exited(API, 137), Verdict.DOWN, "exited 137", "killed (SIGKILL)"),
        (
            replace(exited(API, 137), is_oom_killed=True),
            Verdict.DOWN,
            "exited 137",
            "out of memory (OOMKilled",
        ),
        (
            changed(status="restarting", exit_code=3, restarts=5),
            Verdict.DOWN,
            "crash loop",
            "5 restarts",
        ),
        (changed(status="paused"), Verdict.DOWN, "paused", ""),
        (changed(status="created"), Verdict.DOWN, "created", "never started"),
        (changed(status="dead"), Verdict.DOWN, "dead", ""),
        (changed(is_oom_killed=True), Verdict.DEGRADED, "running", "killed for memory"),
        (changed(status="hibernating"), Verdict.UNKNOWN, "hibernating", "not known here"),
        (changed(status=""), Verdict.UNKNOWN, "unknown", ""),
    ],
)
def test_each_state_is_judged(
    facts: ContainerFacts, verdict: Verdict, word: str, reason: str
) -> None:
    opinion = judge_container(facts, None, 0, START)
    assert opinion.verdict is verdict
    assert opinion.state == word
    assert reason in opinion.reason


@pytest.mark.parametrize(("used", "verdict"), [(89, Verdict.OK), (90, Verdict.DEGRADED)])
def test_memory_near_its_limit_is_degraded(used: int, verdict: Verdict) -> None:
    facts = changed(memory_limit_bytes=100 * MIB)
    opinion = judge_container(facts, ContainerUse(1.0, used * MIB, 100 * MIB), 0, START)
    assert opinion.verdict is verdict


def test_without_a_limit_of_its_own_memory_is_never_near_it() -> None:
    use = ContainerUse(1.0, 99 * MIB, 100 * MIB)
    assert judge_container(API, use, 0, START).verdict is Verdict.OK


def test_up_between_two_crashes_is_a_crash_loop_and_later_only_a_worry() -> None:
    fresh = replace(API, started_at=START - timedelta(seconds=3))
    assert judge_container(fresh, None, 2, START).state == "crash loop"
    assert judge_container(API, None, 2, START).verdict is Verdict.DEGRADED


def test_of_several_the_worst_is_told_with_counts() -> None:
    opinions = [
        ("api-1", judge_container(API, None, 0, START)),
        ("api-2", judge_container(exited(API, 1), None, 0, START)),
    ]
    joined = join_opinions(opinions)
    assert joined.verdict is Verdict.DEGRADED, "one of two still serves"
    assert "1 of 2 running; api-2: exited: exit code 1" in joined.reason


def task(state: str, error: str = "", desired: str = "running") -> TaskFacts:
    return TaskFacts(clean(state), clean(desired), clean(error), "c" * 64, 1, START)


@pytest.mark.parametrize(
    ("tasks", "verdict", "words"),
    [
        ([task("running"), task("running")], Verdict.OK, "2/2 running"),
        ([task("running"), task("pending")], Verdict.DEGRADED, "1/2 running"),
        (
            [task("failed", "exit (3)", "shutdown"), task("starting")],
            Verdict.DOWN,
            "last failure: exit (3)",
        ),
        ([], Verdict.DOWN, "no task runs"),
    ],
)
def test_a_swarm_service_is_judged_by_its_tasks(
    tasks: list[TaskFacts], verdict: Verdict, words: str
) -> None:
    opinion = judge_swarm(SwarmFacts(clean("web"), EMPTY, 2, EMPTY, tuple(tasks)))
    assert opinion.verdict is verdict
    assert words in opinion.reason


def spec(name: str, runs_as: RunsAs) -> ServiceSpec:
    return ServiceSpec(ServiceId("shop", name), name, runs_as, ())


COMPOSE = spec("api", ComposeService("shop", "api", aliases=("backend",)))


class Watched:
    """A source at work on a fake engine, with what it emitted."""

    def __init__(self, engine: FakeEngine, *services: ServiceSpec) -> None:
        self.engine = engine
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.source = ContainerSource(services or (COMPOSE,), engine, self.clock)

    def states(self, name: str = "api") -> list[RuntimeState]:
        return [
            event.state
            for event in self.events
            if isinstance(event, RuntimeObserved) and event.service.service == name
        ]

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Noted)]


@asynccontextmanager
async def watching(engine: FakeEngine, *services: ServiceSpec) -> AsyncIterator[Watched]:
    watched = Watched(engine, *services)
    task = asyncio.ensure_future(watched.source.follow(watched.events.append))
    await settle()
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ClientError):
            await task


async def test_the_first_states_come_before_anything_happens() -> None:
    async with watching(FakeEngine(API)) as watched:
        (state,) = watched.states()
    assert (state.verdict, state.name, state.pid) == (Verdict.OK, "shop-api-1", 4242)
    assert state.fingerprint == f"{API.id[:12]}@{(START - timedelta(hours=1)).isoformat()}"
    assert state.cpu_percent is None, "not measured yet is not zero"


async def test_a_service_is_found_under_its_other_name() -> None:
    async with watching(FakeEngine(container("shop-backend-1", "backend"))) as watched:
        assert watched.states()[0].name == "shop-backend-1"


async def test_what_is_not_there_is_unknown_and_named() -> None:
    absent = spec("web", DockerContainer("web"))
    async with watching(FakeEngine(API), COMPOSE, absent) as watched:
        (state,) = watched.states("web")
    assert (state.verdict, state.state) == (Verdict.UNKNOWN, "not found")
    assert state.reason == "no such container: web"


async def test_containers_run_by_hand_and_of_other_projects_are_not_the_service() -> None:
    byhand = replace(
        container("shop-api-run-1"),
        labels={**labels("shop", "api"), "com.docker.compose.oneoff": clean("True")},
    )
    other = container("other-api-1", project="other")
    async with watching(FakeEngine(byhand, other)) as watched:
        assert watched.states()[0].state == "not found"


async def test_a_death_is_seen_at_once_and_told_once_it_is_up_again() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.put(exited(API, 3))
        engine.tell("die", exited(API, 3))
        await watched.clock.advance(0.2)
        assert watched.states()[-1].state == "exited 3"
        assert watched.notes == [], "the change of state already tells it"
        engine.put(replace(API, restarts=1))
        engine.tell("die", exited(API, 3))
        engine.tell("start", API)
        await watched.clock.advance(0.2)
        assert watched.states()[-1].verdict is Verdict.OK
        assert watched.notes == ["shop-api-1 ended with exit code 3 and was started again"]


async def test_a_container_recreated_under_the_same_name_is_another_run() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        before = watched.states()[-1].fingerprint
        del engine.containers[API.id]
        again = replace(API, id="f" * 64, started_at=START)
        engine.put(again)
        engine.tell("destroy", API)
        engine.tell("start", again)
        await watched.clock.advance(0.2)
        assert watched.states()[-1].fingerprint != before
        assert watched.states()[-1].verdict is Verdict.OK


async def test_an_out_of_memory_kill_is_noted() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.tell("oom", API)
        await watched.clock.advance(0.2)
    assert watched.notes == ["shop-api-1: the kernel killed a process in it for memory"]


async def test_events_of_strangers_are_not_followed_up() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        before = len(watched.events)
        engine.tell("die", container("other-1", "x", "other"))
        await watched.clock.advance(0.5)
        assert len(watched.events) == before


async def test_use_is_shown_while_it_is_fresh_and_dropped_when_the_stream_is_silent() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.measure(API, ContainerUse(12.5, 7 * MIB, None))
        await watched.clock.advance(2.1)
        assert (watched.states()[-1].cpu_percent, watched.states()[-1].memory_bytes) == (
            12.5,
            7 * MIB,
        )
        await watched.clock.advance(12)
        assert watched.states()[-1].cpu_percent is None


async def test_a_stream_that_ends_silently_is_opened_again() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        assert engine.open_uses == [API.id]
        engine.measure(API, None)
        await settle()
        assert engine.open_uses == []
        await watched.clock.advance(1.1)
        assert engine.open_uses == [API.id]


async def test_a_stopped_container_has_no_stream_and_a_started_one_has() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.put(exited(API, 0))
        engine.tell("die", API)
        await watched.clock.advance(0.2)
        assert engine.open_uses == []
        engine.put(API)
        engine.tell("start", API)
        await watched.clock.advance(0.2)
        assert engine.open_uses == [API.id]
    assert engine.open_uses == [], "ending closes every stream"


async def test_an_event_stream_that_ends_silently_is_opened_again_after_a_fresh_look() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.put(exited(API, 9))
        engine.hang_up()
        await watched.clock.advance(2.5)
        assert engine.event_streams == 2
        assert watched.states()[-1].state == "exited 9"


async def test_what_no_event_told_is_found_by_the_regular_look() -> None:
    engine = FakeEngine(API)
    async with watching(engine) as watched:
        engine.put(exited(API, 9))
        await watched.clock.advance(18)
        assert watched.states()[-1].state == "exited 9"


async def test_when_the_engine_stops_every_service_is_unknown_and_the_source_ends() -> None:
    engine = FakeEngine(API)
    watched = Watched(engine)
    following = asyncio.ensure_future(watched.source.follow(watched.events.append))
    await settle()
    engine.outage = ClientRefused("the Docker daemon does not run")
    engine.hang_up()
    await watched.clock.advance(1.5)
    with pytest.raises(ClientRefused, match="does not run"):
        await following
    state = watched.states()[-1]
    assert (state.verdict, state.state) == (Verdict.UNKNOWN, "engine down")
    assert state.reason == "the Docker daemon does not run"


async def test_without_an_engine_it_ends_at_once_and_says_so() -> None:
    engine = FakeEngine()
    engine.outage = ClientMissing("no Docker socket")
    watched = Watched(engine)
    with pytest.raises(ClientMissing):
        await watched.source.follow(watched.events.append)
    assert watched.states()[-1].state == "no engine"


async def test_a_swarm_service_is_read_from_its_manager() -> None:
    engine = FakeEngine()
    engine.swarms["web"] = SwarmFacts(
        clean("web"), clean("web:1"), 2, EMPTY, (task("running"), task("failed", "boom"))
    )
    async with watching(engine, spec("web", SwarmService("web"))) as watched:
        (state,) = watched.states("web")
    assert (state.kind, state.verdict, state.state) == ("swarm", Verdict.DEGRADED, "1/2 running")


async def test_closing_closes_the_engine() -> None:
    engine = FakeEngine()
    await ContainerSource((COMPOSE,), engine, FakeClock()).aclose()
    assert engine.is_closed
