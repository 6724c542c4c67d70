"""Acting on streams by sentinels and in a cluster: the one that counts is found each time."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.crc import key_slot

from core.model.action import Phase, Proof
from tests.real.clusters import own_cluster, own_sentinel
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary
from tests.real.stream_stage import (
    EVENTS,
    SPEC,
    StreamStage,
    aged,
    delivered,
    filled,
    owners,
    stops,
)

pytestmark = pytest.mark.real("redis")
_LAST_THIRD = 11_000


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


def test_sentinels_say_where_the_master_is(runner: asyncio.Runner, tmp_path: Path) -> None:
    server = own_redis(redis_binary(), tmp_path)
    master = runner.run(server.__aenter__())
    watch = own_sentinel(redis_binary(), tmp_path / "sentinel", master)
    sentinel = runner.run(watch.__aenter__())
    try:
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/shop/0"
        stage = StreamStage(master, tmp_path / "one", url)
        ids = filled(stage.redis, 3)
        delivered(stage.redis, "gone", 3)
        aged(stage.redis, "gone", ids)
        state = stage.done("stream.claim", EVENTS, to="new:worker")
        assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.VERIFIED), state.text
        assert owners(stage.redis)[ids[0]] == ("worker", 1)
    finally:
        runner.run(watch.__aexit__(None, None, None))
        runner.run(server.__aexit__(None, None, None))


def test_in_a_cluster_the_node_with_the_stream_is_told(
    runner: asyncio.Runner, tmp_path: Path
) -> None:
    cluster = own_cluster(valkey_binary(), tmp_path)
    nodes: list[OwnRedis] = runner.run(cluster.__aenter__())
    try:
        tag = next(f"t{n}" for n in range(1000) if key_slot(f"t{n}".encode()) > _LAST_THIRD)
        stream, dead = f"{{{tag}}}events", f"{{{tag}}}dead"
        url = f"redis+cluster://127.0.0.1:1,127.0.0.1:{nodes[0].port}"
        stage = StreamStage(nodes[0], tmp_path / "one", url)
        stage.specced(replace(SPEC, name=stream, keys=(stream,), dead_letters=(dead, "elsewhere")))
        client: Any = redis.Redis(port=nodes[2].port)
        ids = filled(client, 3, stream)
        delivered(client, "gone", 3, key=stream)
        aged(client, "gone", ids, key=stream)
        state = stage.done("stream.claim", stream, to="new:worker")
        assert state.proof is Proof.VERIFIED, state.text
        state = stage.done("stream.acknowledge", stream, ids=",".join(ids[:2]))
        assert state.proof is Proof.VERIFIED, state.text
        assert list(owners(client, stream)) == ids[2:]
        letter = json.dumps({"n": 1, "dlq_error": "x", "original_stream": stream})
        client.xadd(dead, {"data": letter})
        state = stage.done("dlq.requeue", dead, all="yes", canary="no")
        assert state.proof is Proof.VERIFIED, state.text
        assert (client.xlen(dead), client.xlen(stream)) == (0, 4)
        for node in nodes:
            one: Any = redis.Redis(port=node.port)
            try:
                one.xadd("elsewhere", {"data": letter})
            except redis.ResponseError:
                continue
        plan = stage.planned("dlq.requeue", "elsewhere", all="yes", canary="no")
        assert "CROSSSLOT" in stops(plan)
    finally:
        runner.run(cluster.__aexit__(None, None, None))
