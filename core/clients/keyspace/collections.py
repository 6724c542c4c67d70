"""Reads a list, hash, set or string to its end, page by page, where it is not too large."""

from core.clients.keyspace.allowed import MAX_EDGE, MAX_FIELDS, MAX_RANGE_BYTES, Call
from core.clients.keyspace.port import Collection
from core.clients.keyspace.records import read_looks
from core.clients.keyspace.replies import as_bytes, as_int, as_list, checked
from core.clients.keyspace.route import Route
from core.model.redis_key import KeyName
from core.model.text import clean

_LENGTHS = {"string": "STRLEN", "list": "LLEN", "hash": "HLEN", "set": "SCARD"}
_Members = list[tuple[bytes, bytes]]


async def read_collection(route: Route, key: KeyName, most: int, most_bytes: int) -> Collection:
    """Return what a key holds; what is not held so, or is larger, comes without members."""
    (look,) = await read_looks(route, (key,))
    if look.kind not in _LENGTHS:
        return Collection(key, look.kind)
    counts = await route.ask(
        [Call(_LENGTHS[look.kind], key.raw), Call("MEMORY USAGE", key.raw, "SAMPLES", 5)]
    )
    length = as_int(checked(counts[0]))
    size = counts[1] if isinstance(counts[1], int) else None
    if size is not None and size > most_bytes:
        against = clean(f"it takes {size} bytes; at most {most_bytes} are read")
        return Collection(key, look.kind, length=length, against=against)
    if look.kind != "string" and length > most:
        against = clean(f"it has {length} members; at most {most} are read")
        return Collection(key, look.kind, length=length, against=against)
    if look.kind == "string":
        members = await _text(route, key, min(length, most_bytes))
    elif look.kind == "list":
        members = await _list(route, key, length)
    else:
        members = await _scanned(route, key, most, is_hash=look.kind == "hash")
    return Collection(key, look.kind, tuple(members), length)


async def _text(route: Route, key: KeyName, length: int) -> _Members:
    parts: list[bytes] = []
    for at in range(0, length, MAX_RANGE_BYTES):
        call = Call("GETRANGE", key.raw, at, at + MAX_RANGE_BYTES - 1)
        parts.append(as_bytes(checked((await route.ask([call]))[0])))
    return [(b"", b"".join(parts))]


async def _list(route: Route, key: KeyName, length: int) -> _Members:
    found: _Members = []
    for at in range(0, length, MAX_EDGE):
        call = Call("LRANGE", key.raw, at, at + MAX_EDGE - 1)
        page = as_list(checked((await route.ask([call]))[0]))
        found += [(b"", as_bytes(one)) for one in page]
    return found


async def _scanned(route: Route, key: KeyName, most: int, *, is_hash: bool) -> _Members:
    found: dict[bytes, bytes] = {}
    cursor, name = 0, "HSCAN" if is_hash else "SSCAN"
    while True:
        (reply,) = await route.ask([Call(name, key.raw, cursor, "COUNT", MAX_FIELDS)])
        following, page = as_list(checked(reply))
        words = [as_bytes(one) for one in as_list(page)]
        found |= dict(zip(words[::2], words[1::2], strict=True) if is_hash else zip(words, words))  # noqa: B905 - the same words
        cursor = as_int(following)
        if not cursor or len(found) > most:
            return [(field if is_hash else b"", value) for field, value in found.items()]
