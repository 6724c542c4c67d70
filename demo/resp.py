"""The few words of the Redis protocol that the demo's systems speak.

redis-py would cost each of five small processes 12 MB and 60 ms; this costs nothing.
"""

import contextlib
import socket
import threading
from typing import BinaryIO

Reply = str | int | list["Reply"] | None


class RedisSaidNo(Exception):
    """The server answered with an error."""


class RedisGone(ConnectionError):
    """The server cannot be reached; the text is what a client library prints."""


class Redis:
    """One connection, made when first needed and again after it broke. Safe between threads."""

    def __init__(self, port: int, db: int = 0, timeout_s: float = 2.0) -> None:
        self._port = port
        self._db = db
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._file: BinaryIO | None = None

    def call(self, *words: str | float) -> Reply:
        """Return the server's reply.

        Raises:
            RedisGone: no connection.
            RedisSaidNo: an error reply.
        """
        with self._lock:
            is_kept = self._socket is not None
            try:
                return self._call(words)
            except (ConnectionError, EOFError) as error:
                self.close()
                if not is_kept:
                    raise self._gone(error) from error
            except OSError as error:
                self.close()
                raise self._gone(error) from error
            # A kept connection may be that to a server which has been restarted since.
            try:
                return self._call(words)
            except (OSError, EOFError) as error:
                self.close()
                raise self._gone(error) from error

    def texts(self, *words: str | float) -> list[str]:
        """Return an array reply as texts; anything that is not a text is left out."""
        reply = self.call(*words)
        return [one for one in reply if isinstance(one, str)] if isinstance(reply, list) else []

    def mapping(self, *words: str | float) -> dict[str, str]:
        """Return a flat array reply of fields and values as a mapping."""
        flat = self.texts(*words)
        return dict(zip(flat[::2], flat[1::2], strict=False))

    def close(self) -> None:
        """Close the connection; the next call opens one."""
        for one in (self._file, self._socket):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.close()
        self._file = self._socket = None

    def _call(self, words: tuple[str | float, ...]) -> Reply:
        if self._socket is None:
            self._connect()
        return self._ask(words)

    def _gone(self, error: OSError | EOFError) -> RedisGone:
        if isinstance(error, TimeoutError):
            return RedisGone("Timeout reading from socket")
        number = getattr(error, "errno", None) or 111
        where = f"127.0.0.1:{self._port}"
        return RedisGone(f"Error {number} connecting to {where}. Connection refused.")

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), self._timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        if self._db:
            self._ask(("SELECT", self._db))

    def _ask(self, words: tuple[str | float, ...]) -> Reply:
        if self._socket is None or self._file is None:
            raise EOFError
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            raw = str(word).encode()
            parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
        self._socket.sendall(b"".join(parts))
        return _read(self._file)


def _read(file: BinaryIO) -> Reply:
    line = file.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError
    kind, rest = line[:1], line[1:-2].decode("utf-8", "replace")
    if kind == b"+":
        return rest
    if kind == b"-":
        raise RedisSaidNo(rest)
    if kind == b":":
        return int(rest)
    size = int(rest)
    if size < 0:
        return None
    if kind == b"$":
        raw = file.read(size + 2)
        if len(raw) != size + 2:
            raise EOFError
        return raw[:-2].decode("utf-8", "replace")
    return _read_items(file, size)


def _read_items(file: BinaryIO, size: int) -> list[Reply]:
    """Read every item before raising, so that the connection stays in step."""
    items: list[Reply] = []
    refusal: RedisSaidNo | None = None
    for _ in range(size):
        try:
            items.append(_read(file))
        except RedisSaidNo as error:
            refusal = error
    if refusal is not None:
        raise refusal
    return items
