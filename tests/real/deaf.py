"""A way to a server on which one answer is lost, and perhaps the command before it."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

from tests.fakes.ports import free_port


class DeafWay:
    """Passes bytes on to a port; drops connections instead of answering one command, once."""

    def __init__(self, port: int, command: bytes, *, is_heard: bool = True) -> None:
        self.port = free_port()
        self.lost = 0
        """Answers that were dropped."""
        self._target, self._command, self._is_heard = port, command.split(), is_heard
        self._loop = asyncio.new_event_loop()
        self._is_open = threading.Event()
        self._until = asyncio.Event()

    def run(self) -> None:
        """Serve until it is closed, in a thread of its own."""
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with await asyncio.start_server(self._pass, "127.0.0.1", self.port):
            self._is_open.set()
            await self._until.wait()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._target)
        with suppress(OSError):
            while asked := await reader.read(65536):
                # The words of a command stand in its third line, its fifth, …: *3 $6 XCLAIM …
                words = asked.split(b"\r\n", 2 * len(self._command) + 1)[2::2]
                is_lost = words[: len(self._command)] == self._command and not self.lost
                self.lost += is_lost
                if is_lost and not self._is_heard:
                    break
                behind_writer.write(asked)
                reply = await behind_reader.read(1 << 20)
                if is_lost:
                    break
                writer.write(reply)
        for one in (writer, behind_writer):
            one.close()

    def wait_open(self) -> None:
        """Return once it listens."""
        assert self._is_open.wait(60)

    def close(self) -> None:
        """Serve no more."""
        self._loop.call_soon_threadsafe(self._until.set)


@contextmanager
def deaf_way(port: int, command: bytes, *, is_heard: bool = True) -> Generator[DeafWay]:
    """Run one for the length of a test."""
    way = DeafWay(port, command, is_heard=is_heard)
    thread = threading.Thread(target=way.run, daemon=True)
    thread.start()
    way.wait_open()
    try:
        yield way
    finally:
        way.close()
        thread.join(10)
