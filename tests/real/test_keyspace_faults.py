"""What goes wrong with a server or the way to it: each by its name, and over without a keypress."""

import asyncio
import signal
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
import redis

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.errors import ClientError
from core.model.redis_key import KeyName
from core.model.redis_server import Trouble
from core.model.secret import Secret
from core.redis.trouble import trouble_of
from tests.real.rough_way import Manner, RoughWay, rough_way
from tests.real.servers import (
    SLOW_TO_LOAD,
    OwnRedis,
    load_quickly,
    only_client,
    own_redis,
    redis_binary,
)

pytestmark = pytest.mark.real("redis")

JOBS = KeyName(b"jobs")
PATIENT_S, SHORT_S = 30.0, 2.0
"""Where an answer is expected the machine may be busy; where none is, nobody waits for long."""


def keyspace_of(url: str, timeout_s: float = PATIENT_S) -> ServerKeyspace:
    return ServerKeyspace(RedisAddress(Secret(url)), SystemClock(), 5000.0, timeout_s)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(redis_binary(), tmp_path) as own:
        redis.Redis(port=own.port).xadd("jobs", {"data": "x" * 5000}, id="1-1")
        yield own


@pytest.fixture
async def way(server: OwnRedis) -> AsyncIterator[RoughWay]:
    async with rough_way(server.port) as between:
        yield between


@pytest.fixture
async def keyspace(server: OwnRedis) -> AsyncIterator[ServerKeyspace]:
    own = keyspace_of(server.url)
    yield own
    await own.aclose()


async def trouble(keyspace: ServerKeyspace) -> Trouble | None:
    """Return what a person is told; None: it was read."""
    try:
        await keyspace.entries(JOBS)
    except ClientError as error:
        return trouble_of(error)
    return None


async def word(keyspace: ServerKeyspace) -> str:
    found = await trouble(keyspace)
    return found.word if found else "ok"


async def word_until(keyspace: ServerKeyspace, wanted: str) -> None:
    async with asyncio.timeout(2 * PATIENT_S):
        while await word(keyspace) != wanted:
            await asyncio.sleep(0.02)


async def test_a_server_that_goes_is_refused_and_comes_back(
    server: OwnRedis, keyspace: ServerKeyspace
) -> None:
    assert await word(keyspace) == "ok"
    server.stop()
    found = await trouble(keyspace)
    assert found is not None
    assert (found.word, "start the server" in found.remedy) == ("refused", True)
    await server.start()
    redis.Redis(port=server.port).xadd("jobs", {"a": "b"})
    assert await word(keyspace) == "ok"


async def test_a_frozen_server_is_a_timeout(server: OwnRedis) -> None:
    keyspace = keyspace_of(server.url, SHORT_S)
    assert await word(keyspace) == "ok"
    server.signal(signal.SIGSTOP)
    assert await word(keyspace) == "timeout"
    assert await word(keyspace) == "timeout", "when it is dialled as well"
    server.signal(signal.SIGCONT)
    assert await word(keyspace) == "ok"
    await keyspace.aclose()


ROUGH = [
    (Manner(delay_s=20), "timeout"),
    (Manner(piece_bytes=1, pause_s=0.05), "timeout"),
    (Manner(is_silent=True), "timeout"),
    (Manner(end_after_bytes=700), "dropped"),
    (Manner(end_after_bytes=700, is_reset=True), "dropped"),
    (Manner(end_after_bytes=0), "dropped"),
]


@pytest.mark.parametrize(("manner", "wanted"), ROUGH, ids=lambda case: str(case)[:60])
@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_rough_way_ends_by_its_name_and_in_time(
    way: RoughWay, manner: Manner, wanted: str, is_connected: bool
) -> None:
    timeout_s = SHORT_S if wanted == "timeout" else PATIENT_S
    keyspace = keyspace_of(f"redis://127.0.0.1:{way.port}/0", timeout_s)
    if is_connected:
        assert await word(keyspace) == "ok"
    way.manner = manner
    async with asyncio.timeout(2 * PATIENT_S):
        assert await word(keyspace) == wanted
    way.manner = Manner()
    assert await word(keyspace) == "ok"
    await keyspace.aclose()


async def test_bytes_in_slices_are_one_answer(way: RoughWay) -> None:
    way.manner = Manner(piece_bytes=7)
    keyspace = keyspace_of(f"redis://127.0.0.1:{way.port}/0")
    (entry,) = await keyspace.entries(JOBS)
    assert entry.fields == ((b"data", b"x" * 5000),)
    await keyspace.aclose()


async def test_a_cancelled_question_leaves_no_answer_to_the_next(way: RoughWay) -> None:
    keyspace = keyspace_of(f"redis://127.0.0.1:{way.port}/0")
    await keyspace.now_s()
    way.manner = Manner(delay_s=0.05)
    asking = asyncio.ensure_future(keyspace.entries(JOBS))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    way.manner = Manner()
    assert await keyspace.now_s() > 1e9
    await keyspace.aclose()


async def test_passwords_users_and_rights_are_told_apart(server: OwnRedis) -> None:
    at = f"127.0.0.1:{server.port}/0"
    await server.tell("ACL", "SETUSER", "shy", "on", ">pw", "~*", "+@all", "-memory", "-xrange")
    await server.tell("ACL", "SETUSER", "blind", "on", ">pw", "~other", "+@all")
    await server.tell("CONFIG", "SET", "requirepass", "right")
    wanted = {
        f"redis://{at}": ("NOAUTH", "put user and password"),
        f"redis://:wrong@{at}": ("WRONGPASS", "user or password is wrong"),
        f"redis://:right@{at}": ("ok", ""),
        f"redis://shy:pw@{at}": ("NOPERM", "ACL SETUSER shy +xrange"),
        f"redis://blind:pw@{at}": ("NOPERM", "%R~*"),
    }
    for url, (name, remedy) in wanted.items():
        keyspace = keyspace_of(url)
        found = await trouble(keyspace)
        assert (found.word if found else "ok") == name
        assert remedy in (found.remedy if found else "")
        await keyspace.aclose()


async def test_a_user_who_may_nothing_else_is_still_told_what_it_lacks(server: OwnRedis) -> None:
    await server.tell("ACL", "SETUSER", "bare", "on", ">pw", "~*", "-@all", "+xrange")
    keyspace = keyspace_of(f"redis://bare:pw@127.0.0.1:{server.port}/0")
    found = await trouble(keyspace)
    assert found is not None
    assert found.remedy.endswith("ACL SETUSER bare +xlen")
    assert await keyspace.may("XINFO STREAM", "jobs") is None, "it may not ask what it may"
    await keyspace.aclose()


async def test_a_command_that_was_renamed_is_told(tmp_path: Path) -> None:
    renamed = ("--rename-command", "XRANGE", "", "--rename-command", "MEMORY", "")
    async with own_redis(redis_binary(), tmp_path, *renamed) as own:
        keyspace = keyspace_of(own.url)
        redis.Redis(port=own.port).xadd("jobs", {"a": "b"})
        assert not await keyspace.has_command("XRANGE")
        assert await keyspace.memory_bytes([JOBS]) == (None,)
        found = await trouble(keyspace)
        assert found is not None
        assert "unknown command" in found.text
        await keyspace.aclose()


async def test_loading_is_told_until_it_is_over(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as own:
        writer = redis.Redis(port=own.port)
        writer.xadd("jobs", {"a": "b"})
        with writer.pipeline(transaction=False) as pipe:
            for number in range(8000):
                pipe.set(number, "x")
            pipe.execute()
        writer.save()
        own.stop()
        await own.start(*SLOW_TO_LOAD)
        keyspace = keyspace_of(own.url)
        found = await trouble(keyspace)
        assert found is not None
        assert (found.word, "wait" in found.remedy) == ("LOADING", True)
        await load_quickly(own)
        await word_until(keyspace, "ok")
        await keyspace.aclose()


async def test_a_lost_master_and_a_busy_script_are_told(
    server: OwnRedis, keyspace: ServerKeyspace
) -> None:
    await server.tell("REPLICAOF", "127.0.0.1", "1")
    await server.tell("CONFIG", "SET", "replica-serve-stale-data", "no")
    assert await word(keyspace) == "MASTERDOWN"
    await server.tell("REPLICAOF", "NO", "ONE")
    await server.tell("CONFIG", "SET", "lua-time-limit", "20")
    async with asyncio.TaskGroup() as group:
        script = group.create_task(server.tell("EVAL", "while true do end", "0"))
        await word_until(keyspace, "BUSY")
        await server.tell("SCRIPT", "KILL")
        await script
    await word_until(keyspace, "ok")


async def test_no_free_connection_is_told(server: OwnRedis, keyspace: ServerKeyspace) -> None:
    async with only_client(server):
        await word_until(keyspace, "MAXCLIENTS")
    await word_until(keyspace, "ok")


GARBAGE = [
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x00\xff" * 40_000,
    b"*1000000000\r\n$5\r\nhello\r\n",
    b"$-7\r\n:x\r\n",
    b"%1\r\n*0\r\n:1\r\n",
    b"*1\r\n" * 20_000,
]


@asynccontextmanager
async def saying(words: bytes) -> AsyncIterator[str]:
    """Say something to whoever asks, until it hangs up."""
    talks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(OSError):
            await reader.read(100)
            writer.write(words)
            await reader.read()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()
    await asyncio.gather(*talks)


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda one: repr(one[:16]))
async def test_what_is_no_redis_is_named_and_costs_nothing(garbage: bytes) -> None:
    async with saying(garbage) as url:
        keyspace = keyspace_of(url, SHORT_S)
        tracemalloc.start()
        found = await word(keyspace)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await keyspace.aclose()
    assert found in {"not redis", "dropped", "unreadable", "timeout"}
    assert peak < 8 * 1024 * 1024
    if garbage[:4] in {b"HTTP", b"SSH-"}:
        assert found == "not redis"


async def test_a_reply_without_end_is_not_read() -> None:
    async with saying(b"$4000000000\r\n" + b"x" * 100_000) as url:
        keyspace = keyspace_of(url)
        found = await trouble(keyspace)
        await keyspace.aclose()
    assert found is not None
    assert "larger than 32 MiB" in found.text


async def test_a_name_that_nobody_knows_is_told() -> None:
    keyspace = keyspace_of("redis://no-such-host.invalid:6379/0", 5.0)
    assert await word(keyspace) in {"DNS", "timeout"}
    await keyspace.aclose()
