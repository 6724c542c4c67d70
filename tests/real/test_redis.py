"""The Redis check against real servers, in every trouble that can be made on purpose."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.keyspace.rights import READING_USER
from core.clients.redis import RedisServer
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec
from core.model.detail import RedisDetail
from core.model.events import CheckObserved
from core.model.ids import ServiceId
from core.model.secret import Secret
from core.model.verdict import Verdict
from core.sources.redis_check import RedisCheckSource
from tests.real.servers import OwnRedis, only_client, own_redis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(redis_binary(), tmp_path) as own:
        yield own


def spec(url: str, timeout_s: float = 30.0) -> CheckSpec:
    return CheckSpec(
        CheckId(ServiceId("s", "redis"), "ping"), CheckKind.REDIS, url, timeout_s=timeout_s
    )


async def result_of(source: RedisCheckSource) -> CheckResult:
    (event, *_) = await source.look()
    assert isinstance(event, CheckObserved)
    return event.result


async def looked(url: str) -> CheckResult:
    source = RedisCheckSource(spec(url), SystemClock())
    try:
        return await result_of(source)
    finally:
        await source.aclose()


async def test_a_server_that_goes_and_comes_back_needs_nothing(server: OwnRedis) -> None:
    source = RedisCheckSource(spec(server.url), SystemClock())
    assert (await result_of(source)).verdict is Verdict.OK
    server.stop()
    assert (await result_of(source)).state == "refused"
    await server.start()
    assert (await result_of(source)).verdict is Verdict.OK
    server.stop()
    await server.start()
    assert (await result_of(source)).verdict is Verdict.OK, "the idle connection was stale"
    await source.aclose()


async def test_a_frozen_server_is_a_timeout_and_recovers(server: OwnRedis) -> None:
    source = RedisCheckSource(spec(server.url, 2.0), SystemClock())
    await result_of(source)
    server.signal(signal.SIGSTOP)
    assert (await result_of(source)).state == "timeout"
    server.signal(signal.SIGCONT)
    assert (await result_of(source)).verdict is Verdict.OK
    await source.aclose()


async def test_passwords_and_users_are_told_apart(server: OwnRedis) -> None:
    await server.tell("ACL", "SETUSER", "pinger", "on", ">pw", "-@all", "+ping")
    await server.tell("CONFIG", "SET", "requirepass", "right")
    port = server.port
    assert (await looked(server.url)).state == "NOAUTH"
    assert (await looked(f"redis://:wrong@127.0.0.1:{port}/0")).state == "WRONGPASS"
    assert (await looked(f"redis://:right@127.0.0.1:{port}/0")).state == "ok"
    pinger = await looked(f"redis://pinger:pw@127.0.0.1:{port}/0")
    assert pinger.verdict is Verdict.OK
    assert "INFO not allowed" in pinger.reason


async def test_a_server_held_up_by_a_script_is_busy(server: OwnRedis) -> None:
    await server.tell("CONFIG", "SET", "lua-time-limit", "50")
    async with asyncio.TaskGroup() as group:
        script = group.create_task(server.tell("EVAL", "while true do end", "0"))
        async with asyncio.timeout(60):
            while (result := await looked(server.url)).state != "BUSY":
                await asyncio.sleep(0.02)
        await server.tell("SCRIPT", "KILL")
        await script
    assert result.verdict is Verdict.DOWN
    assert (await looked(server.url)).verdict is Verdict.OK


async def test_full_memory_is_told_before_and_when_it_hurts(server: OwnRedis) -> None:
    await server.tell("CONFIG", "SET", "maxmemory", "1")
    result = await looked(server.url)
    assert (result.verdict, result.state) == (Verdict.DEGRADED, "OOM")
    assert "writes are refused" in result.reason


async def test_a_save_that_fails_is_told(server: OwnRedis, tmp_path: Path) -> None:
    server.stop()
    await server.start("--enable-protected-configs", "yes")
    folder = tmp_path / "gone"
    folder.mkdir()
    assert await server.tell("CONFIG", "SET", "dir", str(folder)) == b"+OK\r\n"
    folder.rmdir()
    await server.tell("BGSAVE")
    async with asyncio.timeout(60):
        while (result := await looked(server.url)).state != "MISCONF":
            await asyncio.sleep(0.02)
    assert result.verdict is Verdict.DEGRADED


async def test_a_replica_without_its_master_is_told(server: OwnRedis) -> None:
    await server.tell("REPLICAOF", "127.0.0.1", "1")
    assert (await looked(server.url)).state == "MASTERDOWN"
    await server.tell("CONFIG", "SET", "replica-serve-stale-data", "no")
    result = await looked(server.url)
    assert (result.verdict, result.state) == (Verdict.DOWN, "MASTERDOWN")


async def test_no_free_connection_is_named(server: OwnRedis) -> None:
    async with only_client(server):
        result = await looked(server.url)
    assert (result.verdict, result.state) == (Verdict.DOWN, "MAXCLIENTS")


async def test_the_reading_user_that_doctor_offers_reads_and_cannot_write(
    server: OwnRedis,
) -> None:
    await server.tell(*READING_USER.replace("PASSWORD", "pw").split())
    client = RedisServer(Secret(f"redis://qd-read:pw@127.0.0.1:{server.port}/0"), 30.0)
    assert await client.read_user() == "qd-read"
    assert await client.may("XINFO", "STREAM", "k") is True
    assert await client.may("SET", "k", "v") is False
    assert await client.may("FLUSHALL") is False
    await client.aclose()


async def test_valkey_says_who_it_is(tmp_path: Path) -> None:
    async with own_redis(valkey_binary(), tmp_path) as own:
        result = await looked(own.url)
    assert isinstance(result.detail, RedisDetail)
    assert result.detail.server.startswith("valkey 9.")


async def test_a_thousand_looks_leave_one_connection(server: OwnRedis) -> None:
    source = RedisCheckSource(spec(server.url), SystemClock())
    for _ in range(1000):
        await source.look()
    result = await result_of(source)
    await source.aclose()
    assert isinstance(result.detail, RedisDetail)
    assert result.detail.clients == 1
