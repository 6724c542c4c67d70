"""A real sentinel fails a real master over; the address follows."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientMissing, ClientRefused
from core.model.redis_key import KeyName
from core.model.secret import Secret
from tests.real.clusters import OwnSentinel, answer, own_sentinel, until
from tests.real.servers import OwnRedis, own_redis, redis_binary

pytestmark = pytest.mark.real("redis")


class Stage:
    """A master, its replica, and who watches them."""

    def __init__(self, master: OwnRedis, replica: OwnRedis, sentinel: OwnSentinel) -> None:
        self.master, self.replica, self.sentinel = master, replica, sentinel

    def keyspace(self, service: str = "shop", before: str = "") -> ServerKeyspace:
        url = f"redis+sentinel://{before}127.0.0.1:{self.sentinel.port}/{service}/0"
        return ServerKeyspace(RedisAddress(Secret(url)), SystemClock(), 5000.0, 30.0)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        homes = [tmp_path / name for name in ("one", "two", "watch")]
        for home in homes:
            home.mkdir()
        quick = ("--repl-diskless-sync-delay", "0")
        binary = redis_binary()
        master = await stack.enter_async_context(own_redis(binary, homes[0], *quick))
        to_master = ("--replicaof", f"127.0.0.1 {master.port}")
        replica = await stack.enter_async_context(own_redis(binary, homes[1], *quick, *to_master))
        sentinel = await stack.enter_async_context(own_sentinel(binary, homes[2], master))

        async def is_seen() -> bool:
            said = await answer(sentinel, "INFO", "sentinel")
            return b"status=ok" in said and b"slaves=1" in said

        async def is_in_step() -> bool:
            return b"master_link_status:up" in await answer(replica, "INFO", "replication")

        await until(is_seen)
        await until(is_in_step)
        yield Stage(master, replica, sentinel)


async def test_the_address_follows_a_failover(stage: Stage) -> None:
    await answer(stage.master, "XADD", "jobs", "1-1", "data", "x")
    keyspace = stage.keyspace()
    key = KeyName(b"jobs")
    try:
        assert (await keyspace.stream(key)).length == 1
        run_id = (await keyspace.identity()).run_id

        async def is_copied() -> bool:
            return await answer(stage.replica, "EXISTS", "jobs") == b":1"

        await until(is_copied)
        stage.master.stop()
        await stage.sentinel.lose_quickly()

        async def answers_again() -> bool:
            try:
                return (await keyspace.stream(key)).length == 1
            except ClientError:
                return False

        await until(answers_again)
        identity = await keyspace.identity()
        assert (identity.role, identity.run_id == run_id) == ("master", False)
    finally:
        await keyspace.aclose()


async def test_a_dead_sentinel_leaves_the_others(stage: Stage) -> None:
    keyspace = stage.keyspace(before="127.0.0.1:1,")
    try:
        assert (await keyspace.identity()).role == "master"
    finally:
        await keyspace.aclose()


async def test_a_name_that_no_sentinel_knows_is_told(stage: Stage) -> None:
    keyspace = stage.keyspace(service="other")
    with pytest.raises(ClientMissing, match="knows no server 'other'"):
        await keyspace.now_s()
    await keyspace.aclose()
    stage.sentinel.stop()
    keyspace = stage.keyspace()
    with pytest.raises(ClientRefused, match=str(stage.sentinel.port)):
        await keyspace.now_s()
    await keyspace.aclose()


async def test_a_master_that_became_a_replica_is_not_read(stage: Stage) -> None:
    """What sentinels say is old for a while after a failover."""
    config = f"sentinel monitor old 127.0.0.1 {stage.replica.port} 1"
    other = stage.sentinel.folder.parent / "behind"
    async with own_sentinel(redis_binary(), other, stage.master, config) as behind:
        keyspace = ServerKeyspace(
            RedisAddress(Secret(f"redis+sentinel://127.0.0.1:{behind.port}/old")),
            SystemClock(),
            timeout_s=30.0,
        )
        with pytest.raises(RedisSaid) as caught:
            await keyspace.now_s()
        assert caught.value.code == "FAILOVER"
        await keyspace.aclose()


async def test_a_sentinel_with_a_password_is_asked_with_that_of_the_server(stage: Stage) -> None:
    await answer(stage.sentinel, "ACL", "SETUSER", "default", ">pw", "resetpass", ">pw")
    await answer(stage.master, "CONFIG", "SET", "masterauth", "pw")
    await answer(stage.master, "CONFIG", "SET", "requirepass", "pw")
    keyspace = stage.keyspace(before=":pw@")
    try:
        assert (await keyspace.identity()).user == "default"
    finally:
        await keyspace.aclose()
