"""A port that should accept connections."""

import asyncio
import socket
from dataclasses import replace

import pytest

from core.clients.clock import SystemClock
from core.clients.tcp import dial
from core.errors import (
    ClientDenied,
    ClientError,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec, Expectation
from core.model.events import CheckObserved
from core.model.ids import ServiceId
from core.model.verdict import Verdict
from core.sources.tcp_check import TcpCheckSource
from tests.fakes.clock import FakeClock

SPEC = CheckSpec(CheckId(ServiceId("s", "db"), "port"), CheckKind.TCP, "tcp://db.test:5432")


async def looked(source: TcpCheckSource) -> CheckResult:
    (event,) = await source.look()
    assert isinstance(event, CheckObserved)
    return event.result


@pytest.mark.parametrize(
    ("error", "verdict", "state"),
    [
        (ClientTimeout("late"), Verdict.DOWN, "timeout"),
        (ClientRefused("no"), Verdict.DOWN, "refused"),
        (ClientMissing("where"), Verdict.DOWN, "unreachable"),
        (ClientUnresolved("who"), Verdict.UNKNOWN, "name not resolved"),
        (ClientDenied("may not"), Verdict.UNKNOWN, "denied"),
    ],
)
async def test_each_failure_has_its_word(error: ClientError, verdict: Verdict, state: str) -> None:
    async def fail(host: str, port: int, deadline_s: float) -> None:
        raise error

    result = await looked(TcpCheckSource(SPEC, FakeClock(), fail))
    assert (result.verdict, result.state, result.reason) == (verdict, state, str(error))
    assert result.latency_s is None


async def test_a_slow_handshake_is_degraded() -> None:
    clock = FakeClock()

    async def slow(host: str, port: int, deadline_s: float) -> None:
        await clock.advance(0.5)

    spec = replace(SPEC, expect=Expectation(slow_s=0.1))
    result = await looked(TcpCheckSource(spec, clock, slow))
    assert (result.verdict, result.latency_s) == (Verdict.DEGRADED, 0.5)


@pytest.mark.parametrize("url", ["tcp://", "tcp://host", "tcp://host:port", "tcp://host:99999"])
async def test_an_address_that_is_none_is_unknown(url: str) -> None:
    result = await looked(TcpCheckSource(replace(SPEC, url=url), FakeClock()))
    assert (result.verdict, result.state) == (Verdict.UNKNOWN, "bad address")


async def test_a_real_port_is_dialled() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        spec = replace(SPEC, url=f"tcp://127.0.0.1:{port}")
        result = await looked(TcpCheckSource(spec, SystemClock()))
    assert result.verdict is Verdict.OK
    assert result.latency_s is not None


async def test_a_closed_port_is_refused_and_a_bad_name_missing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(ClientRefused, match="nothing listens there"):
            await dial("127.0.0.1", port, 5.0)
    # A machine whose name servers do not answer cannot know that the name is bad.
    with pytest.raises((ClientMissing, ClientUnresolved)):
        await dial("no-such-host.invalid", 80, 20.0)
