"""Records of circuit breakers: which keys are one, where its state stands, how it is spelled. Pure.

The state is a field of a hash, a string of its own, or a string whose key ends in `:state`, with
counters and stamps beside it. What stands in a JSON text is read, and not written.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.clients.acting.redis_key_values import KeySight
from core.model.circuit import CircuitState
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_STATE_FIELDS = (b"state", b"circuitstate", b"status", b"circuit_state")
_PARTS = frozenset(
    {
        b"state", b"failures", b"failure_count", b"fail_counter", b"success_counter", b"successes",
        b"success_count", b"last_change", b"last_failure", b"last_failure_time", b"opened_at",
        b"open_until", b"last_state_change", b"last_state_change_time",
    }
)  # fmt: skip
"""Last words of the keys of a breaker that is split over several."""
_STAMP = re.compile(
    rb"^(?:last_?state_?change(?:_?time)?|last_?change|opened_?at|last_?failure(?:_?time|_?at)?|"
    rb"state_?changed_?at|since|changed_?at|updated_?at)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(rb"^\d{9,20}(?:\.\d+)?$")
_WORDS = {
    "closed": CircuitState.CLOSED,
    "open": CircuitState.OPEN,
    "halfopen": CircuitState.HALF_OPEN,
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a record says since when."""

    key: KeyName
    field: bytes
    """Empty: the whole string."""
    unit: str
    """`s`, `float s`, `ms`, `us`."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker as its keys have it."""

    name: KeyName
    """The part that its keys share."""
    sights: tuple[KeySight, ...]
    shape: str
    """`hash`, `string`, `split keys`, `json`, `unknown`."""
    state: CircuitState
    raw_state: bytes = b""
    place: tuple[KeyName, bytes] | None = None
    """The key and field (empty: the whole string) that hold the state; None: none can be written"""
    stamps: tuple[Stamp, ...] = ()

    @property
    def keys(self) -> tuple[KeyName, ...]:
        """All of its keys."""
        return tuple(one.key for one in self.sights)

    @property
    def shown_state(self) -> SafeText:
        """The state in a word, and as it is written where that says more."""
        if self.state is CircuitState.INVALID:
            return clean(f"invalid ({KeyName(self.raw_state).spelled or 'no state'})", 120)
        return clean(self.state.value)


def breakers_of(sights: Sequence[KeySight]) -> tuple[Breaker, ...]:
    """Return the breakers that keys are, those of several keys together."""
    groups: dict[bytes, list[KeySight]] = {}
    for one in sights:
        if one.is_there:
            groups.setdefault(_base(one), []).append(one)
    return tuple(_breaker(KeyName(base), tuple(group)) for base, group in groups.items())


def _base(sight: KeySight) -> bytes:
    """Return what a key is called without the last word of a split breaker."""
    head, colon, last = sight.key.raw.rpartition(b":")
    is_part = sight.kind == "string" and bool(colon) and last.lower() in _PARTS
    return head if is_part else sight.key.raw


def _breaker(name: KeyName, group: tuple[KeySight, ...]) -> Breaker:
    first = group[0]
    if len(group) > 1 or first.key != name:
        return _split(name, group)
    if first.kind == "hash":
        return _hash(name, first)
    if first.kind == "string":
        return _string(name, first)
    return Breaker(name, group, "unknown", CircuitState.INVALID)


def _hash(name: KeyName, sight: KeySight) -> Breaker:
    fields = dict(sight.content)
    field = next((one for one in fields if one.lower() in _STATE_FIELDS), None)
    stamps = tuple(
        Stamp(sight.key, one, unit)
        for one, value in sight.content
        if _STAMP.match(one) and (unit := _unit(value))
    )
    if field is None:
        return Breaker(name, (sight,), "hash", CircuitState.INVALID, stamps=stamps)
    raw = fields[field]
    return Breaker(name, (sight,), "hash", state_of(raw), raw, (sight.key, field), stamps)


def _string(name: KeyName, sight: KeySight) -> Breaker:
    raw = sight.content[0][1] if sight.content else b""
    if raw.lstrip().startswith(b"{"):
        word = _json_state(raw)
        return Breaker(name, (sight,), "json", state_of(word), word)
    return Breaker(name, (sight,), "string", state_of(raw), raw, (sight.key, b""))


def _json_state(raw: bytes) -> bytes:
    try:
        words: Any = json.loads(raw)
        return str(words.get("state", "")).encode()
    except (ValueError, AttributeError):
        return raw


def _split(name: KeyName, group: tuple[KeySight, ...]) -> Breaker:
    values = {one.key: one.content[0][1] for one in group if one.content}
    key = next((one for one in values if one.raw.lower().endswith(b":state")), None)
    stamps = tuple(
        Stamp(one, b"", unit)
        for one, value in values.items()
        if _STAMP.match(one.raw.rpartition(b":")[2]) and (unit := _unit(value))
    )
    if key is None:
        return Breaker(name, group, "split keys", CircuitState.INVALID, stamps=stamps)
    raw = values[key]
    return Breaker(name, group, "split keys", state_of(raw), raw, (key, b""), stamps)


def state_of(raw: bytes) -> CircuitState:
    """Return the state that is written so; numbers are read as 0 closed, 1 open, 2 half open."""
    word = raw.decode("utf-8", "replace").strip().lower().replace("-", "").replace("_", "")
    if word in _WORDS:
        return _WORDS[word]
    by_number = {"0": CircuitState.CLOSED, "1": CircuitState.OPEN, "2": CircuitState.HALF_OPEN}
    return by_number.get(word, CircuitState.INVALID)


def open_word(raw: bytes) -> bytes | None:
    """Return OPEN as this record would spell it; None: a number, which could mean anything."""
    text = raw.decode("utf-8", "replace").strip()
    if not text or text.isdecimal():
        return None
    if text.isupper():
        return b"OPEN"
    return b"Open" if text[:1].isupper() else b"open"


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
