"""Commands wait for their turn, and are counted."""

import asyncio

from core.clients.keyspace.pace import Pace
from tests.fakes.clock import FakeClock, settle


async def test_a_burst_passes_and_the_rest_waits() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100)
    await pace.take(25)
    waiting = asyncio.ensure_future(pace.take(25))
    await settle()
    assert not waiting.done()
    await clock.advance(0.24)
    assert not waiting.done()
    await clock.advance(0.02)
    assert waiting.done()


async def test_never_more_than_the_cap_in_any_second_but_for_a_burst() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100)
    sent: list[float] = []

    async def send() -> None:
        for _ in range(500):
            await pace.take(1)
            sent.append(clock.monotonic())

    sending = asyncio.ensure_future(send())
    for _ in range(700):
        await clock.advance(0.01)
    assert sending.done()
    for start in range(5):
        assert sum(start <= at < start + 1 for at in sent) <= 126
    assert 4.5 < sent[-1] < 5.5, "and no slower than that"


async def test_load_is_of_the_last_ten_seconds() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100)
    for _ in range(4):
        await pace.take(25)
        await clock.advance(0.25)
    assert (pace.load().commands_total, pace.load().per_s) == (100, 10.0)
    await clock.advance(10)
    assert (pace.load().commands_total, pace.load().per_s) == (100, 0.0)
    assert pace.load().waited_s == 0


async def test_time_held_back_is_told() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100)
    await pace.take(25)
    waiting = asyncio.ensure_future(pace.take(10))
    await clock.advance(0.1)
    await waiting
    assert abs(pace.load().waited_s - 0.1) < 1e-6


async def test_who_is_cancelled_while_waiting_leaves_the_way_free() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100)
    await pace.take(25)
    first, second = (asyncio.ensure_future(pace.take(5)) for _ in range(2))
    await settle()
    first.cancel()
    await clock.advance(0.1)
    assert second.done()
    assert pace.load().commands_total == 30
