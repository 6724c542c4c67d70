"""A Redis-compatible server behind the port `Keyspace`: standalone, by Sentinel, or a cluster."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.clients.clock import Clock
from core.clients.keyspace.allowed import MAX_PENDING, MAX_SCAN, MAX_SLOW, Call
from core.clients.keyspace.collections import read_collection
from core.clients.keyspace.entries import EntryReader
from core.clients.keyspace.identity import read_identity
from core.clients.keyspace.many import ManyReader
from core.clients.keyspace.pace import SERVER_SHARE, Pace, Rests
from core.clients.keyspace.places import read_places
from core.clients.keyspace.port import (
    SCAN_COUNT,
    Collection,
    ConsumerFacts,
    GroupFacts,
    KeyContent,
    KeyLook,
    PendingFacts,
    RawEntry,
    ScanPlace,
    SlowFacts,
    StreamFacts,
)
from core.clients.keyspace.records import read_contents, read_looks
from core.clients.keyspace.replies import (
    after,
    as_bytes,
    as_int,
    as_list,
    as_map,
    checked,
    parse_consumer,
    parse_group,
    parse_pending,
    parse_slow,
    parse_stream,
    parse_time,
)
from core.clients.keyspace.route import Route
from core.clients.keyspace.routing import Routing
from core.clients.keyspace.whole import merge_infos
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.clients.redis_info import parse_info
from core.model.redis_key import KeyName
from core.model.redis_server import OwnLoad, ServerIdentity
from core.model.stream import EntryId
from core.model.text import SafeText, clean

TIMEOUT_S = 2.0
_NAMES_AT_ONCE = 64


class ServerKeyspace:
    """One server, dialled when first asked and again when it broke.

    Args:
        address: Where it is.
        clock: For pacing and skew.
        commands_per_s: Never more from us.
        timeout_s: For one round trip, dialling included.
        server_share: Of its time what keeps it busy may take.
    """

    def __init__(
        self,
        address: RedisAddress,
        clock: Clock,
        commands_per_s: float = 200.0,
        timeout_s: float = TIMEOUT_S,
        server_share: float = SERVER_SHARE,
    ) -> None:
        self._places, self._clock = read_places(address), clock
        self._pace, self._rests = Pace(clock, commands_per_s), Rests(clock, server_share)
        self._route: Route = Routing(self._places, self._pace, timeout_s)
        self._entries = EntryReader(self._route)
        self._many = ManyReader(self._route, self._pace, self._rests, clock)

    @property
    def load(self) -> OwnLoad:
        """What we cost the server."""
        return self._pace.load()

    async def identity(self) -> ServerIdentity:
        """Return who answers."""
        return await read_identity(self._route, self._clock, self._places.seeds[0].database)

    async def now_s(self) -> float:
        """Return the server's clock (TIME), seconds since 1970."""
        began = self._clock.monotonic()
        now_s = parse_time(await self._one(Call("TIME")))
        self._rests.note_small(self._clock.monotonic() - began)
        return now_s

    async def ping_s(self) -> float:
        """Return how long a PING took; of a cluster, its slowest node's."""
        slowest_s = 0.0
        for node in range(await self._route.node_count()):
            began, held = self._clock.monotonic(), self.load.waited_s
            (reply,) = await self._route.ask_node(node, [Call("PING")])
            checked(reply)
            # Our own pace is no slowness of the server.
            took_s = self._clock.monotonic() - began - (self.load.waited_s - held)
            slowest_s = max(slowest_s, took_s)
        return slowest_s

    async def info(self) -> tuple[Mapping[str, SafeText], int | None]:
        """Return the fields of INFO (all usual sections, and keyspace), and DBSIZE."""
        nodes = await self._route.ask_each([Call("INFO"), Call("DBSIZE")])
        infos = [parse_info(as_bytes(checked(replies[0]))) for replies in nodes]
        sizes = [replies[1] for replies in nodes if isinstance(replies[1], int)]
        return merge_infos(infos), sum(sizes) if len(sizes) == len(nodes) else None

    async def settings(self, names: Sequence[str]) -> Mapping[str, SafeText]:
        """Return settings by name (CONFIG GET); what the server lacks is not in it."""
        # Before 7 one CONFIG GET takes one name.
        replies = await self._route.ask([Call("CONFIG GET", name) for name in names])
        found: dict[str, SafeText] = {}
        for reply in replies:
            for name, value in as_map(checked(reply)).items():
                found[clean(name, 128)] = clean(as_bytes(value), 512)
        return MappingProxyType(found)

    async def slow(self, count: int) -> tuple[SlowFacts, ...]:
        """Return the newest lines of the slow log."""
        count = max(1, min(count, MAX_SLOW))
        nodes = await self._route.ask_each([Call("SLOWLOG GET", count)])
        lines = [parse_slow(line) for (reply,) in nodes for line in as_list(checked(reply))]
        return tuple(sorted(lines, key=lambda line: (-line.time_s, -line.id))[:count])

    async def scan(
        self, place: ScanPlace, match: str = "", kind: str = "", count: int = SCAN_COUNT
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        """Take one step of a scan. Keys may come twice, and come late.

        It waits where the last step kept the server so long that another would be felt.
        """
        options = ["COUNT", max(1, min(count, MAX_SCAN))]
        if match:
            options += ["MATCH", match]
        if kind:
            options += ["TYPE", kind]
        call = Call("SCAN", place.cursor, *options)
        self._pace.hold(await self._rests.wait())
        began, held = self._clock.monotonic(), self.load.waited_s
        (reply,) = await self._route.ask_node(place.node, [call])
        took_s = self._clock.monotonic() - began - (self.load.waited_s - held)
        self._rests.note_large(took_s)
        cursor, keys = as_list(checked(reply))
        names = tuple(KeyName(as_bytes(key)) for key in as_list(keys))
        following = ScanPlace(as_int(cursor), place.node)
        if following.cursor == 0:
            is_done = place.node + 1 >= await self._route.node_count()
            following = ScanPlace(0, place.node + 1, is_done)
        return following, names

    async def looks(self, keys: Sequence[KeyName]) -> tuple[KeyLook, ...]:
        """Return what these keys are, in their order, in one round trip."""
        return await read_looks(self._route, keys)

    async def contents(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        """Return small records of any type in their order, in few round trips, capped."""
        return await read_contents(self._route, keys)

    @property
    def reads_singly(self) -> SafeText:
        """Why `records` costs four commands for each; empty: it does not, as far as is known."""
        return self._many.against

    async def records(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        """Return what `contents` does, many small records with one command where that may be."""
        return await self._many.read(keys)

    async def collection(self, key: KeyName, most: int, most_bytes: int) -> Collection:
        """Return a list, hash, set or string, page by page; one that is larger is not read."""
        return await read_collection(self._route, key, most, most_bytes)

    async def memory_bytes(self, keys: Sequence[KeyName]) -> tuple[int | None, ...]:
        """Return what keys take (MEMORY USAGE, few samples); None: gone, or not allowed."""
        calls = [Call("MEMORY USAGE", key.raw, "SAMPLES", 5) for key in keys]
        replies = await self._route.ask(calls)
        return tuple(reply if isinstance(reply, int) else None for reply in replies)

    async def stream(self, key: KeyName) -> StreamFacts:
        """Return what a stream is; `RedisSaid` `ERR no such key`, or WRONGTYPE."""
        return parse_stream(await self._one(Call("XINFO STREAM", key.raw)))

    async def groups(self, key: KeyName) -> tuple[GroupFacts, ...]:
        """Return a stream's groups."""
        reply = await self._one(Call("XINFO GROUPS", key.raw))
        return tuple(parse_group(line) for line in as_list(reply))

    async def consumers(self, key: KeyName, group: KeyName) -> tuple[ConsumerFacts, ...]:
        """Return a group's consumers. The server sends all of them at once."""
        reply = await self._one(Call("XINFO CONSUMERS", key.raw, group.raw))
        return tuple(parse_consumer(line) for line in as_list(reply))

    async def pending(
        self,
        key: KeyName,
        group: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        consumer: KeyName | None = None,
        min_idle_s: float = 0.0,
    ) -> tuple[PendingFacts, ...]:
        """Return pending entries from after an id on, at most 100.

        With `min_idle_s` it may read many pages: XPENDING's own IDLE looks at every pending
        entry in one go, and the server serves nobody else meanwhile.
        """
        count = max(1, min(count, MAX_PENDING))
        found: list[PendingFacts] = []
        size = MAX_PENDING if min_idle_s else count
        while len(found) < count:
            page = await self._pending_page(key, group, start, size, consumer)
            found += [one for one in page if one.idle_s >= min_idle_s]
            if len(page) < size:
                break
            start = page[-1].id
        return tuple(found[:count])

    async def entries(
        self,
        key: KeyName,
        start: EntryId | None = None,
        count: int = 100,
        *,
        is_backwards: bool = False,
    ) -> tuple[RawEntry, ...]:
        """Return entries from after an id on (before it when backwards), at most 500."""
        return await self._entries.read(key, start, count, is_backwards)

    async def entries_of(self, key: KeyName, ids: Sequence[EntryId]) -> tuple[RawEntry | None, ...]:
        """Return these entries in their order; None: no longer in the stream."""
        return await self._entries.read_these(key, ids)

    async def count_after(self, key: KeyName, start: EntryId, limit: int) -> int:
        """Count entries after an id, giving up at `limit`."""
        counted = 0
        while counted < limit:
            some = await self._entries.read(key, start, limit - counted, is_backwards=False)
            counted += len(some)
            if not some:
                break
            start = some[-1].id
        return counted

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command (ACL DRYRUN); None: it cannot be told."""
        try:
            user = as_bytes(await self._one(Call("ACL WHOAMI")))
            words = (*command.split(), *arguments)
            return await self._one(Call("ACL DRYRUN", user, *words)) == b"OK"
        except RedisSaid:
            return None

    async def has_command(self, command: str) -> bool:
        """Return whether the server knows a command (COMMAND INFO): renamed ones are gone."""
        name = command.partition(" ")[0]
        reply = await self._one(Call("COMMAND INFO", name))
        return any(line for line in as_list(reply))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._route.aclose()

    async def _one(self, call: Call) -> object:
        (reply,) = await self._route.ask([call])
        return checked(reply)

    async def _pending_page(
        self,
        key: KeyName,
        group: KeyName,
        start: EntryId | None,
        count: int,
        consumer: KeyName | None,
    ) -> tuple[PendingFacts, ...]:
        who = (consumer.raw,) if consumer else ()
        call = Call("XPENDING", key.raw, group.raw, after(start), "+", count, *who)
        return tuple(parse_pending(line) for line in as_list(await self._one(call)))
