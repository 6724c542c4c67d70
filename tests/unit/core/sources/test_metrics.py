"""One metrics endpoint, asked as the configuration says."""

from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.model.events import MetricsObserved
from core.model.ids import ServiceId
from core.model.metric import Scrape
from core.model.secret import Secret
from core.model.topology import MetricsSpec
from core.sources.examine_addresses import http_checks
from core.sources.metrics import MetricsSource
from tests.fakes.answering import sending, serving
from tests.fakes.certificates import authority
from tests.fakes.loopback import refused_port
from tests.fakes.world import service, system

ID = ServiceId("shop", "api")
METRICS = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nup 1\n"


async def scraped(spec: MetricsSpec) -> Scrape:
    client = HttpClient(SystemClock())
    (event,) = await MetricsSource(ID, spec, client, SystemClock()).look()
    await client.aclose()
    assert isinstance(event, MetricsObserved)
    return event.scrape


async def test_a_token_is_sent_with_the_question() -> None:
    async with serving(sending(METRICS)) as served:
        scrape = await scraped(MetricsSpec(served.url, headers=(("x-token", Secret("t1")),)))
    assert (scrape.state, len(scrape.samples)) == ("ok", 1)
    assert b"x-token: t1\r\n" in served.requests[0]


async def test_user_and_password_of_the_address_are_sent() -> None:
    async with serving(sending(METRICS)) as served:
        whole = Secret(served.url.replace("//", "//ops:pw@"))
        scrape = await scraped(MetricsSpec(served.url, secret=whole))
    assert scrape.state == "ok"
    assert b"authorization: Basic b3BzOnB3\r\n" in served.requests[0]


async def test_nothing_listening_is_told() -> None:
    scrape = await scraped(MetricsSpec(f"http://127.0.0.1:{refused_port()}/metrics"))
    assert scrape.state == "unreachable"
    assert "nothing listens" in scrape.reason


@pytest.mark.real("openssl")
async def test_an_authority_of_ones_own_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    own = authority(tmp_path / "ca")
    async with serving(sending(METRICS), own.signed()) as served:
        trusting = await scraped(MetricsSpec(served.url, ca_file=own.ca_file))
        doubting = await scraped(MetricsSpec(served.url))
    assert trusting.state == "ok"
    assert doubting.state == "unreachable"
    assert "ca_file" in doubting.reason


def test_doctor_asks_as_the_source_does() -> None:
    spec = MetricsSpec(
        "https://h/metrics",
        headers=(("x-token", Secret("t1")),),
        secret=Secret("https://u:p@h/metrics"),
        ca_file="/ca.pem",
    )
    *_, check = http_checks(system("shop", service("api", metrics=spec)))
    assert (check.headers, check.secret, check.ca_file) == (spec.headers, spec.secret, spec.ca_file)
