"""Use, findings and losses of a key store in a real Redis, beside somebody who writes there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from core.clients.key_files import KeyFiles
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.keys.ids import KeyIds
from core.keys.store.reading import SideFiles
from core.keys.store.redis_book import RedisKeyBook, RedisSurroundings
from core.keys.store.redis_losses import RedisLosses
from core.keys.store.sidecar import Sidecar
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import ApiKey, KeyStoreView, StoreState
from core.model.secret import Secret
from tests.fakes.acting_ground import QuickClock
from tests.real.servers import OwnRedis, kept_redis

ONE, TWO = "key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA", "key_bbbbbbbbbbbbbbbbbbbbbbbbbbbbBBBB"
THREE = "key_cccccccccccccccccccccccccccc-202"
RECORD = {"tier": "pro", "active": True, "created_at": "2020-01-01T00:00:00"}
IDS = KeyIds(b"a key that only this test has......")


@dataclass
class Clock(QuickClock):
    """Time passes when the test says so."""

    passed_s: float = 0.0


@dataclass
class Desk:
    """A store of three keys, and whoever looks at it."""

    folder: Path
    server: OwnRedis
    redis: Any
    spec: KeyStoreSpec
    clock: Clock

    def __post_init__(self) -> None:
        self.book = self.new_book()

    def new_book(self) -> RedisKeyBook:
        address = RedisAddress(Secret(self.server.url))
        losses = RedisLosses(Sidecar(self.folder, "shop", "api"), IDS, "redis")
        around = RedisSurroundings(losses, files=SideFiles(KeyFiles()))
        return RedisKeyBook(
            "shop",
            self.spec,
            lambda: ServerKeyspace(address, self.clock, timeout_s=30.0),
            self.clock,
            IDS,
            around,
        )

    def look(self, after_s: float = 60.0) -> KeyStoreView:
        self.clock.passed_s += after_s
        return self.book.look()

    def key(self, identity: str) -> ApiKey:
        return next(one for one in self.look().keys if one.short_id == IDS.short_id(identity))

    @property
    def month(self) -> str:
        return f"{self.clock.now():%Y-%m}"

    @property
    def day(self) -> str:
        return f"{self.clock.now():%Y-%m-%d}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def desk(server: OwnRedis, tmp_path: Path) -> Desk:
    client: Any = redis.Redis(port=server.port, decode_responses=True)
    client.flushall()
    client.config_set("maxmemory", 0)
    rows = {key: json.dumps(RECORD) for key in (ONE, TWO, THREE)}
    client.hset("api_keys", mapping=rows)
    spec = KeyStoreSpec(
        "api", kind="redis", server="shop/redis", keys=("api_keys",), tiers=(("pro", 100),),
        usage_keys=("usage:*", "use_of_all"),
    )  # fmt: skip
    return Desk(tmp_path, server, client, spec, Clock())


def count(desk: Desk, shape: str, key: str, number: int) -> None:
    """Have a key's requests of this month counted as tools of this shape do."""
    match shape:
        case "counter":
            desk.redis.set(f"usage:{key}:{desk.month}", number, ex=4000)
        case "counter, as a file names it":
            desk.redis.set(f"usage:{key}_{desk.month}", number)
        case "hash of a period":
            desk.redis.hset(f"usage:{key}:{desk.month}", "requests", number)
        case "record":
            desk.redis.set(f"usage:{key}:{desk.month}", json.dumps({"count": number}))
        case "periods of a key":
            desk.redis.hset(f"usage:{key}", mapping={desk.month: number, "2019-01": 5})
        case "keys of a period":
            desk.redis.hset(f"usage:{desk.month}", key, number)
        case "one hash":
            desk.redis.hset("use_of_all", f"{key}_{desk.month}", number)
        case _:
            known = json.loads(desk.redis.get("use_of_all") or "{}")
            known[f"{key}_{desk.month}"] = {"count": number}
            desk.redis.set("use_of_all", json.dumps(known))


@pytest.mark.real("redis")
@pytest.mark.parametrize(
    "shape",
    [
        "counter", "counter, as a file names it", "hash of a period", "record",
        "periods of a key", "keys of a period", "one hash", "a whole file",
    ],
)  # fmt: skip
def test_use_is_counted_in_every_shape(desk: Desk, shape: str) -> None:
    for key, number in ((ONE, 95), (THREE, 0)):
        count(desk, shape, key, number)
    desk.redis.set(f"usage:nobody:{desk.month}", 7)
    one, two, three = desk.key(ONE), desk.key(TWO), desk.key(THREE)
    assert (one.used_month, one.percent, three.used_month) == (95, 95.0, 0)
    assert one.findings == ("near quota (95 %)",)
    assert (two.used_month, two.findings) == (None, ("unused for 90 days",))


@pytest.mark.real("redis")
def test_of_a_day_of_a_window_and_of_no_period_only_what_is_sure_is_said(desk: Desk) -> None:
    at = desk.clock.now() - timedelta(days=3)
    desk.redis.set(f"usage:{desk.day}:{ONE}", 4)
    desk.redis.zadd(f"usage:{TWO}", {"a": at.timestamp() - 9, "b": at.timestamp()})
    desk.redis.set(f"usage:{THREE}", 12)
    one, two, three = desk.key(ONE), desk.key(TWO), desk.key(THREE)
    assert (one.used_today, one.used_month, one.findings) == (4, None, ())
    assert two.last_used is not None
    assert abs(two.last_used - at) < timedelta(seconds=1)
    assert two.findings == ()
    assert (three.used_month, three.used_today) == (None, None)
    assert "1 counts name no month and no day" in " ".join(desk.look().findings)


@pytest.mark.real("redis")
def test_without_any_record_of_use_nothing_is_called_unused(desk: Desk) -> None:
    desk.spec = replace(desk.spec, usage_keys=())
    desk.redis.hset("api_keys", TWO, json.dumps(RECORD | {"usage_count": 0}))
    desk.book = desk.new_book()
    assert desk.key(ONE).findings == ()
    assert desk.key(TWO).findings == ("unused for 90 days",), "its own record counts, and has none"


@pytest.mark.real("redis")
def test_a_file_counts_where_no_key_of_the_server_does(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "rate_limits.json"
    path.write_text(json.dumps({f"{ONE}_{desk.month}": {"count": 120}}), "utf-8")
    desk.spec = replace(desk.spec, usage_keys=(), usage=(str(path),))
    desk.book = desk.new_book()
    one = desk.key(ONE)
    assert (one.used_month, one.findings) == (120, ("over quota (120 %)",))


@pytest.mark.real("redis")
def test_counters_below_the_stores_own_pattern_are_no_keys(desk: Desk) -> None:
    for key in (ONE, TWO):
        desk.redis.set(f"api_key:{key}", json.dumps(RECORD))
        desk.redis.set(f"api_key:{key}:use:{desk.month}", 3)
    desk.spec = replace(desk.spec, keys=("api_key:*",), usage_keys=("api_key:*:use:*",))
    desk.book = desk.new_book()
    view = desk.look()
    assert (len(view.keys), view.state) == (2, StoreState.READ)


@pytest.mark.real("redis")
def test_a_server_that_may_evict_keys_is_a_finding(desk: Desk) -> None:
    assert not [one for one in desk.look().findings if "evicts" in one]
    desk.redis.config_set("maxmemory-policy", "allkeys-lru")
    desk.redis.config_set("maxmemory", "100mb")
    (found,) = [one for one in desk.look().findings if "evicts" in one]
    assert found == "its server evicts keys (allkeys-lru) when 100 MiB are full: API keys too"


@pytest.mark.real("redis")
def test_keys_that_vanish_raise_an_alarm_until_it_is_read_or_they_are_back(desk: Desk) -> None:
    assert desk.look().loss is None
    desk.redis.hdel("api_keys", ONE, TWO)
    loss = desk.look().loss
    assert loss is not None
    assert (loss.count, loss.short_ids, loss.is_dismissed) == (
        2, tuple(sorted((IDS.short_id(ONE), IDS.short_id(TWO)))), False,
    )  # fmt: skip
    desk.book = desk.new_book()
    assert desk.look().loss == loss, "another console tells it too"
    desk.book.dismiss(loss.noticed, "ann")
    again = desk.look().loss
    assert again is not None
    assert again.is_dismissed
    desk.redis.delete("api_keys")
    view = desk.look()
    assert view.loss is not None
    assert (view.state, view.loss.count, view.loss.is_dismissed) == (StoreState.MISSING, 3, False)
    desk.redis.hset("api_keys", mapping={key: json.dumps(RECORD) for key in (ONE, TWO, THREE)})
    assert desk.look().loss is None


@pytest.mark.real("redis")
def test_what_expires_is_taken_away_by_us_or_cannot_be_read_is_no_loss(desk: Desk) -> None:
    for key in (ONE, TWO, THREE):
        desk.redis.set(f"api_key:{key}", json.dumps(RECORD))
    desk.redis.pexpire(f"api_key:{ONE}", 3_000_000)
    desk.spec = replace(desk.spec, keys=("api_key:*",))
    desk.book = desk.new_book()
    view = desk.look()
    (ends,) = [one.expires for one in view.keys if one.expires is not None]
    left = ends - datetime.now(UTC)
    assert left != timedelta(0)
    desk.redis.delete(f"api_key:{ONE}")  # its time is over by the time of the next look
    assert desk.look(3600).loss is None
    Sidecar(desk.folder, "shop", "api").note_removed([IDS.mark(TWO)], desk.clock.now())
    desk.redis.delete(f"api_key:{TWO}")
    assert desk.look().loss is None
    desk.redis.set(f"api_key:{THREE}", "{torn")
    assert desk.look().loss is None, "its name is still there"
    desk.redis.delete(f"api_key:{THREE}")
    desk.redis.set(f"api_key:{ONE}", json.dumps(RECORD))
    loss = desk.look().loss
    assert loss is not None
    assert loss.short_ids == (IDS.short_id(THREE),)


@pytest.mark.real("redis")
@pytest.mark.parametrize("kind", ["not JSON", "list", "set", "zset"])
def test_a_record_that_cannot_be_read_is_said_to_be_that_and_not_lost_whatever_it_is_called(
    desk: Desk, kind: str
) -> None:
    for name, key in (("alice", ONE), ("bob", TWO)):
        desk.redis.set(f"client:{name}", json.dumps(RECORD | {"key": key}))
    desk.spec = replace(desk.spec, keys=("client:*",))
    desk.book = desk.new_book()
    assert len(desk.look().keys) == 2
    if kind == "not JSON":
        desk.redis.set("client:alice", "{torn")
    else:
        desk.redis.delete("client:alice")
        put = {"list": desk.redis.rpush, "set": desk.redis.sadd}.get(kind)
        _ = put("client:alice", "x") if put else desk.redis.zadd("client:alice", {"x": 1.0})
    for book in (desk.book, desk.new_book()):
        desk.book = book
        view = desk.look()
        assert (view.loss, len(view.keys)) == (None, 1)
        assert "cannot be read: client:" in view.why, "of which type, and why"
        assert ("string" if kind == "not JSON" else kind) in view.why
    desk.redis.delete("client:alice")
    loss = desk.look().loss
    assert loss is not None
    assert loss.short_ids == (IDS.short_id(ONE),)
    desk.redis.set("client:alice", json.dumps(RECORD | {"key": ONE}))
    view = desk.look()
    assert (view.loss, view.why, len(view.keys)) == (None, "", 2)


@pytest.mark.real("redis")
def test_a_field_that_is_no_record_any_more_is_named_with_the_reason_and_its_key_not_lost(
    desk: Desk,
) -> None:
    desk.redis.delete("api_keys")
    held = {"alice": RECORD | {"key": ONE}, "bob": RECORD | {"key": TWO}}
    desk.redis.hset("api_keys", mapping={name: json.dumps(one) for name, one in held.items()})
    desk.book = desk.new_book()
    assert len(desk.look().keys) == 2
    desk.redis.hset("api_keys", "alice", "torn")
    view = desk.look()
    assert (view.loss, len(view.keys)) == (None, 1)
    assert any("no record in JSON" in one for one in view.findings)
    desk.redis.hdel("api_keys", "alice")
    loss = desk.look().loss
    assert loss is not None
    assert loss.short_ids == (IDS.short_id(ONE),)
