"""What the demo's HTTP systems share: a small threaded server that answers as uvicorn does."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl

from demo.home import Home, write_whole
from demo.processes import Identity, die_with_parent, identity_of

_MAX_BODY = 64 * 1024
_IDLE_S = 60


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as a handler sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    target: str
    """Path and query as they came, for the access log."""
    peer: str
    """`ip:port` as uvicorn prints it: `ip:0` behind a proxy."""

    @property
    def client(self) -> str:
        """The client's address without the port."""
        return self.peer.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Handler = Callable[[Request], Answer]
Logger = Callable[[Request, Answer], None]


def said(value: object, status: int = 200, **headers: str) -> Answer:
    """Return a JSON answer, compact as FastAPI writes it; `_` in header names becomes `-`."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, body, headers=named)


NOT_FOUND = said({"detail": "Not Found"}, 404)


def phrase(status: int) -> str:
    """Return the standard words of a code."""
    return HTTPStatus(status).phrase


def access_line(request: Request, answer: Answer) -> str:
    """Return uvicorn's access line."""
    line = f"{request.method} {request.target} HTTP/1.1"
    return f'INFO:     {request.peer} - "{line}" {answer.status} {phrase(answer.status)}'


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; name everything else in the log."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"ERROR:    {type(error).__name__}: {error}\n")


def _handler_class(
    answer: Handler, logger: Logger, server_name: str
) -> type[BaseHTTPRequestHandler]:
    class Connection(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        timeout = _IDLE_S

        def _take(self) -> None:
            request = self._request()
            reply = answer(request)
            self.send_response_only(reply.status)
            self.send_header("date", self.date_time_string())
            self.send_header("server", server_name)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            if reply.body:
                self.send_header("content-type", reply.kind)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            logger(request, reply)  # before it is sent: who has the answer finds it in the log
            self.wfile.flush()

        do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = _take  # noqa: N815

        def _request(self) -> Request:
            size = min(int(self.headers.get("content-length") or 0), _MAX_BODY)
            headers = {name.lower(): value for name, value in self.headers.items()}
            forwarded = headers.get("x-forwarded-for", "").partition(",")[0].strip()
            peer = f"{forwarded}:0" if forwarded else "{}:{}".format(*self.client_address[:2])
            path, _, query = self.path.partition("?")
            body = self.rfile.read(size) if size > 0 else b""
            pairs = dict(parse_qsl(query))
            return Request(self.command, path, pairs, headers, body, self.path, peer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Say nothing: every system has its own log."""

    return Connection


def serve(
    home: Home, service: str, answer: Handler, logger: Logger, server_name: str = "uvicorn"
) -> None:
    """Answer requests on the service's port until TERM; keep the pidfile while doing so."""
    server = _Server(
        ("127.0.0.1", home.ports()[service]), _handler_class(answer, logger, server_name)
    )
    with server:
        server.serve_forever(poll_interval=3600)  # nothing to wake up for: TERM interrupts it


def begin(home: Home, service: str, on_end: Callable[[], None] = lambda: None) -> Identity:
    """Bind this process to the demo, write its pidfile and make TERM and INT end it cleanly."""
    die_with_parent()
    here = identity_of(os.getpid()) or Identity(os.getpid(), 0)
    pidfile = home.pidfile(service)
    write_whole(pidfile, f"{here.pid}\n{here.start_ticks}\n")

    def end(_number: int, _frame: FrameType | None) -> None:
        on_end()
        pidfile.unlink(missing_ok=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return here
