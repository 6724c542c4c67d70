"""The doctor asks HTTP addresses as their checks do, and says what to do about each outcome."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from socket import EAI_NONAME, gaierror

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.clients.http_errors import TlsRefused
from core.clients.http_values import HttpAnswer, HttpRequest
from core.errors import ClientError
from core.model.check import CheckId, CheckKind, CheckSpec, Expectation
from core.model.finding import Finding
from core.model.ids import ServiceId
from core.model.secret import Secret
from core.model.topology import Environment, MetricsSpec, ServiceSpec, SystemSpec, Topology
from core.model.verdict import Verdict
from core.sources.examine import examine
from core.sources.examine_addresses import http_checks
from core.sources.examine_http import examine_http
from tests.fakes.answering import HEALTHY, Answering, Served, sending, serving
from tests.fakes.loopback import refused_port

ID = ServiceId("shop", "api")


def check(
    url: str, name: str = "health", method: str = "GET", timeout_s: float = 30.0
) -> CheckSpec:
    return CheckSpec(CheckId(ID, name), CheckKind.HEALTH, url, method=method, timeout_s=timeout_s)


def system(*checks: CheckSpec, metrics: MetricsSpec | None = None) -> SystemSpec:
    return SystemSpec("shop", "Shop", "", (ServiceSpec(ID, "API", None, checks, metrics),))


async def no_such_name(host: str, port: int) -> Sequence[str]:
    raise gaierror(EAI_NONAME, "unknown")


async def examined(one: SystemSpec) -> tuple[Finding, ...]:
    client = HttpClient(SystemClock(), no_such_name)
    try:
        return await examine_http(one, http_checks(one), client, SystemClock())
    finally:
        await client.aclose()


def answering(status: str, *headers: str) -> Answering:
    lines = [f"HTTP/1.1 {status}", "content-length: 0", "connection: close", *headers, "", ""]
    return sending("\r\n".join(lines).encode())


def request_lines(served: Served) -> list[bytes]:
    return [request.split(b"\r\n")[0] for request in served.requests]


async def test_an_address_that_answers_is_told_with_its_code_and_uses() -> None:
    async with serving(sending(HEALTHY)) as served:
        metrics = MetricsSpec(f"http://127.0.0.1:{served.port}/metrics")
        (finding,) = await examined(system(check(served.url), metrics=metrics))
    assert finding.subject == f"127.0.0.1:{served.port}"
    assert finding.text == "answers HTTP 200 (for api/health, api/metrics)"
    assert (finding.verdict, finding.remedy) == (Verdict.OK, "")
    assert sorted(request_lines(served)) == [b"GET /health HTTP/1.1", b"GET /metrics HTTP/1.1"]


async def test_the_check_s_own_method_headers_and_good_codes_count() -> None:
    one = CheckSpec(
        CheckId(ID, "closed"), CheckKind.API, "", method="HEAD",
        headers=(("x-key", Secret("k1")),), expect=Expectation(http_statuses=(401,)),
    )  # fmt: skip
    async with serving(answering("401 Unauthorized")) as served:
        (finding,) = await examined(system(replace(one, url=served.url)))
    assert (finding.verdict, finding.text) == (Verdict.OK, "answers HTTP 401 (for api/closed)")
    assert request_lines(served) == [b"HEAD /health HTTP/1.1"]
    assert b"x-key: k1\r\n" in served.requests[0]


async def test_a_check_that_posts_is_dialled_and_nothing_is_sent() -> None:
    async with serving(sending(HEALTHY)) as served:
        spec = check(served.url, "decide", method="POST")
        top = Topology(Environment.DEVELOPMENT, False, (system(spec),))
        findings = await examine(top, SystemClock())
    assert findings[0].text == "accepts connections (for api/decide: POST is not sent)"
    assert served.requests == []


@pytest.mark.parametrize(
    ("answer", "verdict", "said", "advised"),
    [
        (answering("401 Unauthorized"), Verdict.DEGRADED, "HTTP 401", "header with a key"),
        (answering("403 Forbidden"), Verdict.DEGRADED, "HTTP 403", "may read this address"),
        (answering("404 Not Found"), Verdict.UNKNOWN, "HTTP 404", "correct the path"),
        (answering("405 Method Not Allowed"), Verdict.UNKNOWN, "HTTP 405", "path and method"),
        (answering("429 Too Many"), Verdict.UNKNOWN, "429", "ask less often"),
        (answering("500 Oops"), Verdict.UNKNOWN, "HTTP 500", "quarterdeck check"),
        (answering("502 Bad Gateway"), Verdict.DOWN, "HTTP 502", "start what is behind"),
        (answering("302 Found", "location: /login"), Verdict.DEGRADED, "login", "signs in"),
        (answering("301 Moved", "location: /v2/"), Verdict.UNKNOWN, "/v2/", "address it points to"),
        (sending(b"SSH-2.0-OpenSSH_9.2\r\n"), Verdict.DOWN, "not HTTP", "port and scheme"),
    ],
)
async def test_each_outcome_has_its_remedy(
    answer: Answering, verdict: Verdict, said: str, advised: str
) -> None:
    async with serving(answer) as served:
        (finding,) = await examined(system(check(served.url)))
    assert finding.verdict is verdict
    assert said in finding.text
    assert advised in finding.remedy


async def test_nothing_listening_is_told_once_for_all_uses() -> None:
    base = f"http://127.0.0.1:{refused_port()}"
    (finding,) = await examined(system(check(f"{base}/a", "a"), check(f"{base}/b", "b")))
    assert finding.verdict is Verdict.DOWN
    assert finding.text == "connection refused: nothing listens there (for api/a, api/b)"
    assert "start the service" in finding.remedy


async def test_an_unknown_name_is_told() -> None:
    (finding,) = await examined(system(check("http://gone.example/health")))
    assert (finding.subject, finding.verdict) == ("gone.example:80", Verdict.DOWN)
    assert finding.text.startswith("DNS: no such host")
    assert "/etc/hosts" in finding.remedy


async def test_one_that_hangs_is_a_timeout_and_holds_up_no_other() -> None:
    released = asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        await released.wait()

    async with serving(hang) as hanging, serving(sending(HEALTHY)) as well:
        slow = check(hanging.url, "slow", timeout_s=2.0)
        findings = await examined(system(slow, check(well.url)))
        released.set()
    late, fine = findings
    assert late.text == "connected, but no answer within 2 s (for api/slow)"
    assert "longer timeout" in late.remedy
    assert fine.verdict is Verdict.OK


class Refusing:
    """A client that is refused by TLS, and remembers what it was asked."""

    def __init__(self, error: ClientError) -> None:
        self.error = error
        self.requests: list[HttpRequest] = []

    async def get(self, request: HttpRequest) -> HttpAnswer:
        self.requests.append(request)
        raise self.error


async def test_a_tls_failure_is_told_apart_from_its_remedy() -> None:
    client = Refusing(TlsRefused("the certificate has expired", "renew it on the server"))
    one = system(check("https://127.0.0.1/health"))
    (finding,) = await examine_http(one, http_checks(one), client, SystemClock())
    assert finding.subject == "127.0.0.1:443"
    assert finding.text == "TLS: the certificate has expired (for api/health)"
    assert finding.remedy == "renew it on the server"


async def test_a_patient_check_is_not_waited_for_in_full() -> None:
    client = Refusing(TlsRefused("x", "y"))
    one = system(check("https://127.0.0.1/health", timeout_s=120.0))
    await examine_http(one, http_checks(one), client, SystemClock())
    assert client.requests[0].timeout_s <= 10.0


async def test_credentials_of_an_address_are_not_shown() -> None:
    one = CheckSpec(
        CheckId(ID, "health"), CheckKind.HEALTH, f"http://127.0.0.1:{refused_port()}/",
        secret=Secret("http://ops:hunter2@127.0.0.1:1/"),
    )  # fmt: skip
    assert "hunter2" not in repr(await examined(system(one)))
