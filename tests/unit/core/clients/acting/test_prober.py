"""Asking on purpose, against real servers on loopback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clients.acting.prober import Shot, Volley
from core.clients.acting.prober_http import HttpProber
from core.clients.clock import SystemClock
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientRefused,
    ClientTimeout,
)
from tests.fakes.answering import HEALTHY, sending, serving
from tests.fakes.certificates import authority
from tests.fakes.loopback import loopback, refused_port

LIMITED = (
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 4\r\n"
    b"connection: close\r\n\r\nslow"
)


@pytest.fixture
async def prober() -> AsyncIterator[HttpProber]:
    one = HttpProber(SystemClock())
    yield one
    await one.aclose()


def always(_shot: Shot) -> bool:
    return True


async def test_a_volley_is_sent_whole_and_each_answer_is_told(prober: HttpProber) -> None:
    told: list[Shot] = []
    with loopback({"/x": (200, '{"a": 1}')}) as server:
        volley = Volley(f"http://127.0.0.1:{server.port}/x", 20, 1000.0, at_once=4)
        shots = await prober.fire(volley, lambda one: told.append(one) is None)
    assert len(shots) == len(told) == 20
    assert {one.status for one in shots} == {200}
    assert shots[0].said == '{"a": 1}'
    assert [one.at_s for one in shots] == sorted(one.at_s for one in shots)


async def test_headers_of_a_limiter_are_kept(prober: HttpProber) -> None:
    async with serving(sending(LIMITED)) as served:
        (shot,) = await prober.fire(Volley(served.url, 1, 1.0), always)
    assert (shot.status, shot.header("retry-after"), shot.said) == (429, "7", "slow")


async def test_no_more_than_asked_wait_at_once() -> None:
    clock, waiting, most = SystemClock(), 0, 0
    prober = HttpProber(clock)

    async def answer(writer: asyncio.StreamWriter) -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await asyncio.sleep(0.01)
        waiting -= 1
        writer.write(HEALTHY)

    async with serving(answer) as served:
        shots = await prober.fire(Volley(served.url, 12, 1000.0, at_once=3), always)
    await prober.aclose()
    assert len(shots) == 12
    assert 1 <= most <= 3


async def test_it_stops_when_told_to(prober: HttpProber) -> None:
    with loopback({"/x": (500, "")}) as server:
        volley = Volley(f"http://127.0.0.1:{server.port}/x", 50, 1000.0)
        shots = await prober.fire(volley, lambda one: one.at_s < 0)
    assert len(shots) == 1


async def test_no_answer_is_a_shot_without_status(prober: HttpProber) -> None:
    volley = Volley(f"http://127.0.0.1:{refused_port()}/x", 3, 1000.0)
    shots = await prober.fire(volley, always)
    assert [one.status for one in shots] == [0, 0, 0]
    assert shots[0].said


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/", "http://2852039166/", "http://[fe80::1]/", "http://0/",
     "http://metadata.google.internal/", "file:///etc/passwd"],
)  # fmt: skip
async def test_addresses_that_are_never_asked_are_not_asked(prober: HttpProber, url: str) -> None:
    with pytest.raises(ClientDenied, match=r"never asked|only http"):
        await prober.fire(Volley(url, 2, 10.0), always)
    with pytest.raises(ClientDenied):
        await prober.time(url, 2.0)


async def test_a_name_that_resolves_to_a_forbidden_address_is_not_asked() -> None:
    async def resolver(_host: str, _port: int) -> tuple[str, ...]:
        return ("169.254.169.254",)

    prober = HttpProber(SystemClock(), resolver)
    with pytest.raises(ClientDenied):
        await prober.time("http://shop.example/", 2.0)


async def test_one_request_is_timed_part_by_part(prober: HttpProber) -> None:
    async with serving(sending(HEALTHY)) as served:
        timing = await prober.time(f"{served.url}?a=b", 5.0)
    assert served.requests[0].startswith(b"GET /health?a=b HTTP/1.1\r\nhost: 127.0.0.1:")
    assert timing.status == 200
    assert timing.size_bytes == 20
    assert timing.secured_s is None
    parts = [timing.resolved_s, timing.connected_s, timing.first_byte_s, timing.total_s]
    assert parts == sorted(parts)


@pytest.mark.real("openssl")
async def test_tls_is_timed_and_verified(prober: HttpProber, tmp_path: Path) -> None:
    own = authority(tmp_path / "ca")
    async with serving(sending(HEALTHY), own.signed()) as served:
        timing = await prober.time(served.url, 5.0, own.ca_file)
        assert timing.secured_s is not None
        assert timing.connected_s <= timing.secured_s <= timing.first_byte_s
        with pytest.raises(ClientRefused, match="TLS failed"):
            await prober.time(served.url, 5.0)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [((b"hello\r\n\r\n",), ClientGarbled), ((b"",), ClientGarbled), ((b"HTTP/1.1 x",), ClientError),
     ((b"a" * 100_000,), ClientGarbled)],
)  # fmt: skip
async def test_what_is_not_http_is_told(
    prober: HttpProber, parts: tuple[bytes, ...], kind: type[ClientError]
) -> None:
    async with serving(sending(*parts)) as served:
        with pytest.raises(kind):
            await prober.time(served.url, 5.0)


async def test_a_server_that_hangs_ends_the_timing_at_its_deadline(prober: HttpProber) -> None:
    with loopback({}) as server, pytest.raises(ClientTimeout):
        await prober.time(f"http://127.0.0.1:{server.port}/hang", 0.2)


async def test_a_call_is_made_once_with_its_method(prober: HttpProber) -> None:
    async with serving(sending(HEALTHY)) as served:
        called = await prober.call("POST", served.url, 5.0)
    assert (called.status, called.body) == (200, b'{"status":"healthy"}')
    assert [one.split()[0] for one in served.requests] == [b"POST"]


async def test_a_call_that_broke_is_not_made_again(prober: HttpProber) -> None:
    async with serving(sending(b"")) as served:
        with pytest.raises(ClientError):
            await prober.call("POST", served.url, 5.0)
    assert len(served.requests) == 1
