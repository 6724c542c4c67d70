"""Asks over HTTP within a total deadline, reads at most 1 MiB and never follows a redirect.

httpx's timeouts are per read, so a server that drips a byte a second would hold a probe for ever;
the deadline here is for everything together. Compressed bodies are not asked for; one that comes
all the same is decoded within the same bound. Proxy variables of the environment are ignored.
"""

import asyncio
import socket
import ssl

import httpx

from core.clients.clock import Clock
from core.clients.http_addresses import is_forbidden
from core.clients.http_decode import BoundedBody
from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientRefused, ClientTimeout
from core.model.text import clean

_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "quarterdeck"}
_LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=30)
"""For one origin."""
_HEADER_CHARS = 1024
_HEADERS_KEPT = 100


class HttpClient:
    """One client for all targets: connections are kept and bounded.

    It speaks to httpx's transport directly: the client above it adds cookies, redirects and
    authentication, which a probe must not have, at twice the CPU time per request.
    """

    def __init__(self, clock: Clock) -> None:
        """Take the clock that latencies are measured with."""
        self._clock = clock
        self._transports: dict[tuple[str, str, int | None, str], httpx.AsyncHTTPTransport] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()
        self._transports.clear()

    async def get(self, request: HttpRequest) -> HttpAnswer:
        """Ask once and return the answer, whatever its status.

        Raises:
            ClientTimeout: no whole answer within `timeout_s`.
            ClientRefused: no such host, nothing listens, TLS failed, or the connection broke.
            ClientGarbled: what came is not HTTP.
            ClientDenied: the address is one that is never asked.
        """
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._ask(request, started)
        except TimeoutError as error:
            raise ClientTimeout(f"no whole answer within {request.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise _translated(error) from error
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise ClientGarbled("the address or a header cannot be sent") from error

    async def _ask(self, request: HttpRequest, started: float) -> HttpAnswer:
        message = httpx.Request(
            request.method,
            request.url,
            headers={**_HEADERS, **{name: value.reveal() for name, value in request.headers}},
            extensions={"timeout": dict.fromkeys(_STAGES, request.timeout_s)},
        )
        if is_forbidden(message.url.host):
            raise ClientDenied("link-local and metadata addresses are never asked")
        response = await self._transport(request, message.url).handle_async_request(message)
        try:
            return await self._read(response, started)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, started: float) -> HttpAnswer:
        body = BoundedBody(
            response.headers.get("content-encoding", "").strip().lower(), BODY_LIMIT_BYTES
        )
        async for chunk in response.aiter_raw():
            if not body.feed(chunk):
                break
        return HttpAnswer(
            status=response.status_code,
            headers=tuple(
                (clean(name, _HEADER_CHARS).lower(), clean(value, _HEADER_CHARS))
                for name, value in response.headers.multi_items()[:_HEADERS_KEPT]
            ),
            body=body.finish(),
            is_truncated=body.is_truncated,
            latency_s=self._clock.monotonic() - started,
        )

    def _transport(self, request: HttpRequest, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        """Return the transport for an origin and trust store, made on first use.

        A pool looks through all its connections for every request it has: one pool for 500
        targets took half of all CPU time, and targets that hang could use up the places of others.
        """
        ca_file = request.ca_file or ""
        key = (url.scheme, url.host, url.port, ca_file)
        if key not in self._transports:
            self._transports[key] = httpx.AsyncHTTPTransport(
                verify=self._context(url.scheme, ca_file), trust_env=False, limits=_LIMITS
            )
        return self._transports[key]

    def _context(self, scheme: str, ca_file: str) -> ssl.SSLContext:
        """Return the TLS context that all origins with one trust store share."""
        key = "http" if scheme == "http" else f"https {ca_file}"
        if key not in self._contexts:
            # A context without any certificate authority costs nothing and trusts nobody; plain
            # HTTP needs none, and loading the usual store takes tens of milliseconds.
            self._contexts[key] = (
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                if scheme == "http"
                else _trusting(ca_file or None)
            )
        return self._contexts[key]


_STAGES = ("connect", "read", "write", "pool")


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that verifies against the usual store, or one file.

    Raises:
        ClientDenied: the file cannot be read or holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ClientDenied(f"certificate file {clean(ca_file or '')} cannot be used") from error


def _translated(error: httpx.HTTPError) -> ClientError:
    """Return our error for one of httpx's, naming the stage that failed."""
    return _of_cause(error) or _of_kind(error)


def _of_cause(error: BaseException) -> ClientError | None:
    """Return our error for what lies beneath: TLS, name resolution, refusal; None for all else."""
    root: BaseException | None = error
    while root is not None:
        match root:
            case ssl.SSLCertVerificationError():
                return ClientRefused(f"TLS: certificate refused: {clean(root.verify_message, 200)}")
            case ssl.SSLError():
                return ClientRefused(f"TLS: {clean(root.reason or 'handshake failed', 200)}")
            case socket.gaierror():
                return ClientRefused("DNS: no such host")
            case ConnectionRefusedError():
                return ClientRefused("connection refused: nothing listens there")
            case _:
                root = root.__cause__ or root.__context__
    return None


def _of_kind(error: httpx.HTTPError) -> ClientError:
    match error:
        case httpx.TimeoutException():
            return ClientTimeout("no answer within the deadline")
        case httpx.UnsupportedProtocol():
            return ClientDenied("only http and https are asked")
        case httpx.ConnectError():
            return ClientRefused("connection refused or cut: cannot connect")
        case httpx.ProtocolError():
            return ClientGarbled(f"not HTTP: {clean(str(error), 200)}")
        case _:
            return ClientRefused("the connection broke before the answer was whole")
