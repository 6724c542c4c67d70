"""What replies mean, in RESP2 and RESP3 alike. Pure; other shapes are `ClientGarbled`."""

from collections.abc import Mapping, Sequence
from typing import cast

from core.clients.keyspace.port import (
    ConsumerFacts,
    GroupFacts,
    KeyLook,
    PendingFacts,
    RawEntry,
    SlowFacts,
    StreamFacts,
)
from core.errors import ClientError, ClientGarbled
from core.model.redis_key import KeyName
from core.model.stream import EntryId

ZERO = EntryId(0)


def checked(reply: object) -> object:
    """Return a reply that is no refusal; a refusal is raised."""
    if isinstance(reply, ClientError):
        raise reply
    return reply


def as_list(reply: object) -> Sequence[object]:
    """Return an array; null is an empty one."""
    if reply is None:
        return ()
    if isinstance(reply, list | tuple):
        return cast("Sequence[object]", reply)
    raise _garbled(reply)


def as_int(reply: object) -> int:
    """Return a number."""
    if isinstance(reply, int):
        return reply
    if isinstance(reply, bytes) and reply.removeprefix(b"-").isdigit():
        return int(reply)
    raise _garbled(reply)


def as_bytes(reply: object) -> bytes:
    """Return a string."""
    if isinstance(reply, bytes):
        return reply
    if isinstance(reply, str):
        return reply.encode()
    raise _garbled(reply)


def as_map(reply: object) -> Mapping[bytes, object]:
    """Return a map: RESP3 has them, RESP2 has a list of names and values."""
    if isinstance(reply, dict):
        pairs = cast("Mapping[object, object]", reply)
        return {as_bytes(name): value for name, value in pairs.items()}
    words = as_list(reply)
    return {as_bytes(words[at]): words[at + 1] for at in range(0, len(words) - 1, 2)}


def _garbled(reply: object) -> ClientGarbled:
    return ClientGarbled(f"an unexpected kind of reply: {type(reply).__name__}")


def _maybe_int(reply: object) -> int | None:
    return None if reply is None else as_int(reply)


def parse_id(reply: object) -> EntryId:
    """Return an entry's id."""
    found = EntryId.read(as_bytes(reply).decode("ascii", "replace"))
    if found is None:
        raise _garbled(reply)
    return found


def parse_entry(reply: object) -> RawEntry:
    """Return a line of XRANGE."""
    entry = as_list(reply)
    if len(entry) != 2:
        raise _garbled(reply)
    words = [as_bytes(word) for word in as_list(entry[1])]
    return RawEntry(parse_id(entry[0]), tuple(zip(words[::2], words[1::2], strict=True)))


def parse_entries(reply: object) -> tuple[RawEntry, ...]:
    """Return the lines of XRANGE. Before 7 a claimed entry that is deleted comes as null."""
    return tuple(parse_entry(line) for line in as_list(reply) if line is not None)


def _end(reply: object) -> EntryId | None:
    return None if reply is None else parse_entry(reply).id


def parse_stream(reply: object) -> StreamFacts:
    """Return XINFO STREAM."""
    facts = as_map(reply)
    deleted = facts.get(b"max-deleted-entry-id")
    return StreamFacts(
        length=as_int(facts.get(b"length")),
        first=_end(facts.get(b"first-entry")),
        last=_end(facts.get(b"last-entry")),
        last_generated=parse_id(facts.get(b"last-generated-id")),
        entries_added=_maybe_int(facts.get(b"entries-added")),
        max_deleted=parse_id(deleted) if deleted is not None else None,
        group_count=as_int(facts.get(b"groups")),
    )


def parse_group(reply: object) -> GroupFacts:
    """Return a line of XINFO GROUPS."""
    facts = as_map(reply)
    return GroupFacts(
        name=KeyName(as_bytes(facts.get(b"name"))),
        consumer_count=as_int(facts.get(b"consumers")),
        pending=as_int(facts.get(b"pending")),
        last_delivered=parse_id(facts.get(b"last-delivered-id")),
        entries_read=_maybe_int(facts.get(b"entries-read")),
        lag=_maybe_int(facts.get(b"lag")),
    )


def parse_consumer(reply: object) -> ConsumerFacts:
    """Return a line of XINFO CONSUMERS. Inactive is -1 for who never got anything."""
    facts = as_map(reply)
    inactive_ms = _maybe_int(facts.get(b"inactive"))
    has_got = inactive_ms is not None and inactive_ms >= 0
    return ConsumerFacts(
        name=KeyName(as_bytes(facts.get(b"name"))),
        pending=as_int(facts.get(b"pending")),
        idle_s=as_int(facts.get(b"idle")) / 1000,
        inactive_s=inactive_ms / 1000 if inactive_ms is not None and has_got else None,
    )


def parse_pending(reply: object) -> PendingFacts:
    """Return a line of XPENDING with a range."""
    line = as_list(reply)
    if len(line) < 4:
        raise _garbled(reply)
    return PendingFacts(
        id=parse_id(line[0]),
        consumer=KeyName(as_bytes(line[1])),
        idle_s=as_int(line[2]) / 1000,
        deliveries=as_int(line[3]),
    )


def parse_slow(reply: object) -> SlowFacts:
    """Return a line of SLOWLOG GET; before 4 it names no client."""
    line = as_list(reply)
    if len(line) < 4:
        raise _garbled(reply)
    return SlowFacts(
        id=as_int(line[0]),
        time_s=as_int(line[1]),
        took_us=as_int(line[2]),
        words=tuple(as_bytes(word) for word in as_list(line[3])),
        client=as_bytes(line[4]) if len(line) > 4 else b"",
    )


def parse_time(reply: object) -> float:
    """Return TIME as seconds since 1970."""
    words = as_list(reply)
    if len(words) != 2:
        raise _garbled(reply)
    return as_int(words[0]) + as_int(words[1]) / 1e6


def parse_look(kind: object, ttl_ms: object) -> KeyLook:
    """Return TYPE and PTTL: -1 never expires, -2 is gone."""
    left = as_int(checked(ttl_ms))
    kind_name = as_bytes(checked(kind)).decode("ascii", "replace")
    return KeyLook(kind_name, left / 1000 if left >= 0 else None)


def after(start: EntryId | None) -> bytes:
    """Return where a range begins that does not have `start` itself; before 6.2 `(` is unknown."""
    if start is None:
        return b"-"
    top = 2**64 - 1
    following = EntryId(start.ms, start.seq + 1) if start.seq < top else EntryId(start.ms + 1)
    return str(following).encode()


def before(start: EntryId | None) -> bytes:
    """Return where a backward range begins that does not have `start` itself."""
    if start is None:
        return b"+"
    if start.seq:
        return str(EntryId(start.ms, start.seq - 1)).encode()
    return f"{max(0, start.ms - 1)}-{2**64 - 1 if start.ms else 0}".encode()
