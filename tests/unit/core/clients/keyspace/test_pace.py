"""Commands wait for their turn, and are counted."""

import asyncio

from core.clients.keyspace.pace import Pace, Rests
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


async def test_what_keeps_a_server_busy_is_followed_by_a_rest() -> None:
    clock = FakeClock()
    rests = Rests(clock)
    assert await rests.wait() == 0
    rests.note_small(0.030)
    rests.note_small(0.050)
    rests.note_large(0.032)
    waiting = asyncio.ensure_future(rests.wait())
    await clock.advance(0.017)
    assert not waiting.done(), "two milliseconds are a tenth of twenty"
    await clock.advance(0.002)
    assert abs(await waiting - 0.018) < 1e-6
    rests.note_large(0.030)
    assert await rests.wait() == 0, "all of it was the way"


async def test_who_may_take_more_of_a_servers_time_rests_less() -> None:
    clock = FakeClock()
    rests = Rests(clock, share=0.5)
    rests.note_large(0.030)
    waiting = asyncio.ensure_future(rests.wait())
    await clock.advance(0.029)
    assert not waiting.done()
    await clock.advance(0.001)
    assert abs(await waiting - 0.030) < 1e-6


async def test_of_work_that_costs_the_same_each_time_the_shortest_of_the_last_counts() -> None:
    clock = FakeClock()
    rests = Rests(clock)
    rests.note_alike(0.001, 50)
    rests.note_alike(0.2, 50)
    waiting = asyncio.ensure_future(rests.wait())
    await clock.advance(0.009)
    assert abs(await waiting - 0.009) < 1e-6
    for _ in range(8):
        rests.note_alike(0.01, 50)
    waiting = asyncio.ensure_future(rests.wait())
    await clock.advance(0.08)
    assert not waiting.done(), "a server that has become slow is left alone for longer"
    await clock.advance(0.02)
    assert abs(await waiting - 0.09) < 1e-6


async def test_a_server_that_stood_still_is_not_left_alone_for_long() -> None:
    clock = FakeClock()
    rests = Rests(clock)
    rests.note_large(1.9)
    waiting = asyncio.ensure_future(rests.wait())
    await clock.advance(0.25)
    assert waiting.done()
