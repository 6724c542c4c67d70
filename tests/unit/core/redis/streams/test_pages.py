"""Pages lose nothing and double nothing, whatever the stream, the filter and the answers."""

import asyncio
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clients.keyspace.port import PendingFacts, RawEntry
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.redis_view import ShowEntries, ShowLetters, ShowPending
from core.model.stream import EntryId, PendingFilter
from core.redis.streams.browsing import EntriesPager
from core.redis.streams.letter_reading import LettersReader
from core.redis.streams.pending import PendingPager
from core.redis.streams.words import before
from tests.fakes.clock import FakeClock
from tests.unit.core.redis.streams.one_stream import GROUP, OneStream

KEY = KeyName(b"s")
SPEC = StreamSpec("s", ("s",))


def some_ids(count: int, random: Random) -> list[EntryId]:
    """Return so many ids, close together and far apart."""
    every = [EntryId(ms, seq) for ms in range(1, 301) for seq in range(3)]
    return sorted(random.sample(every, count))


IDS = st.builds(some_ids, st.integers(1, 400), st.randoms(use_true_random=False))
SHORT = st.sampled_from([1, 3, 60, 500])


def entries_at(ids: Sequence[EntryId]) -> list[RawEntry]:
    """Return entries of which every third has a text that is searched for."""
    return [RawEntry(one, ((b"data", b"wanted" if one.ms % 3 == 0 else b"other"),)) for one in ids]


def nothing() -> None:
    """Tell nobody."""


@settings(max_examples=40, deadline=None)
@given(IDS, SHORT, st.sampled_from(["", "WANTED"]), st.booleans())
def test_browsing_comes_by_every_entry_once(
    ids: list[EntryId], most: int, search: str, is_from_end: bool
) -> None:
    server = OneStream(entries_at(ids), most=most)
    wish = ShowEntries("s/r", KEY, None, is_from_end, search)
    pager = EntriesPager(wish, SPEC, FakeClock(), nothing)

    async def browse() -> None:
        await pager.begin(server)  # pyright: ignore[reportArgumentType] - all that it asks
        for _ in range(8):
            await pager.more(server, is_before=is_from_end)  # pyright: ignore[reportArgumentType]

    asyncio.run(browse())
    assert pager.page is not None
    wanted = [one for one in ids if not search or one.ms % 3 == 0]
    assert [one.id for one in pager.page.rows] == wanted
    assert pager.page.is_at_start
    assert pager.page.is_at_end


@settings(max_examples=30, deadline=None)
@given(IDS, SHORT, st.integers(0, 301))
def test_browsing_from_a_moment_goes_both_ways(ids: list[EntryId], most: int, at_ms: int) -> None:
    server = OneStream(entries_at(ids), most=most)
    pager = EntriesPager(ShowEntries("s/r", KEY, EntryId(at_ms)), SPEC, FakeClock(), nothing)

    async def browse() -> list[EntryId]:
        await pager.begin(server)  # pyright: ignore[reportArgumentType]
        first = [one.id for one in pager.page.rows] if pager.page else []
        for is_before in (False, True) * 6:
            await pager.more(server, is_before=is_before)  # pyright: ignore[reportArgumentType]
        return first

    first = asyncio.run(browse())
    assert first == [one for one in ids if one.ms >= at_ms][: len(first)]
    assert pager.page is not None
    assert [one.id for one in pager.page.rows] == ids


@settings(max_examples=30, deadline=None)
@given(
    IDS,
    st.integers(2, 9),
    st.integers(0, 3),
    st.sampled_from(["", "wanted"]),
)
def test_filters_over_pending_entries_find_each_once(
    ids: list[EntryId], every: int, least: int, text: str
) -> None:
    gone = {ms for ms in range(1, 301) if ms % every == 1}
    pending = [PendingFacts(one, KeyName(b"c"), 1.0, one.ms % 4) for one in ids]
    kept = [one for one in ids if one.ms not in gone]
    server = OneStream(entries_at(kept), pending)
    wish = ShowPending("s/r", KEY, GROUP, PendingFilter(min_deliveries=least, text=text))
    pager = PendingPager(wish, SPEC, FakeClock(), nothing)

    async def read() -> None:
        for _ in range(6):
            await pager.read(server, {}, 97)  # pyright: ignore[reportArgumentType]

    asyncio.run(read())
    assert pager.page is not None
    wanted = [one for one in ids if one.ms % 4 >= least]
    if text:
        wanted = [one for one in wanted if one.ms % 3 == 0 and one.ms not in gone]
    assert [one.id for one in pager.page.rows] == wanted
    assert {one.id for one in pager.page.rows if one.is_gone} == {
        one for one in wanted if one.ms in gone
    }
    assert pager.page.is_at_end
    assert pager.page.progress.examined == len(ids)


@settings(max_examples=30, deadline=None)
@given(IDS, SHORT, st.sampled_from(["", "wanted"]))
def test_dead_letters_are_shown_once_and_counted_once(
    ids: list[EntryId], most: int, text: str
) -> None:
    server = OneStream(entries_at(ids), most=most)
    reader = LettersReader(ShowLetters("s/r", KEY, text), StreamSpec("s", ()), FakeClock(), nothing)

    async def read() -> None:
        for _ in range(8):
            await reader.read(server, 60)  # pyright: ignore[reportArgumentType]

    asyncio.run(read())
    assert reader.page is not None
    wanted = [one for one in ids if not text or one.ms % 3 == 0]
    assert [one.entry.id for one in reader.page.rows] == wanted
    assert reader.page.is_at_end
    for by in ("error", "type", "age"):
        assert sum(one.count for one in reader.page.groups if one.by == by) == len(wanted)
    assert reader.page.progress.examined == len(ids)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_an_id_is_read_as_it_is_written(ms: int, seq: int) -> None:
    one = EntryId(ms, seq)
    assert EntryId.read(str(one)) == one
    earlier = before(one)
    assert earlier is None if one == EntryId(0) else earlier is not None and earlier < one


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "a", "1-2-3", f"{2**64}", " 1", "1 "])
def test_what_is_no_id_is_none(text: str) -> None:
    assert EntryId.read(text) is None
