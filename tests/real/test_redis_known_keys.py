"""Keys of stores in a real Redis are hidden wherever values that are known are, until they go."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.keys.ids import KeyIds
from core.keys.store.redis_book import GONE_S, RedisKeyBook, RedisSurroundings
from core.keys.store.redis_shapes import RedisStore
from core.model.check import CheckKind
from core.model.key_spec import KeyStoreSpec
from core.model.operation import OperationsSpec
from core.model.secret import MASK, Secret
from core.model.state import StateFolders
from core.model.veil import Veil
from tests.fakes.clock import FakeClock
from tests.fakes.world import check_spec, service, system, topology
from tests.real.servers import OwnRedis, kept_redis
from tests.real.test_redis_key_stores import ONE, TWO, fill
from tui.keys_desk import keys_desk
from tui.presenting import Presenting, learn_store

WAIT_S = 90.0
RECORD = json.dumps({"tier": "pro", "active": True})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def client(server: OwnRedis) -> Any:
    made: Any = redis.Redis(port=server.port)
    made.flushall()
    return made


class World:
    """A book whose keys are hidden by a veil of its own, at a time that stands still."""

    def __init__(self, server: OwnRedis, *names: str) -> None:
        self.veil, self.clock = Veil(), FakeClock()
        self.presenting = Presenting(veil=self.veil)
        self.told = 0
        spec = KeyStoreSpec("api", kind="redis", server="shop/redis", keys=names)
        address = RedisAddress(Secret(server.url))
        around = RedisSurroundings(learn=self._learn)
        self.book = RedisKeyBook(
            "shop", spec, lambda: ServerKeyspace(address, SystemClock(), timeout_s=30.0),
            self.clock, KeyIds(b"a key that only this test has......"), around,
        )  # fmt: skip

    def _learn(self, store: RedisStore | None) -> None:
        self.told += 1
        learn_store(self.presenting, "shop/api", store)

    def later(self, seconds: float) -> None:
        asyncio.run(self.clock.advance(seconds))
        self.book.look()


@pytest.mark.real("redis")
@pytest.mark.parametrize(
    "shape", ["hash", "list", "bare list", "set", "text", "own text", "own hash"]
)
def test_a_whole_key_is_hidden_in_whatever_goes_out(
    server: OwnRedis, client: Any, shape: str
) -> None:
    world = World(server, fill(client, shape))
    line = f"GET /v1/items?api_key={ONE} 401, then {TWO}"
    assert world.veil.hide(line) == line
    world.book.look()
    assert world.veil.hide(line) == f"GET /v1/items?api_key={MASK} 401, then {MASK}"
    assert world.veil.hide_bytes(line.encode()) == world.veil.hide(line).encode()
    assert world.presenting.hidden(f'{{"key": "{TWO}"}}') == f'{{"key": "{MASK}"}}'


@pytest.mark.real("redis")
def test_what_is_new_is_learned_once_and_what_was_deleted_stays_hidden(
    server: OwnRedis, client: Any
) -> None:
    client.hset("api_keys", ONE, RECORD)
    world = World(server, "api_keys")
    world.later(0)
    world.later(20)
    assert world.told == 1, "nothing is told of a store that holds what it held"
    client.hset("api_keys", TWO, RECORD)
    client.hdel("api_keys", ONE)
    world.later(20)
    assert world.told == 2
    assert world.presenting.known == {Secret(ONE), Secret(TWO)}


@pytest.mark.real("redis")
def test_a_store_that_has_gone_is_forgotten_once_no_restore_is_likely(
    server: OwnRedis, client: Any
) -> None:
    client.hset("api_keys", ONE, RECORD)
    world = World(server, "api_keys")
    world.later(0)
    client.delete("api_keys")
    world.later(20)
    assert world.veil.hide(ONE) == MASK
    world.later(GONE_S)
    assert world.presenting.known == frozenset()
    assert world.veil.hide(ONE) == ONE
    client.hset("api_keys", ONE, RECORD)
    world.later(20)
    assert world.veil.hide(ONE) == MASK


@pytest.mark.real("redis")
def test_a_server_that_is_down_makes_nobody_forget(tmp_path: Path) -> None:
    with kept_redis(tmp_path) as own:
        made: Any = redis.Redis(port=own.port)
        made.hset("api_keys", ONE, RECORD)
        world = World(own, "api_keys")
        world.later(0)
    world.later(GONE_S * 2)
    assert world.veil.hide(ONE) == MASK


@pytest.mark.real("redis")
def test_the_desk_of_a_console_learns_in_threads_of_its_own(
    server: OwnRedis, client: Any, tmp_path: Path
) -> None:
    client.hset("api_keys", ONE, RECORD)
    veil, learnt = Veil(), threading.Event()
    presenting, threads = Presenting(veil=veil), list[str]()
    spec = KeyStoreSpec("api", kind="redis", server="shop/redis", keys=("api_keys",))
    check = check_spec("redis", kind=CheckKind.REDIS, url=server.url)
    shop = replace(system("shop"), services=(replace(service("redis"), checks=(check,)),))

    def learn(target: str, store: RedisStore | None) -> None:
        learn_store(presenting, target, store)
        threads.append(threading.current_thread().name)
        learnt.set()

    desk = keys_desk(
        topology(shop),
        lambda: {"shop": OperationsSpec("shop", keys=(spec,))},
        StateFolders(*(tmp_path / one for one in ("actions", "procedures", "audit", "locks"))),
        SystemClock(),
        lambda: None,
        learn,
    )
    desk.start()
    assert learnt.wait(WAIT_S)
    assert desk.stop(WAIT_S)
    assert threads == ["qd-redis-keys"]
    assert veil.hide(f"the key {ONE}") == f"the key {MASK}"
