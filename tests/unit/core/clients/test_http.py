"""Hostile servers on real sockets: each ends in a named state, in time and within bounds."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.clients.http_addresses import is_forbidden
from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientRefused, ClientTimeout

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
TIMEOUT_S = 0.6


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[str]:
    """Serve one way of answering on loopback and yield the address."""

    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await reader.readuntil(b"\r\n\r\n")
                await answer(writer)
            with suppress(OSError):
                await writer.drain()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/health"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def asked(url: str) -> HttpAnswer | ClientError:
    client = HttpClient(SystemClock())
    started = time.monotonic()
    try:
        return await client.get(HttpRequest(url, TIMEOUT_S))
    except ClientError as error:
        return error
    finally:
        await client.aclose()
        assert time.monotonic() - started < TIMEOUT_S + 1.0


def sending(*parts: bytes) -> Answering:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return answer


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"content-length: 1000\r\n\r\n")
    for _ in range(200):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for number in range(20_000):
        writer.write(b"x-%d: %s\r\n" % (number, b"a" * 100))
        await writer.drain()


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3 * TIMEOUT_S)


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(1 << 20)
    return b"".join([*(packer.compress(zeros) for _ in range(100)), packer.flush()])


@pytest.mark.parametrize("answer", [drip, silence])
async def test_a_server_that_takes_its_time_meets_the_total_deadline(answer: Answering) -> None:
    async with serving(answer) as url:
        assert isinstance(await asked(url), ClientTimeout)


async def test_endless_headers_are_given_up() -> None:
    async with serving(endless_headers) as url:
        assert isinstance(await asked(url), ClientGarbled | ClientTimeout)


async def test_a_compressed_bomb_is_read_to_its_bound_and_no_further() -> None:
    packed = bomb()
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with serving(sending(head, packed)) as url:
        answer = await asked(url)
    assert isinstance(answer, HttpAnswer)
    assert answer.is_truncated
    assert len(answer.body) == BODY_LIMIT_BYTES


async def test_a_body_without_end_is_read_to_its_bound() -> None:
    piece = b"x" * 65536
    async with serving(sending(HEAD + b"\r\n", *([piece] * 100))) as url:
        answer = await asked(url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.is_truncated, len(answer.body)) == (True, BODY_LIMIT_BYTES)


@pytest.mark.parametrize(
    "sent",
    [
        b"hello, this is no HTTP at all\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        HEAD + b"content-encoding: br\r\ncontent-length: 5\r\n\r\nplain",
        HEAD + b"content-length: 50\r\n\r\nshort",
        b"",
    ],
)
async def test_what_is_not_a_whole_answer_is_an_error_of_ours(sent: bytes) -> None:
    async with serving(sending(sent)) as url:
        assert isinstance(await asked(url), ClientGarbled | ClientRefused)


async def test_a_redirect_is_told_and_not_followed() -> None:
    sent = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    async with serving(sending(sent)) as url:
        answer = await asked(url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.header("location")) == (302, "http://169.254.169.254/")


async def test_nothing_listening_and_no_such_name_are_told_apart() -> None:
    refused = await asked("http://127.0.0.1:9/")
    assert isinstance(refused, ClientRefused)
    assert "nothing listens" in str(refused)
    assert isinstance(await asked("http://no-such-host.invalid/"), ClientError)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "2852039166", "0xa9fea9fe",
     "[::ffff:169.254.169.254]", "metadata.google.internal", "METADATA.google.internal."],
)  # fmt: skip
async def test_metadata_and_link_local_addresses_are_never_asked(host: str) -> None:
    assert is_forbidden(host)
    assert isinstance(await asked(f"http://{host}/latest"), ClientDenied | ClientGarbled)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "example.com", "[2001:db8::1]"])
def test_other_addresses_may_be_asked(host: str) -> None:
    assert not is_forbidden(host)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://"])
async def test_only_http_is_asked(url: str) -> None:
    assert isinstance(await asked(url), ClientError)
