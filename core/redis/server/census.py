"""Counts a server's keys by family, slice by slice, in bounded memory."""

import heapq
from collections.abc import Sequence
from zlib import crc32

from core.clients.clock import Clock
from core.clients.keyspace.port import SCAN_START, KeyLook, Keyspace, ScanPlace
from core.model.redis_key import KeyName
from core.model.redis_server import BigKey, Census, KeyFamily
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText, clean
from core.redis.server.counted import Counted
from core.redis.server.families import Count, Purpose, Tally, shown_family

FAMILIES_SHOWN = 100
BIG_KEYS = 20
_FIRST_OF_FAMILY = 3
"""Keys of each family that are looked at in any case."""
_AT_ONCE = 50
_STIR = 0x9E3779B1


class CensusScan:
    """One census: `step` until `is_done`; `view` at any time.

    Args:
        purposes: What the profile says of keys.
        total: How many keys there are, as DBSIZE said.
        looks: How many keys may be looked into for type, time to live and memory; of a smaller
            database it is all of them.
        clock: For the time it takes.
    """

    def __init__(self, purposes: tuple[Purpose, ...], total: int, looks: int, clock: Clock) -> None:
        self._tally, self._counted = Tally(purposes), Counted(total)
        self._total, self._left, self._share = total, looks, looks / max(total, 1)
        self._clock, self._began_s = clock, clock.monotonic()
        self._place: ScanPlace = SCAN_START
        self._big: list[tuple[int, bytes, BigKey]] = []
        self._weighed = 0
        self._at_s: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether every key was met."""
        return self._place.is_done

    async def step(self, keyspace: Keyspace) -> None:
        """Count one slice and look into a few of its keys.

        Raises:
            ClientError: the server cannot be asked.
        """
        place, keys = await keyspace.scan(self._place)
        chosen: list[tuple[KeyName, Count]] = []
        for key in keys:
            if self._counted.is_new(key.raw):
                family = self._tally.add(key.raw)
                if self._is_chosen(key, family):
                    self._left -= 1
                    family.looked_at += 1
                    chosen.append((key, family))
        for start in range(0, len(chosen), _AT_ONCE):
            await self._look_into(keyspace, chosen[start : start + _AT_ONCE])
        self._place, self._at_s = place, self._clock.monotonic()

    def _is_chosen(self, key: KeyName, family: Count) -> bool:
        if family.looked_at < _FIRST_OF_FAMILY and self._left > 0:
            return True
        # By its name, not by chance: the same database gives the same answer twice. Stirred:
        # the sums of `k:1` and `k:2` lie as near to one another as the names do.
        place = crc32(key.raw) * _STIR % 2**32
        return self._left > 0 and place < self._share * 2**32

    async def _look_into(self, keyspace: Keyspace, chosen: Sequence[tuple[KeyName, Count]]) -> None:
        keys = [key for key, _ in chosen]
        looks = await keyspace.looks(keys)
        sizes = await keyspace.memory_bytes(keys)
        for (key, family), look, size in zip(chosen, looks, sizes, strict=True):
            if look.kind == "none":
                family.looked_at -= 1
                continue
            family.kinds[look.kind] = family.kinds.get(look.kind, 0) + 1
            family.without_ttl += look.ttl_s is None
            if size is not None:
                family.weighed += 1
                family.weight_bytes += size
                self._weighed += 1
                self._keep_big(key, look, size)

    def _keep_big(self, key: KeyName, look: KeyLook, size_bytes: int) -> None:
        purpose = self._tally.purpose_of(key.raw)
        is_token = purpose is not None and purpose.is_token
        big = BigKey(key, look.kind, size_bytes, None, look.ttl_s, is_token)
        heapq.heappush(self._big, (big.memory_bytes, big.key.raw, big))
        if len(self._big) > BIG_KEYS:
            heapq.heappop(self._big)

    def view(self, stopped: SafeText = EMPTY) -> Census:
        """Return what is counted; `stopped` says why it goes no further."""
        named = [_family(one.pattern, count, one) for one, count in self._tally.named()]
        rest = [_family(name, count) for name, count in self._tally.largest(FAMILIES_SHOWN)]
        families = sorted((*named, *rest), key=lambda one: -one.count)[:FAMILIES_SHOWN]
        return Census(
            families=tuple(families),
            others=self._tally.total - sum(one.count for one in families),
            total=self._total,
            progress=Progress(
                examined=self._tally.total,
                total=self._total,
                is_complete=self.is_done,
                elapsed_s=self._clock.monotonic() - self._began_s,
                stopped=EMPTY if self.is_done else stopped,
            ),
            big_keys=tuple(big for _, _, big in sorted(self._big, reverse=True)),
            weighed=self._weighed,
            at_s=self._at_s,
        )


def _family(name: bytes, count: Count, purpose: Purpose | None = None) -> KeyFamily:
    kinds = sorted(count.kinds.items(), key=lambda pair: -pair[1])
    return KeyFamily(
        prefix=clean(KeyName(name).spelled) if purpose else shown_family(name),
        count=count.count,
        kinds=tuple((clean(kind, 32), number) for kind, number in kinds),
        without_ttl=count.without_ttl,
        memory_bytes=count.memory_bytes,
        is_configured=purpose is not None,
        meaning=purpose.meaning if purpose else EMPTY,
        looked_at=count.looked_at,
        missed_at_most=count.missed_at_most,
        is_stream=purpose.is_stream if purpose else "stream" in count.kinds,
        is_token=purpose.is_token if purpose else False,
    )
