"""What doctor says of real servers, and that what it offers is enough and no more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis

from core.clients.clock import SystemClock
from core.clients.keyspace.rights import READING_USER
from core.clients.redis_errors import RedisSaid
from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.finding import Finding
from core.model.ids import ServiceId
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec, RedisSpec
from core.model.topology import ServiceSpec, SystemSpec
from core.model.verdict import Verdict
from core.sources.examine_redis import examine_redis
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary
from tests.real.test_keyspace import ask_everything, fill, keyspace_of

pytestmark = pytest.mark.real("redis")

ID = ServiceId("s", "redis")


@pytest.fixture(params=[redis_binary, valkey_binary])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(request.param(), tmp_path) as own:
        yield own


async def examined(url: str, *limits: LimitSpec) -> tuple[Finding, ...]:
    check = CheckSpec(CheckId(ID, "ping"), CheckKind.REDIS, url, timeout_s=30.0)
    services = (ServiceSpec(ID, "redis", None, (check,)),)
    system = SystemSpec("s", "s", "", services, redis=(RedisSpec("s/redis", limits=limits),))
    return await examine_redis(system, SystemClock())


async def test_the_user_that_is_offered_may_ask_everything_and_write_nothing(
    server: OwnRedis,
) -> None:
    fill(redis.Redis(port=server.port))
    said = await server.tell(*READING_USER.replace("PASSWORD", "pw").split())
    assert said == b"+OK\r\n"
    url = f"redis://qd-read:pw@127.0.0.1:{server.port}/0"
    finding, settings = await examined(url)
    assert (finding.verdict, finding.text) == (Verdict.OK, "reachable as qd-read")
    assert settings.remedy == "ACL SETUSER qd-read +config|get"
    keyspace = keyspace_of(url)
    with pytest.raises(RedisSaid, match="NOPERM"):
        await keyspace.settings(["maxmemory"])
    assert await keyspace.records([KeyName(b"limit:1")])
    assert keyspace.reads_singly == "the user may not run EVAL_RO"
    await server.tell(*settings.remedy.split())
    await ask_everything(keyspace)
    assert not await keyspace.may("SET", "k", "v")
    assert not await keyspace.may("XADD", "jobs", "*", "a", "b")
    await keyspace.aclose()


async def test_who_may_also_write_is_offered_a_reading_user(server: OwnRedis) -> None:
    finding, settings = await examined(server.url)
    assert (finding.verdict, finding.remedy) == (Verdict.OK, READING_USER)
    assert "+config|get" not in READING_USER
    assert settings.verdict is Verdict.OK
    assert "optional for qd-read: CONFIG GET" in settings.text
    assert "requirepass" in settings.text


async def test_many_records_at_once_is_offered_where_there_are_limits(server: OwnRedis) -> None:
    await server.tell(*READING_USER.replace("PASSWORD", "pw").split())
    url = f"redis://qd-read:pw@127.0.0.1:{server.port}/0"
    limits = LimitSpec("clients", ("limit:*",), 10, 1)
    assert not any("EVAL_RO" in one.text for one in await examined(url))
    offer = next(one for one in await examined(url, limits) if "EVAL_RO" in one.text)
    assert (offer.verdict, offer.remedy) == (Verdict.OK, "ACL SETUSER qd-read +eval_ro")
    await server.tell(*offer.remedy.split())
    assert not any("EVAL_RO" in one.text for one in await examined(url, limits))
    redis.Redis(port=server.port).hset("limit:1", "tokens", "3")
    keyspace = keyspace_of(url)
    (record,) = await keyspace.records([KeyName(b"limit:1")])
    assert (record.length, keyspace.reads_singly) == (1, "")
    await keyspace.aclose()


async def test_what_our_user_lacks_is_named_with_its_rule(server: OwnRedis) -> None:
    lacks = ("-xpending", "-memory|usage", "-xinfo")
    await server.tell("ACL", "SETUSER", "shy", "on", ">pw", "~*", "+@all", *lacks)
    (finding,) = await examined(f"redis://shy:pw@127.0.0.1:{server.port}/0")
    assert finding.verdict is Verdict.DEGRADED
    assert "XPENDING" in finding.text
    assert finding.remedy.startswith("ACL SETUSER shy +")
    await server.tell(*finding.remedy.split())
    after, *_ = await examined(f"redis://shy:pw@127.0.0.1:{server.port}/0")
    assert after.verdict is Verdict.OK


async def test_what_was_renamed_is_named(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path, "--rename-command", "SLOWLOG", "") as own:
        _, missing, *_ = await examined(own.url)
    assert missing.verdict is Verdict.DEGRADED
    assert "the server has no: SLOWLOG GET" in missing.text


async def test_refusals_have_their_remedies(server: OwnRedis) -> None:
    await server.tell("CONFIG", "SET", "requirepass", "right")
    (finding,) = await examined(server.url)
    assert (finding.verdict, "NOAUTH" in finding.text) == (Verdict.DEGRADED, True)
    assert "put user and password" in finding.remedy
    await server.tell("AUTH", "right")
    server.stop()
    (finding,) = await examined(server.url)
    assert (finding.verdict, "start the server" in finding.remedy) == (Verdict.DOWN, True)
