"""One record: a line of canonical ASCII JSON whose hash holds everything before it.

`hash` is SHA-256(prev ‖ the line without its hash), or HMAC-SHA-256 of the same under a key.
Keys are sorted and what is empty is left out, so that one record has one form only.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from core.actions.audit.actor import Actor, parse_actor
from core.errors import AuditError
from core.model.masking import mask_text
from core.model.secret import Secret
from core.model.veil import VEIL

VERSION = 1
MAX_LINE_BYTES = 4096
ZERO = "0" * 64
"""What the very first record has as its predecessor's hash."""
_MAX_MASKED_CHARS = 8192

AuditText = str | Secret
"""A `Secret` goes in as a keyed digest: equal ones can be told, none can be read."""


class Event(StrEnum):
    """What a record says has happened."""

    SESSION_START = "session_start"
    SESSION_END = "session_end"
    ARM = "arm"
    DISARM = "disarm"
    PLAN = "plan"
    CONFIRM = "confirm"
    DENIED = "denied"
    INTENT = "intent"
    STEP_BEGIN = "step_begin"
    STEP_END = "step_end"
    VERIFY = "verify"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"
    ABORTED = "aborted"
    NEEDS_HUMAN = "needs_human"
    RECOVER = "recover"
    REVEAL = "reveal"
    PRESENTATION_ON = "presentation_on"
    PRESENTATION_OFF = "presentation_off"
    CONFIG_CHANGE = "config_change"
    LOCK_WAIT = "lock_wait"
    PROCEDURE = "procedure"
    """What a person decided of a run of a procedure; its `action_id` is the run's."""
    ANCHOR = "anchor"
    ROTATE = "rotate"
    SINK_DOWN = "sink_down"
    SINK_UP = "sink_up"
    VERIFY_OK = "verify_ok"
    VERIFY_BAD = "verify_bad"


_OUTCOME = frozenset({"result", "code", "reason", "session", "env"})
_ACTION = _OUTCOME | {"action_id", "verb", "target", "target_kind", "plan_hash", "dur_ms"}
_STEP = _ACTION | {"step", "before", "after"}
_OWN = _OUTCOME | {"target", "target_kind", "before", "after", "dur_ms"}
"""Of records of the log about itself."""

ALLOWED: Mapping[Event, frozenset[str]] = {
    Event.SESSION_START: _OUTCOME,
    Event.SESSION_END: _OUTCOME | {"dur_ms"},
    Event.ARM: _OUTCOME | {"target", "target_kind"},
    Event.DISARM: _OUTCOME | {"target", "target_kind"},
    Event.PLAN: _ACTION,
    Event.CONFIRM: _ACTION,
    Event.DENIED: _ACTION,
    Event.INTENT: _ACTION,
    Event.STEP_BEGIN: _STEP,
    Event.STEP_END: _STEP,
    Event.VERIFY: _STEP,
    Event.COMMITTED: _STEP,
    Event.ROLLED_BACK: _STEP,
    Event.ABORTED: _STEP,
    Event.NEEDS_HUMAN: _STEP,
    Event.RECOVER: _STEP,
    Event.REVEAL: _ACTION,
    Event.PRESENTATION_ON: _OUTCOME,
    Event.PRESENTATION_OFF: _OUTCOME,
    Event.CONFIG_CHANGE: _ACTION | {"before", "after"},
    Event.LOCK_WAIT: _ACTION,
    Event.PROCEDURE: _ACTION,
    Event.ANCHOR: _OWN,
    Event.ROTATE: _OWN,
    Event.SINK_DOWN: _OWN,
    Event.SINK_UP: _OWN,
    Event.VERIFY_OK: _OWN,
    Event.VERIFY_BAD: _OWN,
}
"""Which fields a record of each event may have; others are left out, and named in `dropped`."""

_LIMITS_BYTES = {"reason": 768, "before": 384, "after": 384, "target": 320, "plan_hash": 128}
_SMALL_BYTES = 64
_ACTOR_LIMITS_BYTES = {"chain": 192, "tty": 32}
_MAX_CLAIMS = 6
_PLAIN = frozenset({"action_id", "plan_hash", "session"})
"""Names of ours, which no redactor needs to look at."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which machine, since which start of it."""

    host: str
    machine_id: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a record is written: both clocks, since each of them may lie."""

    at: str
    """UTC, ISO 8601 with microseconds."""
    mono_us: int
    """Microseconds since the machine started."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One record. Empty and None: not stated."""

    seq: int
    """From 1, without a gap."""
    at: str
    mono_us: int
    ev: str
    origin: Origin
    actor: Actor
    prev: str
    hash: str
    session: str = ""
    action_id: str = ""
    env: str = ""
    verb: str = ""
    target_kind: str = ""
    target: str = ""
    plan_hash: str = ""
    step: int | None = None
    result: str = ""
    code: str = ""
    dur_ms: int | None = None
    before: str = ""
    after: str = ""
    reason: str = ""
    dropped: tuple[str, ...] = field(default=())
    """Names of fields that this event may not have, and that were left out."""
    key_id: str = ""
    """Which key signed it; empty: none did."""
    line: bytes = field(default=b"", repr=False, compare=False)
    """The record as it stands in the file, without the line feed."""


def said(ev: Event, fields: Mapping[str, object], salt: bytes) -> dict[str, object]:
    """Return what an event may say of `fields`, fit for the log: redacted, cut, no secret.

    Pure. `step` and `dur_ms` are whole numbers, the rest is text.
    """
    known: dict[str, object] = {}
    dropped: list[str] = []
    for name, value in sorted(fields.items()):
        if value is None or value == "":
            continue
        if name not in ALLOWED[ev]:
            dropped.append(name)
        elif isinstance(value, int):
            known[name] = int(value)
        else:
            known[name] = _text(name, cast("AuditText", value), salt)
    kind, target = known.pop("target_kind", ""), cast("str", known.pop("target", ""))
    if kind or target:
        known["target"] = _target(cast("str", kind), target)
    return known | ({"dropped": dropped} if dropped else {})


def _text(name: str, value: AuditText, salt: bytes) -> str:
    if isinstance(value, Secret):
        digest = hmac.digest(salt, value.reveal().encode("utf-8", "surrogatepass"), "sha256")
        return f"hmac:{digest.hex()[:12]}"
    text = VEIL.hide(str(value)[:_MAX_MASKED_CHARS])
    return cut(text if name in _PLAIN else mask_text(text), _LIMITS_BYTES.get(name, _SMALL_BYTES))


def _target(kind: str, target: str) -> dict[str, object]:
    short = target[:12] if kind == "container" else target.rpartition("/")[2]
    named = {"kind": kind, "id": target, "short": cut(short, _SMALL_BYTES)}
    if short in {"", target}:
        del named["short"]
    return {name: value for name, value in named.items() if value}


def cut(text: str, limit_bytes: int) -> str:
    """Return `text`, or as much of it as takes `limit_bytes` in the file, with a note. Pure."""
    if len(text) * 12 <= limit_bytes or _size(text) <= limit_bytes:
        return text
    note = f"...({len(text)} characters)"
    low, high = 0, limit_bytes
    while low < high:
        middle = (low + high + 1) // 2
        is_fitting = _size(text[:middle]) + len(note) <= limit_bytes
        low, high = (middle, high) if is_fitting else (low, middle - 1)
    return text[:low] + note


def _size(text: str) -> int:
    return len(canonical(text)) - 2


def canonical(value: object) -> bytes:
    """Return the one form of a JSON value: ASCII, sorted, without spaces. Pure.

    DEL is the one control that JSON leaves as it is; a terminal acts on it.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.replace("\x7f", "\\u007f").encode("ascii")


def actor_document(actor: Actor) -> dict[str, object]:
    """Return an actor as records hold it, no part of it longer than its share of a line."""
    document = actor.document()
    for name, value in document.items():
        if isinstance(value, str):
            document[name] = cut(value, _ACTOR_LIMITS_BYTES.get(name, _SMALL_BYTES))
    if actor.claimed:
        claims = actor.claimed[:_MAX_CLAIMS]
        document["claimed"] = {cut(name, 16): cut(value, _SMALL_BYTES) for name, value in claims}
    return document


def sealed(head: Mapping[str, object], prev: str, key: bytes) -> tuple[bytes, str]:
    """Return a record's line, without its line feed, and its hash.

    Args:
        head: everything but `prev` and `hash`.
        prev: the hash of the record before.
        key: of the HMAC; empty: a plain hash.

    Raises:
        AuditError: the line would be too long.
    """
    body = {**head, "prev": prev}
    own = digest(prev.encode("ascii"), canonical(body), key)
    line = canonical({**body, "hash": own})
    if len(line) > MAX_LINE_BYTES:
        raise AuditError(f"an audit record of {len(line)} bytes; {MAX_LINE_BYTES} are the most")
    return line, own


def digest(prev: bytes, body: bytes, key: bytes) -> str:
    """Return the hash of a record, hex."""
    if key:
        return hmac.digest(key, prev + body, "sha256").hex()
    return hashlib.sha256(prev + body).hexdigest()


def key_name(key: bytes) -> str:
    """Return a key's name, which tells nothing about it; empty for no key."""
    return hashlib.sha256(b"quarterdeck audit key\0" + key).hexdigest()[:8] if key else ""


def parse_record(line: bytes) -> AuditRecord:
    """Return the record of a line. Its hash is not checked here.

    Raises:
        ValueError: it is no record.
    """
    try:
        row = cast("dict[str, Any]", json.loads(line))
        target = cast("dict[str, Any]", row.get("target", {}))
        return AuditRecord(
            seq=int(row["seq"]),
            at=str(row["ts"]),
            mono_us=int(row["mono"]),
            ev=str(row["ev"]),
            origin=Origin(str(row["host"]), str(row["machine_id"]), str(row["boot_id"])),
            actor=parse_actor(row["actor"]),
            prev=str(row["prev"]),
            hash=str(row["hash"]),
            target_kind=str(target.get("kind", "")),
            target=str(target.get("id", "")),
            step=row.get("step"),
            dur_ms=row.get("dur_ms"),
            dropped=tuple(map(str, row.get("dropped", ()))),
            key_id=str(row.get("key", "")),
            line=line,
            **{name: str(row.get(name, "")) for name in _TEXTS},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not an audit record") from error


_TEXTS = (
    "session",
    "action_id",
    "env",
    "verb",
    "plan_hash",
    "result",
    "code",
    "before",
    "after",
    "reason",
)
