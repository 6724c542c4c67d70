"""What a name resolves to is judged, and what was judged is what is connected to."""

import asyncio
import socket
from collections.abc import Sequence

import httpcore
import pytest

from core.clients.clock import SystemClock
from core.clients.http import HttpClient
from core.clients.http_race import first_of
from core.clients.http_values import HttpAnswer, HttpRequest
from core.errors import ClientDenied, ClientError, ClientRefused, ClientUnresolved
from tests.fakes.answering import HEALTHY, Served, sending, serving
from tests.fakes.loopback import refused_port

NAME = "shop.example"


class Names:
    """A name server that gives its answers in turn, and the last one for ever."""

    def __init__(self, *answers: Sequence[str] | socket.gaierror) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, socket.gaierror):
            raise answer
        return answer


async def asked(names: Names, port: int, times: int = 1) -> list[HttpAnswer | ClientError]:
    client = HttpClient(SystemClock(), names.resolve)
    found: list[HttpAnswer | ClientError] = []
    for _ in range(times):
        try:
            found.append(await client.get(HttpRequest(f"http://{NAME}:{port}/health", 30.0)))
        except ClientError as error:
            found.append(error)
    await client.aclose()
    return found


def host_headers(served: Served) -> list[bytes]:
    lines = (line for request in served.requests for line in request.split(b"\r\n"))
    return [line for line in lines if line.lower().startswith(b"host:")]


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254",
     "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "0.0.0.0", "::"],
)  # fmt: skip
async def test_a_name_with_only_forbidden_addresses_is_never_asked(address: str) -> None:
    (error,) = await asked(Names([address]), 80)
    assert isinstance(error, ClientDenied)
    assert NAME in str(error)
    assert "never asked" in str(error)


async def test_a_name_is_resolved_once_for_judgement_and_connection() -> None:
    async with serving(sending(HEALTHY)) as served:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        first, second = await asked(names, served.port, times=2)
    assert isinstance(first, HttpAnswer)
    assert isinstance(second, ClientDenied), "a new connection judges anew"
    assert names.asked == [NAME, NAME]
    assert host_headers(served) == [f"Host: {NAME}:{served.port}".encode()]


async def test_forbidden_addresses_are_left_out_among_others() -> None:
    async with serving(sending(HEALTHY)) as served:
        (answer,) = await asked(Names(["fe80::1", "169.254.1.1", "127.0.0.1"]), served.port)
    assert isinstance(answer, HttpAnswer)


async def test_the_next_address_is_tried_when_one_refuses() -> None:
    async with serving(sending(HEALTHY)) as served:
        (answer,) = await asked(Names(["127.0.0.2", "127.0.0.1"]), served.port)
    assert isinstance(answer, HttpAnswer)


async def test_all_addresses_refusing_is_a_refusal() -> None:
    (error,) = await asked(Names(["127.0.0.1", "127.0.0.2"]), refused_port())
    assert isinstance(error, ClientRefused)
    assert "nothing listens" in str(error)


async def test_a_name_with_an_ipv6_address_only_is_asked() -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    async with serving(sending(HEALTHY), host="::1") as served:
        (answer,) = await asked(Names(["::1"]), served.port)
    assert isinstance(answer, HttpAnswer)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (socket.EAI_NONAME, ClientRefused, "no such host"),
        (socket.EAI_AGAIN, ClientUnresolved, "no name server answers"),
    ],
)
async def test_an_unknown_name_and_a_silent_name_server_are_told_apart(
    code: int, kind: type[ClientError], said: str
) -> None:
    (error,) = await asked(Names(socket.gaierror(code, "as the resolver says")), 80)
    assert type(error) is kind
    assert str(error) == f"DNS: {said}"


async def test_a_name_without_any_address_is_not_asked() -> None:
    (error,) = await asked(Names([]), 80)
    assert isinstance(error, ClientDenied)


class Line(httpcore.AsyncNetworkStream):
    is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


async def test_an_address_that_never_answers_does_not_hold_up_the_next() -> None:
    given_up = asyncio.Event()
    line = Line()

    async def connect(address: str) -> httpcore.AsyncNetworkStream:
        if address == "dead":
            try:
                await asyncio.Event().wait()
            finally:
                given_up.set()
        return line

    assert await first_of(("dead", "well"), connect) is line
    assert given_up.is_set()
    assert not line.is_closed


async def test_of_two_connections_made_together_the_spare_is_closed() -> None:
    lines = {"a": Line(), "b": Line()}
    is_second_on = asyncio.Event()

    async def connect(address: str) -> httpcore.AsyncNetworkStream:
        if address == "b":
            is_second_on.set()
        try:
            await is_second_on.wait()
        except asyncio.CancelledError:  # the connection was there before the cancellation
            return lines[address]
        return lines[address]

    winner = await first_of(("a", "b"), connect)
    assert [line.is_closed for line in lines.values() if line is not winner] == [True]
