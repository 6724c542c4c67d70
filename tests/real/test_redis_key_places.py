"""Acting on keys in a cluster: wherever they lie, the node that has them is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.crc import key_slot

from core.actions.families import circuit, limit, token
from tests.real.clusters import SLOTS, own_cluster
from tests.real.redis_stage import RedisStage, is_done
from tests.real.servers import OwnRedis, valkey_binary

pytestmark = pytest.mark.real("redis")

RESET_LIMIT = limit.ACTIONS[0]
RESET, OPEN = circuit.ACTIONS
[REVOKE] = token.ACTIONS
CLIENTS = tuple(f"rate_limit:10.0.0.{number}" for number in range(9))


@pytest.fixture(name="nodes")
def fixture_nodes(tmp_path: Path) -> Iterator[list[OwnRedis]]:
    with asyncio.Runner() as runner:
        cluster = own_cluster(valkey_binary(), tmp_path)
        nodes: list[OwnRedis] = runner.run(cluster.__aenter__())
        try:
            yield nodes
        finally:
            runner.run(cluster.__aexit__(None, None, None))


def place(key: str) -> int:
    """Return which of the three nodes has a key."""
    return min(key_slot(key.encode()) // (SLOTS // 3), 2)


def test_keys_are_reset_opened_and_revoked_on_any_node(
    nodes: list[OwnRedis], tmp_path: Path
) -> None:
    at: list[Any] = [redis.Redis(port=node.port) for node in nodes]
    (tmp_path / "one").mkdir()
    url = f"redis+cluster://127.0.0.1:{nodes[0].port}"
    stage = RedisStage(nodes[0], tmp_path / "one", url=url)
    clients_are_reset(stage, at)
    breakers_are_opened_and_reset(stage, at)
    tokens_are_revoked(stage, at)


def clients_are_reset(stage: RedisStage, at: list[Any]) -> None:
    def left() -> int:
        return sum(one.dbsize() for one in at)

    assert {place(key) for key in CLIENTS} == {0, 1, 2}
    for key in CLIENTS:
        at[place(key)].hset(key, mapping={"tokens": "0.5", "last_refill_time": "1773480412"})
        at[place(key)].expire(key, 3600)
    distant = next(key for key in CLIENTS if place(key) == 2)
    before = at[2].dump(distant)
    state = stage.do(RESET_LIMIT, "shop/clients", keys=distant)
    assert is_done(state), state.text
    assert not at[2].exists(distant)
    assert is_done(stage.undo())
    assert at[2].dump(distant) == before
    plan = stage.plan(RESET_LIMIT, "shop/clients", pattern="rate_limit:*")
    assert "9 records" in plan.title
    state = stage.execute()
    assert is_done(state), state.text
    assert left() == 0
    assert is_done(stage.undo())
    assert left() == len(CLIENTS)


def breakers_are_opened_and_reset(stage: RedisStage, at: list[Any]) -> None:
    breaker = next(f"cb:{n}" for n in range(99) if place(f"cb:{n}") == 1)
    fields = {"state": "CLOSED", "failure_count": "0", "last_state_change_time": "1773480401"}
    at[1].hset(breaker, mapping=fields)
    state = stage.do(OPEN, "shop/upstream", key=breaker)
    assert is_done(state), state.text
    assert at[1].hget(breaker, "state") == b"OPEN"
    state = stage.do(RESET, "shop/upstream", key=breaker)
    assert is_done(state), state.text
    assert not at[1].exists(breaker)


def tokens_are_revoked(stage: RedisStage, at: list[Any]) -> None:
    secret = next(f"token:{n:064x}" for n in range(99) if place(f"token:{n:064x}") == 2)
    at[2].set(secret, "alice", ex=3600)
    state = stage.do(REVOKE, "shop/tokens", keys=secret)
    assert is_done(state), state.text
    assert not at[2].exists(secret)
