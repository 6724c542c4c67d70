"""Reads a dead-letter stream: its first letters as rows, all of them for the groups."""

import asyncio
from collections.abc import Callable, Sequence

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace, RawEntry, StreamFacts
from core.model.dead_letter import DeadLetter, DeadLetters
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.redis_view import ShowLetters
from core.model.stream import EntryId, Progress
from core.model.text import EMPTY, SafeText, clean
from core.redis.streams.letter_groups import LetterCounts, died_age_s, is_aged
from core.redis.streams.letters import letter_of
from core.redis.streams.payload import has_text

PAGE = 100
BUDGET_S = 15.0
MOST_COUNTED = 20_000
"""Letters read for the groups."""
MOST_ROWS = 2000
_MOST_ORIGINS = 16
_FIRST = EntryId(0)


class LettersReader:
    """What somebody sees of a dead-letter stream.

    Args:
        wish: Which, and with what text.
        spec: Of the stream that the letters died in.
        clock: For the budget.
        change: Called after each new `page`.
        note: What the configuration says of it.
    """

    def __init__(
        self,
        wish: ShowLetters,
        spec: StreamSpec,
        clock: Clock,
        change: Callable[[], None],
        note: str = "",
    ) -> None:
        self.wish = wish
        self.page: DeadLetters | None = None
        """What is shown; None: nothing was read yet."""
        self._spec, self._clock, self._change, self._note = spec, clock, change, note
        self._rows: tuple[DeadLetter, ...] = ()
        self._counts = LetterCounts()
        self._rows_after: EntryId | None = None
        self._counted_after: EntryId | None = None
        self.examined = 0
        """Letters looked at so far."""
        self._took_s = 0.0
        self._is_read = self._is_at_end = False
        self._stopped = EMPTY
        self._facts: StreamFacts | None = None
        self._origins: dict[KeyName, None] = {}
        self._originals: tuple[KeyName, ...] = ()

    async def read(self, keyspace: Keyspace, rows: int = PAGE) -> None:
        """Read so many rows more, and at first all letters for the groups, within the budget.

        Raises:
            RedisSaid: the stream is gone, or we may not.
            ClientError: the server cannot be asked.
        """
        self._facts = await keyspace.stream(self.wish.stream)
        now_s = await keyspace.now_s()
        began_s, earlier_s = self._clock.monotonic(), self._took_s
        wanted = len(self._rows) + rows
        self._stopped = EMPTY
        try:
            while not self._is_done(wanted):
                await self._page(keyspace, now_s, wanted)
                self._took_s = earlier_s + self._clock.monotonic() - began_s
                if self._is_over(self._took_s - earlier_s, wanted):
                    break
                self._show()
            self._originals = await self._there(keyspace)
        except asyncio.CancelledError:
            self._stopped = SafeText("cancelled")
            self._show()
            raise
        self._rows = self._rows[-MOST_ROWS:]
        self._show()

    @property
    def row_count(self) -> int:
        """How many letters are shown."""
        return len(self._rows)

    def is_stale(self, length: int, last: EntryId | None) -> bool:
        """Tell whether the stream has changed since it was read."""
        facts = self._facts
        return facts is not None and (facts.length, facts.last) != (length, last)

    def _is_done(self, wanted: int) -> bool:
        has_rows = self._is_at_end or len(self._rows) >= wanted
        return has_rows and (self._is_read or self.examined >= MOST_COUNTED)

    def _is_over(self, took_s: float, wanted: int) -> bool:
        """Note why reading ends before its end; tell whether it does."""
        has_rows = self._is_at_end or len(self._rows) >= wanted
        if has_rows and not self._is_read and self.examined >= MOST_COUNTED:
            self._stopped = clean(f"the first {MOST_COUNTED:,} were counted")
        elif took_s >= BUDGET_S and not self._is_done(wanted):
            self._stopped = clean(f"{BUDGET_S:g} s are over")
        return bool(self._stopped)

    async def _page(self, keyspace: Keyspace, now_s: float, wanted: int) -> None:
        """Read on: for rows while they lack, else for the groups."""
        for_rows = len(self._rows) < wanted and not self._is_at_end
        start = self._rows_after if for_rows else self._counted_after
        some = await keyspace.entries(self.wish.stream, start, PAGE)
        if not some:
            self._is_at_end = self._is_at_end or for_rows
            self._is_read = True
            return
        self._take(some, now_s, wanted)

    def _take(self, some: Sequence[RawEntry], now_s: float, wanted: int) -> None:
        for entry in some:
            is_new = self._counted_after is None or entry.id > self._counted_after
            is_row = self._rows_after is None or entry.id > self._rows_after
            is_row = is_row and len(self._rows) < wanted
            if not (is_new or is_row):
                continue
            letter = self._wanted(entry, now_s)
            if is_new:
                self._count(letter)
                self._counted_after = entry.id
            if is_row:
                self._rows = (*self._rows, letter) if letter else self._rows
                self._rows_after = entry.id

    def _wanted(self, entry: RawEntry, now_s: float) -> DeadLetter | None:
        """Return a letter that was asked for."""
        if self.wish.text and not has_text(entry.fields, self.wish.text):
            return None
        letter = letter_of(entry, self._spec, now_s)
        is_meant = is_aged(died_age_s(letter), self.wish.older_s, self.wish.newer_s)
        return letter if is_meant else None

    def _count(self, letter: DeadLetter | None) -> None:
        self.examined += 1
        if letter is None:
            return
        self._counts.add(letter)
        if letter.origin is not None and len(self._origins) < _MOST_ORIGINS:
            self._origins[letter.origin] = None

    async def _there(self, keyspace: Keyspace) -> tuple[KeyName, ...]:
        """Return the streams that letters can go back to, of those configured or named by them."""
        named = [KeyName.read(name) for name in self._spec.keys]
        keys = [key for key in dict.fromkeys([*named, *self._origins]) if key != self.wish.stream]
        looks = await keyspace.looks(keys) if keys else ()
        return tuple(key for key, look in zip(keys, looks, strict=True) if look.kind == "stream")

    def _show(self) -> None:
        facts = self._facts
        if facts is None:
            return
        last = facts.last or _FIRST
        is_at_end = self._is_at_end or (self._rows_after or _FIRST) >= last
        is_read = self._is_read or (self._counted_after or _FIRST) >= last
        self.page = DeadLetters(
            server=self.wish.server,
            stream=self.wish.stream,
            length=facts.length,
            rows=self._rows[-MOST_ROWS:],
            groups=self._counts.groups(),
            progress=Progress(self.examined, facts.length, is_read, self._took_s, self._stopped),
            is_at_end=is_at_end,
            originals=self._originals,
            note=clean(self._note),
        )
        self._change()
