"""Three real servers that share the keys, and keys that move between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from core.clients.clock import SystemClock
from core.clients.keyspace.port import SCAN_START
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis import RedisServer
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientRefused
from core.model.redis_key import KeyName
from core.model.secret import Secret
from tests.real.clusters import answer, node_id, own_cluster
from tests.real.servers import OwnRedis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")

RATE = 5000.0


@pytest.fixture(params=[redis_binary, valkey_binary])
async def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[OwnRedis]]:
    async with own_cluster(request.param(), tmp_path) as own:
        yield own


def keyspace_of(url: str) -> ServerKeyspace:
    return ServerKeyspace(RedisAddress(Secret(url)), SystemClock(), RATE, 30.0)


def owner_of(nodes: list[OwnRedis], key: bytes) -> OwnRedis:
    return nodes[min(2, key_slot(key) // (16384 // 3))]


async def fill(nodes: list[OwnRedis], count: int) -> set[bytes]:
    keys = {b"key:%d" % number for number in range(count)}
    for key in keys:
        assert await answer(owner_of(nodes, key), "SET", key, b"of " + key) == b"+OK"
    return keys


async def scan_all(keyspace: ServerKeyspace) -> set[bytes]:
    place, found = SCAN_START, set[bytes]()
    while not place.is_done:
        place, keys = await keyspace.scan(place, count=50)
        found |= {key.raw for key in keys}
    return found


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
async def test_all_keys_are_read_from_one_address(nodes: list[OwnRedis], scheme: str) -> None:
    keys = await fill(nodes, 60)
    keyspace = keyspace_of(f"{scheme}://127.0.0.1:{nodes[1].port}")
    try:
        assert await scan_all(keyspace) == keys
        names = [KeyName(key) for key in sorted(keys)]
        contents = await keyspace.contents(names)
        assert [one.text.data for one in contents if one.text] == [b"of " + k.raw for k in names]
        info, count = await keyspace.info()
        assert (info["cluster_enabled"], count) == ("1", 60)
        assert (await keyspace.identity()).mode == "cluster"
        assert await keyspace.ping_s() >= 0
    finally:
        await keyspace.aclose()


async def test_a_key_that_moved_is_followed(nodes: list[OwnRedis]) -> None:
    await fill(nodes, 3)
    key = b"key:1"
    slot, old = str(key_slot(key)), owner_of(nodes, key)
    new = next(node for node in nodes if node is not old)
    keyspace = keyspace_of(f"redis+cluster://127.0.0.1:{nodes[0].port}")
    try:
        (before,) = await keyspace.contents([KeyName(key)])
        await answer(new, "CLUSTER", "SETSLOT", slot, "IMPORTING", await node_id(old))
        await answer(old, "CLUSTER", "SETSLOT", slot, "MIGRATING", await node_id(new))
        await answer(old, "MIGRATE", "127.0.0.1", str(new.port), key, "0", "5000")
        (half,) = await keyspace.contents([KeyName(key)])
        assert half == before, "ASK was followed"
        for node in (new, old):
            await answer(node, "CLUSTER", "SETSLOT", slot, "NODE", await node_id(new))
        (after,) = await keyspace.contents([KeyName(key)])
        assert after == before, "MOVED was followed"
    finally:
        await keyspace.aclose()


async def test_a_dead_node_is_named_and_the_others_answer(nodes: list[OwnRedis]) -> None:
    await answer(nodes[0], "CONFIG", "SET", "cluster-require-full-coverage", "no")
    keys = sorted(await fill(nodes, 30))
    keyspace = keyspace_of(f"redis+cluster://127.0.0.1:{nodes[0].port},127.0.0.1:1")
    try:
        await keyspace.looks([KeyName(key) for key in keys])
        nodes[2].stop()
        lost = next(key for key in keys if owner_of(nodes, key) is nodes[2])
        kept = next(key for key in keys if owner_of(nodes, key) is nodes[0])
        with pytest.raises((ClientRefused, RedisSaid)) as caught:
            await keyspace.looks([KeyName(lost)])
        assert str(nodes[2].port) in str(caught.value) or "CLUSTERDOWN" in str(caught.value)
        (look,) = await keyspace.looks([KeyName(kept)])
        assert look.kind == "string"
    finally:
        await keyspace.aclose()


async def test_streams_are_read_wherever_they_are(nodes: list[OwnRedis]) -> None:
    for key in (b"jobs:a", b"jobs:b", b"jobs:c"):
        await answer(owner_of(nodes, key), "XADD", key, "1-1", "data", "x")
    keyspace = keyspace_of(f"redis://127.0.0.1:{nodes[2].port}")
    try:
        for key in (b"jobs:a", b"jobs:b", b"jobs:c"):
            assert (await keyspace.stream(KeyName(key))).length == 1
            (entry,) = await keyspace.entries(KeyName(key))
            assert entry.fields == ((b"data", b"x"),)
    finally:
        await keyspace.aclose()


async def test_a_check_asks_every_master(nodes: list[OwnRedis]) -> None:
    server = RedisServer(Secret(f"redis+cluster://127.0.0.1:{nodes[0].port}"), 30.0)
    try:
        await server.ping()
        nodes[1].stop()
        with pytest.raises(ClientRefused, match=str(nodes[1].port)):
            await server.ping()
    finally:
        await server.aclose()
