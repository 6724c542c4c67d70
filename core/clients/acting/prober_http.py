"""Asks over HTTP on purpose, through the same client that checks use: checked addresses, bounds.

That client is loaded when something is asked: whoever only plans a restart does not pay for it.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.clients.acting.prober import Called, Shot, Timing, Volley
from core.clients.clock import Clock
from core.clients.http_addresses import is_forbidden, is_forbidden_address, literal_address
from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer, HttpRequest
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.secret import Secret
from core.model.text import clean

if TYPE_CHECKING:
    from core.clients.http import HttpClient

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses, best first. Raises `socket.gaierror`."""
_SAID_CHARS = 200
_HEAD_LIMIT_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class HttpProber:
    """Sends volleys and single requests."""

    def __init__(self, clock: Clock, resolver: Resolve | None = None) -> None:
        """Connect to nothing yet; None: names are resolved as this machine does."""
        self._clock = clock
        self._resolver = resolver
        self._client: HttpClient | None = None

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _connected(self) -> "HttpClient":
        if self._client is None:
            from core.clients.http import HttpClient  # noqa: PLC0415 - see the module's text

            self._client = HttpClient(self._clock, self._resolve())
        return self._client

    def _resolve(self) -> Resolve:
        if self._resolver is not None:
            return self._resolver
        from core.clients.http_network import resolve  # noqa: PLC0415 - likewise

        return resolve

    async def fire(self, volley: Volley, goes_on: Callable[[Shot], bool]) -> tuple[Shot, ...]:
        """Send at an even pace, a bounded number at once."""
        begin_s = self._clock.monotonic()
        gate, shots, is_over = asyncio.Semaphore(volley.at_once), list[Shot](), False
        refusals: list[ClientDenied] = []

        async def shoot() -> None:
            nonlocal is_over
            try:
                shot = await self._shot(volley, begin_s)
                shots.append(shot)
                is_over = is_over or not goes_on(shot)
            except ClientDenied as error:
                refusals.append(error)
                is_over = True
            finally:
                gate.release()

        async with asyncio.TaskGroup() as group:
            for index in range(volley.requests):
                await self._clock.sleep(
                    max(0.0, begin_s + index / volley.per_s - self._clock.monotonic())
                )
                await gate.acquire()
                if is_over or self._clock.monotonic() - begin_s > volley.seconds:
                    break
                group.create_task(shoot())
        if refusals:
            raise refusals[0]
        return tuple(sorted(shots, key=lambda one: one.at_s))

    async def _shot(self, volley: Volley, begin_s: float) -> Shot:
        sent_s = self._clock.monotonic()
        try:
            answer = await self._connected().get(_request(volley))
        except ClientDenied:
            raise
        except ClientError as error:
            took_s = self._clock.monotonic() - sent_s
            return Shot(sent_s - begin_s, took_s, said=clean(str(error), _SAID_CHARS))
        return _shot(answer, sent_s - begin_s)

    async def call(
        self,
        method: str,
        url: str,
        timeout_s: float,
        ca_file: str = "",
        headers: tuple[tuple[str, Secret], ...] = (),
    ) -> Called:
        """Ask once."""
        answer = await self._connected().get(
            HttpRequest(url, timeout_s, method, headers, ca_file or None)
        )
        return Called(answer.status, answer.body, answer.latency_s)

    async def time(self, url: str, timeout_s: float, ca_file: str = "") -> Timing:
        """Ask once, on a new connection, and time each part."""
        try:
            async with asyncio.timeout(timeout_s):
                return await _Timed(self._clock, self._resolve(), url, ca_file).run()
        except TimeoutError as error:
            raise ClientTimeout(f"no whole answer within {timeout_s:g} s") from error
        except socket.gaierror as error:
            raise ClientUnresolved(f"the name does not resolve: {error.strerror}") from error
        except ssl.SSLError as error:
            raise ClientRefused(f"TLS failed: {clean(str(error.reason))}") from error
        except OSError as error:
            raise ClientRefused(f"no connection: {clean(error.strerror or str(error))}") from error


def _request(volley: Volley) -> HttpRequest:
    return HttpRequest(volley.url, volley.timeout_s, volley.method, ca_file=volley.ca_file or None)


def _shot(answer: HttpAnswer, at_s: float) -> Shot:
    said = clean(answer.body[: _SAID_CHARS * 4], _SAID_CHARS)
    return Shot(at_s, answer.latency_s, answer.status, answer.headers, said)


class _Timed:
    """One request, part by part. Plain sockets: a client that keeps connections hides the parts."""

    def __init__(self, clock: Clock, resolver: Resolve, url: str, ca_file: str) -> None:
        self._clock = clock
        self._resolve = resolver
        self._url = urlsplit(url)
        self._ca_file = ca_file
        self._begin_s = clock.monotonic()

    def _now_s(self) -> float:
        return self._clock.monotonic() - self._begin_s

    async def run(self) -> Timing:
        """Ask."""
        host, scheme = self._url.hostname or "", self._url.scheme
        if scheme not in _PORTS or not host:
            raise ClientDenied("only http and https are asked")
        address = await self._address(host, self._url.port or _PORTS[scheme])
        resolved_s = self._now_s()
        port = self._url.port or _PORTS[scheme]
        reader, writer = await asyncio.open_connection(address, port, limit=_HEAD_LIMIT_BYTES)
        try:
            connected_s, secured_s = self._now_s(), None
            if scheme == "https":
                context = ssl.create_default_context(cafile=self._ca_file or None)
                await writer.start_tls(context, server_hostname=host)
                secured_s = self._now_s()
            writer.write(self._head(host))
            await writer.drain()
            first = await reader.read(1)
            first_byte_s = self._now_s()
            status, size, is_cut = await _read(first, reader)
        finally:
            writer.close()
        return Timing(
            clean(address), resolved_s, connected_s, secured_s, first_byte_s, self._now_s(),
            status, size, is_cut,
        )  # fmt: skip

    async def _address(self, host: str, port: int) -> str:
        """Return the first address of a host that may be asked."""
        if is_forbidden(host):
            raise ClientDenied("link-local and metadata addresses are never asked")
        literal = literal_address(host)
        texts = (str(literal),) if literal else await self._resolve(host, port)
        for text in texts:
            found = literal_address(text)
            if found is not None and not is_forbidden_address(found):
                return text
        raise ClientDenied(f"{clean(host)}: link-local and metadata addresses are never asked")

    def _head(self, host: str) -> bytes:
        path = self._url.path or "/"
        target = f"{path}?{self._url.query}" if self._url.query else path
        name = f"[{host}]" if ":" in host else host
        port = f":{self._url.port}" if self._url.port else ""
        try:
            return (
                f"GET {target} HTTP/1.1\r\nhost: {name}{port}\r\nuser-agent: quarterdeck\r\n"
                "accept: */*\r\naccept-encoding: identity\r\nconnection: close\r\n\r\n"
            ).encode("ascii")
        except UnicodeEncodeError as error:
            raise ClientGarbled("the address cannot be sent as it is") from error


async def _read(first: bytes, reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    """Return status, bytes of the body, and whether there was more."""
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise ClientGarbled("what came is not HTTP") from error
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise ClientGarbled("what came is not HTTP")
    wanted = _length(head)
    size = 0
    while size < BODY_LIMIT_BYTES and (wanted is None or size < wanted):
        chunk = await reader.read(64 * 1024)
        if not chunk:
            return int(words[1]), size, False
        size += len(chunk)
    return int(words[1]), size, size >= BODY_LIMIT_BYTES


def _length(head: bytes) -> int | None:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None
