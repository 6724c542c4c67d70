"""Key stores in a real Redis: every shape read and shown, unknown ones raw, nothing written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.keys.ids import KeyIds
from core.keys.store.redis_book import RedisKeyBook
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import KeyShape, KeyStoreView, StoreState
from core.model.secret import Secret
from tests.real.servers import OwnRedis, kept_redis

ONE, TWO = "key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA", "key_bbbbbbbbbbbbbbbbbbbbbbbbbbbbBBBB"
RECORD = {"tier": "pro", "requests_per_month": 10_000, "active": True}
OFF = RECORD | {"active": False}
IDS = KeyIds(b"a key that only this test has......")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def client(server: OwnRedis) -> Any:
    made: Any = redis.Redis(port=server.port)
    made.flushall()
    return made


def book_of(server: OwnRedis, *keys: str) -> RedisKeyBook:
    tiers = (("pro", 10_000),)
    spec = KeyStoreSpec("api", kind="redis", tiers=tiers, server="shop/redis", keys=keys)
    address, clock = RedisAddress(Secret(server.url)), SystemClock()
    return RedisKeyBook(
        "shop", spec, lambda: ServerKeyspace(address, clock, timeout_s=30.0), clock, IDS
    )


def look(server: OwnRedis, *keys: str) -> KeyStoreView:
    return book_of(server, *keys).look()


def fill(client: Any, shape: str) -> str:
    """Keep two keys, the second one off where that can be said; return how they are found."""
    rows = {ONE: RECORD, TWO: OFF}
    match shape:
        case "hash":
            client.hset("api_keys", mapping={key: json.dumps(one) for key, one in rows.items()})
        case "list":
            client.rpush("api_keys", *(json.dumps({"key": key} | one) for key, one in rows.items()))
        case "bare list":
            client.rpush("api_keys", *rows)
        case "set":
            client.sadd("api_keys", *rows)
        case "text":
            client.set("api_keys", json.dumps(rows))
        case "own text":
            for key, one in rows.items():
                client.set(f"api_key:{key}", json.dumps(one))
        case _:
            for key, one in rows.items():
                client.hset(f"api_key:{key}", mapping={"tier": "pro", "active": int(one["active"])})
    return "api_key:*" if shape.startswith("own") else "api_keys"


@pytest.mark.real("redis")
@pytest.mark.parametrize(
    ("shape", "kind", "active", "is_written"),
    [
        ("hash", KeyShape.REDIS_HASH, 1, True),
        ("list", KeyShape.REDIS_LIST, 1, True),
        ("bare list", KeyShape.REDIS_LIST, 2, False),
        ("set", KeyShape.REDIS_SET, 2, False),
        ("text", KeyShape.BY_KEY, 1, True),
        ("own text", KeyShape.REDIS_KEYS, 1, True),
        ("own hash", KeyShape.REDIS_KEYS, 1, True),
    ],
)  # fmt: skip
def test_a_store_is_read_in_every_shape(
    server: OwnRedis,
    client: Any,
    shape: str,
    kind: KeyShape,
    active: int,
    is_written: bool,
) -> None:
    view = look(server, fill(client, shape))
    assert (view.files[0].shape, len(view.keys), view.active_count) == (kind, 2, active)
    assert view.state is (StoreState.READ if is_written else StoreState.READ_ONLY)
    assert bool(view.why) is not is_written
    assert {key.short_id for key in view.keys} == {IDS.short_id(ONE), IDS.short_id(TWO)}
    assert ONE not in repr((view, list(view.keys)))


@pytest.mark.real("redis")
def test_many_keys_are_read_page_by_page(server: OwnRedis, client: Any) -> None:
    rows = {f"key_{number:040}": json.dumps(RECORD) for number in range(3_000)}
    client.hset("api_keys", mapping=rows)
    client.rpush("keys_list", *(json.dumps({"key": key}) for key in list(rows)[:200]))
    assert len(look(server, "api_keys").keys) == 3_000
    assert len(look(server, "keys_list").keys) == 200


@pytest.mark.real("redis")
@pytest.mark.parametrize("kind", ["zset", "names with texts", "odd text", "record without a key"])
def test_an_unknown_shape_is_shown_raw_masked_and_read_only_with_the_reason(
    server: OwnRedis, client: Any, kind: str
) -> None:
    match kind:
        case "zset":
            client.zadd("api_keys", {ONE: 1.0})
        case "names with texts":
            client.hset("api_keys", mapping={"openai": ONE})
        case "odd text":
            client.set("api_keys", ONE)
        case _:
            client.rpush("api_keys", json.dumps({"tier": "pro", "note": ONE}))
    view = look(server, "api_keys")
    assert (view.state, len(view.keys)) == (StoreState.READ_ONLY, 0)
    assert "api_keys (" in view.why
    assert ONE not in repr(view)


@pytest.mark.real("redis")
def test_a_name_that_holds_a_key_is_masked_where_its_shape_is_not_known(
    server: OwnRedis, client: Any
) -> None:
    client.zadd(f"api_key:{ONE}", {"x": 1.0})
    view = look(server, "api_key:*")
    assert "api_key:key_…AAAA (zset)" in view.why
    assert ONE not in repr(view)


@pytest.mark.real("redis")
def test_what_is_not_there_and_what_cannot_be_asked_are_told_apart(
    server: OwnRedis, client: Any, tmp_path: Path
) -> None:
    assert look(server, "api_keys").state is StoreState.MISSING
    with kept_redis(tmp_path) as other:
        book = book_of(other, "api_keys")
        redis.Redis(port=other.port).hset("api_keys", ONE, json.dumps(RECORD))
        assert book.look().state is StoreState.READ
    book._due_s = 0.0  # pyright: ignore[reportPrivateUsage] - ten seconds later
    view = book.look()
    assert (view.state, len(view.keys)) == (StoreState.UNREADABLE, 1), "what was read stays"
