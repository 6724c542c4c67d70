"""Pending entries of one group, in pages, filtered by us: the server never searches for us."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace, PendingFacts, RawEntry
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.redis_view import ShowPending
from core.model.stream import Consumer, EntryId, PendingEntry, PendingPage, Progress
from core.model.text import EMPTY, SafeText
from core.redis.streams.judging import why_pending
from core.redis.streams.payload import entry_of, has_text

PAGE = 100
BUDGET_S = 10.0
"""A filter that finds little ends after so long, and can be read on."""
MOST_ROWS = 2000
"""Of more the first are let go."""


class PendingPager:
    """What somebody sees of a group's pending entries.

    Args:
        wish: Which, and filtered how.
        spec: Of the stream.
        clock: For the budget.
        change: Called after each new `page`.
    """

    def __init__(
        self,
        wish: ShowPending,
        spec: StreamSpec,
        clock: Clock,
        change: Callable[[], None],
    ) -> None:
        self.wish = wish
        self.page: PendingPage | None = None
        """What is shown; None: nothing was read yet."""
        self._spec, self._clock, self._change = spec, clock, change
        self._filter = wish.filter
        self._consumer = KeyName.read(wish.filter.consumer) if wish.filter.consumer else None
        self._rows: tuple[PendingEntry, ...] = ()
        self._after: EntryId | None = None
        self._total = 0
        self._took_s = 0.0
        self._is_at_end = False
        self.examined = 0
        """Entries looked at so far."""

    async def read(
        self, keyspace: Keyspace, consumers: Mapping[bytes, Consumer], rows: int = PAGE
    ) -> None:
        """Read on until there are so many rows more, the end, or the budget is used up.

        Raises:
            RedisSaid: stream or group is gone, or we may not.
            ClientError: the server cannot be asked.
        """
        groups = await keyspace.groups(self.wish.stream)
        self._total = next((one.pending for one in groups if one.name == self.wish.group), 0)
        now_s = await keyspace.now_s()
        wanted = len(self._rows) + rows
        began_s, earlier_s = self._clock.monotonic(), self._took_s
        try:
            while len(self._rows) < wanted and not self._is_at_end:
                found = await self._page(keyspace, consumers, wanted - len(self._rows), now_s)
                self._rows = (*self._rows, *found)
                self._took_s = earlier_s + self._clock.monotonic() - began_s
                if self._took_s - earlier_s >= BUDGET_S and not self._is_at_end:
                    self._show(SafeText("10 s are over"))
                    break
                self._show()
        except asyncio.CancelledError:
            self._show(SafeText("cancelled"))
            raise
        self._rows = self._rows[-MOST_ROWS:]

    @property
    def row_count(self) -> int:
        """How many entries are shown."""
        return len(self._rows)

    async def _page(
        self, keyspace: Keyspace, consumers: Mapping[bytes, Consumer], wanted: int, now_s: float
    ) -> list[PendingEntry]:
        """Return the rows of the next page of the server; no more than are wanted."""
        stream, group = self.wish.stream, self.wish.group
        page = await keyspace.pending(stream, group, self._after, PAGE, self._consumer)
        hits = [one for one in page if self._passes(one)]
        is_cut = False
        if not self._filter.text:
            is_cut, hits = len(hits) > wanted, hits[:wanted]
        entries = await keyspace.entries_of(stream, [one.id for one in hits]) if hits else ()
        pairs = [
            (one, entry)
            for one, entry in zip(hits, entries, strict=True)
            if not self._filter.text or (entry and has_text(entry.fields, self._filter.text))
        ]
        is_cut, pairs = is_cut or len(pairs) > wanted, pairs[:wanted]
        seen = page
        if is_cut:
            seen = [one for one in page if one.id <= pairs[-1][0].id]
        self.examined += len(seen)
        self._after = seen[-1].id if seen else self._after
        self._is_at_end = not is_cut and len(page) < PAGE
        usual = median(one.deliveries for one in page) if page else 0.0
        return [self._row(one, entry, consumers, usual, now_s) for one, entry in pairs]

    def _passes(self, one: PendingFacts) -> bool:
        is_old = one.idle_s >= self._filter.min_idle_s
        return is_old and one.deliveries >= self._filter.min_deliveries

    def _row(
        self,
        one: PendingFacts,
        entry: RawEntry | None,
        consumers: Mapping[bytes, Consumer],
        usual_deliveries: float,
        now_s: float,
    ) -> PendingEntry:
        return PendingEntry(
            id=one.id,
            age_s=now_s - one.id.ms / 1000,
            consumer=one.consumer,
            idle_s=one.idle_s,
            deliveries=one.deliveries,
            entry=entry_of(entry, self._spec.payload_field, now_s) if entry else None,
            is_gone=entry is None,
            why=why_pending(
                one.idle_s,
                one.deliveries,
                usual_deliveries,
                consumers.get(one.consumer.raw),
                self._spec.stuck_after_s,
                is_gone=entry is None,
            ),
        )

    def _show(self, stopped: SafeText = EMPTY) -> None:
        of_all = None if self._consumer else self._total
        progress = Progress(self.examined, of_all, self._is_at_end, self._took_s, stopped)
        rows: Sequence[PendingEntry] = self._rows[-MOST_ROWS:]
        self.page = PendingPage(
            server=self.wish.server,
            stream=self.wish.stream,
            group=self.wish.group,
            filter=self._filter,
            rows=tuple(rows),
            total=self._total,
            progress=progress,
            is_at_end=self._is_at_end,
        )
        self._change()
