"""What a Redis answers, or does not, comes out named; what changes something is sent once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from core.clients.acting.redis_control import RedisServers, SaveBegun
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientGarbled, ClientRefused
from core.model.secret import Secret
from tests.fakes.ports import free_port

Answer = Callable[[list[bytes]], bytes | None]
"""From the words of a command to what is sent; None: the line is cut."""
Ask = Callable[[RedisServers], Awaitable[object]]


class Scripted:
    """Speaks just enough RESP on loopback, and keeps what it was told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.told: list[list[bytes]] = []
        self.talks: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.append(asyncio.current_task())
        while line := await reader.readline():
            words: list[bytes] = []
            for _ in range(int(line[1:])):
                size = int((await reader.readline())[1:])
                words.append((await reader.readexactly(size + 2))[:-2])
            self.told.append(words)
            said = b"+OK\r\n" if words[0] in (b"SELECT", b"CLIENT") else self.answer(words)
            if said is None:
                break
            writer.write(said)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def asked(answer: Answer, ask: Ask) -> tuple[object, list[list[bytes]]]:
    """Return what came of a call against a server that answers so, and what it was told."""

    async def run() -> tuple[object, list[list[bytes]]]:
        port, scripted = free_port(), Scripted(answer)
        server = await asyncio.start_server(scripted.serve, "127.0.0.1", port)
        servers = RedisServers({"s/r": RedisAddress(Secret(f"redis://127.0.0.1:{port}/0"))})
        try:
            result: object = await ask(servers)
        except ClientError as error:
            result = error
        server.close()
        await asyncio.gather(*filter(None, scripted.talks))
        await server.wait_closed()
        return result, scripted.told

    return asyncio.run(run())


def counted(keys: int) -> bytes:
    text = b"# Keyspace\r\ndb0:keys=%d,expires=1,avg_ttl=0\r\ndb3:keys=1,expires=0\r\n" % keys
    return b"$%d\r\n%s\r\n" % (len(text), text)


def test_a_line_cut_after_bgsave_is_an_error_and_it_is_sent_once() -> None:
    result, told = asked(
        lambda words: None if words[0] == b"BGSAVE" else counted(2),
        lambda servers: servers.begin_save("s/r"),
    )
    assert isinstance(result, ClientRefused)
    assert [words for words in told if words[0] == b"BGSAVE"] == [[b"BGSAVE"]]


@pytest.mark.parametrize(("after", "keys"), [(2, 3), (5, None)])
def test_keys_are_counted_at_the_moment_of_the_fork(after: int, keys: int | None) -> None:
    counts = [counted(2), counted(after)]
    result, told = asked(
        lambda words: b"+Background saving started\r\n" if words[0] == b"BGSAVE" else counts.pop(0),
        lambda servers: servers.begin_save("s/r"),
    )
    assert result == SaveBegun(keys)
    assert [words[0] for words in told if words[0] != b"SELECT"] == [b"INFO", b"BGSAVE", b"INFO"]


@pytest.mark.parametrize(
    "said",
    [
        b"-ERR Background save already in progress\r\n",
        b"-ERR Another child process is active (AOF?): can't BGSAVE right now\r\n",
    ],
)
def test_a_save_in_the_way_is_no_error(said: bytes) -> None:
    result, _ = asked(lambda _words: said, lambda servers: servers.begin_save("s/r"))
    assert result is None


@pytest.mark.parametrize("code", ["MISCONF", "NOAUTH", "NOPERM", "LOADING", "READONLY", "BUSY"])
def test_a_refusal_keeps_its_name(code: str) -> None:
    said = f"-{code} for a reason\r\n".encode()
    asks: tuple[Ask, ...] = (
        lambda servers: servers.begin_save("s/r"),
        lambda servers: servers.snapshot_path("s/r"),
        lambda servers: servers.state("s/r"),
    )
    for ask in asks:
        result, _ = asked(lambda _words: said, ask)
        assert isinstance(result, RedisSaid), result
        assert result.code == code


def pair(name: bytes, value: bytes) -> bytes:
    return b"*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(name), name, len(value), value)


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [
        (b"/data", b"dump.rdb", "/data/dump.rdb"),
        (b"/", b"a.rdb", "/a.rdb"),
        (b"data", b"dump.rdb", None),
        (b"/data", b"../etc/shadow", None),
        (b"/data", b"..", None),
        (b"/data", b"", None),
    ],
)
def test_a_path_is_taken_only_where_it_is_one(folder: bytes, name: bytes, path: str | None) -> None:
    values = {b"dir": folder, b"dbfilename": name}
    result, _ = asked(
        lambda words: pair(words[-1], values[words[-1]]),
        lambda servers: servers.snapshot_path("s/r"),
    )
    if path is None:
        assert isinstance(result, ClientGarbled)
    else:
        assert result == path


def test_answers_of_another_kind_are_garbled() -> None:
    for said in (b"+OK\r\n", b":5\r\n", b"*0\r\n", b"$-1\r\n"):
        result, _ = asked(lambda _words, said=said: said, lambda servers: servers.state("s/r"))
        assert isinstance(result, ClientGarbled), said
