"""The runtime: nothing a source does hurts another, and everything it does is recorded."""

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from core.errors import ClientDenied, ClientRefused
from core.model.snapshot import EMPTY_SNAPSHOT
from core.once import look_once
from core.runtime import Runtime, RuntimeThread
from core.sources.base import Emit, Source
from core.sources.pacing import BACKOFF_CAP_S
from tests.fakes.clock import FakeClock, settle
from tests.fakes.sources import ScriptedSource, ScriptedStream, emits, hangs, raises, sees
from tests.fakes.world import at, check_id, observed


@asynccontextmanager
async def running(
    sources: Sequence[Source],
    clock: FakeClock,
    on_change: Callable[[], None] | None = None,
) -> AsyncIterator[Runtime]:
    runtime = Runtime(sources, clock, on_change, random.Random(7))
    task = asyncio.get_running_loop().create_task(runtime.run())
    try:
        await clock.advance(0)
        yield runtime
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_first_looks_all_happen_within_the_first_second_but_not_all_at_once() -> None:
    clock = FakeClock()
    sources = [ScriptedSource(f"s{n}") for n in range(500)]
    async with running(sources, clock):
        await clock.advance(0.1)
        early = sum(source.looks for source in sources)
        await clock.advance(0.9)
        assert 20 < early < 100
        assert all(source.looks == 1 for source in sources)


async def test_second_looks_are_spread_over_the_interval() -> None:
    clock = FakeClock()
    sources = [ScriptedSource(f"s{n}", every_s=10) for n in range(100)]
    async with running(sources, clock):
        await clock.advance(5)
        counts: list[int] = []
        for _ in range(10):
            before = sum(source.looks for source in sources)
            await clock.advance(1)
            counts.append(sum(source.looks for source in sources) - before)
        assert max(counts) <= 15
        assert min(counts) >= 5


async def test_a_source_keeps_its_interval() -> None:
    clock = FakeClock()
    source = ScriptedSource("api", every_s=10)
    async with running([source], clock):
        await clock.advance(1000)
    assert 97 <= source.looks <= 105


async def test_a_check_is_told_when_it_is_looked_at_next() -> None:
    clock = FakeClock()
    source = ScriptedSource("api", every_s=10)
    async with running([source], clock) as runtime:
        await clock.advance(20)
        next_at = runtime.snapshot.checks[check_id("api")].next_at
        assert next_at is not None
        looks = source.looks
        await clock.advance((next_at - clock.now()).total_seconds() - 0.01)
        assert source.looks == looks
        await clock.advance(0.02)
        assert source.looks == looks + 1


async def test_a_hanging_source_slows_no_other_and_is_reported_after_its_deadline() -> None:
    clock = FakeClock()
    stuck = ScriptedSource("stuck", hangs, deadline_s=0.02)
    free = ScriptedSource("free", every_s=1)
    async with running([stuck, free], clock) as runtime:
        await clock.advance(30)
        assert free.looks >= 25
        async with asyncio.timeout(30):
            while "stuck" not in runtime.snapshot.sources:
                await asyncio.sleep(0.001)
        report = runtime.snapshot.sources["stuck"]
        assert not report.is_working
        assert report.reason == "no answer within 0.02 s"


async def test_a_source_that_cannot_look_is_tried_again_ever_more_rarely_and_recovers() -> None:
    clock = FakeClock()
    denied = raises(ClientDenied("no right to read /var/run/docker.sock"))
    source = ScriptedSource("docker", *[denied] * 6, sees("api"), every_s=2)
    async with running([source], clock) as runtime:
        gaps: list[float] = []
        for _ in range(6):
            report = runtime.snapshot.sources["docker"]
            assert report.reason == "no right to read /var/run/docker.sock"
            assert report.retry_at is not None
            wait_s = (report.retry_at - clock.now()).total_seconds()
            gaps.append(wait_s)
            await clock.advance(wait_s + 0.001)
        assert gaps[0] <= 2 < gaps[2] < gaps[3]
        assert max(gaps) <= BACKOFF_CAP_S
        assert runtime.snapshot.sources["docker"].is_working
        assert check_id("api") in runtime.snapshot.checks
        assert [note.text for note in runtime.snapshot.timeline] == [
            "docker: works again",
            "docker: cannot look: no right to read /var/run/docker.sock",
        ]


async def test_a_fault_in_a_source_is_told_by_its_place_and_ends_nothing() -> None:
    clock = FakeClock()
    faulty = ScriptedSource("faulty", raises(KeyError("hunter2")), sees("api"))
    other = ScriptedSource("other")
    async with running([faulty, other], clock) as runtime:
        report = runtime.snapshot.sources["faulty"]
        assert report.reason.startswith("fault in the console itself: KeyError at sources.py:")
        assert "hunter2" not in report.reason
        await clock.advance(30)
        assert other.looks >= 2
        assert runtime.snapshot.sources["faulty"].is_working


async def test_a_source_that_cancels_itself_is_restarted() -> None:
    clock = FakeClock()
    source = ScriptedSource("odd", raises(asyncio.CancelledError()), sees("api"))
    async with running([source], clock) as runtime:
        assert runtime.snapshot.sources["odd"].reason == "its own task was cancelled from within"
        await clock.advance(30)
        assert source.looks >= 2


async def test_errors_from_a_task_group_are_told_by_the_first_that_speaks() -> None:
    clock = FakeClock()
    group = ExceptionGroup("unhandled", [ValueError("x"), ClientRefused("nothing listens")])
    async with running([ScriptedSource("group", raises(group))], clock) as runtime:
        assert runtime.snapshot.sources["group"].reason == "nothing listens"


async def test_a_stream_that_ends_or_breaks_is_followed_again() -> None:
    clock = FakeClock()

    async def ends() -> None: ...

    async def breaks() -> None:
        raise ClientRefused("the daemon went away")

    stream = ScriptedStream(
        "docker",
        emits(observed("a"), then=ends),
        emits(observed("b"), then=breaks),
        emits(observed("c"), then=hangs),
    )
    async with running([stream], clock) as runtime:
        assert runtime.snapshot.sources["docker"].reason == "the stream ended"
        await clock.advance(1)
        assert runtime.snapshot.sources["docker"].reason == "the daemon went away"
        await clock.advance(BACKOFF_CAP_S)
        assert runtime.snapshot.sources["docker"].is_working
        assert {one.service.service for one in runtime.snapshot.checks} == {"a", "b", "c"}
        assert stream.starts == 3


async def test_a_stream_that_breaks_after_each_first_word_is_noted_once() -> None:
    clock = FakeClock()

    async def breaks() -> None:
        raise ClientDenied("no right to read the socket")

    stream = ScriptedStream("docker", emits(observed("a"), then=breaks))
    async with running([stream], clock) as runtime:
        await clock.advance(120)
        assert stream.starts > 4
        assert len(runtime.snapshot.timeline) == 1
        assert not runtime.snapshot.sources["docker"].is_working


async def test_a_thread_may_emit() -> None:
    clock = FakeClock()
    emitted = asyncio.Event()

    async def from_a_thread(emit: Emit) -> None:
        await asyncio.to_thread(emit, observed("api"))
        emitted.set()
        await hangs()

    async with running([ScriptedStream("docker", from_a_thread)], clock) as runtime:
        await asyncio.wait_for(emitted.wait(), 30)
        await settle()
        assert check_id("api") in runtime.snapshot.checks


async def test_all_events_of_one_turn_are_one_change() -> None:
    clock = FakeClock()
    changes: list[int] = []
    seen = [observed("api", seconds=n) for n in range(50)]
    stream = ScriptedStream("burst", emits(*seen, then=hangs))
    async with running([stream], clock, lambda: changes.append(1)) as runtime:
        assert len(runtime.snapshot.checks[check_id("api")].history) == 50
        assert len(changes) == 1


async def test_refreshing_makes_waiting_sources_look_at_once_even_those_backing_off() -> None:
    clock = FakeClock()
    well = ScriptedSource("well", every_s=3600)
    sick = ScriptedSource("sick", raises(ClientRefused("no")), every_s=3600)
    async with running([well, sick], clock) as runtime:
        await clock.advance(1)
        assert (well.looks, sick.looks) == (1, 1)
        runtime.refresh_now()
        await clock.advance(0.1)
        assert (well.looks, sick.looks) == (2, 2)


async def test_what_sources_hold_is_closed_at_the_end() -> None:
    clock = FakeClock()
    sources = [ScriptedSource("a"), ScriptedSource("b", hangs)]
    async with running(sources, clock):
        pass
    assert all(source.is_closed for source in sources)


async def test_looking_once_looks_at_everything_at_the_same_time_and_closes() -> None:
    meet = asyncio.Barrier(2)

    async def together() -> tuple[()]:
        await meet.wait()
        return ()

    sources = [
        ScriptedSource("a", together),
        ScriptedSource("b", together),
        ScriptedSource("c", sees("api")),
        ScriptedSource("d", raises(ClientDenied("no right"))),
        ScriptedSource("e", hangs, deadline_s=0.01),
    ]
    snapshot = await look_once(sources, FakeClock())
    assert check_id("api") in snapshot.checks
    assert {name: one.reason for name, one in snapshot.sources.items()} == {
        "d": "no right",
        "e": "no answer within 0.01 s",
    }
    assert all(source.is_closed for source in sources)


async def test_looking_once_at_a_stream_that_never_speaks_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.once.FOLLOW_LIMIT_S", 0.01)
    snapshot = await look_once([ScriptedStream("docker", emits(then=hangs))], FakeClock())
    assert snapshot.sources["docker"].reason == "no answer within 0.01 s"


async def test_looking_once_follows_a_stream_until_it_is_silent() -> None:
    stream = ScriptedStream("docker", emits(observed("a"), observed("b"), then=hangs))
    snapshot = await look_once([stream], FakeClock())
    assert {one.service.service for one in snapshot.checks} == {"a", "b"}
    assert snapshot.sources == {}


async def test_looking_once_at_a_stream_that_is_never_silent_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.once.FOLLOW_LIMIT_S", 0.1)
    stream = ScriptedStream("docker", speaks_for_ever)
    async with asyncio.timeout(30):
        snapshot = await look_once([stream], FakeClock())
    assert {one.service.service for one in snapshot.checks} == {"a"}
    assert snapshot.sources == {}


async def speaks_for_ever(emit: Emit) -> None:
    while True:
        emit(observed("a"))
        await asyncio.sleep(0.001)


def wait_until(is_so: Callable[[], bool], changed: threading.Event) -> None:
    end_s = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end_s, "it never became so"
        changed.wait(0.05)
        changed.clear()


def test_a_thread_runs_the_sources_and_ends_though_one_of_them_hangs() -> None:
    changed = threading.Event()
    stuck = ScriptedSource("stuck", hangs)
    source = ScriptedSource("api", every_s=3600)
    thread = RuntimeThread([stuck, source], RealSleepClock(), changed.set)
    assert thread.snapshot is EMPTY_SNAPSHOT
    thread.start()
    wait_until(lambda: check_id("api") in thread.snapshot.checks, changed)
    thread.refresh_now()
    wait_until(lambda: source.looks == 2, changed)
    assert thread.stop(timeout_s=30)
    thread.refresh_now()
    assert stuck.is_closed
    assert source.is_closed


def test_a_builder_runs_in_the_new_thread_and_its_failure_is_shown() -> None:
    changed = threading.Event()
    builders: list[str] = []

    def build() -> Sequence[Source]:
        builders.append(threading.current_thread().name)
        raise ClientDenied("no right to read the CA file")

    thread = RuntimeThread(build, RealSleepClock(), changed.set)
    thread.start()
    wait_until(lambda: bool(thread.snapshot.sources), changed)
    assert builders == ["qd-runtime"]
    assert thread.snapshot.sources["runtime"].reason == "no right to read the CA file"
    assert thread.stop(timeout_s=30)


def test_a_thread_that_was_never_started_can_be_stopped() -> None:
    assert RuntimeThread([], RealSleepClock()).stop()


class RealSleepClock(FakeClock):
    """Frozen stamps, real waiting: for what runs in another thread."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def test_stamps_come_from_the_clock() -> None:
    async def look() -> None:
        snapshot = await look_once([ScriptedSource("a", raises(ClientDenied("no")))], FakeClock())
        assert snapshot.sources["a"].at == at(0)

    asyncio.run(look())
