"""Copies of a store in Redis, each one file: values by type, when they expire, a digest. Pure.

A copy holds live keys. What it says of bytes that are no UTF-8 comes back as it was.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from core.clients.keyspace.port import Collection as Held
from core.errors import ClientError, ClientGarbled
from core.keys.ids import KeyIds
from core.keys.store.redis_reading import Taken, apart
from core.keys.store.redis_shapes import RedisStore, bytes_of, text_of
from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText, clean

FORMAT = 1
MOST_BYTES = 16 * 1024 * 1024
"""Of one copy."""
_COPIED = frozenset({"string", "hash", "list", "set"})
_MOST_COPIES = 60


@dataclass(frozen=True, slots=True)
class RedisCopy:
    """A store as it was copied."""

    server: str
    names: tuple[str, ...]
    """Its names and patterns."""
    held: tuple[Held, ...] = field(repr=False)
    ends_ms: Mapping[KeyName, int]
    """When those of its Redis keys expire that do, by the server's clock."""

    def understood(self, tiers: Collection[str], now_ms: int) -> RedisStore:
        """Return the API keys in it, of what has not expired by the server's clock."""
        held = [one for one in self.held if self.ends_ms.get(one.key, now_ms + 1) > now_ms]
        ttl_s = {key: (end - now_ms) / 1000 for key, end in self.ends_ms.items() if end > now_ms}
        return Taken(tuple(held), ttl_s, tuple(apart(self.names)[1])).understood(tiers)

    def expired(self, now_ms: int) -> int:
        """Return how many of its Redis keys have expired by the server's clock."""
        return sum(self.ends_ms.get(one.key, now_ms + 1) <= now_ms for one in self.held)


def copy_of(
    taken: Taken, server: str, names: Sequence[str], ends_ms: Mapping[KeyName, int]
) -> RedisCopy:
    """Return the copy of what was read; `ends_ms`: as in the copy."""
    held = tuple(one for one in taken.held if not left_out(one))
    return RedisCopy(server, tuple(names), held, ends_ms)


def left_out(held: Held) -> SafeText:
    """Return why a Redis key is not copied; empty: it is."""
    if held.against:
        return held.against
    return EMPTY if held.kind in _COPIED else clean(f"it is a {held.kind}")


def packed(copy: RedisCopy) -> bytes:
    """Return a copy as its file has it."""
    document = {
        "format": FORMAT,
        "server": copy.server,
        "names": list(copy.names),
        "keys": [
            {
                "name": text_of(one.key.raw),
                "kind": one.kind,
                "members": [[text_of(name), text_of(value)] for name, value in one.members],
                "expires_at_ms": copy.ends_ms.get(one.key),
            }
            for one in copy.held
        ],
    }
    return json.dumps({"sha256": _digest(document), "store": document}, indent=1).encode()


def unpacked(data: bytes) -> RedisCopy:
    """Return the copy that a file holds.

    Raises:
        ClientGarbled: it is none, or not what was written.
    """
    try:
        whole = json.loads(data)
        document = cast("dict[str, Any]", whole["store"])
        if whole["sha256"] != _digest(document):
            raise ClientGarbled("the copy is not what was written: its digest is another")
        if document["format"] != FORMAT:
            raise ClientGarbled("the copy is of another format than this build writes")
        keys = cast("list[dict[str, Any]]", document["keys"])
        held = tuple(_held(one) for one in keys)
        ends = {
            one.key: int(row["expires_at_ms"])
            for one, row in zip(held, keys, strict=True)
            if row["expires_at_ms"] is not None
        }
        return RedisCopy(document["server"], tuple(document["names"]), held, ends)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ClientGarbled("it is no copy of a store in Redis") from error


def newest_having(
    names: Sequence[str],
    read: Callable[[str], bytes],
    marks: frozenset[str],
    ids: KeyIds,
    tiers: Collection[str],
) -> SafeText:
    """Return the newest copy that has all these keys; empty: none has.

    Args:
        names: Of copies, newest first.
        read: Returns one.
        marks: Of the keys.
        ids: Names keys.
        tiers: Those that the configuration names.
    """
    for name in names[:_MOST_COPIES]:
        try:
            # What expired since is no loss, and is none of these.
            store = unpacked(read(name)).understood(tiers, 0)
        except ClientError:
            continue
        if marks <= set(ids.marks(store.identities)):
            return clean(name)
    return EMPTY


def _held(row: dict[str, Any]) -> Held:
    members = tuple((bytes_of(name), bytes_of(value)) for name, value in row["members"])
    return Held(KeyName(bytes_of(row["name"])), row["kind"], members, len(members))


def _digest(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
