"""One pass over the records of limiters: counts all of them, reads a sample or every one."""

import asyncio
from collections import deque
from collections.abc import Sequence

from core.clients.clock import Clock
from core.clients.keyspace.port import KeyContent, Keyspace
from core.model.limit import LimitRow
from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.redis.limits.names import companions, is_companion
from core.redis.sweep import Sweep

SAMPLE = 1000
"""Records read by a pass that only counts the rest: twenty commands, as ten thousand keys of the
walk. SCAN's order has nothing to do with the names, so that the first ones are a fair sample."""
CHUNK = 50
"""Records read at once."""
FEW, FEW_AT_ONCE = 60, 20
"""Sample and chunk where each record costs four commands, a slice of 500 keys one."""


class Survey:
    """Where a pass stands.

    Args:
        patterns: Of the keys.
        clock: For how long it takes.
        generation: Its number.
        reads_all: Whether every record is read, not a sample.
    """

    def __init__(
        self, patterns: Sequence[str], clock: Clock, generation: int, *, reads_all: bool
    ) -> None:
        self._sweep = Sweep(patterns, clock, lambda raw: not is_companion(raw))
        self._waiting: deque[KeyName] = deque()
        self._reads_all = reads_all
        self._turn = asyncio.Lock()
        """A look may be within a step when a person wishes the whole."""
        self._total: int | None = None
        self.generation = generation
        self.read = 0
        """Records that were read; those that were gone by then too."""
        self.limited = self.exhausted = self.invalid = 0

    @property
    def is_done(self) -> bool:
        """Whether it is at its end."""
        return self._sweep.is_done and not self._waiting

    @property
    def is_complete(self) -> bool:
        """Whether it is at its end and every record was read."""
        return self.is_done and self.read >= self.counted

    @property
    def counted(self) -> int:
        """Records so far."""
        return self._sweep.counted

    @property
    def elapsed_s(self) -> float:
        """How long it took."""
        return self._sweep.elapsed_s

    @property
    def by_pattern(self) -> tuple[tuple[str, int], ...]:
        """Records by pattern."""
        return tuple(self._sweep.by_pattern.items())

    @property
    def progress(self) -> Progress:
        """How far it has come, in keys of any kind."""
        return self._sweep.progress(self._total, is_complete=self.is_complete)

    async def step(self, keyspace: Keyspace) -> tuple[KeyContent, ...]:
        """Take one step: read some records that wait, or else walk one slice on."""
        async with self._turn:
            return () if self.is_done else await self._step(keyspace)

    async def _step(self, keyspace: Keyspace) -> tuple[KeyContent, ...]:
        if self._total is None:
            _, self._total = await keyspace.info()
        if not self._waiting:
            found = await self._sweep.step(keyspace)
            room = len(found) if self._reads_all else self._room(keyspace)
            self._waiting.extend(found[:room])
            return ()
        count = min(FEW_AT_ONCE if self._is_dear(keyspace) else CHUNK, len(self._waiting))
        contents = await read_whole(keyspace, [self._waiting[at] for at in range(count)])
        for _ in range(count):
            self._waiting.popleft()
        self.read += count
        return contents

    def _room(self, keyspace: Keyspace) -> int:
        """Return how many more belong to the sample."""
        return max((FEW if self._is_dear(keyspace) else SAMPLE) - self.read, 0)

    def _is_dear(self, keyspace: Keyspace) -> bool:
        """Whether records cost much each; before the first one was read nobody knows."""
        return not self.read or bool(keyspace.reads_singly)

    def tally(self, rows: Sequence[LimitRow]) -> None:
        """Count the rows of what a step gave."""
        self.limited += sum(row.is_limited is True for row in rows)
        self.exhausted += sum(row.was_exhausted is True for row in rows)
        self.invalid += sum(bool(row.problem) for row in rows)


async def read_whole(keyspace: Keyspace, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
    """Read records with the keys that hold the rest of them."""
    wanted = [part for key in keys for part in (key, *companions(key.raw))]
    return await keyspace.records(list(dict.fromkeys(wanted)))
