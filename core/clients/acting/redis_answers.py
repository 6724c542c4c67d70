"""Reads what a server answers about streams. Pure.

Everything raises `ClientGarbled` for an answer of another shape.
"""

from dataclasses import dataclass
from typing import cast

from core.clients.keyspace.port import (
    ConsumerFacts,
    GroupFacts,
    PendingFacts,
    RawEntry,
    StreamFacts,
)
from core.errors import ClientGarbled
from core.model.redis_key import KeyName
from core.model.stream import EntryId


@dataclass(frozen=True, slots=True)
class Place:
    """A consumer group of a stream of a server."""

    server: str
    key: KeyName
    group: KeyName


@dataclass(frozen=True, slots=True)
class Held:
    """A pending entry as it is put back."""

    id: EntryId
    idle_ms: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class AutoClaimed:
    """What came of one page of XAUTOCLAIM."""

    cursor: EntryId
    """Where the next page begins; `0-0`: this was the last."""
    claimed: tuple[EntryId, ...]
    dropped: tuple[EntryId, ...]
    """No longer in the stream, and so no longer pending (from 7 on)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of moving an entry."""

    word: str
    """`moved`; `gone`: it is not there any more; else the type of what its target is."""
    id: EntryId | None = None
    """In the target."""


def rows_of(answer: object) -> list[object]:
    """Return the elements of a list."""
    if not isinstance(answer, list):
        raise ClientGarbled("the server answered with something else than a list")
    return cast("list[object]", answer)


def bytes_of(answer: object) -> bytes:
    """Return a text."""
    if not isinstance(answer, bytes):
        raise ClientGarbled("the server answered with something else than a text")
    return answer


def whole_of(answer: object) -> int:
    """Return a whole number."""
    if not isinstance(answer, int):
        raise ClientGarbled("the server answered with something else than a number")
    return answer


def id_of(answer: object) -> EntryId:
    """Return an entry's id."""
    found = EntryId.read(bytes_of(answer).decode("ascii", "replace"))
    if found is None:
        raise ClientGarbled("the server gave an id that is none")
    return found


def ids_of(answer: object) -> tuple[EntryId, ...]:
    """Return ids; those that are gone are nil before 7."""
    return tuple(id_of(one) for one in rows_of(answer) if one is not None)


def stream_of(answer: object) -> StreamFacts:
    """Return XINFO STREAM."""
    pairs = _pairs(answer)
    return StreamFacts(
        length=whole_of(pairs.get("length")),
        first=_first_id(pairs.get("first-entry")),
        last=_first_id(pairs.get("last-entry")),
        last_generated=id_of(pairs.get("last-generated-id")),
        entries_added=_maybe(pairs.get("entries-added")),
        max_deleted=id_of(pairs["max-deleted-entry-id"])
        if "max-deleted-entry-id" in pairs
        else None,
        group_count=whole_of(pairs.get("groups")),
    )


def group_of(answer: object) -> GroupFacts:
    """Return a line of XINFO GROUPS."""
    pairs = _pairs(answer)
    return GroupFacts(
        name=KeyName(bytes_of(pairs.get("name"))),
        consumer_count=whole_of(pairs.get("consumers")),
        pending=whole_of(pairs.get("pending")),
        last_delivered=id_of(pairs.get("last-delivered-id")),
        entries_read=_maybe(pairs.get("entries-read")),
        lag=_maybe(pairs.get("lag")),
    )


def consumer_of(answer: object) -> ConsumerFacts:
    """Return a line of XINFO CONSUMERS."""
    pairs = _pairs(answer)
    inactive_ms = _maybe(pairs.get("inactive"))
    return ConsumerFacts(
        name=KeyName(bytes_of(pairs.get("name"))),
        pending=whole_of(pairs.get("pending")),
        idle_s=whole_of(pairs.get("idle")) / 1000,
        inactive_s=None if inactive_ms is None or inactive_ms < 0 else inactive_ms / 1000,
    )


def pending_of(answer: object) -> PendingFacts:
    """Return a line of XPENDING."""
    row = rows_of(answer)
    if len(row) != 4:
        raise ClientGarbled("the server gave a pending entry that is none")
    one, consumer, idle_ms, deliveries = row
    return PendingFacts(
        id_of(one), KeyName(bytes_of(consumer)), whole_of(idle_ms) / 1000, whole_of(deliveries)
    )


def entry_of(answer: object) -> RawEntry:
    """Return a line of XRANGE."""
    row = rows_of(answer)
    if len(row) != 2:
        raise ClientGarbled("the server gave an entry that is none")
    words = [bytes_of(one) for one in rows_of(row[1])]
    return RawEntry(id_of(row[0]), tuple(zip(words[::2], words[1::2], strict=True)))


def said_of(answer: object) -> tuple[str, object]:
    """Return the word that a script answers with, and what follows it."""
    row = rows_of(answer)
    if not row:
        raise ClientGarbled("a script answered with nothing")
    return bytes_of(row[0]).decode("ascii", "replace"), row[1] if len(row) > 1 else None


def _pairs(answer: object) -> dict[str, object]:
    row = rows_of(answer)
    names = [bytes_of(one).decode("ascii", "replace") for one in row[::2]]
    return dict(zip(names, row[1::2], strict=True))


def _maybe(answer: object) -> int | None:
    return answer if isinstance(answer, int) else None


def _first_id(answer: object) -> EntryId | None:
    return id_of(rows_of(answer)[0]) if answer else None
