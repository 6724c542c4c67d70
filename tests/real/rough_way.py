"""A TCP way to a server on loopback that can be slow, thin, cut short, reset or silent."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.fakes.ports import free_port

_TIME = re.compile(rb"(?P<head>\*2\r\n\$10\r\n)(?P<seconds>\d{10})(?=\r\n)")
"""The seconds of what TIME answers."""


@dataclass
class Manner:
    """How what the server says is passed on. What the client says always passes."""

    delay_s: float = 0.0
    piece_bytes: int = 65536
    pause_s: float = 0.0
    """After each piece."""
    end_after_bytes: int | None = None
    """Of each connection; then it ends."""
    is_reset: bool = False
    """It ends with a reset."""
    is_silent: bool = False
    """Nothing comes back, ever."""
    shift_s: int = 0
    """What TIME answers is so much later."""


class RoughWay:
    """Passes bytes on in some manner, which may change at any time."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.manner = Manner()
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        out_reader, out_writer = await asyncio.open_connection("127.0.0.1", self.target)
        if self._server is None or not self._server.is_serving():  # it was closed meanwhile
            for one in (writer, out_writer):
                one.close()
            return
        for pump in (self._ask(reader, out_writer), self._answer(out_reader, writer)):
            task = asyncio.ensure_future(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _ask(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
        finally:
            sink.close()

    async def _answer(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        passed = 0
        try:
            with suppress(OSError):
                while data := await source.read(65536):
                    most = self.manner.end_after_bytes
                    await asyncio.sleep(self.manner.delay_s)
                    data = _TIME.sub(self._shifted, data)
                    if most is not None:
                        data = data[: max(0, most - passed)]
                    passed += len(data)
                    await self._pieces(data, sink)
                    if most is not None and passed >= most:
                        break
                if self.manner.is_reset:
                    line = sink.get_extra_info("socket")
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            sink.close()

    def _shifted(self, found: re.Match[bytes]) -> bytes:
        return b"%s%d" % (found["head"], int(found["seconds"]) + self.manner.shift_s)

    async def _pieces(self, data: bytes, sink: asyncio.StreamWriter) -> None:
        while data and not self.manner.is_silent:
            size = self.manner.piece_bytes
            sink.write(data[:size])
            await sink.drain()
            data = data[size:]
            await asyncio.sleep(self.manner.pause_s)


@asynccontextmanager
async def rough_way(port: int) -> AsyncGenerator[RoughWay]:
    """Run a way to a port for the length of a test."""
    way = RoughWay(port)
    await way.open()
    try:
        yield way
    finally:
        await way.close()
