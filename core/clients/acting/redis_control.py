"""A Redis-compatible server, told to save itself: the port `RedisControl` and its adapter.

Servers are known by the service they are (`shop/redis`), so that no plan holds an address.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import redis.asyncio as redis_client
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.clients.acting.redis_where import where
from core.clients.redis import parse_info
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid, translate
from core.errors import ClientError, ClientGarbled, ClientMissing, ClientTimeout
from core.model.text import EMPTY, SafeText, clean

_ASK_S = 10.0
"""A large server stands still while it forks."""
_SECTIONS = ("server", "memory", "replication", "persistence")
_IN_THE_WAY = ("in progress", "child process is active")
"""What BGSAVE answers while something else saves."""
_CHILDREN = ("aof_rewrite_in_progress", "module_fork_in_progress")


@dataclass(frozen=True, slots=True)
class RedisState:
    """What a server says of itself and its snapshots, all in one moment."""

    run_id: SafeText
    """Another one after each start."""
    version: SafeText
    role: SafeText
    """`master` or `slave`."""
    is_cut_off: bool
    """It is a replica whose master does not answer, or which has not got all of it yet."""
    now_s: int
    """By its own clock, seconds since 1970."""
    last_save_s: int
    """LASTSAVE, by the same clock."""
    is_saving: bool
    is_forked: bool
    """Another child of it works, so that no save can begin."""
    is_last_save_ok: bool
    used_bytes: int

    @property
    def is_idle(self) -> bool:
        """Whether a save could begin, and its end could be told: LASTSAVE counts in seconds."""
        return not (self.is_saving or self.is_forked) and self.now_s != self.last_save_s


class RedisControl(Protocol):
    """What steps need of servers. Every call raises `ClientError`; `RedisSaid` names its state."""

    async def state(self, server: str) -> RedisState:
        """Return how a server and its snapshots are; one that loads is `RedisSaid` LOADING."""
        ...

    async def begin_save(self, server: str) -> bool:
        """Send BGSAVE, once. False: another child of the server works."""
        ...

    async def snapshot_path(self, server: str) -> str:
        """Return where the server writes its snapshot, as it sees its own disk."""
        ...

    async def setting(self, server: str, name: str) -> SafeText:
        """Return a setting (CONFIG GET); empty: it has none of this name."""
        ...

    async def may_save(self, server: str) -> bool | None:
        """Return whether our user may run BGSAVE; None: the server cannot tell (before 7)."""
        ...


class _Pool(Protocol):
    async def aclose(self) -> None: ...


class _Client(Protocol):
    """What we use of redis-py, whose own annotations are mostly unknown to a strict checker."""

    connection_pool: _Pool

    async def execute_command(self, *words: str) -> object: ...
    def set_response_callback(self, command: str, callback: Callable[..., object]) -> None: ...
    async def aclose(self) -> None: ...


def _unparsed(response: object, **_options: object) -> object:
    return response


_RAW = ("INFO", "TIME", "BGSAVE", "CONFIG GET", "ACL WHOAMI", "ACL DRYRUN")


def _connect(address: RedisAddress) -> _Client:
    url = address.url.reveal()
    tls = {"ssl_ca_certs": address.ca_file} if address.ca_file and url.startswith("rediss") else {}
    try:
        pool = redis_client.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            protocol=2,
            driver_info=None,
            max_connections=1,
            socket_timeout=_ASK_S,
            socket_connect_timeout=_ASK_S,
            # What changes something is never sent twice: its answer may be what was lost.
            retry=Retry(NoBackoff(), 0),
            **tls,
        )
    except (ValueError, TypeError) as error:
        raise ClientError("not a redis URL: use redis://, rediss:// or unix://") from error
    client = cast("_Client", redis_client.Redis(connection_pool=pool))  # see `_Client`
    for command in _RAW:
        client.set_response_callback(command, _unparsed)
    return client


class RedisServers:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._addresses = addresses

    async def state(self, server: str) -> RedisState:
        """Return how a server and its snapshots are."""
        info: dict[str, SafeText] = {}
        async with self._client(server) as client:
            for section in _SECTIONS:
                answer = await client.execute_command("INFO", section)
                if not isinstance(answer, bytes):
                    raise ClientGarbled("INFO was answered with something else")
                info |= parse_info(answer)
            now = await client.execute_command("TIME")
        return parse_state(info, _whole(_texts(now)[:1]))

    async def begin_save(self, server: str) -> bool:
        """Send BGSAVE, once."""
        try:
            async with self._client(server) as client:
                await client.execute_command("BGSAVE")
        except RedisSaid as error:
            if any(words in str(error) for words in _IN_THE_WAY):
                return False
            raise
        return True

    async def snapshot_path(self, server: str) -> str:
        """Return where the server writes its snapshot."""
        folder, name = [await self._setting(server, one) for one in ("dir", "dbfilename")]
        if not folder.startswith("/") or not name or "/" in name or name in (".", ".."):
            raise ClientGarbled(
                f"nobody knows where its snapshot is: dir {clean(folder)!r}, dbfilename"
                f" {clean(name)!r}"
            )
        return f"{folder.rstrip('/')}/{name}"

    async def setting(self, server: str, name: str) -> SafeText:
        """Return a setting."""
        return clean(await self._setting(server, name))

    async def may_save(self, server: str) -> bool | None:
        """Return whether our user may run BGSAVE."""
        try:
            async with self._client(server) as client:
                [user] = _texts([await client.execute_command("ACL WHOAMI")])
                answer = await client.execute_command("ACL DRYRUN", user, "BGSAVE")
        except RedisSaid:
            return None
        return answer == b"OK"

    async def _setting(self, server: str, name: str) -> str:
        async with self._client(server) as client:
            answer = await client.execute_command("CONFIG GET", name)
        return dict(zip(*[iter(_texts(answer))] * 2, strict=True)).get(name, "")

    @asynccontextmanager
    async def _client(self, server: str) -> AsyncGenerator[_Client]:
        """Yield a connection, its errors turned into ours."""
        address = self._addresses.get(server)
        if address is None:
            raise ClientMissing(f"the configuration has no Redis {clean(server)}")
        client = _connect(await where(address))
        try:
            async with asyncio.timeout(_ASK_S):
                yield client
        except TimeoutError:
            raise ClientTimeout(f"no answer within {_ASK_S:g} s") from None
        except (exceptions.RedisError, OSError) as error:
            raise translate(error) from error
        finally:
            await client.aclose()
            await client.connection_pool.aclose()


def parse_state(info: Mapping[str, SafeText], now_s: int) -> RedisState:
    """Return a server's state from its INFO.

    Raises:
        RedisSaid: it still loads its data.
        ClientGarbled: what it says is not enough.
    """
    if info.get("loading") == "1":
        raise RedisSaid("LOADING", "it still loads its data; try again when it has them")
    run_id, last_status = info.get("run_id", EMPTY), info.get("rdb_last_bgsave_status", EMPTY)
    if not run_id or not last_status:
        raise ClientGarbled("INFO has no run_id or no rdb_last_bgsave_status")
    link = info.get("master_link_status", EMPTY)
    return RedisState(
        run_id=run_id,
        version=info.get("valkey_version") or info.get("redis_version", EMPTY),
        role=info.get("role", EMPTY),
        is_cut_off=bool(link) and link != "up",
        now_s=now_s,
        last_save_s=_whole([info.get("rdb_last_save_time", "")]),
        is_saving=info.get("rdb_bgsave_in_progress") != "0",
        is_forked=any(info.get(one, "0") != "0" for one in _CHILDREN),
        is_last_save_ok=last_status == "ok",
        used_bytes=_whole([info.get("used_memory", "0")]),
    )


def _texts(answer: object) -> list[str]:
    if not isinstance(answer, list):
        raise ClientGarbled("the server answered with something else than a list")
    return [
        os.fsdecode(one) if isinstance(one, bytes) else str(one)
        for one in cast("list[object]", answer)
    ]


def _whole(texts: list[str] | list[SafeText]) -> int:
    if not texts or not texts[0].isdecimal():
        raise ClientGarbled("the server's INFO or TIME has no number where one belongs")
    return int(texts[0])
