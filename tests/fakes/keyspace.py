"""A keyspace of records in memory: hashes and strings by the thousand, made as they are read.

For counts that a real server would take minutes to hold. What it cannot do it refuses by
not having it.
"""

import asyncio
from collections.abc import Callable, Sequence

from core.clients.keyspace.port import KeyContent, KeyLook, ScanPlace, Value
from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText


class ManyKeys:
    """`count` keys that exist only while they are looked at.

    Args:
        count: How many.
        key_of: The key at a place.
        fields_of: The hash at a place.
    """

    def __init__(
        self, count: int, key_of: Callable[[int], bytes], fields_of: Callable[[int], dict[str, str]]
    ) -> None:
        self.count, self._key_of, self._fields_of = count, key_of, fields_of
        self.scans = 0
        self.records_read = 0
        self.repeats_every = 0
        """If not 0, each so many slices SCAN gives the slice before once more."""
        self.time_s = 1773480413.5
        self.is_slow = False
        """Whether others get their turn before each answer."""
        self.reads_singly = EMPTY
        self.most_at_once = 0
        """Records in one question."""

    async def now_s(self) -> float:
        return self.time_s

    async def info(self) -> tuple[dict[str, SafeText], int | None]:
        return {}, self.count

    async def scan(
        self, place: ScanPlace, match: str = "", kind: str = "", count: int = 500
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        assert count <= 500
        self.scans += 1
        await self._turn()
        begin, end = place.cursor, min(place.cursor + count, self.count)
        if self.repeats_every and self.scans % self.repeats_every == 0:
            begin = max(begin - count, 0)
        keys = tuple(KeyName(self._key_of(at)) for at in range(begin, end))
        return ScanPlace(end, is_done=end == self.count), keys

    async def records(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        assert len(keys) <= 100
        self.most_at_once = max(self.most_at_once, len(keys))
        self.records_read += len(keys)
        await self._turn()
        return tuple(self._content(key) for key in keys)

    async def _turn(self) -> None:
        if self.is_slow:
            await asyncio.sleep(0)

    def _content(self, key: KeyName) -> KeyContent:
        at = int(key.raw.rpartition(b":")[2])
        fields = {
            name.encode(): Value(text.encode(), len(text))
            for name, text in self._fields_of(at).items()
        }
        return KeyContent(key, KeyLook("hash", 3600.0), fields=fields, length=len(fields))
