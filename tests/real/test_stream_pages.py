"""Pending entries, entries and dead letters of real servers: pages, filters, what goes away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.model.dead_letter import LetterKind
from core.model.redis_key import KeyName
from core.model.redis_view import More, ShowEntries, ShowLetters, ShowPending
from core.model.stream import (
    EntryId,
    PendingFilter,
    Presence,
)
from core.model.verdict import Verdict
from core.redis.streams.book import StreamsBook
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.real.streams import (
    DEAD,
    EVENTS,
    FIRST_MS,
    MANAGER,
    SERVER,
    SPEC,
    Writer,
    book_of,
    engine_streams,
    keyspace_of,
    looked,
    pending_of,
    row,
)

HOUR_S = 3600.0


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


async def test_pending_entries_say_why_they_are_stuck(keyspace: ServerKeyspace) -> None:
    book = await looked(keyspace, ShowPending(SERVER, EVENTS, MANAGER))
    page = pending_of(book)
    assert (page.total, len(page.rows), page.is_at_end) == (6, 6, True)
    why = [one.why for one in page.rows]
    assert "idle 2 h" in why[0]
    assert "poison" in why[2]
    assert why[3] == ""
    gone = page.rows[5]
    assert gone.is_gone
    assert gone.entry is None
    assert "deleted or trimmed" in gone.why
    assert [one.is_gone for one in page.rows].count(True) == 1
    assert page.rows[1].entry is not None
    assert page.rows[1].entry.preview.startswith("event_type=automation.run.requested intent=")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (PendingFilter(min_idle_s=HOUR_S), [0, 101, 102]),
        (PendingFilter(min_deliveries=5), [102]),
        (PendingFilter(consumer="consumer2"), [104, 105]),
        (PendingFilter(text="R3"), [103]),
        (PendingFilter(min_idle_s=HOUR_S, text="lead.INTAKE"), [101, 102]),
        (PendingFilter(consumer="nobody"), []),
    ],
)
async def test_pending_entries_are_filtered(
    keyspace: ServerKeyspace, wanted: PendingFilter, ids: list[int]
) -> None:
    book = await looked(keyspace, ShowPending(SERVER, EVENTS, MANAGER, wanted))
    page = pending_of(book)
    assert [(one.id.ms - FIRST_MS) // 1000 for one in page.rows] == ids
    assert page.is_at_end


async def test_dead_letters_are_told_apart(keyspace: ServerKeyspace) -> None:
    letters = (await looked(keyspace, ShowLetters(SERVER, DEAD))).view.letters
    assert letters is not None
    assert [one.kind for one in letters.rows] == [
        LetterKind.INIT,
        LetterKind.JSON,
        LetterKind.FLAT,
        LetterKind.NOT_JSON,
        LetterKind.WRAPPED,
        LetterKind.JSON,
    ]
    assert [one.can_requeue for one in letters.rows] == [False, True, True, False, False, True]
    assert letters.originals == (EVENTS, KeyName(b"events"))
    by_error = {str(one.key): one.count for one in letters.groups if one.by == "error"}
    assert by_error["Connection refused"] == 1
    assert "\x1b" not in "".join(by_error)
    assert letters.is_at_end


async def test_dead_letters_with_a_text_only(keyspace: ServerKeyspace) -> None:
    letters = (await looked(keyspace, ShowLetters(SERVER, DEAD, "TIMEOUT"))).view.letters
    assert letters is not None
    assert [one.intent for one in letters.rows] == ["finance.report"]
    assert sum(one.count for one in letters.groups if one.by == "age") == 1


async def test_a_group_destroyed_meanwhile_is_a_named_problem(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    book = await looked(keyspace, ShowPending(SERVER, EVENTS, MANAGER))
    writer.tell("XGROUP", "DESTROY", EVENTS.spelled, "manager")
    await book.look(keyspace)
    assert book.view.problem is not None
    assert book.view.problem.word == "no such group"
    assert len(pending_of(book).rows) == 6, "what was read stays"
    writer.tell("XGROUP", "CREATE", EVENTS.spelled, "manager", "0")
    await book.look(keyspace)
    assert book.view.problem is None
    assert pending_of(book).rows == ()


async def test_a_stream_deleted_meanwhile_is_missing_and_a_named_problem(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    book = await looked(keyspace, ShowEntries(SERVER, EVENTS))
    writer.tell("DEL", EVENTS.spelled)
    await book.look(keyspace)
    assert book.view.problem is not None
    assert book.view.problem.word == "no such stream"
    assert row(book).presence is Presence.MISSING
    assert row(book).verdict is Verdict.OK, "its other name is there"
    writer.tell("DEL", "events")
    await book.look(keyspace)
    assert row(book).verdict is Verdict.DEGRADED


async def test_entries_from_either_end_from_a_time_and_by_text(keyspace: ServerKeyspace) -> None:
    newest = (await looked(keyspace, ShowEntries(SERVER, EVENTS))).view.entries
    assert newest is not None
    assert len(newest.rows) == 9
    assert newest.is_at_start
    assert newest.is_at_end
    assert newest.rows[0].preview.startswith("init:")
    assert not newest.rows[-1].is_json
    since = EntryId(FIRST_MS + 107_000)
    later = (await looked(keyspace, ShowEntries(SERVER, EVENTS, since))).view.entries
    assert later is not None
    assert [one.id.ms - FIRST_MS for one in later.rows] == [107_000, 108_000, 200_000]
    assert not later.is_at_start
    found = (await looked(keyspace, ShowEntries(SERVER, EVENTS, search="C-7"))).view.entries
    assert found is not None
    assert [one.id.ms - FIRST_MS for one in found.rows] == [107_000]
    assert found.progress is not None
    assert found.progress.is_complete


async def test_every_entry_is_on_one_page_only(keyspace: ServerKeyspace, writer: Writer) -> None:
    for number in range(1, 351):
        writer.add("long", f"{number // 4 + 1}-{number}", n=str(number))
    long = KeyName(b"long")
    for is_from_end in (True, False):
        book = await looked(keyspace, ShowEntries(SERVER, long, is_from_end=is_from_end))
        for _ in range(10):
            await book.carry_out(keyspace, More(SERVER, is_before=is_from_end))
        page = book.view.entries
        assert page is not None
        assert [one.id.seq for one in page.rows] == list(range(1, 351))
        assert page.is_at_start
        assert page.is_at_end


async def test_a_tail_adds_what_comes_and_says_what_it_left_out(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    book = await looked(keyspace, ShowEntries(SERVER, EVENTS, is_tailing=True))
    writer.add(EVENTS.spelled, "*", data="new")
    await book.look(keyspace)
    page = book.view.entries
    assert page is not None
    assert len(page.rows) == 10
    assert page.rows[-1].preview == "data=new"
    assert not page.has_gap
    writer.tell_all([("XADD", EVENTS.spelled, "*", "data", "x")] * 5000)
    await book.look(keyspace)
    page = book.view.entries
    assert page is not None
    assert page.has_gap
    assert len(page.rows) <= 1000
    assert page.rows[-1].id == row(book).last
    ids = [one.id for one in page.rows]
    assert ids == sorted(set(ids))


async def test_a_filter_over_many_pending_entries_can_be_cancelled_and_read_on(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    writer.tell_all([("XADD", "big", f"1-{number}", "n", number) for number in range(1, 20_001)])
    writer.tell("XGROUP", "CREATE", "big", "g", "0")
    writer.take("big", "g", "c", 20_000)
    big, name = KeyName(b"big"), KeyName(b"g")
    writer.tell("CONFIG", "RESETSTAT")
    seen: list[int] = []
    book = book_of()
    told = asyncio.Event()

    def tell() -> None:
        page = book.view.pending
        if page is not None:
            seen.append(page.progress.examined)
            if page.progress.examined >= 1000:
                told.set()

    book = StreamsBook(SPEC, SystemClock(), tell)
    wish = ShowPending(SERVER, big, name, PendingFilter(min_deliveries=2))
    search = asyncio.create_task(book.carry_out(keyspace, wish))
    await told.wait()
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    page = pending_of(book)
    assert page.progress.stopped == "cancelled"
    assert page.progress.examined < 20_000
    assert seen == sorted(seen)
    await book.carry_out(keyspace, More(SERVER))
    page = pending_of(book)
    assert page.is_at_end
    assert page.progress.examined == 20_000
    assert writer.calls("xrange") == 0, "payloads are read only of what is shown"
    assert writer.calls("xpending") <= 202


async def test_every_pending_entry_is_on_one_page_only(
    keyspace: ServerKeyspace, writer: Writer
) -> None:
    for number in range(1, 331):
        writer.add("many", f"7-{number}", n=str(number))
    writer.tell("XGROUP", "CREATE", "many", "g", "0")
    writer.take("many", "g", "c", 330)
    writer.tell("XTRIM", "many", "MAXLEN", 130)
    wish = ShowPending(SERVER, KeyName(b"many"), KeyName(b"g"), PendingFilter())
    book = await looked(keyspace, wish, *[More(SERVER)] * 4)
    page = pending_of(book)
    assert [one.id.seq for one in page.rows] == list(range(1, 331))
    assert [one.is_gone for one in page.rows] == [True] * 200 + [False] * 130
    text = ShowPending(SERVER, KeyName(b"many"), KeyName(b"g"), PendingFilter(text="3"))
    book = await looked(keyspace, text, *[More(SERVER)] * 4)
    shown = [one.id.seq for one in pending_of(book).rows]
    assert shown == [number for number in range(201, 331) if "3" in str(number)]


@pytest.mark.parametrize("wish", [ShowEntries, ShowLetters])
async def test_what_was_not_there_is_shown_when_it_comes(
    keyspace: ServerKeyspace, writer: Writer, wish: type[ShowEntries] | type[ShowLetters]
) -> None:
    late = KeyName(b"late")
    book = await looked(keyspace, wish(SERVER, late))
    assert book.view.problem is not None
    assert book.view.problem.word == "no such stream"
    writer.add("late", "1-1", a="b")
    await book.look(keyspace)
    assert book.view.problem is None
    shown = book.view.entries or book.view.letters
    assert shown is not None
    assert len(shown.rows) == 1
