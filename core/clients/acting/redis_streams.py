"""Streams of a server, told to change: the port `StreamControl` and its adapter.

Servers are known by the service they are (`shop/redis`), so that no plan holds an address.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.clients.acting import redis_answers as read
from core.clients.acting.redis_answers import AutoClaimed, Held, Moved, Place
from core.clients.acting.redis_call import Word
from core.clients.acting.redis_link import RedisLink
from core.clients.acting.redis_portions import (
    PORTIONS_S,
    entries_after,
    entries_named,
    trim_before,
)
from core.clients.acting.redis_scripts import (
    MOVE,
    REMOVE_CONSUMER,
    REMOVE_GROUP,
    RESTORE_CONSUMER,
    SET_ID,
)
from core.clients.keyspace.port import (
    ConsumerFacts,
    GroupFacts,
    PendingFacts,
    RawEntry,
    StreamFacts,
)
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import clean

_NO_KEY = "no such key"


class StreamControl(Protocol):
    """What steps need of servers. Every call raises `ClientError`; `RedisSaid` names its state.

    What changes something is sent once. Where its answer is lost nobody knows whether it was done:
    a look at the stream tells.
    """

    async def stream(self, server: str, key: KeyName) -> StreamFacts | None:
        """Return what a stream is; None: there is no such key. `RedisSaid` WRONGTYPE."""
        ...

    async def groups(self, server: str, key: KeyName) -> tuple[GroupFacts, ...]:
        """Return a stream's groups."""
        ...

    async def consumers(self, place: Place) -> tuple[ConsumerFacts, ...]:
        """Return a group's consumers."""
        ...

    async def pending(
        self,
        place: Place,
        start: EntryId | None,
        count: int,
        consumer: KeyName | None = None,
    ) -> tuple[PendingFacts, ...]:
        """Return pending entries from after an id on.

        Never by their idle time: a server that searches for it looks at all of them in one go.
        """
        ...

    async def pending_of(
        self, place: Place, ids: Sequence[EntryId]
    ) -> tuple[PendingFacts | None, ...]:
        """Return these pending entries in their order; None: it is not pending."""
        ...

    async def entries(
        self, server: str, key: KeyName, start: EntryId | None, count: int
    ) -> tuple[RawEntry, ...]:
        """Return entries from after an id on."""
        ...

    async def entries_of(
        self, server: str, key: KeyName, ids: Sequence[EntryId]
    ) -> tuple[RawEntry | None, ...]:
        """Return these entries in their order; None: no longer in the stream."""
        ...

    async def slots(self, server: str, keys: Sequence[KeyName]) -> tuple[int, ...]:
        """Return the keys' slots in a cluster; nothing where there is no cluster."""
        ...

    async def refusals(self, server: str, commands: Sequence[Sequence[Word]]) -> tuple[str, ...]:
        """Return why commands would be refused: unknown to the server, or not allowed to us.

        Args:
            server: `system/service`.
            commands: Whole ones, with the keys that they would touch. Nothing of them is run.
        """
        ...

    async def claim(
        self, place: Place, to: KeyName, min_idle_ms: int, ids: Sequence[EntryId]
    ) -> tuple[EntryId, ...]:
        """Give a consumer these pending entries, their counters kept; return those it got."""
        ...

    async def claim_page(
        self, place: Place, to: KeyName, min_idle_ms: int, start: EntryId, count: int
    ) -> AutoClaimed:
        """Give a consumer the idle pending entries from an id on (XAUTOCLAIM)."""
        ...

    async def acknowledge(self, place: Place, ids: Sequence[EntryId]) -> tuple[bool, ...]:
        """Acknowledge all at once; tell of each whether it was pending."""
        ...

    async def remove_consumer(self, place: Place, consumer: KeyName, pending: int) -> int | None:
        """Remove a consumer that has so many entries pending, and them with it.

        Returns how many it has instead; None: it is done.
        """
        ...

    async def restore_consumer(
        self, place: Place, consumer: KeyName, held: Sequence[Held]
    ) -> int | None:
        """Make a consumer again with what it held; return how many it got, None: it is there."""
        ...

    async def set_id(
        self, place: Place, was: EntryId, to: EntryId, entries_read: int | None
    ) -> EntryId:
        """Have a group go on after an id, if it is at `was`; return where it was."""
        ...

    async def create_group(self, place: Place, start: EntryId) -> None:
        """Make a group that reads on after an id."""
        ...

    async def remove_group(self, place: Place, at: EntryId) -> str:
        """Remove a group that was not used; return `done`, `absent`, `used` or `other`."""
        ...

    async def trim(self, server: str, key: KeyName, min_id: EntryId, count: int) -> int:
        """Remove all entries before an id, about so many; return how many went.

        Many go in portions, the oldest first: where an answer is lost others may be left.
        """
        ...

    async def delete(self, server: str, key: KeyName, ids: Sequence[EntryId]) -> int:
        """Remove entries; return how many were there."""
        ...

    async def move(
        self,
        server: str,
        route: tuple[KeyName, KeyName],
        one: EntryId,
        fields: Sequence[tuple[bytes, bytes]],
        *,
        may_make: bool,
    ) -> Moved:
        """Take an entry out of one stream and add a message to another, as one."""
        ...

    async def add(
        self, server: str, key: KeyName, fields: Sequence[tuple[bytes, bytes]]
    ) -> EntryId:
        """Add an entry to a stream that is there."""
        ...


class RedisStreams:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._link = RedisLink(addresses)

    async def stream(self, server: str, key: KeyName) -> StreamFacts | None:
        """Return what a stream is."""
        try:
            return read.stream_of(await self._link.ask(server, "XINFO", "STREAM", key.raw))
        except RedisSaid as error:
            if _NO_KEY in str(error):
                return None
            raise

    async def groups(self, server: str, key: KeyName) -> tuple[GroupFacts, ...]:
        """Return a stream's groups."""
        answer = await self._link.ask(server, "XINFO", "GROUPS", key.raw)
        return tuple(map(read.group_of, read.rows_of(answer)))

    async def consumers(self, place: Place) -> tuple[ConsumerFacts, ...]:
        """Return a group's consumers."""
        words = ("XINFO", "CONSUMERS", place.key.raw, place.group.raw)
        return tuple(
            map(read.consumer_of, read.rows_of(await self._link.ask(place.server, *words)))
        )

    async def pending(
        self,
        place: Place,
        start: EntryId | None,
        count: int,
        consumer: KeyName | None = None,
    ) -> tuple[PendingFacts, ...]:
        """Return pending entries from after an id on."""
        of = (consumer.raw,) if consumer is not None else ()
        words = ("-" if start is None else f"({start}", "+", count, *of)
        answer = await self._link.ask(
            place.server, "XPENDING", place.key.raw, place.group.raw, *words
        )
        return tuple(map(read.pending_of, read.rows_of(answer)))

    async def pending_of(
        self, place: Place, ids: Sequence[EntryId]
    ) -> tuple[PendingFacts | None, ...]:
        """Return these pending entries in their order."""
        head = ("XPENDING", place.key.raw, place.group.raw)
        answers = await self._link.ask_each(place.server, [(*head, f"{x}", f"{x}", 1) for x in ids])
        rows = [read.rows_of(one) for one in answers]
        return tuple(read.pending_of(one[0]) if one else None for one in rows)

    async def entries(
        self, server: str, key: KeyName, start: EntryId | None, count: int
    ) -> tuple[RawEntry, ...]:
        """Return entries from after an id on."""
        found = await self._link.converse(
            server, lambda one: entries_after(one, key, start, count), PORTIONS_S
        )
        return tuple(found)

    async def entries_of(
        self, server: str, key: KeyName, ids: Sequence[EntryId]
    ) -> tuple[RawEntry | None, ...]:
        """Return these entries in their order."""
        found = await self._link.converse(
            server, lambda one: entries_named(one, key, ids), PORTIONS_S
        )
        return tuple(found)

    async def slots(self, server: str, keys: Sequence[KeyName]) -> tuple[int, ...]:
        """Return the keys' slots in a cluster."""
        info = read.bytes_of(await self._link.ask(server, "INFO", "cluster"))
        if b"cluster_enabled:1" not in info:
            return ()
        asked = [("CLUSTER", "KEYSLOT", one.raw) for one in keys]
        return tuple(map(read.whole_of, await self._link.ask_each(server, asked)))

    async def refusals(self, server: str, commands: Sequence[Sequence[Word]]) -> tuple[str, ...]:
        """Return why commands would be refused."""
        found: list[str] = []
        try:
            asked = [("COMMAND", "INFO", words[0]) for words in commands]
            for words, answer in zip(
                commands, await self._link.ask_each(server, asked), strict=True
            ):
                if not any(read.rows_of(answer)):
                    found.append(f"the server has no command {words[0]}: too old, or renamed")
        except RedisSaid:
            pass  # not ours to ask; then the command itself will be refused by its name
        try:
            user = read.bytes_of(await self._link.ask(server, "ACL", "WHOAMI"))
            tried = [("ACL", "DRYRUN", user, *words) for words in commands]
            answers = await self._link.ask_each(server, tried)
        except RedisSaid:
            return tuple(found)  # before 7, or not allowed: it cannot be told
        refused = [read.bytes_of(one) for one in answers if one != b"OK"]
        return (*found, *(f"NOPERM: {clean(one)}" for one in refused))

    async def claim(
        self, place: Place, to: KeyName, min_idle_ms: int, ids: Sequence[EntryId]
    ) -> tuple[EntryId, ...]:
        """Give a consumer these pending entries."""
        head = ("XCLAIM", place.key.raw, place.group.raw, to.raw, min_idle_ms)
        answer = await self._link.ask(place.server, *head, *map(str, ids), "JUSTID")
        return read.ids_of(answer)

    async def claim_page(
        self, place: Place, to: KeyName, min_idle_ms: int, start: EntryId, count: int
    ) -> AutoClaimed:
        """Give a consumer the idle pending entries from an id on."""
        head = ("XAUTOCLAIM", place.key.raw, place.group.raw, to.raw, min_idle_ms, f"{start}")
        row = read.rows_of(await self._link.ask(place.server, *head, "COUNT", count, "JUSTID"))
        dropped = read.ids_of(row[2]) if len(row) > 2 else ()
        return AutoClaimed(read.id_of(row[0]), read.ids_of(row[1]), dropped)

    async def acknowledge(self, place: Place, ids: Sequence[EntryId]) -> tuple[bool, ...]:
        """Acknowledge all at once."""
        commands = [("XACK", place.key.raw, place.group.raw, f"{one}") for one in ids]
        answers = await self._link.ask_at_once(place.server, commands)
        return tuple(read.whole_of(one) > 0 for one in answers)

    async def remove_consumer(self, place: Place, consumer: KeyName, pending: int) -> int | None:
        """Remove a consumer that has so many entries pending."""
        word, count = await self._run(
            place.server, REMOVE_CONSUMER, [place.key], place.group.raw, consumer.raw, pending
        )
        return read.whole_of(count) if word == "other" else None

    async def restore_consumer(
        self, place: Place, consumer: KeyName, held: Sequence[Held]
    ) -> int | None:
        """Make a consumer again with what it held."""
        rows = [word for one in held for word in (f"{one.id}", one.idle_ms, one.deliveries)]
        word, count = await self._run(
            place.server, RESTORE_CONSUMER, [place.key], place.group.raw, consumer.raw, *rows
        )
        return read.whole_of(count) if word == "done" else None

    async def set_id(
        self, place: Place, was: EntryId, to: EntryId, entries_read: int | None
    ) -> EntryId:
        """Have a group go on after an id."""
        count = "" if entries_read is None else entries_read
        word, found = await self._run(
            place.server, SET_ID, [place.key], place.group.raw, f"{was}", f"{to}", count
        )
        if word == "absent":
            raise RedisSaid("NOGROUP", f"there is no group {place.group.shown} any more")
        return was if word == "done" else read.id_of(found)

    async def create_group(self, place: Place, start: EntryId) -> None:
        """Make a group that reads on after an id."""
        words = ("XGROUP", "CREATE", place.key.raw, place.group.raw, f"{start}")
        await self._link.ask(place.server, *words)

    async def remove_group(self, place: Place, at: EntryId) -> str:
        """Remove a group that was not used."""
        word, _ = await self._run(place.server, REMOVE_GROUP, [place.key], place.group.raw, f"{at}")
        return word

    async def trim(self, server: str, key: KeyName, min_id: EntryId, count: int) -> int:
        """Remove all entries before an id."""
        return await self._link.converse(
            server, lambda one: trim_before(one, key, min_id, count), PORTIONS_S
        )

    async def delete(self, server: str, key: KeyName, ids: Sequence[EntryId]) -> int:
        """Remove entries."""
        return read.whole_of(await self._link.ask(server, "XDEL", key.raw, *map(str, ids)))

    async def move(
        self,
        server: str,
        route: tuple[KeyName, KeyName],
        one: EntryId,
        fields: Sequence[tuple[bytes, bytes]],
        *,
        may_make: bool,
    ) -> Moved:
        """Take an entry out of one stream and add a message to another."""
        words = [word for pair in fields for word in pair]
        word, found = await self._run(server, MOVE, route, f"{one}", int(may_make), *words)
        if word == "target":
            return Moved(clean(read.bytes_of(found)))
        return Moved(word, None if found is None else read.id_of(found))

    async def add(
        self, server: str, key: KeyName, fields: Sequence[tuple[bytes, bytes]]
    ) -> EntryId:
        """Add an entry to a stream that is there."""
        words = [word for pair in fields for word in pair]
        answer = await self._link.ask(server, "XADD", key.raw, "NOMKSTREAM", "*", *words)
        if answer is None:
            raise RedisSaid("ERR", f"{_NO_KEY}: {key.shown}")
        return read.id_of(answer)

    async def _run(
        self, server: str, script: str, keys: Sequence[KeyName], *arguments: Word
    ) -> tuple[str, object]:
        names = [one.raw for one in keys]
        answer = await self._link.ask(server, "EVAL", script, len(names), *names, *arguments)
        return read.said_of(answer)
