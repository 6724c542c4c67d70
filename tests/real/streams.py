"""Streams as the business engine leaves them, written into a server of our own."""

import json
import socket
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.redis_view import RedisWish
from core.model.secret import Secret
from core.model.stream import Group, PendingPage, Stream
from core.redis.streams.book import StreamsBook
from tests.real.servers import OwnRedis, own_redis

SERVER = "engine/redis"
EVENTS, DEAD = KeyName(b"automation.events"), KeyName(b"automation.dlq")
MANAGER = KeyName(b"manager")
FIRST_MS = 1_773_479_513_000
SPEC = RedisSpec(
    SERVER,
    streams=(
        StreamSpec(
            "automation.events",
            ("automation.events", "events"),
            groups=("manager", "manager_group"),
            dead_letters=("automation.dlq",),
            strip_on_requeue=("dlq_*", "original_stream"),
            max_lag_s=60.0,
            max_depth=100,
            service="engine/manager",
        ),
    ),
)
CONFIGURATION = """\
version: 1
environment: development
systems:
  engine:
    profile: business-engine
    redis: {{url: "{url}"}}
"""


@asynccontextmanager
async def keyspace_of(server: OwnRedis) -> AsyncGenerator[ServerKeyspace]:
    """Connect to a server the way the console does, only faster."""
    keyspace = ServerKeyspace(
        RedisAddress(Secret(server.url), None),
        SystemClock(),
        commands_per_s=100_000.0,
        timeout_s=30.0,
    )
    try:
        yield keyspace
    finally:
        await keyspace.aclose()


@asynccontextmanager
async def engine_streams(binary: str, folder: Path) -> AsyncGenerator[OwnRedis]:
    """Run a server with the streams of a business engine that is stuck."""
    async with own_redis(binary, folder) as server:
        writer = Writer(server.port)
        write_events(writer)
        write_dead_letters(writer)
        writer.close()
        yield server


def event(number: int) -> str:
    """Return the message of one event."""
    return json.dumps(
        {
            "event_type": "automation.run.requested",
            "intent": "lead.intake",
            "run_id": f"r{number}",
            "correlation_id": f"c-{number}",
        }
    )


class Writer:
    """Writes into a server what a test needs, in plain RESP."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def tell(self, *words: str | int) -> object:
        """Send one command and return what came back."""
        return self.tell_all([words])[0]

    def tell_all(self, commands: Iterable[tuple[str | int, ...]]) -> list[object]:
        """Send many commands, then read all replies."""
        sent = 0
        parts: list[bytes] = []
        for words in commands:
            sent += 1
            parts.append(f"*{len(words)}\r\n".encode())
            for word in words:
                raw = str(word).encode()
                parts.append(b"$%d\r\n%s\r\n" % (len(raw), raw))
        self._socket.sendall(b"".join(parts))
        return [self._reply() for _ in range(sent)]

    def add(self, stream: str, entry_id: str, **fields: str) -> None:
        """Write one entry."""
        self.tell("XADD", stream, entry_id, *[part for pair in fields.items() for part in pair])

    def take(self, stream: str, group: str, consumer: str, count: int) -> None:
        """Deliver entries to a consumer."""
        reading = ("XREADGROUP", "GROUP", group, consumer, "COUNT", count)
        self.tell(*reading, "STREAMS", stream, ">")

    def calls(self, command: str) -> int:
        """Return how often the server was told this since its statistics were reset."""
        stats = self.tell("INFO", "commandstats")
        assert isinstance(stats, bytes)
        for line in stats.decode().splitlines():
            name, _, figures = line.partition(":calls=")
            if name == f"cmdstat_{command}":
                return int(figures.partition(",")[0])
        return 0

    def _reply(self) -> object:
        line = self._file.readline().rstrip()
        kind, rest = line[:1], line[1:]
        assert kind != b"-", rest
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._reply() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest


def write_events(writer: Writer) -> None:
    """Write ten entries, of which two consumers hold six; three stuck, one deleted meanwhile."""
    name = EVENTS.spelled
    writer.add(name, f"{FIRST_MS}-0", data="init")
    for number in range(1, 9):
        stamp = f"1773479613.{number}"
        writer.add(name, _event_id(number), data=event(number), timestamp=stamp)
    broken = '{"event_type": "run.started", broken'
    writer.add(name, f"{FIRST_MS + 200_000}-0", data=broken)
    writer.tell("XGROUP", "CREATE", name, "manager", "0")
    writer.tell("XGROUP", "CREATE", name, "audit", "$")
    writer.take(name, "manager", "consumer1", 4)
    writer.take(name, "manager", "consumer2", 2)
    writer.tell("XGROUP", "CREATECONSUMER", name, "manager", "idle-never")
    held = ((f"{FIRST_MS}-0", 7_200_000, 1), (_event_id(1), 7_200_000, 2))
    held += ((_event_id(2), 7_200_000, 7), (_event_id(3), 5_000, 1))
    for entry_id, idle_ms, deliveries in held:
        claim = ("XCLAIM", name, "manager", "consumer1", 0, entry_id)
        options = ("IDLE", idle_ms, "RETRYCOUNT", deliveries, "JUSTID")
        writer.tell(*claim, *options)
    writer.tell("XDEL", name, _event_id(5))
    writer.add("events", "*", data='{"event_type": "x"}')
    writer.tell("XGROUP", "CREATE", "events", "manager_group", "0")


def _event_id(number: int) -> str:
    return f"{FIRST_MS + 100_000 + number * 1000}-0"


def write_dead_letters(writer: Writer) -> None:
    """Write six letters, of which three can go back."""
    died = {"dlq_error": "Connection refused", "dlq_timestamp": 1773479913.6}
    letters: list[dict[str, str]] = [
        {"data": "init"},
        {"data": json.dumps({**json.loads(event(90)), **died, "original_stream": EVENTS.spelled})},
        {
            "event_type": "automation.run.requested",
            "intent": "finance.report",
            "error": "Timeout",
            "retry_count": "3",
            "failed_at": "1773480013",
        },
        {"data": "{not json"},
        {"data": '{"raw_message": {"x": "1"}, "dlq_error": "Parse error"}'},
        {"data": '{"intent": "a b; rm -rf /", "run_id": "$(id)", "dlq_error": "\\u001b[2J"}'},
    ]
    for number, letter in enumerate(letters):
        writer.add(DEAD.spelled, f"{FIRST_MS + 300_000 + number * 100_000}-0", **letter)
    writer.tell("XGROUP", "CREATE", DEAD.spelled, "manager_dlq", "0")


class ShiftedClock(SystemClock):
    """The real clock, set forward by a test."""

    shift_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.shift_s


def book_of(spec: RedisSpec = SPEC) -> StreamsBook:
    return StreamsBook(spec, SystemClock(), lambda: None)


async def looked(keyspace: ServerKeyspace, *wishes: RedisWish) -> StreamsBook:
    book = book_of()
    await book.look(keyspace)
    for wish in wishes:
        await book.carry_out(keyspace, wish)
    return book


def row(book: StreamsBook, key: KeyName = EVENTS) -> Stream:
    return next(one for one in book.view.rows if one.key == key)


def group(book: StreamsBook, name: bytes = b"manager", key: KeyName = EVENTS) -> Group:
    return next(one for one in row(book, key).groups if one.name.raw == name)


def pending_of(book: StreamsBook) -> PendingPage:
    assert book.view.pending is not None
    return book.view.pending
