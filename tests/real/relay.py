"""Stands between a client and a unix socket, and can cut, freeze and come back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path


class Relay:
    """Passes bytes on while `is_flowing` is set."""

    def __init__(self, path: Path, target: str) -> None:
        self.path = path
        self.target = target
        self.is_flowing = asyncio.Event()
        self.is_flowing.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen."""
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def cut(self) -> None:
        """End every connection without a word and stop listening, as a stopping engine does."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        self.path.unlink(missing_ok=True)
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        out_reader, out_writer = await asyncio.open_unix_connection(self.target)
        self._writers |= {writer, out_writer}
        for source, sink in ((reader, out_writer), (out_reader, writer)):
            pump = asyncio.ensure_future(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self.is_flowing.wait()
                sink.write(data)
                await sink.drain()
        sink.close()
        self._writers.discard(sink)


@asynccontextmanager
async def relay(path: Path, target: str) -> AsyncIterator[Relay]:
    """Run a relay for the length of a test."""
    between = Relay(path, target)
    await between.open()
    try:
        yield between
    finally:
        await between.cut()
