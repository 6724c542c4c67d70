"""The book of a server against real ones, in the troubles that can be made on purpose."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.crc import key_slot

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.model.redis_server import ServerView
from core.model.redis_spec import KeyFamilySpec, LimitSpec, RedisSpec, StreamSpec
from core.model.redis_view import SampleLatency, Scan
from core.model.secret import Secret
from core.redis.server.book import ServerBook
from core.redis.trouble import trouble_of
from tests.real.clusters import own_cluster
from tests.real.servers import SLOW_TO_LOAD, OwnRedis, own_redis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")

SPEC = RedisSpec(
    "shop/redis",
    streams=(StreamSpec("events", ("automation.events",)),),
    limits=(LimitSpec("per-client", ("rate_limit:*",)),),
    families=(KeyFamilySpec("tokens", ("token:*",), "the code does not consult them"),),
    commands_per_s=5_000.0,
)
PATIENCE_S = 60.0


class Watched:
    """A server's book and its way."""

    def __init__(self, url: str) -> None:
        clock = SystemClock()
        self.keyspace = ServerKeyspace(RedisAddress(Secret(url)), clock, SPEC.commands_per_s, 30.0)
        self.book = ServerBook(SPEC, clock, lambda: None)

    async def look(self) -> ServerView:
        await self.book.look(self.keyspace)
        return self.book.view

    async def look_until(self, is_seen: Callable[[ServerView], bool]) -> ServerView:
        """Look until something is seen."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_seen(view := await self.look()):
                await asyncio.sleep(0.05)
        return view


@asynccontextmanager
async def watched(server: OwnRedis, url: str = "") -> AsyncGenerator[Watched]:
    one = Watched(url or server.url)
    try:
        yield one
    finally:
        await one.keyspace.aclose()


async def fill(server: OwnRedis, count: int) -> list[bytes]:
    """Set keys one after the other on one connection, and return what was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for at in range(count):
        key = f"cache:{at:06}"
        writer.write(f"*3\r\n$3\r\nSET\r\n$12\r\n{key}\r\n$1000\r\n{'x' * 1000}\r\n".encode())
    answers = [await reader.readline() for _ in range(count)]
    writer.close()
    return answers


def said(view: ServerView) -> str:
    return "\n".join(view.findings)


async def test_a_server_in_good_health_says_so(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server, watched(server) as one:
        view = await one.look()
        assert view.failing == 0
        assert view.findings == ()
        assert any("may write" in note for note in view.notes), "the default user may"
        assert view.figures is not None
        assert view.figures.memory.max_bytes == 0
        assert view.figures.memory.percent is None
        assert view.identity is not None
        assert abs(view.identity.skew_s) < 30
        assert view.census is not None
        assert view.census.progress.is_complete


@pytest.mark.parametrize("binary", [redis_binary, valkey_binary])
async def test_a_server_that_throws_keys_away_is_told_while_it_does(
    tmp_path: Path, binary: Callable[[], str]
) -> None:
    async with own_redis(binary(), tmp_path) as server, watched(server) as one:
        view = await one.look()
        assert view.figures is not None
        used = view.figures.memory.used_bytes or 0
        await server.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        await server.tell("CONFIG", "SET", "maxmemory", str(used + 400_000))
        await fill(server, 1_500)
        view = await one.look()
        assert view.findings[0].startswith("evicting "), said(view)
        assert "allkeys-lru" in view.findings[0]
        assert "stream events, tokens" in said(view)
        assert view.failing == 1
        view = await one.look()
        assert "evicting" not in said(view), "it is over"


async def test_a_full_server_that_keeps_everything_fails_writes(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server, watched(server) as one:
        view = await one.look()
        assert view.figures is not None
        used = view.figures.memory.used_bytes or 0
        await server.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
        await server.tell("CONFIG", "SET", "maxmemory", str(used))
        answers = await fill(server, 600)
        assert answers[-1].startswith(b"-OOM")
        view = await one.look()
        assert view.findings[0].startswith("OOM: memory 1"), said(view)
        assert "writes fail (noeviction)" in view.findings[0]


async def test_a_save_that_fails_is_told_as_what_it_does_to_writes(tmp_path: Path) -> None:
    own = own_redis(redis_binary(), tmp_path, "--save", "3600 1")
    async with own as server, watched(server) as one:
        # It listens before it has read its file, and answers only after.
        await server.tell("SET", "a", "1")
        # A folder in its place: no user can rename a file over it, root neither.
        (tmp_path / "dump.rdb").mkdir()
        (tmp_path / "dump.rdb/kept").write_text("in the way")
        await server.tell("BGSAVE")
        view = await one.look_until(lambda seen: seen.failing > 0)
        assert view.findings[0] == ("MISCONF: the last save to disk failed: writes are refused")
        assert (await server.tell("SET", "a", "2")).startswith(b"-MISCONF")


async def test_a_replica_that_is_cut_off_says_so(tmp_path: Path) -> None:
    (tmp_path / "replica").mkdir()
    async with own_redis(redis_binary(), tmp_path) as master:
        replica_of = ("--replicaof", f"127.0.0.1 {master.port}")
        async with (
            own_redis(redis_binary(), tmp_path / "replica", *replica_of) as replica,
            watched(replica) as one,
        ):
            view = await one.look_until(lambda seen: seen.failing == 0)
            assert view.identity is not None
            assert view.identity.role == "replica"
            master.stop()
            view = await one.look_until(lambda seen: seen.failing > 0)
            assert view.findings[0].startswith("MASTERDOWN: replica cut off"), said(view)


async def test_a_server_that_loads_is_named_with_what_to_do(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server:
        # One call that makes many keys.
        await server.tell("EVAL", "for i = 1, 8000 do redis.call('SET', i, 'x') end", "0")
        await server.tell("SAVE")
        server.stop()
        await server.start(*SLOW_TO_LOAD)
        async with watched(server) as one:
            with pytest.raises(RedisSaid) as caught:
                await one.look()
            trouble = trouble_of(caught.value)
            assert trouble.word == "LOADING"
            assert trouble.remedy


async def test_families_tokens_and_latency_of_a_real_server(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server, watched(server) as one:
        many = "for i = 1, 120 do redis.call('HSET', 'rate_limit:10.0.0.' .. i, 'tokens', 1) end"
        await server.tell("EVAL", many, "0")
        await server.tell("XADD", "automation.events", "*", "data", "init")
        await server.tell("SET", "token:9f86d081884c7d65", '{"sub": "alice"}')
        await server.tell("SET", "token:2cf24dba5fb0a30e", "1", "EX", "60")
        await one.look()
        for wish in (Scan("shop/redis", "census"), Scan("shop/redis", "tokens")):
            await one.book.carry_out(one.keyspace, wish)
        view = one.book.view
        assert view.census is not None
        families = {str(found.prefix): found for found in view.census.families}
        assert families["rate_limit:*"].count == 120
        assert families["rate_limit:*"].kinds == (("hash", 120),)
        assert families["rate_limit:*"].memory_bytes
        assert families["automation.events"].is_stream
        assert view.tokens is not None
        assert [(row.owner, row.ttl_s is None) for row in view.tokens.rows] == [
            ("alice", True),
            ("", False),
        ]
        assert "1 token has no time to live" in said(view)
        await one.book.carry_out(one.keyspace, SampleLatency("shop/redis", 2, 0.2))
        assert len(one.book.view.latency) == 2
        assert all(window.count > 0 for window in one.book.view.latency)


async def test_a_user_that_may_little_sees_what_it_may(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server:
        await server.tell(
            "ACL", "SETUSER", "poor", "on", ">pw", "~*", "-@all", "+ping", "+info", "+time",
            "+dbsize", "+acl|whoami", "+hello", "+client",
        )  # fmt: skip
        url = f"redis://poor:pw@127.0.0.1:{server.port}/0"
        async with watched(server, url) as one:
            view = await one.look()
            assert view.figures is not None
            assert view.slow is None
            assert view.census is None
            for command in ("CONFIG GET", "SLOWLOG GET", "SCAN"):
                assert f"{command}: not allowed" in view.refused


async def test_the_keys_of_a_cluster_are_counted_on_all_its_nodes(tmp_path: Path) -> None:
    async with own_cluster(redis_binary(), tmp_path) as nodes, watched(nodes[0]) as one:
        for at in range(90):
            key = f"rate_limit:10.0.0.{at}"
            owner = nodes[min(2, key_slot(key.encode()) // (16_384 // 3))]
            assert await owner.tell("SET", key, "1") == b"+OK\r\n"
        await one.look()
        await one.book.carry_out(one.keyspace, Scan("shop/redis", "census"))
        view = one.book.view
        assert view.identity is not None
        assert view.identity.mode == "cluster"
        assert view.keys == 90
        assert view.census is not None
        assert [(found.prefix, found.count) for found in view.census.families] == [
            ("rate_limit:*", 90)
        ]
        assert view.census.progress.is_complete
