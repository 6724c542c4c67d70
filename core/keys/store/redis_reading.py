"""Reads the Redis keys of a store: found by a paced SCAN with a budget, read to their ends."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.clients.keyspace.port import SCAN_START, KeyContent, Keyspace
from core.clients.keyspace.port import Collection as Held
from core.clients.keyspace.port import Value as KeptValue
from core.errors import ClientMissing, ClientRefused
from core.keys.store.redis_shapes import RedisStore, bytes_of, understood
from core.keys.store.redis_usage import Counted, Names, counted, is_one_of
from core.keys.store.shapes import Record
from core.model.redis_key import KeyName
from core.model.text import clean

MOST = 20_000
"""Keys of one store; of more, nobody would know which are missing."""
MOST_BYTES = 16 * 1024 * 1024
MOST_SLICES = 2_000
"""Of a SCAN: a million keys."""
_AT_ONCE = 100
_GLOB = frozenset("*?[")
_NONE = "none"
_IN_PAGES = frozenset({"list", "set"})
"""Of these a pattern's look brings no members."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the Redis keys of a store hold, as they hold it."""

    held: tuple[Held, ...]
    ttl_s: Mapping[KeyName, float]
    """What is left of the time of those that expire."""
    patterns: tuple[str, ...] = ()
    cut: str = ""
    """Why there may be more; empty: these are all."""

    def understood(self, tiers: Collection[str]) -> RedisStore:
        """Return how they hold API keys."""
        store = understood(self.held, self.patterns, tiers)
        if not self.cut:
            return replace(store, ttl_s=self.ttl_s)
        whys = (*store.whys, self.cut)
        return replace(store, ttl_s=self.ttl_s, whys=whys, is_whole=False)


async def read_store(
    keyspace: Keyspace,
    names: Sequence[str],
    tiers: Collection[str],
    counters: Sequence[str] = (),
) -> RedisStore:
    """Return what the keys of these names, or of these patterns, hold.

    `counters` are names, or patterns, of keys that count requests: they are no records.

    Raises:
        ClientMissing: there are none.
        ClientError: the server cannot be asked, or has more keys than can be looked at.
    """
    return (await _taken(keyspace, names, counters)).understood(tiers)


async def read_whole(
    keyspace: Keyspace, names: Sequence[str], counters: Sequence[str] = ()
) -> Taken:
    """Return all that these keys hold, also where that is no record, or a large one.

    Raises:
        ClientMissing, ClientError: as for `read_store`.
    """
    taken = await _taken(keyspace, names, counters)
    held = [
        await keyspace.collection(one.key, MOST, MOST_BYTES)
        if one.against or one.kind in _IN_PAGES
        else one
        for one in taken.held
    ]
    return replace(taken, held=tuple(one for one in held if one.kind != _NONE))


async def _taken(keyspace: Keyspace, names: Sequence[str], counters: Sequence[str]) -> Taken:
    exact, patterns = apart(names)
    held, looks = await _read_named(keyspace, exact)
    cut = ""
    for pattern in patterns:
        keys, is_whole = await _found(keyspace, pattern)
        keys = [key for key in keys if not is_one_of(key, counters, pattern)]
        cut = cut or ("" if is_whole else f"not every key like {clean(pattern, 80)} was looked at")
        for content in await _records(keyspace, keys):
            held.append(_held(content))
            looks[content.key] = content.look.ttl_s
    held = [one for one in held if one.kind != _NONE]
    if not held and cut:
        # They may be among the rest: to call them missing would be to call them lost.
        raise ClientRefused(f"{cut}, and none was found among those that were")
    if not held:
        raise ClientMissing(f"the server has no key {' or '.join(clean(one, 80) for one in names)}")
    ttl_s = {key: left_s for key, left_s in looks.items() if left_s is not None}
    return Taken(tuple(held), ttl_s, tuple(patterns), cut)


async def read_counted(
    keyspace: Keyspace, names: Sequence[str], store: RedisStore, now: datetime
) -> tuple[Counted, str]:
    """Return what keys of these names, or patterns, tell of use, and why that is not all of it.

    Raises:
        ClientError: the server cannot be asked.
    """
    exact, patterns = apart(names)
    held, _ = await _read_named(keyspace, exact)
    whys = [f"{clean(one.key.shown, 80)}: {one.against}" for one in held if one.against]
    contents: list[KeyContent] = []
    for pattern in patterns:
        keys, is_whole = await _found(keyspace, pattern)
        whys += [] if is_whole else [f"not every key like {clean(pattern, 80)} was looked at"]
        contents += [await _whole(keyspace, one) for one in await _records(keyspace, keys)]
    records = [row.record for row in store.rows]
    found = counted(held, contents, patterns, Names(records, _digests(records)), now)
    if found.nameless:
        whys.append(f"{found.nameless} counts name no month and no day, and are left out")
    return found, "; ".join(whys)


def apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names, and the patterns, among names."""
    exact = [one for one in names if _GLOB.isdisjoint(one)]
    return exact, [one for one in names if one not in exact]


def _digests(records: Sequence[Record]) -> dict[str, str]:
    """Return the keys that are kept as they are by their SHA-256: some counters are called so."""
    return {
        hashlib.sha256(one.identity.encode("utf-8", "surrogatepass")).hexdigest(): one.identity
        for one in records
        if not one.is_hash
    }


async def _read_named(
    keyspace: Keyspace, names: Sequence[str]
) -> tuple[list[Held], dict[KeyName, float | None]]:
    """Return what keys of these names hold, and what is left of the time of each."""
    keys = [KeyName(bytes_of(name)) for name in names]
    held = [await keyspace.collection(key, MOST, MOST_BYTES) for key in keys]
    looks = await keyspace.looks(keys) if keys else ()
    return held, {key: look.ttl_s for key, look in zip(keys, looks, strict=True)}


async def _records(keyspace: Keyspace, keys: Sequence[KeyName]) -> list[KeyContent]:
    found: list[KeyContent] = []
    for at in range(0, len(keys), _AT_ONCE):
        found += await keyspace.records(keys[at : at + _AT_ONCE])
    return found


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


async def _whole(keyspace: Keyspace, content: KeyContent) -> KeyContent:
    """Return a hash with all of its fields: one of a month may have a field for each API key."""
    if content.fields is None or (content.length or 0) <= len(content.fields):
        return content
    held = await keyspace.collection(content.key, MOST, MOST_BYTES)
    fields = {name: KeptValue(value, len(value)) for name, value in held.members}
    return replace(content, fields=fields)


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
