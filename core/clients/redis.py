"""A Redis-compatible server, read only: the port `RedisReader` and its adapter on redis.asyncio.

Only the commands in `ALLOWED` leave this module. What the server answers comes back cleaned.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeVar, cast

import redis.asyncio as redis_client
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.clients.redis_errors import translate
from core.clients.redis_info import parse_info
from core.errors import ClientError, ClientGarbled, ClientTimeout
from core.model.secret import Secret
from core.model.text import SafeText, clean

ALLOWED = frozenset({"PING", "INFO", "DBSIZE", "ACL WHOAMI", "ACL DRYRUN"})
"""Reading commands of constant cost. DRYRUN only asks whether a command would be allowed."""

_T = TypeVar("_T")
_SECTIONS = ("server", "clients", "memory", "persistence", "stats", "replication")


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """One look at a server."""

    info: Mapping[str, SafeText]
    """INFO fields by name; empty when we may not ask."""
    keys: int | None
    """Keys in the selected database; None when we may not ask."""
    denied: SafeText
    """What we may not ask; empty when nothing was refused."""


class RedisReader(Protocol):
    """What the sources need of a server."""

    async def ping(self) -> None:
        """Return when the server answers PONG."""
        ...

    async def read_facts(self) -> RedisFacts:
        """Return what INFO and DBSIZE say."""
        ...

    async def read_user(self) -> SafeText:
        """Return the name of the ACL user we are."""
        ...

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command; None: the server cannot tell."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class _Pipeline(Protocol):
    def execute_command(self, *words: str) -> object: ...
    async def execute(self, *, raise_on_error: bool) -> list[object]: ...


class _Pool(Protocol):
    async def disconnect(self) -> None: ...
    async def aclose(self) -> None: ...


class _Client(Protocol):
    """What we use of redis-py, whose own annotations are mostly unknown to a strict checker."""

    connection_pool: _Pool

    async def execute_command(self, *words: str) -> object: ...
    def set_response_callback(self, command: str, callback: Callable[..., object]) -> None: ...
    def pipeline(self, *, transaction: bool) -> _Pipeline: ...
    async def aclose(self) -> None: ...


def _unparsed(response: object, **_options: object) -> object:
    """Keep INFO as bytes: `parse_info` reads it, and it comes out clean."""
    return response


def _connect(url: str, timeout_s: float, ca_file: str | None) -> _Client:
    tls = {"ssl_ca_certs": ca_file} if ca_file and url.startswith("rediss") else {}
    pool = redis_client.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - redis-py
        url,
        protocol=2,
        driver_info=None,
        max_connections=2,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        # A server that was restarted has closed our idle connection: dial once more.
        retry=Retry(NoBackoff(), 1),
        **tls,
    )
    client = cast("_Client", redis_client.Redis(connection_pool=pool))  # see `_Client`
    client.set_response_callback("INFO", _unparsed)
    return client


class RedisServer:
    """One server behind one connection, opened when first needed and again when it broke."""

    def __init__(self, url: Secret, timeout_s: float, ca_file: str | None = None) -> None:
        """Take `redis://`, `rediss://` or `unix://` with credentials; connect nowhere yet.

        Raises:
            ClientError: the URL is none that a connection can be made from.
        """
        self._timeout_s = timeout_s
        try:
            self._client = _connect(url.reveal(), timeout_s, ca_file)
        except (ValueError, TypeError) as error:
            raise ClientError("not a redis URL: use redis://, rediss:// or unix://") from error

    async def ping(self) -> None:
        """Return when the server answers PONG.

        Raises:
            ClientError: it does not; `RedisSaid` where it answered with an error of its own.
        """
        await self._ask("PING")

    async def read_facts(self) -> RedisFacts:
        """Return what INFO and DBSIZE say; what is refused to us is named, not raised.

        Raises:
            ClientError: the connection broke, or nothing came back in time.
        """
        pipe = self._client.pipeline(transaction=False)
        for section in _SECTIONS:
            pipe.execute_command("INFO", section)
        pipe.execute_command("DBSIZE")
        *sections, size = await self._within(pipe.execute(raise_on_error=False))
        info: dict[str, SafeText] = {}
        denied = ""
        for answer in (*sections, size):
            if isinstance(answer, exceptions.RedisError):
                denied = denied or str(translate(answer))
            elif isinstance(answer, bytes):
                info |= parse_info(answer)
        keys = size if isinstance(size, int) else None
        return RedisFacts(MappingProxyType(info), keys, clean(denied))

    async def read_user(self) -> SafeText:
        """Return the name of the ACL user we are.

        Raises:
            ClientError: the server is too old (before 6) or refuses to say.
        """
        answer = await self._ask("ACL WHOAMI")
        return clean(answer) if isinstance(answer, bytes | str) else clean("?")

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command; None: the server cannot tell (before 7).

        Raises:
            ClientError: the connection broke, or nothing came back in time.
        """
        try:
            answer = await self._ask("ACL DRYRUN", await self.read_user(), command, *arguments)
        except ClientTimeout:
            raise
        except ClientError:
            return None
        return answer in {b"OK", "OK"}

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()
        await self._client.connection_pool.aclose()

    async def _ask(self, command: str, *arguments: str) -> object:
        if command not in ALLOWED:
            raise ClientGarbled(f"{command} is not among the commands that only read")
        return await self._within(self._client.execute_command(command, *arguments))

    async def _within(self, call: Awaitable[_T]) -> _T:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await call
        except TimeoutError:
            await self._client.connection_pool.disconnect()
            raise ClientTimeout(f"no answer within {self._timeout_s:g} s") from None
        except (exceptions.RedisError, OSError) as error:
            raise translate(error) from error
