"""A probe without an answer: what is known to be broken is down, what nobody asked is unknown."""

import socket
from datetime import UTC, datetime

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientRefused, ClientUnresolved
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec
from core.model.events import CheckObserved
from core.model.ids import ServiceId
from core.model.verdict import Verdict
from core.sources.http_check import HttpCheckSource
from core.sources.judge.outcome import no_answer
from tests.fakes.answering import HEAD, sending, serving
from tests.fakes.loopback import refused_port

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


async def probed(url: str, client: HttpClient) -> CheckResult:
    spec = CheckSpec(CheckId(ServiceId("s", "api"), "health"), CheckKind.HEALTH, url)
    (event,) = await HttpCheckSource(spec, client, SystemClock()).look()
    await client.aclose()
    assert isinstance(event, CheckObserved)
    return event.result


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"content-length: 50\r\n\r\n{"])
async def test_a_server_that_hangs_up_is_down(sent: bytes) -> None:
    async with serving(sending(sent)) as served:
        result = await probed(served.url, HttpClient(SystemClock()))
    assert (result.verdict, result.state) == (Verdict.DOWN, "connection broke")


async def test_a_port_on_which_nothing_listens_is_down() -> None:
    result = await probed(f"http://127.0.0.1:{refused_port()}/", HttpClient(SystemClock()))
    assert (result.verdict, result.state) == (Verdict.DOWN, "refused")


@pytest.mark.parametrize(
    ("code", "verdict", "state"),
    [
        (socket.EAI_NONAME, Verdict.DOWN, "no such host"),
        (socket.EAI_AGAIN, Verdict.UNKNOWN, "name not resolved"),
    ],
)
async def test_a_silent_name_server_says_nothing_about_the_host(
    code: int, verdict: Verdict, state: str
) -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(code, "as the resolver says")

    result = await probed("http://shop.example/", HttpClient(SystemClock(), resolve))
    assert (result.verdict, result.state) == (verdict, state)


@pytest.mark.parametrize(
    ("error", "verdict", "state"),
    [
        (ClientUnresolved("DNS: no name server answers"), Verdict.UNKNOWN, "name not resolved"),
        (ClientDenied("never asked"), Verdict.UNKNOWN, "not asked"),
        (ClientGarbled("not HTTP"), Verdict.UNKNOWN, "garbled"),
        (ClientRefused("TLS: expired"), Verdict.DOWN, "tls"),
        (ClientRefused("the connection broke"), Verdict.DOWN, "connection broke"),
    ],
)
def test_each_failure_has_its_word(error: ClientError, verdict: Verdict, state: str) -> None:
    result = no_answer(error, NOW)
    assert (result.verdict, result.state, result.reason) == (verdict, state, str(error))
    assert (result.http_status, result.latency_s) == (None, None)
