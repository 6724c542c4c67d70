"""The ranking of a server's limits: soon from a sample, whole in the end, in bounded memory."""

import asyncio
import tracemalloc

from core.model.redis_spec import LimitSpec, RedisSpec
from core.model.redis_view import Cancel, Scan
from core.model.text import SafeText
from core.redis.limits.book import LimitsBook
from tests.fakes.clock import FakeClock
from tests.fakes.keyspace import ManyKeys

NOW = "1773480413"
SPEC = RedisSpec(
    "shop/redis",
    limits=(LimitSpec("clients", ("api:rate-limit:*", "rate_limit:*"), 1000, 100),),
)


def client_key(at: int) -> bytes:
    return b"rate_limit:10.0.0.1:%d" % at


def fresh(at: int) -> dict[str, str]:
    """Every tenth has nothing left."""
    tokens = "0.5" if at % 10 == 0 else str(at % 1000 + 1)
    return {"tokens": tokens, "last_refill_time": NOW}


def book(clock: FakeClock | None = None, spec: RedisSpec = SPEC) -> LimitsBook:
    return LimitsBook(spec, clock or FakeClock(), lambda: None)


async def look(one: LimitsBook, keyspace: ManyKeys) -> None:
    await one.look(keyspace)  # pyright: ignore[reportArgumentType] - only what the book asks


async def scan(one: LimitsBook, keyspace: ManyKeys) -> None:
    await one.carry_out(keyspace, Scan("shop/redis", "limits"))  # pyright: ignore[reportArgumentType]


async def test_a_small_server_is_complete_at_the_first_look() -> None:
    keyspace = ManyKeys(30, client_key, fresh)
    one = book()
    assert one.view.progress.is_complete is False
    await look(one, keyspace)
    view = one.view
    assert (view.counted, view.read, view.limited, view.exhausted) == (30, 30, 3, 3)
    assert view.progress.is_complete
    assert [row.is_limited for row in view.rows[:4]] == [True, True, True, False]
    assert view.patterns[:2] == (("api:rate-limit:*", 0), ("rate_limit:*", 30))
    assert view.notes == (
        "clients: nothing at api:rate-limit:* as documented; in use: rate_limit:* (30)",
    )


async def test_a_pass_of_its_own_reads_what_the_sample_left_out() -> None:
    keyspace = ManyKeys(5000, client_key, fresh)
    clock = FakeClock()
    one = book(clock)
    await look(one, keyspace)
    assert (one.view.counted, one.view.read) == (5000, 1000)
    assert not one.view.progress.is_complete
    assert one.view.rows
    await look(one, keyspace)
    assert (one.view.counted, one.view.read, one.view.limited) == (5000, 5000, 500)
    assert one.view.progress.is_complete


async def test_a_million_records_are_counted_with_few_commands() -> None:
    keyspace = ManyKeys(1_000_000, client_key, fresh)
    one = book()
    await look(one, keyspace)
    view = one.view
    assert view.counted == 1_000_000
    assert keyspace.scans == 2000
    assert keyspace.records_read == view.read == 1000
    assert [row.is_limited for row in view.rows[:101]] == [True] * 100 + [False]
    assert not view.progress.is_complete


async def test_where_each_record_costs_four_commands_the_sample_is_small_and_it_is_told() -> None:
    keyspace = ManyKeys(5000, client_key, fresh)
    keyspace.reads_singly = SafeText("the user may not run EVAL_RO")
    one = book()
    await look(one, keyspace)
    assert (keyspace.records_read, keyspace.most_at_once) == (60, 20)
    assert one.view.notes[-1] == "reads one record at a time: the user may not run EVAL_RO"
    await look(one, keyspace)
    assert (one.view.read, one.view.progress.is_complete) == (5000, True)


async def test_memory_does_not_grow_with_the_number_of_records() -> None:
    one = book()
    tracemalloc.start()
    try:
        await look(one, ManyKeys(100_000, client_key, fresh))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert one.view.counted == 100_000
    assert peak_bytes < 24 * 1024 * 1024


async def test_all_of_many_records_are_ranked_and_only_the_worst_thousand_kept() -> None:
    keyspace = ManyKeys(30_000, client_key, fresh)
    one = book()
    await scan(one, keyspace)
    view = one.view
    assert (view.counted, view.read, len(view.rows)) == (30_000, 30_000, 1000)
    assert (view.limited, view.exhausted) == (3000, 3000)
    assert all(row.is_limited for row in view.rows)
    assert view.progress.is_complete


async def test_where_records_cost_little_a_wish_walks_once() -> None:
    keyspace = ManyKeys(5000, client_key, fresh)
    keyspace.is_slow = True
    one = book()
    looking = asyncio.ensure_future(look(one, keyspace))
    while keyspace.records_read < 100:
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.wait([looking])
    before = keyspace.scans
    await scan(one, keyspace)
    assert (one.view.read, one.view.progress.is_complete) == (5000, True)
    assert keyspace.scans - before == 10


async def test_keys_that_scan_gives_twice_count_once() -> None:
    keyspace = ManyKeys(5000, client_key, fresh)
    keyspace.repeats_every = 3
    one = book()
    await scan(one, keyspace)
    assert (one.view.counted, one.view.read, one.view.limited) == (5000, 5000, 500)


async def test_looks_go_on_while_a_scan_is_under_way() -> None:
    keyspace = ManyKeys(3000, client_key, fresh)
    keyspace.is_slow = True
    one = book()
    await look(one, keyspace)
    await asyncio.gather(scan(one, keyspace), look(one, keyspace), look(one, keyspace))
    assert (one.view.counted, one.view.read, one.view.limited) == (3000, 3000, 300)
    assert one.view.progress.is_complete


async def test_a_scan_that_is_ended_is_followed_by_the_next() -> None:
    keyspace = ManyKeys(3000, client_key, fresh)
    keyspace.is_slow = True
    one = book()
    first = asyncio.ensure_future(scan(one, keyspace))
    await asyncio.wait([first], timeout=0)
    while not keyspace.records_read:
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(scan(one, keyspace), first, return_exceptions=True)
    assert (one.view.counted, one.view.read) == (3000, 3000)
    assert one.view.progress.is_complete


async def test_rows_are_reckoned_to_the_present_between_reads() -> None:
    keyspace = ManyKeys(1, client_key, fresh)
    clock = FakeClock()
    one = book(clock)
    await look(one, keyspace)
    assert one.view.limited == 1
    keyspace.time_s += 3
    await clock.advance(3)
    await look(one, keyspace)
    assert (one.view.limited, one.view.exhausted) == (0, 1)
    assert one.view.rows[0].tokens_now == 300.5


async def test_a_server_without_records_says_so_and_is_complete() -> None:
    one = book()
    await look(one, ManyKeys(3, lambda at: b"other:%d" % at, fresh))
    assert (one.view.counted, one.view.rows) == (0, ())
    assert one.view.progress.is_complete
    assert one.view.notes == ("clients: no records at api:rate-limit:*, rate_limit:*: 0 clients",)


async def test_records_that_nobody_configured_are_found_by_usual_names() -> None:
    one = book(spec=RedisSpec("shop/redis"))
    await look(one, ManyKeys(4, lambda at: b"rl:u:%d" % at, fresh))
    assert one.view.counted == 4
    assert one.view.notes == ("found, not configured: rl:* (4)",)
    assert {row.spec_name for row in one.view.rows} == {""}


async def test_a_usual_name_of_something_else_gives_no_row() -> None:
    one = book(spec=RedisSpec("shop/redis"))
    await look(one, ManyKeys(4, lambda at: b"rl:u:%d" % at, lambda _: {"colour": "blue"}))
    assert one.view.rows == ()


async def test_one_pattern_may_be_asked_for_alone() -> None:
    one = LimitsBook(SPEC, FakeClock(), lambda: None, only="*:7")
    await look(one, ManyKeys(30, client_key, fresh))
    assert [row.keys[0].raw for row in one.view.rows] == [client_key(7)]
    assert one.view.patterns == (("*:7", 1),)


async def test_other_wishes_are_not_its_own() -> None:
    one = book()
    await one.carry_out(ManyKeys(3, client_key, fresh), Cancel("shop/redis"))  # pyright: ignore[reportArgumentType]
    assert one.view.counted == 0
