"""Fills a server of our own with what a large system keeps in Redis. Scripts: it takes seconds."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager

from tests.fakes.ports import free_port

KEYS = 2_000_000
LIMITS = KEYS // 2
PENDING = 1_000_000
CONSUMERS = 10_000
FIELDS = 100_000
STREAM, GROUP, HASH = "orders", "workers", "profiles:all"
_STEP = 25_000

_LIMITS = """
for n = ARGV[1], ARGV[2] do
  redis.call('HSET', 'limit:10.' .. math.floor(n / 65536) .. '.' .. math.floor(n / 256) % 256
    .. '.' .. n % 256, 'tokens', n % 100, 'last_refill', ARGV[3] - n % 600)
end"""
_OTHERS = """
for n = ARGV[1], ARGV[2] do
  redis.call('SET', 'token:' .. n, '{"owner":"user-' .. n % 5000 .. '"}', 'EX', 3600 + n % 3600)
end"""
_ENTRIES = """
for n = ARGV[1], ARGV[2] do
  redis.call('XADD', KEYS[1], '*', 'data', '{"order":' .. n .. ',"kind":"created"}')
end"""
_DELIVER = """
for n = ARGV[1], ARGV[2] do
  redis.call('XREADGROUP', 'GROUP', ARGV[3], 'worker-' .. n, 'COUNT', ARGV[4],
    'STREAMS', KEYS[1], '>')
end"""
_FIELDS = """
for n = ARGV[1], ARGV[2] do
  redis.call('HSET', KEYS[1], 'user-' .. n, '{"name":"user ' .. n .. '","since":' .. n .. '}')
end"""


class Plain:
    """One connection that sends a command and waits for its answer, nothing else."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def ask(self, *words: str | int) -> bytes:
        """Return the first line of the answer; nested answers are not for this."""
        raw = [str(word).encode() for word in words]
        packed = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in raw)
        self._socket.sendall(b"*%d\r\n%s" % (len(raw), packed))
        line = self._file.readline()
        if line.startswith(b"-"):
            raise RuntimeError(line.decode())
        return line

    def ping_s(self) -> float:
        """Return how long a PING took."""
        began = time.perf_counter()
        self._socket.sendall(b"PING\r\n")
        self._file.readline()
        return time.perf_counter() - began

    def close(self) -> None:
        """Close it."""
        self._file.close()
        self._socket.close()


def fill(port: int, share: float = 1.0) -> None:
    """Fill a server; `share` of everything, for a quick try."""
    server = Plain(port)
    now = int(time.time())
    _run(server, _LIMITS, int(LIMITS * share), now)
    _run(server, _OTHERS, int((KEYS - LIMITS) * share), now)
    _run(server, _FIELDS, int(FIELDS * share), now, HASH)
    _run(server, _ENTRIES, int(PENDING * share * 1.1), now, STREAM)
    server.ask("XGROUP", "CREATE", STREAM, GROUP, "0")
    each = PENDING // CONSUMERS
    for first in range(0, int(CONSUMERS * share), 250):
        server.ask("EVAL", _DELIVER, 1, STREAM, first, first + 249, GROUP, each)
    server.ask("HSET", "cb:payment", "state", "open", "failures", 5, "opened_at", now)
    server.close()


def _run(server: Plain, script: str, count: int, now: int, *keys: str) -> None:
    for first in range(0, count, _STEP):
        last = min(first + _STEP, count) - 1
        server.ask("EVAL", script, len(keys), *keys, first, last, now)


@contextmanager
def own_server() -> Generator[int]:
    """Run an empty server on loopback for a while, and yield its port."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        raise SystemExit("no redis-server on PATH")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="qd-bench-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            yield port
        finally:
            server.kill()
            server.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            Plain(port).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
