"""Every question of the port, asked of real servers: what leaves, what comes back, how much."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import redis

from core.clients.clock import SystemClock
from core.clients.keyspace.allowed import ALLOWED
from core.clients.keyspace.port import SCAN_START, VALUE_BYTES
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled, ClientRefused, ClientTimeout
from core.model.redis_key import KeyName
from core.model.secret import Secret
from core.model.stream import EntryId
from core.redis.trouble import trouble_of
from tests.fakes.certificates import Authority
from tests.fakes.ports import free_port
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")

JOBS, GROUP = KeyName(b"jobs"), KeyName(b"workers")
MEBI = 1024 * 1024
DIALLED = {"hello", "auth", "select", "client|setname", "asking"}
NEVER_ALONE = {"keys", "monitor", "smembers", "hgetall", "hkeys", "hvals", "sort", "get", "eval"}


@pytest.fixture(params=[redis_binary, valkey_binary])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(request.param(), tmp_path) as own:
        yield own


@pytest.fixture
async def keyspace(server: OwnRedis) -> AsyncIterator[ServerKeyspace]:
    own = keyspace_of(server.url)
    yield own
    await own.aclose()


@pytest.fixture
def writer(server: OwnRedis) -> redis.Redis:
    return redis.Redis(port=server.port)


def keyspace_of(
    url: str, ca_file: str | None = None, rate: float = 5000.0, timeout_s: float = 30.0
) -> ServerKeyspace:
    return ServerKeyspace(RedisAddress(Secret(url), ca_file), SystemClock(), rate, timeout_s)


def fill(writer: redis.Redis) -> None:
    for number in range(300):
        writer.xadd("jobs", {"data": f"payload {number}"}, id=f"1000-{number + 1}")
    writer.xgroup_create("jobs", "workers", "0")
    writer.xreadgroup("workers", "w1", {"jobs": ">"}, count=120)
    writer.xreadgroup("workers", "w2", {"jobs": ">"}, count=30)
    writer.hset("limit:1", mapping={"tokens": "3.5", "last": "17"})
    writer.hset("wide", mapping={"note": "n" * 1000, "a": "1"})
    writer.hset("many", mapping={f"f{number}": "v" for number in range(2000)})
    writer.set("token:1", "owner", ex=60)
    writer.rpush("list", *range(30))
    writer.zadd("window", {f"m{number}": number for number in range(30)})
    writer.sadd("set", "a", "b")


async def ask_everything(keyspace: ServerKeyspace) -> None:
    """Ask every question of the port."""
    names = ["limit:1", "wide", "many", "token:1", "list", "window", "set", "jobs", "gone"]
    keys = [KeyName(name.encode()) for name in names]
    await keyspace.identity()
    await keyspace.now_s()
    await keyspace.ping_s()
    await keyspace.info()
    await keyspace.settings(["maxmemory", "maxmemory-policy"])
    await keyspace.slow(50)
    place = SCAN_START
    while not place.is_done:
        place, _ = await keyspace.scan(place, match="limit:*", kind="hash")
    await keyspace.looks(keys)
    await keyspace.contents(keys)
    await keyspace.memory_bytes(keys)
    await keyspace.stream(JOBS)
    await keyspace.groups(JOBS)
    await keyspace.consumers(JOBS, GROUP)
    pending = await keyspace.pending(JOBS, GROUP, min_idle_s=0.001)
    await keyspace.pending(JOBS, GROUP, consumer=KeyName(b"w1"))
    await keyspace.entries(JOBS, count=500)
    await keyspace.entries(JOBS, is_backwards=True)
    await keyspace.entries_of(JOBS, [one.id for one in pending])
    await keyspace.count_after(JOBS, EntryId(0), 1000)
    await keyspace.may("XINFO STREAM", "jobs")
    await keyspace.has_command("XINFO STREAM")


def counted(writer: redis.Redis) -> set[str]:
    stats = writer.info("commandstats")
    return {name.removeprefix("cmdstat_") for name in stats}


async def test_the_server_itself_saw_only_commands_of_the_list(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    fill(writer)
    writer.config_resetstat()
    await ask_everything(keyspace)
    seen = counted(writer) - {"info", "config|resetstat"}
    allowed = {name.lower().replace(" ", "|") for name in ALLOWED} | DIALLED
    assert seen <= allowed | {"command|info"}
    assert not seen & NEVER_ALONE
    assert {"xrange", "xinfo|stream", "hscan", "scan"} <= seen


async def test_every_question_is_answered_as_it_is(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    fill(writer)
    stream = await keyspace.stream(JOBS)
    assert (stream.length, stream.first, stream.group_count) == (300, EntryId(1000, 1), 1)
    (group,) = await keyspace.groups(JOBS)
    assert (group.name, group.pending, group.consumer_count) == (GROUP, 150, 2)
    consumers = await keyspace.consumers(JOBS, GROUP)
    assert {(one.name.raw, one.pending) for one in consumers} == {(b"w1", 120), (b"w2", 30)}
    first = await keyspace.pending(JOBS, GROUP)
    second = await keyspace.pending(JOBS, GROUP, first[-1].id)
    assert (len(first), len(second), first[0].deliveries) == (100, 50, 1)
    assert await keyspace.pending(JOBS, GROUP, min_idle_s=3600) == ()
    own = await keyspace.pending(JOBS, GROUP, consumer=KeyName(b"w2"))
    assert {one.consumer.raw for one in own} == {b"w2"}
    entries = await keyspace.entries(JOBS, EntryId(1000, 10), 5)
    assert [entry.id.seq for entry in entries] == [11, 12, 13, 14, 15]
    newest = await keyspace.entries(JOBS, EntryId(1000, 10), 5, is_backwards=True)
    assert [entry.id.seq for entry in newest] == [9, 8, 7, 6, 5]
    writer.xdel("jobs", "1000-3")
    found = await keyspace.entries_of(JOBS, [EntryId(1000, n) for n in (4, 3, 2, 999)])
    assert [entry and entry.id.seq for entry in found] == [4, None, 2, None]
    assert await keyspace.count_after(JOBS, EntryId(1000, 250), 1000) == 50
    assert await keyspace.count_after(JOBS, EntryId(0), 20) == 20
    settings = await keyspace.settings(["maxmemory-policy", "no-such-setting"])
    assert settings == {"maxmemory-policy": "noeviction"}
    assert await keyspace.has_command("XINFO STREAM")
    assert not await keyspace.has_command("NOSUCH")
    looks = await keyspace.looks([KeyName(b"token:1"), KeyName(b"gone")])
    assert (looks[0].kind, looks[1].kind, looks[1].ttl_s) == ("string", "none", None)
    assert 0 < (looks[0].ttl_s or 0) <= 60


async def test_small_records_come_whole_and_large_ones_by_their_beginning(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    fill(writer)
    names = ["limit:1", "wide", "many", "list", "window", "set", "jobs"]
    records = await keyspace.contents([KeyName(name.encode()) for name in names])
    limit, wide, many, listed, window, members, stream = records
    assert limit.fields
    assert limit.fields[b"tokens"].data == b"3.5"
    assert wide.fields
    assert wide.fields[b"note"].size_bytes == 1000
    assert (many.length, len(many.fields or {})) == (2000, 64)
    assert [int(member) for member, _ in listed.members] == [*range(8), *range(22, 30)]
    assert [score for _, score in window.members] == [*range(8), *range(22, 30)]
    assert (members.length, stream.length) == (2, 300)


async def test_a_value_of_half_a_gibibyte_costs_what_is_shown(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    size = 512 * MEBI - 1
    writer.setrange("huge", size - 1, "x")
    writer.hset("odd", mapping={"huge": "x" * (8 * MEBI), "small": "y"})
    await keyspace.now_s()
    tracemalloc.start()
    text, odd = await keyspace.contents([KeyName(b"huge"), KeyName(b"odd")])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text.text is not None
    assert (len(text.text.data), text.text.size_bytes) == (VALUE_BYTES, size)
    assert odd.fields is not None
    assert (odd.fields[b"huge"].size_bytes, odd.fields[b"huge"].data) == (8 * MEBI, b"")
    assert odd.fields[b"small"].data == b"y"
    assert peak < 4 * MEBI


async def test_entries_of_megabytes_come_a_few_at_a_time(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    for number in range(40):
        writer.xadd("big", {"data": b"x" * MEBI}, id=f"1-{number + 1}")
    tracemalloc.start()
    entries = await keyspace.entries(KeyName(b"big"), count=500)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1 <= len(entries) < 10
    assert peak < 16 * MEBI
    place = entries[-1].id
    while entries:
        place = entries[-1].id
        entries = await keyspace.entries(KeyName(b"big"), place, 500)
    assert place == EntryId(1, 40), "the rest comes when asked for"


async def test_an_entry_beyond_all_bounds_is_not_read(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    big = KeyName(b"big")
    for number in range(100):
        writer.xadd("big", {"data": "small"}, id=f"1-{number + 1}")
    writer.xadd("big", {"data": b"x" * (40 * MEBI)}, id="2-1")
    entries: list[EntryId] = []

    async def read_on() -> None:
        while some := await keyspace.entries(big, max(entries, default=None)):
            entries.extend(one.id for one in some)

    with pytest.raises(ClientGarbled, match="larger than 32 MiB"):
        await read_on()
    assert entries == [EntryId(1, number + 1) for number in range(100)]
    assert await keyspace.ping_s() >= 0, "the next call dials again"


async def test_a_scan_is_counted_once_while_keys_change(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    stay = {f"stay:{number}" for number in range(3000)}
    writer.mset(dict.fromkeys(stay, "x"))
    place, found, number = SCAN_START, set[bytes](), 0
    while not place.is_done:
        place, keys = await keyspace.scan(place, count=100)
        found |= {key.raw for key in keys}
        writer.mset({f"new:{number}:{at}": "x" for at in range(200)})
        writer.delete(*(f"new:{number - 1}:{at}" for at in range(200)))
        number += 1
    assert {name.encode() for name in stay} <= found


@pytest.mark.parametrize("name", [b"\xff\x00\x1b]0;x\x07", b"a\nb\r\n$3\r\nfoo", "ключ".encode()])
async def test_names_of_any_bytes_are_asked_as_they_are(
    keyspace: ServerKeyspace, writer: redis.Redis, name: bytes
) -> None:
    writer.set(name, name)
    writer.xadd(b"s" + name, {name: name})
    _, keys = await keyspace.scan(SCAN_START)
    assert {key.raw for key in keys} == {name, b"s" + name}
    (record,) = await keyspace.contents([KeyName(name)])
    assert record.text is not None
    assert record.text.data == name
    (entry,) = await keyspace.entries(KeyName(b"s" + name))
    assert entry.fields == ((name, name),)


async def test_another_type_and_a_missing_key_are_told(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    writer.set("jobs", "no stream")
    for question in (keyspace.stream, keyspace.groups, keyspace.entries):
        with pytest.raises(RedisSaid) as caught:
            await question(JOBS)
        assert caught.value.code == "WRONGTYPE"
    with pytest.raises(RedisSaid, match="no such key"):
        await keyspace.stream(KeyName(b"gone"))
    writer.delete("jobs")
    writer.xadd("jobs", {"a": "b"})
    with pytest.raises(RedisSaid) as caught:
        await keyspace.consumers(JOBS, GROUP)
    assert caught.value.code == "NOGROUP"


async def test_a_key_that_expires_while_it_is_read_is_gone(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    writer.set("token", "x", px=1)
    await asyncio.to_thread(wait_gone, writer, "token")
    (record,) = await keyspace.contents([KeyName(b"token")])
    assert (record.look.kind, record.text) == ("none", None)


def wait_gone(writer: redis.Redis, name: str) -> None:
    while writer.exists(name):
        pass


async def test_the_pace_is_kept_and_told(server: OwnRedis, writer: redis.Redis) -> None:
    keyspace = keyspace_of(server.url, rate=50)
    await keyspace.now_s()
    writer.config_resetstat()
    began = SystemClock().monotonic()
    await keyspace.looks([KeyName(b"k%d" % number) for number in range(50)])
    took_s = SystemClock().monotonic() - began
    stats = writer.info("commandstats")
    calls = sum(int(one["calls"]) for name, one in stats.items() if "type" in name or "ttl" in name)
    assert calls == 100
    assert calls <= 50 * took_s + 50 * 0.25 + 1
    load = keyspace.load
    assert (load.cap_per_s, load.waited_s > 0) == (50, True)
    await keyspace.aclose()


async def test_one_connection_with_our_name_speaks_resp3(
    keyspace: ServerKeyspace, writer: redis.Redis
) -> None:
    await asyncio.gather(*(keyspace.now_s() for _ in range(20)))
    ours = [one for one in writer.client_list() if one["name"] == "quarterdeck"]
    assert len(ours) == 1
    assert ours[0].get("resp", "3") == "3"
    assert ours[0].get("lib-name", "") == ""


async def test_a_server_without_hello_is_asked_in_resp2(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path, "--rename-command", "HELLO", "") as own:
        writer = redis.Redis(port=own.port, protocol=2)
        fill(writer)
        keyspace = keyspace_of(own.url)
        await ask_everything(keyspace)
        assert (await keyspace.stream(JOBS)).length == 300
        (record,) = await keyspace.contents([KeyName(b"window")])
        assert record.members[0] == (b"m0", 0.0)
        (ours,) = [one for one in writer.client_list() if one["name"] == "quarterdeck"]
        assert ours.get("resp", "2") == "2"
        await keyspace.aclose()


async def test_a_unix_socket_and_another_database(tmp_path: Path) -> None:
    path = tmp_path / "own.sock"
    async with own_redis(redis_binary(), tmp_path, "--unixsocket", str(path)) as own:
        redis.Redis(port=own.port, db=3).set("here", "x")
        keyspace = keyspace_of(f"unix://{path}?db=3")
        assert (await keyspace.scan(SCAN_START))[1] == (KeyName(b"here"),)
        assert (await keyspace.identity()).database == 3
        await keyspace.aclose()
        other = keyspace_of(f"{own.url[:-1]}3")
        assert (await other.info())[1] == 1
        await other.aclose()


async def test_tls_is_checked_and_an_acl_user_is_used(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.found()
    authority.signed()
    port = free_port()
    files = (tmp_path / "server.pem", tmp_path / "server.key", tmp_path / "ca.pem")
    options = [
        *("--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(files[0]), "--tls-key-file", str(files[1])),
        *("--tls-ca-cert-file", str(files[2])),
    ]
    async with own_redis(redis_binary(), tmp_path, *options) as own:
        await own.tell("ACL", "SETUSER", "reader", "on", ">p@ss", "~*", "+@all")
        url = f"rediss://reader:p%40ss@127.0.0.1:{port}/0"
        trusted = keyspace_of(url, authority.ca_file)
        assert (await trusted.identity()).user == "reader"
        await trusted.aclose()
        untrusted = keyspace_of(url)
        with pytest.raises(RedisSaid) as caught:
            await untrusted.now_s()
        assert caught.value.code == "TLS"
        await untrusted.aclose()
        plain = keyspace_of(f"redis://127.0.0.1:{port}/0")
        with pytest.raises(ClientRefused):
            await plain.now_s()
        await plain.aclose()
        to_plain = keyspace_of(f"rediss://127.0.0.1:{own.port}/0", timeout_s=2.0)
        with pytest.raises(ClientTimeout, match="TLS handshake") as hung:
            await to_plain.now_s()
        assert "compare scheme" in trouble_of(hung.value).remedy
        await to_plain.aclose()


async def test_ages_are_by_the_servers_clock_and_skew_is_told(server: OwnRedis) -> None:
    class Behind(SystemClock):
        def now(self) -> datetime:
            return super().now() - timedelta(days=1)

    keyspace = ServerKeyspace(RedisAddress(Secret(server.url)), Behind(), 5000.0, 30.0)
    identity = await keyspace.identity()
    assert 86_000 < identity.skew_s < 87_000
    assert abs(await keyspace.now_s() - SystemClock().now().timestamp()) < 60
    await keyspace.aclose()
