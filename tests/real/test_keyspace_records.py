"""Many small records in one command are what they are one by one, and cost what they should."""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from core.clients.keyspace.port import KeyContent
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from tests.real.clusters import own_cluster
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary
from tests.real.test_keyspace import keyspace_of

pytestmark = pytest.mark.real("redis")

MEBI = 1024 * 1024


@pytest.fixture(params=[redis_binary, valkey_binary])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(request.param(), tmp_path) as own:
        yield own


@pytest.fixture
async def keyspace(server: OwnRedis) -> AsyncIterator[ServerKeyspace]:
    own = keyspace_of(server.url)
    yield own
    await own.aclose()


@pytest.fixture
def writer(server: OwnRedis) -> redis.Redis:
    return redis.Redis(port=server.port)


def raw(chance: random.Random, most: int) -> bytes:
    return chance.randbytes(chance.randrange(most))


def write_any(writer: redis.Redis, key: bytes, chance: random.Random) -> None:
    """Write a record of any type, with sizes on both sides of every bound."""
    count = chance.choice([1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 700])
    size = chance.choice([8, 60, 70, 300, 1100, 5000])
    match chance.choice(["string", "number", "hash", "list", "zset", "set", "stream"]):
        case "string":
            size = chance.choice([0, 1, 40, 5000, 16_383, 16_384, 16_385, 70_000])
            writer.set(key, chance.randbytes(size))
        case "number":
            writer.set(key, chance.randrange(-(2**63), 2**63))
        case "hash":
            writer.hset(key, mapping={b"%d" % n + raw(chance, 9): raw(chance, size)
                                      for n in range(count)})  # fmt: skip
        case "list":
            writer.rpush(key, *(raw(chance, size) for _ in range(count)))
        case "zset":
            scores = [math.inf, -math.inf, 0.1, 1773480413123.0, chance.random() * 1e300]
            writer.zadd(key, {b"%d" % n + raw(chance, size): chance.choice(scores)
                              for n in range(count)})  # fmt: skip
        case "set":
            writer.sadd(key, *(b"%d" % n for n in range(count)))
        case _:
            writer.xadd(key, {"a": raw(chance, size)})
    if chance.random() < 0.5:
        writer.pexpire(key, chance.randrange(60_000, 10**12))


def timeless(one: KeyContent) -> KeyContent:
    """Leave out what changes between two reads."""
    return replace(one, look=replace(one.look, ttl_s=one.look.ttl_s and 0.0))


def ordered(one: KeyContent) -> tuple[KeyContent, list[bytes]]:
    """Two mappings are equal whatever their order; ours should have the same.

    Of a hash of more than 64 fields any 64 are chosen, each time others.
    """
    if one.fields and (one.length or 0) > 64:
        return replace(timeless(one), fields=None), [b"%d" % len(one.fields)]
    return timeless(one), list(one.fields or {})


@pytest.mark.parametrize("seed", range(4))
async def test_records_of_every_type_are_what_contents_gives(
    keyspace: ServerKeyspace, writer: redis.Redis, seed: int
) -> None:
    chance = random.Random(seed)
    keys = [KeyName(b"k%d:" % n + raw(chance, 20)) for n in range(150)]
    for key in keys:
        write_any(writer, key.raw, chance)
    asked = [*keys, KeyName(b"gone"), keys[3]]
    singly = await keyspace.contents(asked)
    at_once = await keyspace.records(asked)
    assert [one.key for one in at_once] == asked
    for mine, other in zip(at_once, singly, strict=True):
        assert ordered(mine) == ordered(other)
        assert abs((mine.look.ttl_s or 0) - (other.look.ttl_s or 0)) < 30
    assert keyspace.reads_singly == ""


async def test_a_thousand_buckets_take_twenty_commands(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    for number in range(1000):
        writer.hset(f"limit:{number}", mapping={"tokens": number, "last_refill": "1773480413.5"})
    await keyspace.now_s()
    before = keyspace.load.commands_total
    records = await keyspace.records([KeyName(b"limit:%d" % number) for number in range(1000)])
    assert keyspace.load.commands_total - before == 20
    assert [int((one.fields or {})[b"tokens"].data) for one in records] == [*range(1000)]


async def test_what_is_large_is_not_read_by_the_script(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    writer.hset("hash", mapping={"huge": "x" * (8 * MEBI), "small": "y"})
    writer.hset("names", mapping={"n" * MEBI: "1"})
    writer.rpush("list", *("x" * MEBI for _ in range(16)))
    writer.rpush("tail", *(["1"] * 100), "x" * MEBI)
    writer.zadd("zset", {"x" * MEBI: 1})
    writer.set("text", "x" * (8 * MEBI))
    names = [KeyName(name) for name in (b"hash", b"names", b"list", b"tail", b"zset", b"text")]
    await keyspace.now_s()
    writer.config_resetstat()
    records = await keyspace.records(names)
    read = writer.info("commandstats")
    assert [timeless(one) for one in records] == [
        timeless(one) for one in await keyspace.contents(names)
    ]
    text = records[5].text
    assert text is not None
    assert (len(text.data), text.size_bytes) == (16_384, 8 * MEBI)
    # HRANDFIELD of `contents` has no values with it, and is asked twice: for both hashes.
    assert read["cmdstat_hrandfield"]["calls"] == 2
    assert "cmdstat_zrange" not in read


async def test_one_command_does_bounded_work_and_the_rest_comes_by_the_next(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    keys = [KeyName(b"text:%d" % number) for number in range(50)]
    for key in keys:
        writer.set(key.raw, b"x" * 16_000)
    await keyspace.now_s()
    before = keyspace.load.commands_total
    records = await keyspace.records(keys)
    assert {one.text and one.text.size_bytes for one in records} == {16_000}
    assert keyspace.load.commands_total - before == 10, "five texts of 16 kB each time"


async def test_a_user_without_the_right_is_read_one_by_one_and_told(
    server: OwnRedis, writer: redis.Redis
) -> None:
    writer.hset("limit:1", mapping={"tokens": "3"})
    await server.tell("ACL", "SETUSER", "shy", "on", ">pw", "~*", "+@all", "-eval_ro")
    keyspace = keyspace_of(f"redis://shy:pw@127.0.0.1:{server.port}/0")
    (record,) = await keyspace.records([KeyName(b"limit:1")])
    assert (record.fields or {})[b"tokens"].data == b"3"
    assert keyspace.reads_singly == "the user may not run EVAL_RO"
    writer.config_resetstat()
    await keyspace.records([KeyName(b"limit:1")])
    assert "cmdstat_eval_ro" not in writer.info("commandstats"), "it is not asked again"
    await keyspace.aclose()


async def test_a_right_that_the_script_needs_is_missing(
    server: OwnRedis, writer: redis.Redis
) -> None:
    writer.rpush("list", "1", "2")
    await server.tell("ACL", "SETUSER", "shy", "on", ">pw", "~*", "+@all", "-memory|usage")
    keyspace = keyspace_of(f"redis://shy:pw@127.0.0.1:{server.port}/0")
    keys = [KeyName(b"list")]
    assert await keyspace.records(keys) == await keyspace.contents(keys)
    await server.tell("ACL", "SETUSER", "shy", "-type")
    with pytest.raises(RedisSaid, match="NOPERM"):
        await keyspace.records(keys)
    assert keyspace.reads_singly == "the user may not run all that one script reads with"
    await keyspace.aclose()


async def test_a_key_that_is_not_ours_to_read_says_nothing_against_the_script(
    server: OwnRedis, writer: redis.Redis
) -> None:
    writer.mset({"mine": "1", "other": "2"})
    await server.tell("ACL", "SETUSER", "shy", "on", ">pw", "~mine*", "+@all")
    keyspace = keyspace_of(f"redis://shy:pw@127.0.0.1:{server.port}/0")
    with pytest.raises(RedisSaid, match="NOPERM"):
        await keyspace.records([KeyName(b"mine"), KeyName(b"other")])
    assert keyspace.reads_singly == ""
    (mine,) = await keyspace.records([KeyName(b"mine")])
    assert mine.text is not None
    await keyspace.aclose()


async def test_a_server_that_has_no_such_command_is_read_one_by_one(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path, "--rename-command", "EVAL_RO", "") as own:
        redis.Redis(port=own.port).set("count", 7)
        keyspace = keyspace_of(own.url)
        (record,) = await keyspace.records([KeyName(b"count")])
        assert record.text is not None
        assert "no EVAL_RO" in keyspace.reads_singly
        await keyspace.aclose()


async def test_resp2_gives_the_same(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path, "--rename-command", "HELLO", "") as own:
        writer = redis.Redis(port=own.port, protocol=2)
        writer.zadd("window", {f"m{number}": number + 0.5 for number in range(30)})
        writer.hset("limit", mapping={"tokens": 1, "last": 2})
        keyspace = keyspace_of(own.url)
        keys = [KeyName(b"window"), KeyName(b"limit")]
        assert await keyspace.records(keys) == await keyspace.contents(keys)
        await keyspace.aclose()


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
async def test_a_cluster_is_read_one_by_one(tmp_path: Path, scheme: str) -> None:
    async with own_cluster(redis_binary(), tmp_path) as nodes:
        await asyncio.gather(*(node.tell("SET", f"k{n}", "1") for node in nodes for n in range(20)))
        keyspace = keyspace_of(f"{scheme}://127.0.0.1:{nodes[0].port}")
        records = await keyspace.records([KeyName(b"k%d" % number) for number in range(20)])
        assert {one.text and one.text.data for one in records} == {b"1"}
        assert "cluster" in keyspace.reads_singly
        await keyspace.aclose()
