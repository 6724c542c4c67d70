"""Asks over HTTP within a total deadline, reads at most 1 MiB and never follows a redirect.

httpx's timeouts are per read, so a server that drips a byte a second would hold a probe for ever;
the deadline here is for everything together. Compressed bodies are not asked for; one that comes
all the same is decoded within the same bound. Proxy variables of the environment are ignored.
"""

import asyncio
import base64
import ssl
from collections.abc import Mapping
from typing import cast

import httpcore
import httpx

from core.clients.clock import Clock
from core.clients.http_addresses import is_forbidden
from core.clients.http_decode import BoundedBody
from core.clients.http_errors import FAULTS, HungUp, Progress, translate
from core.clients.http_network import BoundedStream, CheckedNetwork, Resolve, resolve
from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientGarbled
from core.model.text import clean

_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "quarterdeck"}
_MAX_CONNECTIONS = 50
_MAX_IDLE_CONNECTIONS = 10
_IDLE_S = 30.0
"""These three for one origin."""
_HEADER_CHARS = 1024
_HEADERS_KEPT = 100
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_STAGES = ("connect", "read", "write", "pool")


class HttpClient:
    """One client for all targets: connections are kept and bounded.

    It speaks to httpcore's pools directly: httpx's client adds cookies, redirects and
    authentication, which a probe must not have, at twice the CPU time per request, and its
    transport does not let us choose the address that is connected to.
    """

    def __init__(self, clock: Clock, resolver: Resolve = resolve) -> None:
        """Take the clock that latencies are measured with, and who resolves names."""
        self._clock = clock
        self._network = CheckedNetwork(resolver)
        self._pools: dict[tuple[str, str, int | None, str], httpcore.AsyncConnectionPool] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()
        self._pools.clear()

    async def get(self, request: HttpRequest) -> HttpAnswer:
        """Ask once and return the answer, whatever its status.

        Raises:
            ClientTimeout: no whole answer within `timeout_s`.
            ClientRefused: no such host, nothing listens, TLS failed, or the connection broke.
            ClientUnresolved: no name server answers.
            ClientGarbled: what came is not HTTP.
            ClientDenied: the address is one that is never asked.
        """
        started = self._clock.monotonic()
        progress = Progress()
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._ask(request, progress, started)
        except FAULTS as error:
            raise translate(error, progress.stage, request.timeout_s) from error
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise ClientGarbled("the address or a header cannot be sent") from error

    async def _ask(self, request: HttpRequest, progress: Progress, started: float) -> HttpAnswer:
        message = _message(request, progress)
        pool = self._pool(request, message.url)
        try:
            response = await pool.handle_async_request(message)
        except HungUp as error:
            if not error.can_be_chance or request.method not in _REPEATABLE:
                raise
            response = await pool.handle_async_request(message)
        try:
            return await self._read(response, started)
        finally:
            await response.aclose()

    async def _read(self, response: httpcore.Response, started: float) -> HttpAnswer:
        connection = cast("Mapping[str, object]", response.extensions).get("network_stream")
        if isinstance(connection, BoundedStream):  # else a switched protocol, without a body
            connection.end_head()
        headers = httpx.Headers(response.headers)
        body = BoundedBody(headers.get("content-encoding", "").strip().lower(), BODY_LIMIT_BYTES)
        async for chunk in response.aiter_stream():
            if not body.feed(chunk):
                break
        return HttpAnswer(
            status=response.status,
            headers=tuple(
                (clean(name, _HEADER_CHARS).lower(), clean(value, _HEADER_CHARS))
                for name, value in headers.multi_items()[:_HEADERS_KEPT]
            ),
            body=body.finish(),
            is_truncated=body.is_truncated,
            latency_s=self._clock.monotonic() - started,
        )

    def _pool(self, request: HttpRequest, url: httpcore.URL) -> httpcore.AsyncConnectionPool:
        """Return the connections to an origin with a trust store, made on first use.

        A pool looks through all its connections for every request it has: one pool for 500
        targets took half of all CPU time, and targets that hang could use up the places of others.
        """
        scheme, ca_file = url.scheme.decode(), request.ca_file or ""
        key = (scheme, url.host.decode(), url.port, ca_file)
        if key not in self._pools:
            self._pools[key] = httpcore.AsyncConnectionPool(
                ssl_context=self._context(ca_file) if scheme == "https" else None,
                max_connections=_MAX_CONNECTIONS,
                max_keepalive_connections=_MAX_IDLE_CONNECTIONS,
                keepalive_expiry=_IDLE_S,
                network_backend=self._network,
            )
        return self._pools[key]

    def _context(self, ca_file: str) -> ssl.SSLContext:
        """Return the TLS context that all origins with one trust store share."""
        if ca_file not in self._contexts:
            self._contexts[ca_file] = _trusting(ca_file or None)
        return self._contexts[ca_file]


def _message(request: HttpRequest, progress: Progress) -> httpcore.Request:
    """Return a request as httpcore takes it; httpx reads the address and writes `Host`.

    Raises:
        ClientDenied: not HTTP, or an address that is never asked.
        ClientGarbled: the address names no host.
    """
    url = httpx.URL(request.url)
    headers = httpx.Headers({**_HEADERS, **_credentials(url)})
    headers.update({name: value.reveal() for name, value in request.headers})
    written = httpx.Request(request.method, url, headers=headers)
    if url.scheme not in {"http", "https"}:
        raise ClientDenied("only http and https are asked")
    if not url.host:
        raise ClientGarbled("the address names no host")
    if is_forbidden(url.host):
        raise ClientDenied("link-local and metadata addresses are never asked")
    return httpcore.Request(
        method=written.method,
        url=httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        ),
        headers=written.headers.raw,
        extensions={"timeout": dict.fromkeys(_STAGES, request.timeout_s), "trace": progress},
    )


def _credentials(url: httpx.URL) -> dict[str, str]:
    """Return the header for user and password of an address; a header of the check's own wins."""
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that verifies against the usual store, or one file.

    Raises:
        ClientDenied: the file cannot be read or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ClientDenied(f"certificate file {clean(ca_file or '')} cannot be used") from error
