"""Makes the connections of the HTTP client: to checked addresses only, with bounded headers.

A name is resolved once and the connection goes to an address that was judged, so that a name
server cannot answer one thing to the judge and another to the connection. TLS and `Host` still
speak of the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import cast

import httpcore

from core.clients.http_addresses import is_forbidden_address, literal_address
from core.clients.http_errors import HungUp
from core.clients.http_race import first_of
from core.errors import ClientDenied, ClientGarbled
from core.model.text import clean

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses, best first. Raises `socket.gaierror`."""

HEAD_LIMIT_BYTES = 64 * 1024
"""Most that is read before the body begins: headers, and any number of 1xx answers."""
_HEAD_PIECE_BYTES = 16 * 1024
"""A piece holds hundreds of 1xx answers, all parsed before anything else gets its turn."""
_HTTP = b"HTTP/"
_MAX_ADDRESSES = 8


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a name as this machine resolves names.

    Raises:
        socket.gaierror: no such name, or no name server answered.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


class BoundedStream(httpcore.AsyncNetworkStream):
    """A connection that hands out no more than `HEAD_LIMIT_BYTES` until the headers are over."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        """Take an open connection."""
        self._stream = stream
        self._head_bytes: int | None = 0
        """None: the headers are over."""
        self._has_answered = False
        self._is_http = True

    def end_head(self) -> None:
        """Lift the bound until the next request is written; the body has one of its own."""
        self._head_bytes = None
        self._has_answered = True

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        """Return what has come.

        Raises:
            HungUp: the server closed the connection before its headers were whole.
            ClientGarbled: headers, or 1xx answers, without end.
        """
        if self._head_bytes is None:
            return await self._stream.read(max_bytes, timeout)
        if self._head_bytes >= HEAD_LIMIT_BYTES:
            raise ClientGarbled(
                f"headers or 1xx answers without end: {HEAD_LIMIT_BYTES // 1024} KiB and no body"
            )
        data = await self._stream.read(min(max_bytes, _HEAD_PIECE_BYTES), timeout)
        if not self._head_bytes:
            self._is_http = data.startswith(_HTTP[: len(data)])
        if not data and self._is_http:
            raise HungUp(is_silent=not self._head_bytes, was_idle=self._has_answered)
        self._head_bytes += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        """Send; headers are what comes next."""
        self._head_bytes = 0
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Hang up."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Return the connection with TLS around it; hang up when that fails or is cancelled.

        httpcore hangs up only for failures, and a deadline comes as a cancellation.
        """
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._stream.aclose)
            secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
            undo.pop_all()
        return BoundedStream(secured)

    def get_extra_info(self, info: str) -> object:
        """Return what httpcore wants to know of the socket."""
        return self._stream.get_extra_info(info)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the addresses of a host that may be asked."""

    def __init__(self, resolver: Resolve = resolve) -> None:
        """Take who resolves names."""
        self._resolve = resolver
        # To a checker the class is unknown: it is absent where anyio is.
        self._backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to the first address of a host that answers.

        Raises:
            ClientDenied: the host has no address that may be asked.
            socket.gaierror: no such name, or no name server answered.
            httpcore.ConnectError: no address answered; so says httpcore.ConnectTimeout.
        """

        async def connect(address: str) -> httpcore.AsyncNetworkStream:
            return await self._backend.connect_tcp(
                address, port, timeout, local_address, socket_options
            )

        addresses = await self._read_addresses(host, port)
        return BoundedStream(await first_of(addresses, connect))

    async def _read_addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a host that may be asked.

        The others are left out and are no reason to give up: a machine's own name resolves to
        its link-local addresses too.
        """
        literal = literal_address(host)
        texts = (str(literal),) if literal is not None else await self._resolve(host, port)
        found = {text: literal_address(text) for text in texts}
        allowed = [text for text, ip in found.items() if ip and not is_forbidden_address(ip)]
        if not allowed:
            shown = clean(", ".join(found) or "nothing", 100)
            raise ClientDenied(
                f"{clean(host)} is {shown}: link-local and metadata addresses are never asked"
            )
        return tuple(allowed[:_MAX_ADDRESSES])

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)
