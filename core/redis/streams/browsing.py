"""Entries of one stream: from either end, from an id or time, followed, and searched."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace, RawEntry, StreamFacts
from core.model.redis_spec import StreamSpec
from core.model.redis_view import ShowEntries
from core.model.stream import EntriesPage, EntryId, Progress, StreamEntry
from core.model.text import EMPTY, SafeText
from core.redis.streams.payload import entry_of, has_text
from core.redis.streams.words import before

PAGE = 100
SEARCH_BUDGET_S = 10.0
"""A search that finds little ends after so long, and can be read on."""
MOST_ROWS = 1000
"""Of more those at the other end are let go; they can be read again."""
_SEARCHED = 500
"""Entries per command of a search."""
_TAIL_STEPS = 3
_FIRST, _LAST = EntryId(0), EntryId(2**64 - 1)


class EntriesPager:
    """What somebody sees of a stream's entries.

    Args:
        wish: Which stream, from where, searched for what.
        spec: Of the stream.
        clock: For the budget.
        change: Called after each new `page`.
    """

    def __init__(
        self,
        wish: ShowEntries,
        spec: StreamSpec,
        clock: Clock,
        change: Callable[[], None],
    ) -> None:
        self.wish = wish
        self.page: EntriesPage | None = None
        """What is shown; None: nothing was read yet."""
        self._spec, self._clock, self._change = spec, clock, change
        self._rows: tuple[StreamEntry, ...] = ()
        self._low: EntryId | None = None
        """What is from here on was read; None: nothing was."""
        self._high: EntryId | None = None
        self._facts: StreamFacts | None = None
        self._examined = 0
        self._took_s = 0.0
        self._is_at_start = self._is_at_end = False
        self._has_gap = False
        self._stopped = EMPTY

    async def begin(self, keyspace: Keyspace) -> None:
        """Read the first page.

        Raises:
            RedisSaid: the stream is gone, or we may not.
            ClientError: the server cannot be asked.
        """
        facts = self._facts = await keyspace.stream(self.wish.stream)
        start = self.wish.start
        if start is not None:
            self._low, self._high = start, before(start)
            self._is_at_start = facts.first is None or start <= facts.first
            await self._read(keyspace, is_before=False)
        elif self.wish.is_from_end:
            self._high, self._is_at_end = facts.last, True
            await self._read(keyspace, is_before=True)
        else:
            self._is_at_start = True
            await self._read(keyspace, is_before=False)

    async def more(self, keyspace: Keyspace, *, is_before: bool) -> None:
        """Read on, at either end.

        Raises:
            RedisSaid: the stream is gone, or we may not.
            ClientError: the server cannot be asked.
        """
        self._facts = await keyspace.stream(self.wish.stream)
        await self._read(keyspace, is_before=is_before)

    async def look(self, keyspace: Keyspace) -> None:
        """Bring ages and ends up to date; while tailing add what came since.

        Raises:
            RedisSaid: the stream is gone, or we may not.
            ClientError: the server cannot be asked.
        """
        facts = self._facts = await keyspace.stream(self.wish.stream)
        now_s = await keyspace.now_s()
        self._rows = tuple(replace(one, age_s=now_s - one.id.ms / 1000) for one in self._rows)
        is_behind = facts.last is not None and (self._high is None or facts.last > self._high)
        if is_behind and self.wish.is_tailing:
            await self._follow(keyspace, now_s)
        elif is_behind:
            self._is_at_end = False
        self._show()

    async def _follow(self, keyspace: Keyspace, now_s: float) -> None:
        """Add what came; of much only the newest, with a gap that is said."""
        for _ in range(_TAIL_STEPS):
            some = await keyspace.entries(self.wish.stream, self._high, _SEARCHED)
            if not some:
                self._is_at_end = True
                return
            self._add(some, now_s, is_before=False)
            last = self._facts.last if self._facts else None
            if last is None or some[-1].id >= last:
                self._is_at_end = True
                return
        some = await keyspace.entries(self.wish.stream, None, PAGE, is_backwards=True)
        if some and self._high is not None and some[-1].id > self._high:
            self._has_gap = True
        fresh = [one for one in reversed(some) if self._high is None or one.id > self._high]
        self._add(fresh, now_s, is_before=False)
        self._is_at_end = True

    async def _read(self, keyspace: Keyspace, *, is_before: bool) -> None:
        """Read a page's worth on, or until the end or the budget is reached."""
        now_s = await keyspace.now_s()
        began_s, earlier_s = self._clock.monotonic(), self._took_s
        wanted = PAGE
        self._stopped = EMPTY
        size = _SEARCHED if self.wish.search else PAGE
        try:
            while wanted > 0:
                place = self._low if is_before else self._high
                some = await keyspace.entries(self.wish.stream, place, size, is_backwards=is_before)
                if not some:
                    self._reach(is_before=is_before)
                    break
                wanted -= self._add(some, now_s, is_before=is_before)
                self._took_s = earlier_s + self._clock.monotonic() - began_s
                if wanted > 0 and self._took_s - earlier_s >= SEARCH_BUDGET_S:
                    self._stopped = SafeText("10 s are over")
                    break
                self._show()
        except asyncio.CancelledError:
            self._stopped = SafeText("cancelled")
            self._show()
            raise
        self._show()

    def _add(self, some: Sequence[RawEntry], now_s: float, *, is_before: bool) -> int:
        """Take entries in, in the order they were read; return how many are shown."""
        if not some:
            return 0
        search = self.wish.search
        self._examined += len(some)
        hits = [one for one in some if not search or has_text(one.fields, search)]
        rows = tuple(entry_of(one, self._spec.payload_field, now_s) for one in hits)
        ends = sorted((some[0].id, some[-1].id))
        self._low = ends[0] if self._low is None else min(self._low, ends[0])
        self._high = ends[1] if self._high is None else max(self._high, ends[1])
        self._rows = (*reversed(rows), *self._rows) if is_before else (*self._rows, *rows)
        self._let_go(is_before=is_before)
        return len(rows)

    def _let_go(self, *, is_before: bool) -> None:
        if len(self._rows) <= MOST_ROWS:
            return
        if is_before:
            self._rows, self._is_at_end = self._rows[:MOST_ROWS], False
            self._high = self._rows[-1].id
        else:
            self._rows, self._is_at_start = self._rows[-MOST_ROWS:], False
            self._low = self._rows[0].id

    def _reach(self, *, is_before: bool) -> None:
        if is_before:
            self._is_at_start = True
        else:
            self._is_at_end = True

    def _show(self) -> None:
        facts = self._facts
        if facts is None:
            return
        is_at_start = self._is_at_start or facts.first is None
        is_at_start = is_at_start or (self._low or _LAST) <= (facts.first or _LAST)
        is_at_end = self._is_at_end or facts.last is None
        is_at_end = is_at_end or (self._high or _FIRST) >= (facts.last or _FIRST)
        progress = Progress(
            self._examined,
            facts.length,
            is_at_start and is_at_end,
            self._took_s,
            self._stopped,
        )
        self.page = EntriesPage(
            server=self.wish.server,
            stream=self.wish.stream,
            rows=self._rows,
            length=facts.length,
            is_at_start=is_at_start,
            is_at_end=is_at_end,
            is_tailing=self.wish.is_tailing,
            search=self.wish.search,
            progress=progress if self.wish.search else None,
            has_gap=self._has_gap,
        )
        self._change()
