"""Records of circuit breakers as they are changed: where the state stands, how it is spelled. Pure.

What a record is and says is told by `core.redis.circuits`, as on the screen. Written is a state
that is a field of a hash or a string of its own; what stands in a JSON text is only read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.clients.acting.redis_key_values import KeySight
from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.circuit import Circuit, CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec
from core.model.text import SafeText, clean
from core.redis.circuits import parts
from core.redis.circuits.shapes import circuit_rows
from core.redis.fields import plain

_SINCE = frozenset((*parts.CHANGED, *parts.OPENED, *parts.FAILED))
_UNTIL = frozenset(parts.UNTIL)
_NUMBER = re.compile(rb"^\d{9,20}(?:\.\d+)?$")
_WRITTEN = ("hash", "string", "split keys")
Place = tuple[KeyName, bytes]
"""A key and a field of it; an empty field is the whole string."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a record says since when, or until when."""

    place: Place
    unit: str
    """`s`, `float s`, `ms`, `us`."""
    is_until: bool
    """It is the moment of the next probe."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker as its keys have it."""

    row: Circuit
    sights: tuple[KeySight, ...]
    raw_state: bytes = b""
    place: Place | None = None
    """Where the state stands; None: it cannot be written."""
    stamps: tuple[Stamp, ...] = ()

    @property
    def keys(self) -> tuple[KeyName, ...]:
        """All of its keys, the one with the state first."""
        return self.row.keys

    @property
    def state(self) -> CircuitState:
        """What its record says."""
        return self.row.state

    @property
    def name(self) -> KeyName:
        """The key that stands for it."""
        return self.keys[0]

    @property
    def shown_state(self) -> SafeText:
        """The state in a word, and what is wrong with it."""
        if self.state is CircuitState.INVALID:
            return clean(f"invalid ({self.row.problem or 'no state'})", 160)
        return clean(self.state.value)


def breakers_of(sights: Sequence[KeySight], spec: CircuitSpec, now_ms: int) -> tuple[Breaker, ...]:
    """Return the breakers that keys are, those of several keys together."""
    by_key = {one.key: one for one in sights}
    contents = [_content(one) for one in sights if one.is_there]
    # Whoever asks has chosen the keys: all of them are meant to be this circuit's.
    rows = circuit_rows(contents, (replace(spec, keys=("*",)),), now_ms / 1000)
    return tuple(_breaker(row, tuple(by_key[key] for key in row.keys)) for row in rows)


def _content(sight: KeySight) -> KeyContent:
    look = KeyLook(sight.kind, None if sight.ttl_ms is None else sight.ttl_ms / 1000)
    if sight.kind == "hash":
        fields = {name: Value(value, len(value)) for name, value in sight.content}
        return KeyContent(sight.key, look, fields=fields, length=sight.length)
    text = None
    if sight.kind == "string":
        data = sight.content[0][1] if sight.content else b""
        text = Value(data, sight.length or len(data))
    return KeyContent(sight.key, look, text=text, length=sight.length)


def _breaker(row: Circuit, sights: tuple[KeySight, ...]) -> Breaker:
    if row.shape not in _WRITTEN:
        return Breaker(row, sights)
    values = [pair for one in sights for pair in _values(one, row)]
    state = next(((place, raw) for place, name, raw in values if name in parts.STATE), None)
    stamps = tuple(
        Stamp(place, unit, name in _UNTIL)
        for place, name, raw in values
        if name in _SINCE | _UNTIL and (unit := _unit(raw))
    )
    if state is None:
        return Breaker(row, sights, stamps=stamps)
    return Breaker(row, sights, state[1], state[0], stamps)


def _values(sight: KeySight, row: Circuit) -> list[tuple[Place, str, bytes]]:
    """Return where each part of a record stands, what it is, and what is written there."""
    if sight.kind == "hash":
        return [
            ((sight.key, name), plain(name.decode("utf-8", "replace")), value)
            for name, value in sight.content
        ]
    raw = sight.content[0][1] if sight.content else b""
    part = parts.part_of(sight.key.raw)
    is_whole = part is None or row.shape == "string"
    return [((sight.key, b""), "state" if is_whole or part is None else plain(part[1]), raw)]


def open_word(raw: bytes) -> bytes | None:
    """Return OPEN as this record would spell it; None: a figure, which could mean anything."""
    text = raw.decode("utf-8", "replace").strip()
    if not text or not text[0].isalpha():
        return None
    if text.isupper():
        return b"OPEN"
    return b"Open" if text[0].isupper() else b"open"


def _unit(value: bytes) -> str:
    """Return in what a stamp counts; empty: it is none."""
    if not _NUMBER.match(value):
        return ""
    whole, dot, _ = value.partition(b".")
    if len(whole) >= 15:
        return "us"
    if len(whole) >= 12:
        return "ms"
    return "float s" if dot else "s"


def stamped(unit: str, now_ms: int) -> bytes:
    """Return the server's clock as a record counts it."""
    texts = {
        "s": str(now_ms // 1000),
        "float s": f"{now_ms / 1000:.3f}",
        "ms": str(now_ms),
        "us": str(now_ms * 1000),
    }
    return texts[unit].encode()
