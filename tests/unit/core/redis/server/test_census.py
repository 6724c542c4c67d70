"""Keys by family: counted once each, looked into sparingly, in bounded memory."""

from core.redis.server.census import BIG_KEYS, FAMILIES_SHOWN, CensusScan
from core.redis.server.counted import Counted
from core.redis.server.families import purposes_of
from tests.fakes.clock import FakeClock
from tests.unit.core.redis.server.infos import SPEC
from tests.unit.core.redis.server.keys import NamedKeys, named_keys

LOOKS = 1000


async def counted(keys: NamedKeys, looks: int = LOOKS) -> CensusScan:
    scan = CensusScan(purposes_of(SPEC), keys.count, looks, FakeClock())
    while not scan.is_done:
        await scan.step(keys)
    return scan


def mixed(at: int) -> bytes:
    if at == 0:
        return b"automation.events"
    return (b"token:%d", b"limit:10.0.0.%d", b"cache:page:%d")[at % 3] % at


async def test_a_small_database_is_looked_at_whole() -> None:
    census = (await counted(named_keys(300, mixed))).view()
    by_prefix = {str(one.prefix): one for one in census.families}
    assert by_prefix["limit:*"].count == 100
    assert by_prefix["limit:*"].looked_at == 100
    assert by_prefix["limit:*"].kinds == (("hash", 100),)
    assert by_prefix["token:*"].count == by_prefix["token:*"].without_ttl == 99
    assert by_prefix["token:*"].is_token
    assert by_prefix["automation.events"].is_stream
    assert by_prefix["automation.events"].meaning == "stream events"
    assert census.others == 0
    assert census.progress.is_complete
    assert census.progress.examined == census.total == 300


async def test_a_large_database_is_counted_whole_and_looked_into_at_a_few_places() -> None:
    keys = named_keys(100_000, mixed)
    census = (await counted(keys)).view()
    assert sum(one.count for one in census.families) + census.others == 100_000
    assert keys.asked["looks"] <= LOOKS
    assert keys.asked["memory"] <= LOOKS
    assert keys.asked["SCAN"] == 200
    limits = next(one for one in census.families if one.prefix == "limit:*")
    assert limits.looked_at < limits.count
    exact = sum(len(mixed(at)) for at in range(1, 100_000, 3))
    assert limits.memory_bytes is not None
    assert abs(limits.memory_bytes - exact) < 0.1 * exact, "an estimate, and near"


async def test_keys_that_scan_gives_twice_count_once() -> None:
    keys = named_keys(20_000, mixed)
    keys.repeats_every = 3
    census = (await counted(keys)).view()
    assert keys.asked["SCAN"] == 40
    assert census.progress.examined == 20_000


async def test_the_largest_keys_of_those_that_were_weighed_come_first() -> None:
    census = (await counted(named_keys(500, lambda at: b"k:" + b"x" * at))).view()
    assert len(census.big_keys) == BIG_KEYS
    assert [one.memory_bytes for one in census.big_keys] == list(range(501, 481, -1))
    assert census.weighed == 500


async def test_a_census_that_ended_early_says_so() -> None:
    keys = named_keys(5_000, mixed)
    scan = CensusScan((), keys.count, 20, FakeClock())
    await scan.step(keys)
    census = scan.view()
    assert not census.progress.is_complete
    assert census.progress.examined == 500
    assert census.total == 5_000


async def test_no_keys_are_a_complete_census() -> None:
    census = (await counted(named_keys(0, mixed))).view()
    assert census.families == ()
    assert census.progress.is_complete


async def test_a_hundred_thousand_beginnings_stay_within_bounds() -> None:
    keys = named_keys(100_000, lambda at: b"user%d:profile" % at)
    census = (await counted(keys)).view()
    assert len(census.families) <= FAMILIES_SHOWN
    assert sum(one.count for one in census.families) + census.others == 100_000
    assert keys.asked["looks"] <= LOOKS


def test_what_was_counted_is_known_and_nothing_else_in_fixed_room() -> None:
    known = Counted(50_000)
    names = [b"rate_limit:%d" % at for at in range(50_000)]
    assert sum(known.is_new(name) for name in names) >= 49_990
    assert not any(known.is_new(name) for name in names)
    assert Counted(10**9).size_bytes <= 2**24
