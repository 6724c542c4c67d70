"""What goes wrong with a Redis, each with its word and remedy on the screen; over by itself."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.real.redis_console import LIMITS, SERVERS, STREAMS, redis_console, written
from tests.real.rough_way import Manner, RoughWay, rough_way
from tests.real.servers import SLOW_TO_LOAD, OwnRedis, load_quickly, own_redis, redis_binary

pytestmark = pytest.mark.real("redis")

SHOP = """
streams: [{name: jobs, keys: [jobs], groups: [workers], dead_letters: [jobs.dead]}]
circuits: [{name: upstream, keys: ["circuit_breaker:*"]}]
limits: [{name: clients, keys: ["rate_limit:*"], capacity: 1000, refill_per_s: 100}]
redis_keys: {tokens: {keys: ["token:*"]}}
"""


@dataclass(frozen=True)
class Ground:
    """A server, and the way to it that the console takes."""

    server: OwnRedis
    way: RoughWay

    async def tell(self, *words: str) -> None:
        answer = await self.server.tell(*words)
        assert not answer.startswith(b"-"), answer

    def change(self, setting: str, value: str, password: str | None = None) -> None:
        """Change a setting and end all connections, so that the next is dialled as things are."""
        with teller(self.server.port, password) as changer:
            changer.config_set(setting, value)
            changer.client_kill_filter(_type="normal", skipme=True)


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with own_redis(redis_binary(), tmp_path) as server, rough_way(server.port) as way:
        fill(server)
        yield Ground(server, way)


def teller(port: int, password: str | None = None) -> Any:
    """Return a client whose answers nobody has typed."""
    return redis.Redis(port=port, password=password)


def fill(server: OwnRedis) -> Any:
    """Write a stream with a group, a breaker that is closed, and a client's record."""
    writer = teller(server.port)
    writer.xadd("jobs", {"data": "{}"})
    writer.xgroup_create("jobs", "workers", "0")
    now_s = int(writer.time()[0])
    writer.hset("circuit_breaker:up", mapping={"state": "CLOSED", "failure_count": "0"})
    writer.hset("rate_limit:10.0.0.1", mapping={"tokens": "5.5", "last_refill_time": str(now_s)})
    return writer


Fault = Callable[[Ground], AbstractAsyncContextManager[None]]


def passed_on(manner: Manner) -> Fault:
    @asynccontextmanager
    async def fault(ground: Ground) -> AsyncGenerator[None]:
        ground.way.manner = manner
        yield
        ground.way.manner = Manner()

    return fault


@asynccontextmanager
async def refused(ground: Ground) -> AsyncGenerator[None]:
    await ground.way.close()
    yield
    await ground.way.open()


@asynccontextmanager
async def locked(ground: Ground) -> AsyncGenerator[None]:
    ground.change("requirepass", "right")
    yield
    ground.change("requirepass", "", password="right")


@asynccontextmanager
async def cut_off(ground: Ground) -> AsyncGenerator[None]:
    await ground.tell("CONFIG", "SET", "replica-serve-stale-data", "no")
    await ground.tell("REPLICAOF", "127.0.0.1", "1")
    yield
    await ground.tell("REPLICAOF", "NO", "ONE")


@asynccontextmanager
async def held_up(ground: Ground) -> AsyncGenerator[None]:
    await ground.tell("CONFIG", "SET", "lua-time-limit", "20")
    async with asyncio.TaskGroup() as group:
        group.create_task(ground.server.tell("EVAL", "while true do end", "0"))
        yield
        await ground.server.tell("SCRIPT", "KILL")


@asynccontextmanager
async def crowded(ground: Ground) -> AsyncGenerator[None]:
    with teller(ground.server.port) as only:
        only.config_set("maxclients", 1)
        only.client_kill_filter(_type="normal", skipme=True)
        yield
        only.config_set("maxclients", 10_000)


FAULTS: dict[str, tuple[Fault, str, str]] = {
    "refused": (refused, "refused", "start the server, or correct its address"),
    "latency of 5 s": (passed_on(Manner(delay_s=5)), "timeout", "look at the server's load"),
    "1 byte a second": (
        passed_on(Manner(piece_bytes=1, pause_s=1)), "timeout", "look at the server's load",
    ),
    "black hole": (passed_on(Manner(is_silent=True)), "timeout", "look at the server's load"),
    "ends amid a reply": (
        passed_on(Manner(end_after_bytes=30)), "dropped", "it is dialled again by itself",
    ),
    "reset": (
        passed_on(Manner(end_after_bytes=0, is_reset=True)), "dropped", "dialled again by itself",
    ),
    "password": (locked, "NOAUTH", "put user and password into the address"),
    "master lost": (cut_off, "MASTERDOWN", "look at the master"),
    "script": (held_up, "BUSY", "SCRIPT KILL ends one that has not written yet"),
    "no free connection": (crowded, "MAXCLIENTS", "raise maxclients"),
}  # fmt: skip
WELL: dict[tuple[str, ...], tuple[str, ...]] = {
    STREAMS: ("1 entry waits", "jobs.dead"),
    LIMITS: ("1 circuit, 0 open", "10.0.0.1"),
    SERVERS: ("looked at", "Our own cost"),
}
FAILED: dict[tuple[str, ...], str] = {
    STREAMS: "1 server cannot be read",
    LIMITS: "shop/redis cannot be read",
    SERVERS: "✖",
}


FEW = ("refused", "black hole", "password", "master lost")
"""Where the others would only be told by the same lines again."""


@pytest.mark.parametrize(
    ("keys", "names"),
    [(LIMITS, FAULTS), (STREAMS, FEW), (SERVERS, FEW)],
    ids=["limits", "streams", "servers"],
)
async def test_each_fault_has_its_words_and_ends_without_a_keypress(
    ground: Ground, tmp_path: Path, keys: tuple[str, ...], names: Iterable[str]
) -> None:
    url = f"redis://127.0.0.1:{ground.way.port}/0"
    async with redis_console(written(tmp_path, url, SHOP), *keys) as seen:
        await seen.until_shown(*WELL[keys], without=[FAILED[keys]])
        for fault, word, remedy in (FAULTS[name] for name in names):
            async with fault(ground):
                await seen.until_shown(FAILED[keys], word)
                if keys == STREAMS:
                    await seen.press("home")
                await seen.until_shown(remedy)
            await seen.until_shown(*WELL[keys], without=[FAILED[keys]])


async def test_a_hanging_server_stops_nothing_else(ground: Ground, tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{ground.way.port}/0"
    async with redis_console(written(tmp_path, url, SHOP), *LIMITS) as seen:
        await seen.until_shown(*WELL[LIMITS])
        ground.way.manner = Manner(is_silent=True)
        await seen.until_shown("shop/redis cannot be read: timeout", "what is shown is", "10.0.0.1")
        await seen.press("1")
        await seen.until_shown("Overview")
        await seen.press("5", "tab")
        await seen.until_shown("Records by pattern", "10.0.0.1")


async def test_a_server_that_loads_says_so_until_it_serves(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server:
        writer = fill(server)
        with writer.pipeline(transaction=False) as pipe:
            for number in range(8000):
                pipe.set(number, "x")
            pipe.execute()
        writer.save()
        server.stop()
        await server.start(*SLOW_TO_LOAD)
        async with redis_console(written(tmp_path, server.url, SHOP), *LIMITS) as seen:
            await seen.until_shown("cannot be read: LOADING", "wait: it is looked at again")
            await load_quickly(server)
            await seen.until_shown(*WELL[LIMITS], without=["LOADING"])


async def test_what_our_user_may_not_is_told_with_the_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = ("--rename-command", "XINFO", "")
    async with AsyncExitStack() as stack:
        (tmp_path / "renamed").mkdir()
        server = await stack.enter_async_context(own_redis(redis_binary(), tmp_path))
        other = own_redis(redis_binary(), tmp_path / "renamed", *hidden)
        renamed = await stack.enter_async_context(other)
        fill(server).acl_setuser(
            "shy", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-scan", "-info"]
        )
        monkeypatch.setenv("SHY_PASSWORD", "pw")
        shy = server.url.replace("redis://", "redis://shy:${SHY_PASSWORD}@")
        async with redis_console(written(tmp_path, shy, SHOP), *LIMITS) as seen:
            await seen.until_shown("NOPERM", "ACL SETUSER shy +scan")
            await seen.press(*SERVERS)
            await seen.until_shown("INFO is not allowed to us", "SCAN is not allowed to us")
            await server.tell("ACL", "SETUSER", "shy", "+scan", "+info")
            await seen.until_shown(*WELL[SERVERS], without=["not allowed"])
        teller(renamed.port).xadd("jobs", {"data": "{}"})
        async with redis_console(written(tmp_path, renamed.url, SHOP), *STREAMS) as seen:
            await seen.until_shown("jobs", "unknown command", "XINFO")


async def test_a_key_of_another_kind_or_name_harms_nobody(ground: Ground, tmp_path: Path) -> None:
    writer = teller(ground.server.port)
    writer.set("jobs.dead", "of another type")
    writer.setrange("rate_limit:huge", 64 * 2**20 - 1, "x")
    writer.hset("rate_limit:\x1b[2J\n\xff", mapping={"tokens": "7", "last_refill_time": "1"})
    writer.hset("rate_limit:junk", mapping={"tokens": "-3", "last_refill_time": "1e400"})
    writer.hset("rate_limit:empty", mapping={"tokens": "", "last_refill_time": "nan"})
    writer.hset("circuit_breaker:junk", mapping={"state": "OPEN\x1b]0;x", "failure_count": "-5"})
    writer.hset("circuit_breaker:bare", mapping={"failure_count": "1"})
    config = written(tmp_path, ground.server.url, SHOP)
    async with redis_console(config, *STREAMS) as seen:
        await seen.until_shown("✖ wrong type jobs.dead")
        await seen.press("down")
        await seen.until_shown("the key is a string, no stream")
        await seen.press(*LIMITS)
        await seen.until_shown("3 circuits, 0 open", "? invalid")
        await seen.press("slash", *"junk", "enter")
        await seen.until_shown("no known state: OPEN␛]0;x", "failure_count: negative: -5")
        await seen.press("tab")
        await seen.until_shown("? invalid ␛[2J␊")
        await seen.press("slash", *"junk", "enter")
        await seen.until_shown("tokens: negative: -3", "last_refill_time: not a time: 1e400")
        await seen.press("escape", "slash", *"huge", "enter")
        await seen.until_shown("count: not a number", "characters)")
        assert "\x1b" not in seen.text


async def test_what_fails_only_for_writers_is_told_of_the_server(
    ground: Ground, tmp_path: Path
) -> None:
    writer = teller(ground.server.port)
    writer.set("token:lost", "bob")
    writer.set("token:kept", "eve", ex=500)
    url = f"redis://127.0.0.1:{ground.way.port}/0"
    async with redis_console(written(tmp_path, url, SHOP), *SERVERS) as seen:
        await seen.until_shown("1 token has no time to live", "kept for good", "TTL lost")
        ground.way.manner = Manner(shift_s=86_400)
        await seen.until_shown("its clock is 1 d ahead of ours; ages here go by its clock")
        ground.way.manner = Manner()
        await seen.until_shown("looked at", without=["its clock is"])
        writer.config_set("maxmemory", 1)
        await seen.until_shown("✖ OOM: memory", "writes fail (noeviction)")
        writer.config_set("maxmemory", 0)
        await seen.until_shown("no limit", without=["OOM"])
        (ground.server.folder / "dump.rdb").mkdir()
        writer.config_set("save", "3600 100000")
        writer.bgsave()
        await seen.until_shown("✖ MISCONF: the last save to disk failed: writes are refused")
        (ground.server.folder / "dump.rdb").rmdir()
        writer.bgsave()
        await seen.until_shown("looked at", without=["MISCONF"])
        writer.replicaof("127.0.0.1", "1")
        await seen.until_shown("replica", "MASTERDOWN: replica cut off from its master")
        writer.replicaof("NO", "ONE")
        writer.expire("token:lost", 500)
        await seen.until_shown("master without replicas", without=["MASTERDOWN", "kept for good"])


async def test_what_is_not_counted_yet_is_marked_so(ground: Ground, tmp_path: Path) -> None:
    writer = teller(ground.server.port)
    with writer.pipeline(transaction=False) as pipe:
        for number in range(20_000):
            pipe.hset(f"rate_limit:{number}", mapping={"tokens": "1", "last_refill_time": "1"})
        pipe.execute()
    slow = "redis: {commands_per_s: 20}\n" + SHOP
    async with redis_console(written(tmp_path, ground.server.url, slow), *LIMITS) as seen:
        await seen.until_shown("≈", "scanned")
