"""Reads entries of streams so that what comes back at once is bounded, however large they are."""

from collections.abc import Sequence

from core.clients.keyspace.allowed import MAX_ENTRIES, Call
from core.clients.keyspace.connection import ReplyTooLarge
from core.clients.keyspace.port import RawEntry
from core.clients.keyspace.replies import after, before, checked, parse_entries
from core.clients.keyspace.route import Route
from core.model.redis_key import KeyName
from core.model.stream import EntryId

_REPLY_BYTES = 256 * 1024
"""What one reply should bring."""
_CALL_BYTES = 1024 * 1024
"""After this much no more is read for one question."""
_GUESS_BYTES = 4096
_LESS = 8
"""So many times fewer are asked for after a reply that was too large to read."""
_MOST_KNOWN = 256
_MANY = 32
"""Ids asked one by one in one go."""


class EntryReader:
    """Learns how large the entries of each stream are."""

    def __init__(self, route: Route) -> None:
        """Know nothing yet."""
        self._route = route
        self._average: dict[bytes, float] = {}

    async def read(
        self, key: KeyName, start: EntryId | None, count: int, is_backwards: bool
    ) -> tuple[RawEntry, ...]:
        """Return entries after (before) an id; fewer than asked for where they are large."""
        found: list[RawEntry] = []
        size = 0
        left = min(count, MAX_ENTRIES)
        while left > 0 and size < _CALL_BYTES:
            some = min(left, await self._fitting(key))
            place = found[-1].id if found else start
            try:
                entries = await self._page(key, place, some, is_backwards)
            except ReplyTooLarge:
                if some > 1:
                    self._average[key.raw] = _REPLY_BYTES / max(1, some // _LESS)
                    continue
                if found:
                    break
                raise
            found += entries
            size += self._learn(key, entries)
            left -= some
            if len(entries) < some:
                break
        return tuple(found)

    async def read_these(self, key: KeyName, ids: Sequence[EntryId]) -> tuple[RawEntry | None, ...]:
        """Return entries by id; those that lie together are read together."""
        wanted = set(ids)
        found: dict[EntryId, RawEntry] = {}
        rest: list[EntryId] = sorted(wanted)
        while rest:
            some = min(len(rest), await self._fitting(key), MAX_ENTRIES)
            first, last = str(rest[0]), str(rest[-1])
            (reply,) = await self._route.ask([Call("XRANGE", key.raw, first, last, "COUNT", some)])
            entries = parse_entries(checked(reply))
            self._learn(key, entries)
            hits = {entry.id: entry for entry in entries if entry.id in wanted}
            found |= hits
            if len(entries) < some:
                break
            rest = [one for one in rest if one > entries[-1].id]
            if len(hits) * 2 < len(entries):
                found |= await self._one_by_one(key, rest)
                break
        return tuple(found.get(one) for one in ids)

    async def _one_by_one(self, key: KeyName, ids: Sequence[EntryId]) -> dict[EntryId, RawEntry]:
        found: dict[EntryId, RawEntry] = {}
        at = 0
        while at < len(ids):
            some = ids[at : at + min(_MANY, await self._fitting(key))]
            at += len(some)
            calls = [Call("XRANGE", key.raw, str(one), str(one), "COUNT", 1) for one in some]
            for reply in await self._route.ask(calls):
                entries = parse_entries(checked(reply))
                self._learn(key, entries)
                found |= {entry.id: entry for entry in entries}
        return found

    async def _page(
        self, key: KeyName, start: EntryId | None, count: int, is_backwards: bool
    ) -> tuple[RawEntry, ...]:
        if is_backwards:
            call = Call("XREVRANGE", key.raw, before(start), "-", "COUNT", count)
        else:
            call = Call("XRANGE", key.raw, after(start), "+", "COUNT", count)
        (reply,) = await self._route.ask([call])
        return parse_entries(checked(reply))

    async def _fitting(self, key: KeyName) -> int:
        """Return how many entries one reply may bring."""
        average = self._average.get(key.raw)
        if average is None:
            average = await self._measure(key)
        return max(1, min(MAX_ENTRIES, int(_REPLY_BYTES / max(average, 1.0))))

    async def _measure(self, key: KeyName) -> float:
        calls = [Call("XLEN", key.raw), Call("MEMORY USAGE", key.raw, "SAMPLES", 1)]
        length, size = await self._route.ask(calls)
        checked(length)
        if isinstance(length, int) and isinstance(size, int) and length > 0:
            return size / length
        return _REPLY_BYTES / 4 if length else _GUESS_BYTES

    def _learn(self, key: KeyName, entries: Sequence[RawEntry]) -> int:
        """Remember how large these were; return the sum. The next may be larger than the last."""
        size = sum(32 + sum(len(n) + len(v) for n, v in entry.fields) for entry in entries)
        if entries:
            seen = size / len(entries)
            before_now = self._average.get(key.raw, seen)
            self._average[key.raw] = max(seen, (seen + before_now) / 2)
            while len(self._average) > _MOST_KNOWN:
                del self._average[next(iter(self._average))]
        return size
