"""Reads small records of any type without ever reading a large value."""

from collections.abc import Mapping, Sequence

from core.clients.keyspace.allowed import MAX_FIELDS, Call
from core.clients.keyspace.port import VALUE_BYTES, KeyContent, KeyLook, Value
from core.clients.keyspace.replies import as_bytes, as_int, as_list, checked, parse_look
from core.clients.keyspace.route import Route
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled
from core.model.redis_key import KeyName

_EDGE = 8
_READ_BYTES = 64 * 1024
"""A field of at most this is read and cut; a larger one is only measured."""
_SMALL = frozenset({b"listpack", b"ziplist", b"intset", b"embstr", b"int"})
"""Encodings that the server keeps for small values only."""
_SPARSE_BYTES = 1024
"""Members of a list or zset of at most this on average are read."""


async def read_looks(route: Route, keys: Sequence[KeyName]) -> tuple[KeyLook, ...]:
    """Return what keys are: TYPE and PTTL."""
    calls = [Call(name, key.raw) for key in keys for name in ("TYPE", "PTTL")]
    replies = await route.ask(calls)
    return tuple(parse_look(*replies[at : at + 2]) for at in range(0, len(replies), 2))


async def read_contents(route: Route, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
    """Return records in their order. Small ones take four commands each, in two round trips."""
    names = ("TYPE", "PTTL", "OBJECT ENCODING")
    replies = await route.ask([Call(name, key.raw) for key in keys for name in names])
    looks = [parse_look(*replies[at : at + 2]) for at in range(0, len(replies), 3)]
    is_small = [encoding in _SMALL for encoding in replies[2::3]]
    plans = [
        _plan(key, look.kind, small) for key, look, small in zip(keys, looks, is_small, strict=True)
    ]
    answers = iter(await route.ask([call for plan in plans for call in plan]))
    found: list[KeyContent] = []
    for key, look, plan, small in zip(keys, looks, plans, is_small, strict=True):
        mine = [next(answers) for _ in plan]
        try:
            found.append(await _content(route, KeyContent(key, look), mine, small))
        except RedisSaid:  # it became another type, or a command is not allowed
            found.append(KeyContent(key, look))
    return tuple(found)


def _plan(key: KeyName, kind: str, is_small: bool) -> tuple[Call, ...]:
    """Return what a record's type lets us ask first."""
    raw = key.raw
    if kind == "string":
        return Call("STRLEN", raw), Call("GETRANGE", raw, 0, VALUE_BYTES - 1)
    if kind == "hash":
        if is_small:
            return (Call("HSCAN", raw, 0, "COUNT", MAX_FIELDS),)
        return Call("HLEN", raw), Call("MEMORY USAGE", raw, "SAMPLES", 5)
    if kind in {"list", "zset"}:
        length = Call("LLEN" if kind == "list" else "ZCARD", raw)
        return length, Call("MEMORY USAGE", raw, "SAMPLES", 5)
    if kind == "set":
        return (Call("SCARD", raw),)
    return (Call("XLEN", raw),) if kind == "stream" else ()


async def _content(
    route: Route, bare: KeyContent, answers: Sequence[object], is_small: bool
) -> KeyContent:
    key, look = bare.key, bare.look
    if not answers:
        return bare
    if look.kind == "string":
        data = as_bytes(checked(answers[1]))
        size = max(as_int(checked(answers[0])), len(data))
        return KeyContent(key, look, text=Value(data, size), length=size)
    if look.kind == "hash" and is_small:
        fields = _pairs(checked(answers[0]))
        return KeyContent(key, look, fields=_first(fields), length=len(fields))
    length = as_int(checked(answers[0]))
    size = answers[1] if len(answers) > 1 and isinstance(answers[1], int) else None
    is_sparse = is_small or (size is not None and size <= _SPARSE_BYTES * max(1, length))
    if look.kind == "hash":
        fields = await (_beginning if is_sparse and length > MAX_FIELDS else _fields)(route, key)
        return KeyContent(key, look, fields=fields, length=length)
    if look.kind in {"list", "zset"}:
        members = await _edges(route, bare, length) if is_sparse else ()
        return KeyContent(key, look, members=members, length=length)
    return KeyContent(key, look, length=length)


def _pairs(scan: object) -> Mapping[bytes, bytes]:
    words = as_list(as_list(scan)[1])
    return {as_bytes(words[at]): as_bytes(words[at + 1]) for at in range(0, len(words) - 1, 2)}


def _first(fields: Mapping[bytes, bytes]) -> Mapping[bytes, Value]:
    chosen = list(fields.items())[:MAX_FIELDS]
    return {name: Value(data[:VALUE_BYTES], len(data)) for name, data in chosen}


async def _beginning(route: Route, key: KeyName) -> Mapping[bytes, Value]:
    (reply,) = await route.ask([Call("HSCAN", key.raw, 0, "COUNT", MAX_FIELDS)])
    return _first(_pairs(checked(reply)))


async def _fields(route: Route, key: KeyName) -> Mapping[bytes, Value]:
    """Read fields of a hash that is not known to be small: names, sizes, then what is small."""
    (listed,) = await route.ask([Call("HRANDFIELD", key.raw, MAX_FIELDS)])
    names = sorted(as_bytes(name) for name in as_list(checked(listed)))
    if not names:
        return {}
    sizes = [
        as_int(checked(n)) for n in await route.ask([Call("HSTRLEN", key.raw, n) for n in names])
    ]
    wanted = [name for name, size in zip(names, sizes, strict=True) if size <= _READ_BYTES]
    data: dict[bytes, bytes] = {}
    if wanted:
        (reply,) = await route.ask([Call("HMGET", key.raw, *wanted)])
        values = as_list(checked(reply))
        if len(values) != len(wanted):
            raise ClientGarbled("HMGET gave another number of values")
        data = {n: v for n, v in zip(wanted, values, strict=True) if isinstance(v, bytes)}
    return {
        name: Value(data.get(name, b"")[:VALUE_BYTES], max(size, len(data.get(name, b""))))
        for name, size in zip(names, sizes, strict=True)
    }


async def _edges(route: Route, bare: KeyContent, length: int) -> tuple[tuple[bytes, float], ...]:
    """Return the first and the last members, each once."""
    name = "LRANGE" if bare.look.kind == "list" else "ZRANGE"
    tail = min(_EDGE, max(0, length - _EDGE))
    scores = ("WITHSCORES",) if name == "ZRANGE" else ()
    calls = [Call(name, bare.key.raw, 0, _EDGE - 1, *scores)]
    if tail:
        calls.append(Call(name, bare.key.raw, -tail, -1, *scores))
    replies = await route.ask(calls)
    members = [member for reply in replies for member in as_list(checked(reply))]
    if name == "LRANGE":
        return tuple((as_bytes(member), 0.0) for member in members)
    return scored(members)


def scored(members: Sequence[object]) -> tuple[tuple[bytes, float], ...]:
    """Return members with scores: RESP3 pairs them, RESP2 has them one after the other."""
    if members and isinstance(members[0], list | tuple):
        pairs = [as_list(pair) for pair in members]
    else:
        pairs = [members[at : at + 2] for at in range(0, len(members) - 1, 2)]
    return tuple((as_bytes(pair[0]), _score(pair[1])) for pair in pairs)


def _score(reply: object) -> float:
    return reply if isinstance(reply, float) else float(as_bytes(reply))
