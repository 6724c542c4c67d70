"""The book of a server's streams: how each is, and what of them somebody looks into."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.redis_view import (
    More,
    RedisWish,
    Scan,
    ShowEntries,
    ShowLetters,
    ShowPending,
    Streams,
)
from core.model.stream import Consumer, Stream
from core.model.text import EMPTY, SafeText
from core.redis.streams.ages import told_at
from core.redis.streams.browsing import EntriesPager
from core.redis.streams.judging import by_name
from core.redis.streams.letter_reading import LettersReader
from core.redis.streams.letters import spec_of
from core.redis.streams.pending import PAGE, PendingPager
from core.redis.streams.survey import Survey
from core.redis.streams.words import problem_of

_SMALL = 200
"""What so few entries were read for is read again at each look."""

Pager = PendingPager | EntriesPager | LettersReader


class StreamsBook:
    """What is known of the streams of one server.

    Args:
        spec: The server, and what is configured of it.
        clock: For budgets and rates.
        tell: Called whenever the view is another.
    """

    def __init__(self, spec: RedisSpec, clock: Clock, tell: Callable[[], None]) -> None:
        self._spec, self._clock, self._tell = spec, clock, tell
        self._view = Streams(spec.server)
        self._survey = Survey(spec, clock, self._take_rows)
        self._pager: Pager | None = None
        self._lock = asyncio.Lock()
        """Held while a pager reads: a look and a wish would both add the same entries."""

    @property
    def view(self) -> Streams:
        """What is known now."""
        looked = self._survey.looked
        if looked is None:
            return self._view
        return told_at(self._view, looked.now_s + self._clock.monotonic() - looked.at_s)

    async def look(self, keyspace: Keyspace) -> None:
        """Look at all streams again, and at what is looked into.

        Raises:
            ClientError: the server cannot be asked.
        """
        await self._survey.look(keyspace)
        if self._pager is not None and not self._lock.locked():
            async with self._lock:
                await self._minding(self._refresh(keyspace, self._pager))

    async def read_on(self, keyspace: Keyspace) -> None:
        """Read some of the streams that were found and never read yet, and nothing else.

        Raises:
            ClientError: the server cannot be asked.
        """
        await self._survey.read_on(keyspace)

    async def meet(self, keyspace: Keyspace, keys: Sequence[KeyName]) -> None:
        """Read streams that were asked for by name, whether a scan has come to them or not.

        Raises:
            ClientError: the server cannot be asked.
        """
        await self._survey.meet(keyspace, keys)

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Do what a person wishes; what is wrong with one key becomes the view's problem.

        Raises:
            ClientError: the server cannot be asked.
        """
        if isinstance(wish, Scan):
            await self._while_busy(SafeText("looking for streams"), self._survey.scan(keyspace))
            return
        async with self._lock:
            await self._while_busy(_busy(wish), self._minding(self._read(keyspace, wish)))

    async def _read(self, keyspace: Keyspace, wish: RedisWish) -> None:
        if isinstance(wish, More):
            await self._more(keyspace, wish)
            return
        self._pager = None
        self._set(replace(self._view, pending=None, entries=None, letters=None, problem=None))
        match wish:
            case ShowPending():
                pager = self._pager = self._pending(wish)
                await pager.read(keyspace, self._consumers(wish))
            case ShowEntries():
                self._pager = self._entries(wish)
                await self._pager.begin(keyspace)
            case ShowLetters():
                self._pager = self._letters(wish)
                await self._pager.read(keyspace)
            case _:
                pass

    async def _more(self, keyspace: Keyspace, wish: More) -> None:
        match self._pager:
            case PendingPager() as pager:
                await pager.read(keyspace, self._consumers(pager.wish))
            case EntriesPager() as pager:
                await pager.more(keyspace, is_before=wish.is_before)
            case LettersReader() as pager:
                await pager.read(keyspace)
            case None:
                pass

    async def _refresh(self, keyspace: Keyspace, pager: Pager) -> None:
        """Bring what is looked into up to date, where that is cheap.

        Pending entries and dead letters are read anew beside what is shown, then take its place.
        """
        fresh: Pager = pager
        match pager:
            case EntriesPager(page=None):
                fresh = self._entries(pager.wish)
                await fresh.begin(keyspace)
            case EntriesPager():
                await pager.look(keyspace)
            case PendingPager() if pager.examined <= _SMALL:
                fresh = self._pending(pager.wish)
                rows = max(pager.row_count, PAGE)
                await fresh.read(keyspace, self._consumers(pager.wish), rows)
            case LettersReader() if pager.examined <= _SMALL and self._has_changed(pager):
                fresh = self._letters(pager.wish)
                await fresh.read(keyspace, max(pager.row_count, PAGE))
            case _:
                pass
        self._pager = fresh
        self._pull()

    async def _minding(self, doing: Awaitable[None]) -> None:
        """Put what is wrong with one key into the view; the last one is shown."""
        try:
            await doing
        except RedisSaid as error:
            problem = problem_of(error)
            if problem is None:
                raise
            self._set(replace(self._view, problem=problem))
        else:
            self._set(replace(self._view, problem=None))

    async def _while_busy(self, words: SafeText, doing: Awaitable[None]) -> None:
        self._set(replace(self._view, busy=words))
        try:
            await doing
        finally:
            self._set(replace(self._view, busy=EMPTY))

    def _pending(self, wish: ShowPending) -> PendingPager:
        return PendingPager(wish, spec_of(self._spec, wish.stream), self._clock, self._pull)

    def _entries(self, wish: ShowEntries) -> EntriesPager:
        return EntriesPager(wish, spec_of(self._spec, wish.stream), self._clock, self._pull)

    def _letters(self, wish: ShowLetters) -> LettersReader:
        spec = spec_of(self._spec, wish.stream)
        row = self._row(wish.stream)
        note = row.note if row is not None else EMPTY
        return LettersReader(wish, spec, self._clock, self._pull, note)

    def _consumers(self, wish: ShowPending) -> Mapping[bytes, Consumer]:
        row = self._row(wish.stream)
        groups = row.groups if row is not None else ()
        found = next((one for one in groups if one.name == wish.group), None)
        return by_name(found.consumers) if found is not None else {}

    def _has_changed(self, pager: LettersReader) -> bool:
        row = self._row(pager.wish.stream)
        return pager.page is None or row is None or pager.is_stale(row.length, row.last)

    def _row(self, key: KeyName) -> Stream | None:
        return next((one for one in self._view.rows if one.key == key), None)

    def _take_rows(self) -> None:
        survey = self._survey
        self._set(
            replace(
                self._view,
                rows=survey.rows(),
                discovery=survey.discovery.progress,
                unnamed_count=survey.unnamed_count,
            )
        )

    def _pull(self) -> None:
        """Show what the pager has come to."""
        match self._pager:
            case PendingPager(page=page):
                self._set(replace(self._view, pending=page))
            case EntriesPager(page=page):
                self._set(replace(self._view, entries=page))
            case LettersReader(page=page):
                self._set(replace(self._view, letters=page))
            case None:
                pass

    def _set(self, view: Streams) -> None:
        self._view = view
        self._tell()


def _busy(wish: RedisWish) -> SafeText:
    match wish:
        case ShowPending():
            return SafeText("reading pending entries")
        case ShowLetters():
            return SafeText("reading dead letters")
        case ShowEntries(search=search) if search:
            return SafeText("searching entries")
        case _:
            return SafeText("reading entries")
