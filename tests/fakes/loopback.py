"""Real servers on loopback ports, in a thread, that answer as a test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.fakes.ports import free_port


class _Handler(BaseHTTPRequestHandler):
    answers: dict[str, tuple[int, str]]
    is_held: threading.Event
    asked: threading.Event

    def do_GET(self) -> None:
        self.asked.set()
        if self.path == "/hang":
            self.is_held.wait(30)
            return
        status, body = self.answers.get(self.path, (404, "{}"))
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its name


class Loopback:
    """A running server; `answers` maps a path to code and body and may be changed at any time."""

    def __init__(self, answers: dict[str, tuple[int, str]]) -> None:
        self.asked = threading.Event()
        self._held = threading.Event()
        self.answers = answers
        kind = type(
            "Handler",
            (_Handler,),
            {"answers": answers, "is_held": self._held, "asked": self.asked},
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._held.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def loopback(answers: dict[str, tuple[int, str]]) -> Iterator[Loopback]:
    server = Loopback(answers)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def refused_port() -> int:
    """Return a port on which nothing listens."""
    return free_port()
