"""TLS that cannot be trusted, on real sockets: told by name, with what to do, never talked to."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.clients.http_errors import HttpTimeout, Stage, TlsRefused
from core.clients.http_values import HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientError
from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.ids import ServiceId
from core.model.verdict import Verdict
from core.sources.judge.dispatch import judge
from tests.fakes.answering import HEALTHY, sending, serving
from tests.fakes.certificates import EXPIRED, HERE, NOT_YET, Authority, authority
from tests.fakes.clock import START

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls") / "ca")


async def loopback_only(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


async def asked(
    url: str, ca_file: str | None = None, timeout_s: float = 30.0
) -> HttpAnswer | ClientError:
    client = HttpClient(SystemClock(), loopback_only)
    try:
        async with asyncio.timeout(timeout_s + 5.0):
            return await client.get(HttpRequest(url, timeout_s, ca_file=ca_file))
    except ClientError as error:
        return error
    finally:
        await client.aclose()


def concluded(outcome: HttpAnswer | ClientError, now: datetime = START) -> tuple[Verdict, str]:
    spec = CheckSpec(CheckId(ServiceId("shop", "api"), "health"), CheckKind.HEALTH, "https://x/")
    result = judge(spec, outcome, now)
    return result.verdict, result.state


async def refused_without_a_request(
    context: ssl.SSLContext, ca_file: str | None, host: str = "127.0.0.1"
) -> TlsRefused:
    async with serving(sending(HEALTHY), context) as served:
        error = await asked(f"https://{host}:{served.port}/health", ca_file)
        assert served.requests == [], "something was sent to a server that is not trusted"
    assert isinstance(error, TlsRefused)
    assert concluded(error) == (Verdict.DOWN, "tls")
    assert error.remedy
    assert error.remedy in str(error)
    return error


async def test_a_certificate_of_a_trusted_authority_is_talked_to(own: Authority) -> None:
    async with serving(sending(HEALTHY), own.signed()) as served:
        answer = await asked(served.url, own.ca_file)
    assert isinstance(answer, HttpAnswer)
    assert concluded(answer) == (Verdict.OK, "ok")


async def test_an_expired_certificate_is_told(own: Authority) -> None:
    error = await refused_without_a_request(own.signed(span=EXPIRED), own.ca_file)
    assert error.text == "TLS: the certificate has expired"
    assert "renew it" in error.remedy


async def test_a_certificate_of_the_future_points_at_the_clocks(own: Authority) -> None:
    error = await refused_without_a_request(own.signed(span=NOT_YET), own.ca_file)
    assert error.text == "TLS: the certificate is not valid yet"
    assert "clocks" in error.remedy


async def test_a_self_signed_certificate_is_told(own: Authority) -> None:
    error = await refused_without_a_request(own.self_signed(), own.ca_file)
    assert error.text == "TLS: the certificate is self-signed"
    assert "ca_file" in error.remedy


async def test_an_authority_that_is_not_ours_is_told(own: Authority) -> None:
    error = await refused_without_a_request(own.signed(), None)
    assert "authority is not" in error.text
    assert "ca_file" in error.remedy


async def test_a_certificate_for_another_name_is_told_with_the_name(own: Authority) -> None:
    context = own.signed(names="DNS:other.example")
    error = await refused_without_a_request(context, own.ca_file, host="shop.example")
    assert "for another name" in error.text
    assert "shop.example" in error.text


async def test_a_certificate_for_another_address_is_told(own: Authority) -> None:
    context = own.signed(names="IP:10.1.2.3")
    error = await refused_without_a_request(context, own.ca_file)
    assert "for another address" in error.text


async def test_the_name_is_verified_and_sent_though_an_address_is_connected_to(
    own: Authority,
) -> None:
    context, heard = own.signed(names="DNS:shop.example"), list[str | None]()
    context.sni_callback = lambda _socket, name, _context: heard.append(name)
    async with serving(sending(HEALTHY), context) as served:
        answer = await asked(f"https://shop.example:{served.port}/health", own.ca_file)
    assert isinstance(answer, HttpAnswer)
    assert heard == ["shop.example"]
    assert f"Host: shop.example:{served.port}\r\n".encode() in served.requests[0]


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"]
)
async def test_a_port_that_does_not_speak_tls_is_told(answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        error = await asked(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert isinstance(error, TlsRefused)
    assert error.text == "TLS: what listens there does not speak TLS"
    assert "http://" in error.remedy
    assert concluded(error) == (Verdict.DOWN, "tls")


async def test_a_server_that_hangs_up_in_the_handshake_is_told() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        error = await asked(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert isinstance(error, TlsRefused)
    assert concluded(error) == (Verdict.DOWN, "tls")


async def test_a_handshake_that_never_ends_meets_the_deadline_and_leaves_no_connection() -> None:
    is_left = asyncio.Event()

    async def listen_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        is_left.set()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(listen_only, "127.0.0.1", 0) as server:
        client = HttpClient(SystemClock())
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(HttpTimeout, match="TLS handshake not finished") as caught:
            await client.get(HttpRequest(url, 2.0))
        async with asyncio.timeout(30):
            await is_left.wait()
        await client.aclose()
    assert caught.value.stage is Stage.SECURING
    assert concluded(caught.value) == (Verdict.DOWN, "timeout")


@contextmanager
def breaking_after_the_handshake(context: ssl.SSLContext) -> Iterator[int]:
    """Yield the port of a server that shakes hands, reads a request and then sends no TLS."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as secured:
            secured.recv(4096)
            with socket.socket(fileno=secured.detach()) as raw:
                raw.sendall(b"no record of TLS at all\r\n" * 4)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
        thread.join(10)


async def test_tls_that_breaks_after_the_handshake_is_an_error_of_ours(own: Authority) -> None:
    with breaking_after_the_handshake(own.signed()) as port:
        error = await asked(f"https://127.0.0.1:{port}/", own.ca_file)
    assert isinstance(error, TlsRefused)


async def test_a_certificate_file_that_holds_none_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing here")
    error = await asked("https://127.0.0.1:1/", str(empty))
    assert isinstance(error, ClientDenied)
    assert "ca.pem" in str(error)


async def test_plain_http_asked_of_a_tls_port_ends_in_an_error_or_an_answer_that_is_not_ok(
    own: Authority,
) -> None:
    async with serving(sending(HEALTHY), own.signed(names=HERE)) as served:
        outcome = await asked(f"http://127.0.0.1:{served.port}/health")
    assert concluded(outcome)[0] is not Verdict.OK
