"""Reads the Redis keys of a store: found by a paced SCAN with a budget, read to their ends."""

from collections.abc import Collection, Sequence

from core.clients.keyspace.port import SCAN_START, KeyContent, Keyspace
from core.clients.keyspace.port import Collection as Held
from core.errors import ClientMissing
from core.keys.store.redis_shapes import RedisStore, understood
from core.model.redis_key import KeyName
from core.model.text import clean

MOST = 20_000
"""Keys of one store; of more, nobody would know which are missing."""
MOST_BYTES = 16 * 1024 * 1024
MOST_SLICES = 2_000
"""Of a SCAN: a million keys."""
_AT_ONCE = 100
_GLOB = frozenset("*?[")


async def read_store(
    keyspace: Keyspace, names: Sequence[str], tiers: Collection[str]
) -> RedisStore:
    """Return what the keys of these names, or of these patterns, hold.

    Raises:
        ClientMissing: there are none.
        ClientError: the server cannot be asked.
    """
    exact = [one for one in names if _GLOB.isdisjoint(one)]
    patterns = [one for one in names if one not in exact]
    held: list[Held] = []
    for name in exact:
        key = KeyName(name.encode("utf-8", "surrogateescape"))
        one = await keyspace.collection(key, MOST, MOST_BYTES)
        if one.kind != "none":
            held.append(one)
    cut = ""
    for pattern in patterns:
        keys, is_whole = await _found(keyspace, pattern)
        cut = cut or ("" if is_whole else f"not every key like {clean(pattern, 80)} was looked at")
        for at in range(0, len(keys), _AT_ONCE):
            held += map(_held, await keyspace.records(keys[at : at + _AT_ONCE]))
    held = [one for one in held if one.kind != "none"]
    if not held:
        raise ClientMissing(f"the server has no key {' or '.join(clean(one, 80) for one in names)}")
    store = understood(held, patterns, tiers)
    if not cut:
        return store
    return RedisStore(store.kind, store.rows, (*store.whys, cut), store.skipped)


async def _found(keyspace: Keyspace, pattern: str) -> tuple[list[KeyName], bool]:
    """Return the keys that fit, each once, and whether these are all."""
    found: dict[KeyName, None] = {}
    place = SCAN_START
    for _ in range(MOST_SLICES):
        place, keys = await keyspace.scan(place, pattern)
        found |= dict.fromkeys(keys)
        if place.is_done or len(found) > MOST:
            break
    return sorted(found, key=lambda one: one.raw)[:MOST], place.is_done and len(found) <= MOST


def _held(content: KeyContent) -> Held:
    """Return a small record as what was read of its key."""
    key, kind = content.key, content.look.kind
    if content.text is not None:
        text = content.text
        against = clean(f"it has {text.size_bytes} bytes: no record" if text.is_cut else "")
        return Held(key, kind, ((b"", text.data),), 1, against)
    fields = content.fields or {}
    members = tuple((name, value.data) for name, value in fields.items())
    is_cut = any(value.is_cut for value in fields.values()) or len(members) < (content.length or 0)
    against = clean("it is larger than a record" if is_cut and kind == "hash" else "")
    return Held(key, kind, members, content.length or 0, against)
