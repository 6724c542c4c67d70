"""The book of a server: what a look and a wish make of it."""

import asyncio
from dataclasses import replace

import pytest

from core.clients.keyspace.port import SlowFacts
from core.clients.redis_errors import RedisSaid
from core.model.redis_view import SampleLatency, Scan
from core.model.text import clean
from core.redis.server.book import SAMPLES_KEPT, ServerBook
from tests.fakes.clock import FakeClock
from tests.unit.core.redis.server.infos import IDENTITY, SPEC, info
from tests.unit.core.redis.server.keys import named_keys
from tests.unit.core.redis.server.test_latency import QuickClock
from tests.unit.core.redis.server.test_tokens import record


def book(clock: FakeClock | None = None) -> tuple[ServerBook, list[str]]:
    told: list[str] = []
    made = ServerBook(SPEC, clock or FakeClock(), lambda: told.append(made.view.busy))
    return made, told


def mixed(at: int) -> bytes:
    return (b"token:%024d", b"limit:%d")[at % 2] % at


async def test_before_the_first_look_nothing_is_known() -> None:
    view = book()[0].view
    assert view.figures is None
    assert view.census is None
    assert view.looked_at_s is None


async def test_the_first_look_shows_families_and_costs_little() -> None:
    made, _ = book()
    keys = named_keys(100_000, mixed)
    await made.look(keys)
    view = made.view
    assert view.census is not None
    assert view.census.progress.examined == 2_000
    assert not view.census.progress.is_complete
    assert view.census.progress.stopped
    assert view.tokens is not None
    assert keys.asked["SCAN"] <= 8
    assert keys.asked["looks"] + keys.asked["memory"] + keys.asked["contents"] <= 70


async def test_looks_after_the_first_leave_the_keys_alone_for_a_minute() -> None:
    clock = FakeClock()
    made, _ = book(clock)
    keys = named_keys(10, mixed)
    await made.look(keys)
    scans = keys.asked["SCAN"]
    await clock.advance(5.0)
    await made.look(keys)
    assert keys.asked["SCAN"] == scans
    await clock.advance(60.0)
    await made.look(keys)
    assert keys.asked["SCAN"] > scans


async def test_history_is_bounded_and_ends_with_the_run_of_the_server() -> None:
    clock = FakeClock()
    made, _ = book(clock)
    keys = named_keys(0, mixed)
    for _ in range(SAMPLES_KEPT + 5):
        await made.look(keys)
        await clock.advance(1.0)
    assert len(made.view.history) == SAMPLES_KEPT
    keys.who = replace(IDENTITY, run_id=clean("another"))
    await made.look(keys)
    assert len(made.view.history) == 1, "another run's counters are no rate of this one"


async def test_evicting_is_found_between_two_looks() -> None:
    clock = FakeClock()
    made, _ = book(clock)
    keys = named_keys(0, mixed)
    keys.told = info(maxmemory_policy="allkeys-lru", evicted_keys=0)
    await made.look(keys)
    assert made.view.failing == 0
    await clock.advance(5.0)
    keys.told = info(maxmemory_policy="allkeys-lru", evicted_keys=500)
    await made.look(keys)
    assert made.view.findings[0].startswith("evicting 100 keys/s")
    assert made.view.failing == 1


async def test_what_is_not_allowed_is_named_and_the_rest_is_shown() -> None:
    made, _ = book()
    keys = named_keys(10, mixed)
    keys.refuses = {"SLOWLOG GET": "NOPERM", "CONFIG GET": "NOPERM", "SCAN": "NOPERM"}
    await made.look(keys)
    view = made.view
    assert view.slow is None
    assert view.census is None
    assert view.figures is not None
    assert view.refused == "CONFIG GET: not allowed; SLOWLOG GET: not allowed; SCAN: not allowed"
    keys.refuses = {}
    await made.look(keys)
    assert made.view.slow == ()
    assert "SLOWLOG" not in made.view.refused


async def test_a_server_that_is_loading_is_its_own_trouble() -> None:
    made, _ = book()
    keys = named_keys(10, mixed)
    keys.refuses = {"INFO": "LOADING"}
    with pytest.raises(RedisSaid) as caught:
        await made.look(keys)
    assert caught.value.code == "LOADING"


async def test_without_info_nothing_is_a_zero() -> None:
    made, _ = book()
    keys = named_keys(10, mixed)
    keys.refuses = {"INFO": "NOPERM"}
    await made.look(keys)
    assert made.view.figures is None
    assert made.view.keys is None
    assert made.view.history == ()


async def test_a_census_counts_everything_and_tells_as_it_goes() -> None:
    made, told = book()
    keys = named_keys(10_000, mixed)
    await made.look(keys)
    del told[:]
    await made.carry_out(keys, Scan("shop/redis", "census"))
    census = made.view.census
    assert census is not None
    assert census.progress.is_complete
    assert census.progress.examined == 10_000
    assert told.count("counting keys") == 1 + 5
    assert made.view.busy == ""
    await made.look(keys)
    assert made.view.census is census, "a first look takes no whole count's place"


async def test_a_census_that_is_stopped_keeps_what_it_counted() -> None:
    made = ServerBook(SPEC, FakeClock(), lambda: None)
    keys = named_keys(50_000, mixed)
    await made.look(keys)
    counting = asyncio.create_task(made.carry_out(keys, Scan("shop/redis", "census")))
    while made.view.census is None or made.view.census.progress.examined < 3_000:
        await asyncio.sleep(0)
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting
    census = made.view.census
    assert 3_000 <= census.progress.examined < 50_000
    assert census.progress.stopped == "stopped"
    assert made.view.busy == ""


async def test_tokens_for_good_become_a_finding() -> None:
    made, _ = book()
    keys = named_keys(2, lambda at: b"token:%d" % at)
    await made.look(keys)
    assert not any("time to live" in one for one in made.view.findings)
    keys.contents_by_key = {b"token:0": record("token:0", None), b"token:1": record("token:1")}
    await made.carry_out(keys, Scan("shop/redis", "tokens"))
    assert any("time to live" in one for one in made.view.findings)


async def test_latency_is_sampled_in_windows_and_kept_with_its_age() -> None:
    clock = QuickClock()
    made, told = book(clock)
    keys = named_keys(0, mixed)
    await made.carry_out(keys, SampleLatency("shop/redis", windows=3, window_s=0.5))
    assert len(made.view.latency) == 3
    assert told.count("sampling latency") >= 3
    await clock.sleep(100.0)
    await made.look(keys)
    assert made.view.latency[-1].age_s >= 100.0
    assert made.view.busy == ""


async def test_the_slow_log_hides_tokens() -> None:
    made, _ = book()
    keys = named_keys(0, mixed)
    words = (b"GET", b"token:9f86d081884c7d659a2feaa0c55ad015")
    keys.slow_lines = (SlowFacts(1, 0, 12_000, words, b"10.0.0.1:5"),)
    other = SlowFacts(0, 0, 12_000, (b"GET", b"password=hunter2"), b"10.0.0.1:5")
    keys.slow_lines = (*keys.slow_lines, other)
    await made.look(keys)
    assert made.view.slow is not None
    assert made.view.slow[0].command == "GET token:9f86d081…"
    assert "hunter2" not in made.view.slow[1].command


async def test_our_own_right_to_write_is_a_note() -> None:
    made, _ = book()
    keys = named_keys(0, mixed)
    keys.is_writer = True
    await made.look(keys)
    assert "may write" in made.view.notes[0]
    assert made.view.findings == ()
