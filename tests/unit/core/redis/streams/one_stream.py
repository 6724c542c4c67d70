"""A stream in memory with one group, whose answers come short where the server's may."""

from collections.abc import Sequence

from core.clients.keyspace.port import GroupFacts, PendingFacts, RawEntry, StreamFacts
from core.model.redis_key import KeyName
from core.model.stream import EntryId

GROUP = KeyName(b"g")


class OneStream:
    """Answers what pagers ask.

    Args:
        entries: What is in the stream, in order.
        pending: What was delivered, in order; its entries may be gone.
        most: So many entries come back at once at most.
    """

    def __init__(
        self, entries: Sequence[RawEntry], pending: Sequence[PendingFacts] = (), most: int = 500
    ) -> None:
        self.all = list(entries)
        self._pending, self._most = list(pending), most

    async def now_s(self) -> float:
        return 1_773_479_613.0

    async def stream(self, _key: KeyName) -> StreamFacts:
        first = self.all[0].id if self.all else None
        last = self.all[-1].id if self.all else None
        return StreamFacts(len(self.all), first, last, last or EntryId(0), None, None, 1)

    async def groups(self, _key: KeyName) -> tuple[GroupFacts, ...]:
        return (GroupFacts(GROUP, 1, len(self._pending), EntryId(0), None, None),)

    async def pending(
        self,
        _key: KeyName,
        _group: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        consumer: KeyName | None = None,
        min_idle_s: float = 0.0,
    ) -> tuple[PendingFacts, ...]:
        assert count <= 100
        assert min_idle_s == 0, "the server never searches for us"
        found = [one for one in self._pending if start is None or one.id > start]
        found = [one for one in found if consumer is None or one.consumer == consumer]
        return tuple(found[:count])

    async def entries(
        self,
        _key: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        *,
        is_backwards: bool = False,
    ) -> tuple[RawEntry, ...]:
        assert count <= 500
        if is_backwards:
            found = [one for one in reversed(self.all) if start is None or one.id < start]
        else:
            found = [one for one in self.all if start is None or one.id > start]
        return tuple(found[: min(count, self._most)])

    async def entries_of(
        self, _key: KeyName, ids: Sequence[EntryId]
    ) -> tuple[RawEntry | None, ...]:
        known = {one.id: one for one in self.all}
        return tuple(known.get(one) for one in ids)

    async def looks(self, keys: Sequence[KeyName]) -> tuple[object, ...]:
        assert not keys
        return ()
