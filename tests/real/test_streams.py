"""Streams, groups and consumers of real servers, old and new, in every trouble."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.stream_reading import look_twice_at
from core.clients.clock import SystemClock
from core.clients.keyspace.port import ScanPlace
from core.clients.keyspace.server import ServerKeyspace
from core.errors import ClientRefused
from core.model.redis_key import KeyName
from core.model.redis_view import Scan, ShowEntries
from core.model.stream import (
    ConsumerState,
    EntryId,
    Presence,
    Stream,
)
from core.model.verdict import Verdict
from core.redis.streams.book import StreamsBook
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.real.streams import (
    DEAD,
    EVENTS,
    FIRST_MS,
    SERVER,
    SPEC,
    ShiftedClock,
    Writer,
    engine_streams,
    group,
    keyspace_of,
    looked,
    row,
)

pytestmark = pytest.mark.real("redis")


@pytest.fixture(params=[redis_binary, valkey_binary])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with engine_streams(request.param(), tmp_path) as own:
        yield own


@pytest.fixture
async def keyspace(server: OwnRedis) -> AsyncIterator[ServerKeyspace]:
    async with keyspace_of(server) as own:
        yield own


@pytest.fixture
def writer(server: OwnRedis) -> Iterator[Writer]:
    own = Writer(server.port)
    yield own
    own.close()


async def test_streams_groups_and_consumers_are_as_they_are(keyspace: ServerKeyspace) -> None:
    book = await looked(keyspace)
    events = row(book)
    assert (events.length, events.group_count, events.presence) == (9, 2, Presence.BOTH)
    assert events.first == EntryId(FIRST_MS)
    manager = group(book)
    assert (manager.consumer_count, manager.pending, manager.stuck_count) == (3, 6, 3)
    assert manager.max_deliveries == 7
    assert {one.name.spelled: one.pending for one in manager.consumers} == {
        "consumer1": 4,
        "consumer2": 2,
        "idle-never": 0,
    }
    assert manager.verdict is Verdict.DEGRADED
    assert "3 pending entries idle over 1 h" in manager.reason
    first = manager.consumers[0]
    assert (first.name.spelled, first.state) == ("consumer1", ConsumerState.STUCK)
    assert group(book, b"audit").pending == 0
    assert row(book, DEAD).is_dead_letters
    assert row(book, KeyName(b"events")).groups[0].name.spelled == "manager_group"


async def test_a_lag_that_the_server_cannot_tell_is_counted_and_says_so(
    keyspace: ServerKeyspace,
) -> None:
    manager = group(await looked(keyspace))
    assert (manager.lag_entries, manager.is_lag_counted) == (4, True)
    assert "XDEL" in manager.lag_reason
    assert manager.lag_s is not None
    assert manager.lag_s > 1e6


async def test_a_lag_that_somebody_set_wrong_is_found_out(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    for number in range(1, 8):
        writer.add("told", f"{number}-0", a="b")
    writer.tell("XGROUP", "CREATE", "told", "g", "2-0", "ENTRIESREAD", 5)
    told = KeyName(b"told")
    found = group(await looked(keyspace), b"g", told)
    assert (found.lag_entries, found.is_lag_counted) == (5, True)
    assert found.lag_reason == "counted; the server says 2"
    assert found.lag_s is None


async def test_a_group_set_back_to_the_start_lags_by_all(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.tell("XGROUP", "SETID", EVENTS.spelled, "manager", "0")
    assert group(await looked(keyspace)).lag_entries == 9


async def test_a_named_key_of_another_type_is_said(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.tell("DEL", EVENTS.spelled)
    writer.tell("SET", EVENTS.spelled, "no stream")
    book = await looked(keyspace, ShowEntries(SERVER, EVENTS))
    assert row(book).presence is Presence.WRONG_TYPE
    assert row(book).reason == "the key is a string, no stream"
    assert book.view.problem is not None
    assert book.view.problem.word == "wrong type"


async def test_a_command_that_we_may_not_use_is_said_of_its_stream(
    server: OwnRedis, keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.tell("ACL", "SETUSER", "default", "-xinfo|groups")
    book = await looked(keyspace)
    assert row(book).verdict is Verdict.UNKNOWN
    assert row(book).reason.startswith("not allowed: NOPERM")


async def test_a_server_that_is_gone_is_not_the_streams_problem(
    server: OwnRedis, keyspace: ServerKeyspace
) -> None:
    book = await looked(keyspace)
    server.stop()
    with pytest.raises(ClientRefused):
        await book.look(keyspace)
    with pytest.raises(ClientRefused):
        await book.carry_out(keyspace, ShowEntries(SERVER, EVENTS))
    assert book.view.busy == ""


async def test_streams_nobody_named_are_found_and_dead_letters_guessed(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.add("other", "5-5", a="b")
    writer.add("mail.dlq", "*", a="b")
    writer.add("failed", "*", data='{"a": 1, "dlq_error": "x"}')
    writer.tell("RPUSH", "list", "a")
    book = await looked(keyspace, Scan(SERVER, "streams"))
    await book.look(keyspace)
    unnamed = {one.key.spelled: one for one in book.view.rows if not one.spec_name}
    assert list(unnamed) == ["failed", "mail.dlq", "other"]
    assert {one.presence for one in unnamed.values()} == {Presence.UNNAMED}
    assert unnamed["mail.dlq"].note == "taken for dead letters by its name: a guess"
    assert unnamed["failed"].note == "taken for dead letters by its `dlq_` fields: a guess"
    assert not unnamed["other"].is_dead_letters
    assert unnamed["other"].first_age_s is None, "5-5 is no time"
    progress = book.view.discovery
    assert progress is not None
    assert progress.is_complete


async def test_rates_come_from_two_looks_and_trimming_is_no_rate(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    clock = ShiftedClock()
    book = StreamsBook(SPEC, clock, lambda: None)
    await book.look(keyspace)
    assert row(book).rate_in_per_s is None
    for _ in range(20):
        writer.add(EVENTS.spelled, "*", data="x")
    writer.take(EVENTS.spelled, "manager", "consumer1", 10)
    clock.shift_s += 5
    await book.look(keyspace)
    assert (row(book).rate_in_per_s or 0) > 0
    writer.tell("XTRIM", EVENTS.spelled, "MAXLEN", 1)
    await book.look(keyspace)
    rate = row(book).rate_in_per_s
    assert rate is not None
    assert rate > 0
    assert [one.length for one in row(book).history] == [9, 29, 1]
    writer.tell("DEL", EVENTS.spelled)
    writer.add(EVENTS.spelled, "*", data="x")
    await book.look(keyspace)
    assert row(book).rate_in_per_s is None, "a stream made again began anew"


async def test_entries_delivered_are_a_rate_of_the_quickest_group(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    clock, rated = ShiftedClock(), KeyName(b"rated")
    book = StreamsBook(SPEC, clock, lambda: None)
    for number in range(1, 31):
        writer.add("rated", f"{number}-0", n="1")
    for name in ("slow", "quick"):
        writer.tell("XGROUP", "CREATE", "rated", name, "0")
        writer.take("rated", name, "c", 1)
    await book.look(keyspace)
    writer.take("rated", "slow", "c", 2)
    writer.take("rated", "quick", "c", 20)
    clock.shift_s += 10
    await book.look(keyspace)
    rate = row(book, rated).rate_out_per_s
    assert rate is not None
    assert 1.0 < rate <= 2.0
    assert row(book, rated).rate_in_per_s == 0.0
    clock.shift_s += 10
    writer.tell("XGROUP", "SETID", "rated", "quick", "0", "ENTRIESREAD", 0)
    writer.tell("XGROUP", "SETID", "rated", "slow", "0", "ENTRIESREAD", 0)
    await book.look(keyspace)
    assert row(book, rated).rate_out_per_s is None, "set back is no rate, and never a negative one"


async def test_many_consumers_are_read_once_and_not_at_every_look(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    create = ("XGROUP", "CREATECONSUMER", EVENTS.spelled, "manager")
    writer.tell_all([(*create, f"c{number}") for number in range(10_000)])
    writer.tell("CONFIG", "RESETSTAT")
    book = await looked(keyspace)
    for _ in range(9):
        await book.look(keyspace)
    assert writer.calls("xinfo|consumers") == 1, "no other group has any"
    manager = group(book)
    assert manager.consumer_count == 10_003
    assert len(manager.consumers) == 1000
    assert [one.pending for one in manager.consumers[:3]] == [4, 2, 0]


class Unscanned:
    """A server so large that no scan comes to anything in time."""

    def __init__(self, keyspace: ServerKeyspace) -> None:
        self._keyspace = keyspace

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keyspace, name)

    async def scan(self, *_words: object, **_more: object) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        return ScanPlace(cursor=1), ()


async def test_a_stream_that_no_scan_has_come_to_is_shown_to_whoever_names_it(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.add("orders:odd", "1-1", total="3")
    unscanned: Any = Unscanned(keyspace)

    async def looked_at(name: str) -> list[Stream]:
        book = StreamsBook(SPEC, SystemClock(), lambda: None)
        return [*(await look_twice_at(book, unscanned, name)).rows]

    [found] = [one for one in await looked_at("orders:odd") if one.key.spelled == "orders:odd"]
    assert (found.length, found.presence) == (1, Presence.UNNAMED)
    others = await looked_at("none")
    assert not [one for one in others if one.key.spelled in {"none", "orders:odd"}]
