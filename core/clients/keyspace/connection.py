"""redis-py's connections, told to be quiet and held to replies of a bounded size."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, cast

from redis import exceptions
from redis.asyncio import connection as redis_connection

from core.clients.keyspace.places import Place
from core.errors import ClientGarbled

MAX_REPLY_BYTES = 32 * 1024 * 1024
"""Larger replies are not read: the connection is closed instead."""


class Connection(Protocol):
    """What we use of redis-py, whose own annotations are mostly unknown to a strict checker."""

    bounded: "Bounded | None"

    async def connect(self) -> None:
        """Dial, and say who we are."""
        ...

    async def disconnect(self, nowait: bool = False) -> None:
        """Close."""
        ...

    def pack_commands(self, commands: Iterable[Sequence[bytes]]) -> list[bytes]:
        """Return what goes over the wire."""
        ...

    async def send_packed_command(self, command: list[bytes], check_health: bool) -> None:
        """Send it."""
        ...

    async def read_response(self, disable_decoding: bool) -> object:
        """Read one reply."""
        ...


class ReplyTooLarge(ClientGarbled):
    """A reply is larger than anything we asked for should be."""


class Bounded:
    """Stands before a stream and lets so many bytes pass for each reply."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        """Take the stream; nothing has passed yet."""
        self._stream = stream
        self.passed_bytes = 0

    async def readexactly(self, count: int) -> bytes:
        """Read so many bytes."""
        self._count(count)
        return await self._stream.readexactly(count)

    async def readline(self) -> bytes:
        """Read a line."""
        line = await self._stream.readline()
        self._count(len(line))
        return line

    def at_eof(self) -> bool:
        """Whether the other side has closed and everything is read."""
        return self._stream.at_eof()

    def _count(self, count: int) -> None:
        self.passed_bytes += count
        if self.passed_bytes > MAX_REPLY_BYTES:
            raise ReplyTooLarge(
                f"the reply is larger than {MAX_REPLY_BYTES // 1024 // 1024} MiB; it was not read"
            )


class _Quiet:
    """Put before one of redis-py's classes: the parser reads from a `Bounded`."""

    bounded: Bounded | None = None
    _reader: asyncio.StreamReader | None

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        if self._reader is not None:
            self.bounded = Bounded(self._reader)
            self._reader = cast("asyncio.StreamReader", self.bounded)  # what its parser uses
        await super().on_connect_check_health(check_health)  # pyright: ignore

    async def read_response(self, *arguments: Any, **options: Any) -> object:
        try:
            return await super().read_response(*arguments, **options)  # pyright: ignore
        except (TypeError, RecursionError) as error:
            # Its parser trusts that maps have plain names and that lists are not deep.
            raise exceptions.InvalidResponse("a reply of no sense") from error


class _Plain(_Quiet, redis_connection.Connection):  # pyright: ignore
    pass


class _Tls(_Quiet, redis_connection.SSLConnection):  # pyright: ignore
    pass


class _Unix(_Quiet, redis_connection.UnixDomainSocketConnection):  # pyright: ignore
    pass


def make_connection(place: Place, protocol: int) -> Connection:
    """Return a connection that is not dialled yet."""
    options: dict[str, Any] = {
        "username": place.user or None,
        "password": place.password.reveal() if place.password else None,
        "db": place.database,
        "protocol": protocol,
        "driver_info": None,
        "socket_timeout": None,
        "socket_connect_timeout": None,
    }
    if place.path:
        return cast("Connection", _Unix(path=place.path, **options))  # see `Connection`
    options |= {"host": place.host, "port": place.port}
    if not place.is_tls:
        return cast("Connection", _Plain(**options))  # see `Connection`
    return cast("Connection", _Tls(**options, ssl_ca_certs=place.ca_file))  # see `Connection`


def is_hello_refused(error: Exception) -> bool:
    """Whether a server knows no RESP3: before 6, or HELLO was renamed."""
    text = str(error).lower()
    is_answer = isinstance(error, exceptions.ResponseError)
    return is_answer and ("unknown command" in text or "noproto" in text or "'hello'" in text)
