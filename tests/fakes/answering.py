"""Serves one way of answering on loopback, whole answers or hostile ones, plain or over TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
HEALTHY = HEAD + b'connection: close\r\ncontent-length: 20\r\n\r\n{"status":"healthy"}'


class Served:
    """A running server: where it is, and the head of each request that it read."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}/health"
        self.requests: list[bytes] = []


@asynccontextmanager
async def serving(
    answer: Answering, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Served]:
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                served.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await answer(writer)
            with suppress(OSError):
                await writer.drain()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, host, 0, ssl=context)
    served = Served(server.sockets[0].getsockname()[1], "https" if context else "http")
    try:
        yield served
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def sending(*parts: bytes) -> Answering:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return answer
