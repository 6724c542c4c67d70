"""Hostile servers on real sockets: each ends in a named state, in time and within bounds."""

import asyncio
import tracemalloc
import zlib
from contextlib import suppress

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.clients.http_addresses import is_forbidden
from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientRefused, ClientTimeout
from core.model.secret import Secret
from tests.fakes.answering import HEAD, HEALTHY, Answering, sending, serving

TIMEOUT_S = 1.5
"""For servers that never answer: long enough that a busy machine connects and is heard."""
PATIENCE_S = 30.0


async def asked(url: str, timeout_s: float = PATIENCE_S) -> HttpAnswer | ClientError:
    client = HttpClient(SystemClock())
    try:
        async with asyncio.timeout(timeout_s + PATIENCE_S):
            return await client.get(HttpRequest(url, timeout_s))
    except ClientError as error:
        return error
    finally:
        await client.aclose()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"content-length: 1000\r\n\r\n")
    for _ in range(900):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for number in range(20_000):
        writer.write(b"x-%d: %s\r\n" % (number, b"a" * 100))
        await writer.drain()


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def flood(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


async def slow_flood(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(1 << 20)
    return b"".join([*(packer.compress(zeros) for _ in range(100)), packer.flush()])


@pytest.mark.parametrize("answer", [drip, silence, slow_flood])
async def test_a_server_that_takes_its_time_meets_the_total_deadline(answer: Answering) -> None:
    async with serving(answer) as served:
        assert isinstance(await asked(served.url, TIMEOUT_S), ClientTimeout)


async def test_endless_headers_are_given_up() -> None:
    async with serving(endless_headers) as served:
        assert isinstance(await asked(served.url), ClientGarbled | ClientTimeout)


async def test_endless_informational_answers_are_given_up_within_bounded_memory() -> None:
    async with serving(flood) as served:
        tracemalloc.start()
        try:
            error = await asked(served.url)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(error, ClientGarbled)
    assert "1xx answers without end" in str(error)
    assert peak_bytes < 8 * BODY_LIMIT_BYTES


async def test_a_few_informational_answers_come_before_the_answer() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3
    async with serving(sending(b"HTTP/1.1 100 Continue\r\n\r\n", hints, HEALTHY)) as served:
        answer = await asked(served.url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.body) == (200, b'{"status":"healthy"}')


@pytest.mark.parametrize(
    ("answer", "said"), [(silence, "connected, but no answer"), (drip, "no whole answer")]
)
async def test_a_timeout_says_how_far_the_request_came(answer: Answering, said: str) -> None:
    async with serving(answer) as served:
        assert str(await asked(served.url, TIMEOUT_S)).startswith(f"{said} within 1.5 s")


async def test_a_compressed_bomb_is_read_to_its_bound_and_no_further() -> None:
    packed = bomb()
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with serving(sending(head, packed)) as served:
        answer = await asked(served.url)
    assert isinstance(answer, HttpAnswer)
    assert answer.is_truncated
    assert len(answer.body) == BODY_LIMIT_BYTES


async def test_a_body_without_end_is_read_to_its_bound() -> None:
    piece = b"x" * 65536
    async with serving(sending(HEAD + b"\r\n", *([piece] * 100))) as served:
        answer = await asked(served.url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.is_truncated, len(answer.body)) == (True, BODY_LIMIT_BYTES)


@pytest.mark.parametrize(
    "sent",
    [
        b"hello, this is no HTTP at all\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        HEAD + b"content-encoding: br\r\ncontent-length: 5\r\n\r\nplain",
    ],
)
async def test_what_is_not_a_whole_answer_is_an_error_of_ours(sent: bytes) -> None:
    async with serving(sending(sent)) as served:
        assert isinstance(await asked(served.url), ClientGarbled | ClientRefused)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "the server closed the connection without a word"),
        (HEAD, "the server closed the connection in the middle of its headers"),
        (HEAD + b"content-length: 50\r\n\r\nshort", "broke before the answer was whole"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nsh", "broke before the answer was whole"),
    ],
)
async def test_a_server_that_hangs_up_has_broken_the_connection(sent: bytes, said: str) -> None:
    async with serving(sending(sent)) as served:
        error = await asked(served.url)
        assert len(served.requests) == 1, "a fresh connection that breaks is not tried again"
    assert type(error) is not ClientGarbled
    assert isinstance(error, ClientRefused)
    assert said in str(error)


@pytest.mark.parametrize(("method", "connections"), [("GET", 2), ("POST", 1)])
async def test_an_idle_connection_that_was_given_up_says_nothing_about_the_server(
    method: str, connections: int
) -> None:
    met: list[asyncio.Task[None] | None] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"content-length: 2\r\n\r\n{}")
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")  # the next request is met with silence
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    client = HttpClient(SystemClock())
    await client.get(HttpRequest(url, PATIENCE_S, method))
    try:
        answer = await client.get(HttpRequest(url, PATIENCE_S, method))
    except ClientRefused:
        assert method == "POST", "what may have been done is not asked for twice"
    else:
        assert (method, answer.status) == ("GET", 200)
    await client.aclose()
    server.close()
    await asyncio.gather(*filter(None, met))
    assert len(met) == connections


async def test_a_redirect_is_told_and_not_followed() -> None:
    sent = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    async with serving(sending(sent)) as served:
        answer = await asked(served.url)
    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.header("location")) == (302, "http://169.254.169.254/")


async def test_credentials_of_an_address_are_sent_unless_the_check_has_a_header_of_its_own() -> (
    None
):
    client = HttpClient(SystemClock())
    async with serving(sending(HEALTHY)) as served:
        url = f"http://ops:p%40ss@127.0.0.1:{served.port}/health"
        await client.get(HttpRequest(url))
        await client.get(HttpRequest(url, headers=(("Authorization", Secret("Bearer t")),)))
    await client.aclose()
    basic, bearer = served.requests
    assert b"authorization: Basic b3BzOnBAc3M=\r\n" in basic
    assert b"Bearer t\r\n" in bearer
    assert b"Basic" not in bearer
    assert b"ops" not in basic + bearer


async def test_nothing_listening_and_no_such_name_are_told_apart() -> None:
    refused = await asked("http://127.0.0.1:9/")
    assert isinstance(refused, ClientRefused)
    assert "nothing listens" in str(refused)
    assert isinstance(await asked("http://no-such-host.invalid/", TIMEOUT_S), ClientError)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "2852039166", "0xa9fea9fe",
     "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[::169.254.169.254]", "0.0.0.0", "[::]",
     "0", "100.100.100.200", "metadata.google.internal", "METADATA.google.internal."],
)  # fmt: skip
async def test_metadata_and_link_local_addresses_are_never_asked(host: str) -> None:
    assert is_forbidden(host)
    assert isinstance(await asked(f"http://{host}/latest"), ClientDenied | ClientGarbled)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "::1", "example.com", "[2001:db8::1]", "[fd12::1]"]
)
def test_other_addresses_may_be_asked(host: str) -> None:
    assert not is_forbidden(host)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "ws://127.0.0.1/", "http://", "http:///x"]
)
async def test_only_http_is_asked(url: str) -> None:
    assert isinstance(await asked(url), ClientError)
