"""Streams by name: what the configuration names, what lacks, what looks like dead letters. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.clients.keyspace.port import KeyLook, RawEntry
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.stream import Presence, Stream
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict

_DEAD_NAME = re.compile(rb"(?:^|[^a-z])(?:dlq|dead[-_. ]?letters?|dead)(?:$|[^a-z])", re.IGNORECASE)
_ADDED = b"dlq_"
UNNAMED = StreamSpec("", ())
"""Of a stream that the configuration does not name."""


@dataclass(frozen=True, slots=True)
class Named:
    """A key that the configuration names."""

    key: KeyName
    spec: StreamSpec
    is_dead_letters: bool


def named_of(server: RedisSpec) -> tuple[Named, ...]:
    """Return every key once, in the configuration's order; dead letters behind their stream."""
    dead = {KeyName.read(name) for one in server.streams for name in one.dead_letters}
    own = {KeyName.read(name): one for one in reversed(server.streams) for name in one.keys}
    found: dict[KeyName, Named] = {}
    for one in server.streams:
        for name in one.keys:
            key = KeyName.read(name)
            found.setdefault(key, _named(key, own[key], is_dead=key in dead))
        for name in one.dead_letters:
            key = KeyName.read(name)
            found.setdefault(key, Named(key, own.get(key) or _of_letters(one, name), True))
    return tuple(found.values())


def _named(key: KeyName, spec: StreamSpec, *, is_dead: bool) -> Named:
    guess = "" if is_dead else guess_of(key, None)
    note = "; ".join(filter(None, (spec.note, guess)))
    return Named(key, replace(spec, note=note), is_dead or bool(guess))


def _of_letters(spec: StreamSpec, name: str) -> StreamSpec:
    """What holds of a stream does not hold of its dead letters: nobody has to read them."""
    return replace(
        spec, keys=(name,), groups=(), consumers=(), max_lag_s=None, max_depth=None, note=""
    )


def lacking(server: str, named: Named, looks: Mapping[KeyName, KeyLook]) -> Stream:
    """Return a row for a named key that is no stream on the server."""
    kind = looks[named.key].kind
    verdict, reason = _lacking(named, kind, looks)
    return Stream(
        server=server,
        key=named.key,
        presence=Presence.MISSING if kind == "none" else Presence.WRONG_TYPE,
        spec_name=named.spec.name,
        is_dead_letters=named.is_dead_letters,
        verdict=verdict,
        reason=reason,
        note=clean(named.spec.note),
        service=named.spec.service,
    )


def _lacking(named: Named, kind: str, looks: Mapping[KeyName, KeyLook]) -> tuple[Verdict, SafeText]:
    if kind != "none":
        return Verdict.DEGRADED, clean(f"the key is a {kind}, no stream")
    if named.is_dead_letters:
        return Verdict.OK, SafeText("not there: nothing was put there yet, or all was deleted")
    names = [KeyName.read(name) for name in named.spec.keys]
    others = [one for one in names if one in looks and looks[one].kind == "stream"]
    if others:
        return Verdict.OK, clean(f"not there; of its other names there is {others[0].shown}")
    return Verdict.DEGRADED, SafeText("not there: never written, deleted, or evicted")


def guess_of(key: KeyName, newest: RawEntry | None) -> SafeText:
    """Return why a stream nobody named is taken for dead letters; empty: it is not."""
    if _DEAD_NAME.search(key.raw):
        return SafeText("taken for dead letters by its name: a guess")
    for name, value in newest.fields if newest else ():
        if name.startswith(_ADDED) or b'"dlq_' in value[:4096]:
            return SafeText("taken for dead letters by its `dlq_` fields: a guess")
    return EMPTY
