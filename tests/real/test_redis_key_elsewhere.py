"""Stores of keys in Redis as users have them: on Valkey, in a cluster, behind a sentinel, asked."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis

from core.clients.acting.redis_key_values import Standing
from core.errors import ClientError
from core.model.key_spec import KeyProbeSpec
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, stored, warnings
from tests.real.clusters import OwnSentinel, answer, own_cluster, own_sentinel, until
from tests.real.redis_key_copy_stage import change, done, lose
from tests.real.redis_key_stage import ONE, OWN, RECORD, TWO, Stage, fill, kept
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")


class Service:
    """A service that takes the keys of a hash; one that remembers answers a key as at first."""

    def __init__(self, store: Any) -> None:
        self.remembers = False
        self._store, self._known = store, dict[str, int]()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(service.status(self.headers.get("X-API-Key", "")))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *_words: Any) -> None:  # noqa: A002 - as above
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.probe = KeyProbeSpec("api", f"http://127.0.0.1:{self.server.server_port}/items")

    def status(self, key: str) -> int:
        record = json.loads(self._store.hget("api_keys", key) or "{}")
        now = 200 if record.get("active") else 401
        return self._known.setdefault(key, now) if self.remembers else now


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "valkey").mkdir()
    async with own_redis(valkey_binary(), tmp_path / "valkey") as server:
        client: Any = redis.Redis(port=server.port, decode_responses=True)
        yield Stage(tmp_path, server, client)
        client.close()


@pytest.fixture
def service(stage: Stage) -> Iterator[Service]:
    one = Service(stage.redis)
    thread = threading.Thread(target=one.server.serve_forever)
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


async def test_on_valkey_the_service_that_reads_the_store_is_asked(
    stage: Stage, service: Service
) -> None:
    stage.probe = service.probe
    fill(stage, "field")
    assert service.status(ONE) == 200
    await done(stage, "key.deactivate", keys=stage.short_id(ONE))
    assert service.status(ONE) == 401
    await done(stage, "key.reactivate", keys=stage.short_id(ONE))
    to = f"file:{stage.folder / 'new.key'}"
    await done(stage, "key.rotate", key=stage.short_id(ONE), grace="0", to=to)
    assert (service.status(ONE), service.status(stage.new())) == (401, 200)
    await done(stage, "key.backup")
    lose(stage, "field", TWO)
    draft = await stage.plan("key.restore")
    assert [str(one.title) for one in draft.proofs][1:] == ["the service takes them again"]
    ended = await carry_out(draft, stage.site.ports, FakeWork("01TEST"))
    assert ended[0] == "verified", ended
    assert service.status(TWO) == 200


async def test_a_service_that_remembers_keys_is_told_of_and_nothing_is_taken_back(
    stage: Stage, service: Service
) -> None:
    stage.probe, service.remembers = service.probe, True
    fill(stage, "field")
    await done(stage, "key.backup")
    lose(stage, "field", TWO)
    assert service.status(TWO) == 401
    draft = await stage.plan("key.restore")
    ended = await carry_out(draft, stage.site.ports, FakeWork("01TEST"))
    assert ended[0] == "ran but unverified", ended
    assert "the server answers 401" in ended[1]
    assert stage.active() == {ONE: True, TWO: True}


async def test_in_a_cluster_keys_of_every_node_are_copied_put_back_and_taken_back(
    tmp_path: Path,
) -> None:
    async with own_cluster(valkey_binary(), tmp_path) as nodes:
        client: Any = redis.RedisCluster(
            host="127.0.0.1", port=nodes[0].port, decode_responses=True
        )
        url = f"redis+cluster://127.0.0.1:{nodes[0].port}"
        stage = Stage(tmp_path, nodes[0], client, ("api_key:*",), url=url)
        keys = [f"key_{number}{'c' * 30}" for number in range(9)]
        slots = {client.keyslot(f"api_key:{key}") * 3 // 16384 for key in keys}
        assert slots == {0, 1, 2}, "every node has one"
        for key in keys:
            client.hset(f"api_key:{key}", mapping=OWN)
        await done(stage, "key.backup")
        for key in keys[1:]:
            client.delete(f"api_key:{key}")
        change(stage, "hash", keys[0], tier="free")
        draft, work = await stage.plan("key.restore"), FakeWork("01TEST")
        assert "each Redis key is written by itself" in str(warnings(draft))
        assert (await carry_out(draft, stage.site.ports, work))[0] == "verified"
        assert all(client.hgetall(f"api_key:{key}") == OWN for key in keys)
        await stored(draft.steps[0].step).undo(stage.site.ports, work)
        assert client.hget(f"api_key:{keys[0]}", "tier") == "free"
        assert not any(client.exists(f"api_key:{key}") for key in keys[1:])
        client.close()


@dataclass
class Watched:
    """A master, its replica in step with it, and who watches them."""

    master: OwnRedis
    replica: OwnRedis
    sentinel: OwnSentinel

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/shop/0"


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with AsyncExitStack() as stack:
        homes = [tmp_path / name for name in ("one", "two", "watch")]
        for home in homes:
            home.mkdir()
        quick, binary = ("--repl-diskless-sync-delay", "0"), redis_binary()
        master = await stack.enter_async_context(own_redis(binary, homes[0], *quick))
        to_master = ("--replicaof", f"127.0.0.1 {master.port}")
        replica = await stack.enter_async_context(own_redis(binary, homes[1], *quick, *to_master))
        sentinel = await stack.enter_async_context(own_sentinel(binary, homes[2], master))

        async def is_in_step() -> bool:
            said = await answer(sentinel, "INFO", "sentinel")
            replied = await answer(replica, "INFO", "replication")
            return b"slaves=1" in said and b"master_link_status:up" in replied

        await until(is_in_step)
        yield Watched(master, replica, sentinel)


async def test_behind_a_sentinel_a_store_is_acted_on_before_and_after_a_failover(
    watched: Watched, tmp_path: Path
) -> None:
    client: Any = redis.Redis(port=watched.master.port, decode_responses=True)
    stage = Stage(tmp_path, watched.master, client, url=watched.url)
    fill(stage, "field")
    await done(stage, "key.backup")
    await done(stage, "key.deactivate", keys=stage.short_id(ONE))
    wanted, old = kept(stage), await stage.plan("key.reactivate", keys=stage.short_id(ONE))
    run_id = str((await standing(stage)).run_id)
    stage.redis = redis.Redis(port=watched.replica.port, decode_responses=True)

    async def is_copied() -> bool:
        return kept(stage) == wanted

    await until(is_copied)
    client.close()
    watched.master.stop()
    await watched.sentinel.lose_quickly()

    async def is_followed() -> bool:
        try:
            now = await standing(stage)
        except ClientError:
            return False
        return now.role == "master" and now.run_id != run_id

    await until(is_followed)
    ended = await carry_out(old, stage.site.ports, FakeWork("01TEST"))
    assert "another run of it answers" in ended[1]
    assert stage.active() == {ONE: False, TWO: True}
    lose(stage, "field", TWO)
    await done(stage, "key.restore", reactivate=stage.short_id(ONE))
    rows = {key: json.loads(one) for key, one in stage.redis.hgetall("api_keys").items()}
    assert rows == {ONE: RECORD, TWO: RECORD}
    stage.redis.close()


async def standing(stage: Stage) -> Standing:
    control = stage.site.ports.redis_keys
    assert control is not None
    return await control.standing("shop/redis")
