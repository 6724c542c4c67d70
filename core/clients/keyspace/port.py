"""The port `Keyspace`: what the Redis views ask of a server. Every question is small.

Nothing here writes. What an adapter sends is on a list of allowed commands; it never sends KEYS,
MONITOR, or a range without a count. All calls raise `ClientError` when nothing comes back in time
or the way is broken, and `RedisSaid` (its code in `code`) when the server answers with an error.
Names are bytes (`KeyName`); values come back raw and are cleaned by whoever knows what they mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.model.redis_key import KeyName
from core.model.redis_server import OwnLoad, ServerIdentity
from core.model.stream import EntryId
from core.model.text import EMPTY, SafeText

VALUE_BYTES = 16 * 1024
"""Of one value no more is read."""
SCAN_COUNT = 500
"""Keys that one SCAN may look at; more of them at once are felt by other clients."""


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """Where a scan stands. In a cluster the nodes are scanned one after the other."""

    cursor: int = 0
    node: int = 0
    is_done: bool = False


SCAN_START = ScanPlace()


@dataclass(frozen=True, slots=True)
class Value:
    """A value, or the beginning of one."""

    data: bytes
    size_bytes: int
    """Of all of it."""

    @property
    def is_cut(self) -> bool:
        """Whether there is more than `data`."""
        return self.size_bytes > len(self.data)


@dataclass(frozen=True, slots=True)
class KeyLook:
    """What a key is."""

    kind: str
    """`hash`, `string`, `list`, `set`, `zset`, `stream`, a module's type, or `none`: gone."""
    ttl_s: float | None
    """None: it never expires."""


@dataclass(frozen=True, slots=True)
class KeyContent:
    """A small record, whole or its beginning, whatever its type."""

    key: KeyName
    look: KeyLook
    text: Value | None = None
    """Of a string."""
    fields: Mapping[bytes, Value] | None = None
    """Of a hash: the first 64 fields."""
    members: tuple[tuple[bytes, float], ...] = ()
    """Of a zset: the lowest and the highest scores; of a list: its first and last, score 0."""
    length: int | None = None
    """Fields, members, entries."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A list, hash, set or string, read to its end."""

    key: KeyName
    kind: str
    """As in `KeyLook`."""
    members: tuple[tuple[bytes, bytes], ...] = ()
    """Of a hash: field and value, each field once. Of anything else: nothing and the member."""
    length: int = 0
    """Members as the server counts them."""
    against: SafeText = EMPTY
    """Why it was not read, or not to its end; empty: it was."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """XINFO STREAM."""

    length: int
    first: EntryId | None
    last: EntryId | None
    last_generated: EntryId
    entries_added: int | None
    """None: the server is too old to count (before 7)."""
    max_deleted: EntryId | None
    group_count: int


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A line of XINFO GROUPS."""

    name: KeyName
    consumer_count: int
    pending: int
    last_delivered: EntryId
    entries_read: int | None
    lag: int | None


@dataclass(frozen=True, slots=True)
class ConsumerFacts:
    """A line of XINFO CONSUMERS."""

    name: KeyName
    pending: int
    idle_s: float
    inactive_s: float | None


@dataclass(frozen=True, slots=True)
class PendingFacts:
    """A line of XPENDING with a range."""

    id: EntryId
    consumer: KeyName
    idle_s: float
    deliveries: int


@dataclass(frozen=True, slots=True)
class RawEntry:
    """A line of XRANGE."""

    id: EntryId
    fields: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class SlowFacts:
    """A line of SLOWLOG GET."""

    id: int
    time_s: int
    took_us: int
    words: tuple[bytes, ...]
    client: bytes


class Keyspace(Protocol):
    """One server, or one cluster."""

    @property
    def load(self) -> OwnLoad:
        """What we cost the server."""
        ...

    async def identity(self) -> ServerIdentity:
        """Return who answers."""
        ...

    async def now_s(self) -> float:
        """Return the server's clock (TIME), seconds since 1970."""
        ...

    async def ping_s(self) -> float:
        """Return how long a PING took."""
        ...

    async def info(self) -> tuple[Mapping[str, SafeText], int | None]:
        """Return the fields of INFO (all usual sections, and keyspace), and DBSIZE."""
        ...

    async def settings(self, names: Sequence[str]) -> Mapping[str, SafeText]:
        """Return settings by name (CONFIG GET); what the server lacks is not in it."""
        ...

    async def slow(self, count: int) -> tuple[SlowFacts, ...]:
        """Return the newest lines of the slow log."""
        ...

    async def scan(
        self, place: ScanPlace, match: str = "", kind: str = "", count: int = SCAN_COUNT
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        """Take one step of a scan. Keys may come twice, and come late."""
        ...

    async def looks(self, keys: Sequence[KeyName]) -> tuple[KeyLook, ...]:
        """Return what these keys are, in their order, in one round trip."""
        ...

    async def contents(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        """Return small records of any type in their order, in few round trips, capped."""
        ...

    @property
    def reads_singly(self) -> SafeText:
        """Why `records` costs four commands for each; empty: it does not, as far as is known."""
        ...

    async def records(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        """Return what `contents` does, many small records with one command where that may be."""
        ...

    async def collection(self, key: KeyName, most: int, most_bytes: int) -> Collection:
        """Return a list, hash, set or string, page by page; one that is larger is not read."""
        ...

    async def memory_bytes(self, keys: Sequence[KeyName]) -> tuple[int | None, ...]:
        """Return what keys take (MEMORY USAGE, few samples); None: gone, or not allowed."""
        ...

    async def stream(self, key: KeyName) -> StreamFacts:
        """Return what a stream is; `RedisSaid` `ERR no such key`, or WRONGTYPE."""
        ...

    async def groups(self, key: KeyName) -> tuple[GroupFacts, ...]:
        """Return a stream's groups."""
        ...

    async def consumers(self, key: KeyName, group: KeyName) -> tuple[ConsumerFacts, ...]:
        """Return a group's consumers. The server sends all of them at once."""
        ...

    async def pending(
        self,
        key: KeyName,
        group: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        consumer: KeyName | None = None,
        min_idle_s: float = 0.0,
    ) -> tuple[PendingFacts, ...]:
        """Return pending entries from after an id on, at most 100."""
        ...

    async def entries(
        self,
        key: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        *,
        is_backwards: bool = False,
    ) -> tuple[RawEntry, ...]:
        """Return entries from after an id on (before it when backwards), at most 500.

        Fewer than asked for where they are large: what comes back at once is bounded.
        """
        ...

    async def entries_of(self, key: KeyName, ids: Sequence[EntryId]) -> tuple[RawEntry | None, ...]:
        """Return these entries in their order; None: no longer in the stream."""
        ...

    async def count_after(self, key: KeyName, start: EntryId, limit: int) -> int:
        """Count entries after an id, giving up at `limit`."""
        ...

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command (ACL DRYRUN); None: it cannot be told."""
        ...

    async def has_command(self, command: str) -> bool:
        """Return whether the server knows a command (COMMAND INFO): renamed ones are gone."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
