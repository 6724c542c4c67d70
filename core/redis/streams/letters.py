"""Dead letters: what each is, whether it can go back, and what would go back. Pure.

Nothing is guessed back together: a letter that no consumer could read is not sent again.
"""

from fnmatch import fnmatchcase

from core.clients.keyspace.port import RawEntry
from core.model.dead_letter import DeadLetter, LetterKind
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.figures import Unusable, parse_stamp
from core.redis.streams.payload import (
    Fields,
    Payload,
    entry_of,
    is_init,
    payload_field_of,
    payload_of,
)

MAX_LETTER_BYTES = 4 * 1024 * 1024
"""Larger ones are not read, and so not sent back."""
STRIPPED = ("dlq_*", "original_stream")
"""What a dead letter has and the message had not, where the configuration does not say."""
_WRAPPER = "raw_message"
_WRAPPERS = frozenset(
    {_WRAPPER, "original_message", "original_data", "original_payload", "raw", "raw_data"}
)
"""What holds a message as it was, beside why it died."""
_ERROR = ("dlq_error", "error", "error_message", "dlq_reason", "reason", "exception")
_TYPE = ("event_type", "type", "event")
_RUN = ("run_id", "correlation_id", "job_id", "trace_id")
_RETRIES = ("retry_count", "dlq_retry_count", "dlq_retries", "retries", "attempts", "dlq_attempts")
_DIED = ("dlq_timestamp", "dlq_failed_at", "failed_at", "died_at", "dlq_time")
_ORIGIN = ("original_stream", "dlq_original_stream", "dlq_stream", "source_stream")
_NOTES = frozenset(
    {*_ERROR, *_RETRIES, *_DIED, *_ORIGIN, "original_id", "timestamp", "traceback", "stack_trace"}
)
"""Flat fields that alone are no message."""
_ERROR_CHARS = 200


def spec_of(server: RedisSpec, key: KeyName) -> StreamSpec:
    """Return what is configured of a stream; of dead letters, the stream they died in."""
    for one in server.streams:
        if any(KeyName.read(name) == key for name in one.dead_letters):
            return one
    for one in server.streams:
        if any(KeyName.read(name) == key for name in one.keys):
            return one
    return StreamSpec("", ())


def letter_of(entry: RawEntry, spec: StreamSpec, now_s: float) -> DeadLetter:
    """Return what a dead letter is.

    Args:
        entry: As the server has it.
        spec: Of the stream that it died in (`spec_of`).
        now_s: The server's clock.
    """
    payload = payload_of(entry.fields, spec.payload_field, MAX_LETTER_BYTES)
    kind = _kind(entry.fields, payload, spec)
    why_not = _why_not(entry.fields, payload, kind, spec)
    died_s = _moment_s(_value(entry.fields, payload, _DIED))
    origin = _value(entry.fields, payload, _ORIGIN)
    return DeadLetter(
        entry=entry_of(entry, spec.payload_field, now_s),
        kind=kind,
        can_requeue=not why_not,
        why_not=why_not,
        error=clean(_value(entry.fields, payload, _ERROR), _ERROR_CHARS),
        event_type=clean(_value(entry.fields, payload, _TYPE), _ERROR_CHARS),
        intent=clean(_value(entry.fields, payload, ("intent",)), _ERROR_CHARS),
        run=clean(_value(entry.fields, payload, _RUN), _ERROR_CHARS),
        retries=_count(_value(entry.fields, payload, _RETRIES)),
        died_age_s=None if died_s is None else now_s - died_s,
        origin=KeyName(origin.encode("utf-8", "surrogateescape")) if origin else None,
    )


def requeued_fields(fields: Fields, spec: StreamSpec) -> tuple[tuple[bytes, bytes], ...]:
    """Return the message that would go back: in its shape, without what dying added to it.

    Where nothing is taken out a value keeps every byte, and every number its digits.
    """
    payload = payload_of(fields, spec.payload_field, None)
    return tuple(
        (name, _stripped(payload, value, spec) if payload and at == payload.field else value)
        for at, (name, value) in enumerate(fields)
        if not is_stripped(name.decode("utf-8", "surrogateescape"), spec)
    )


def is_stripped(name: str, spec: StreamSpec) -> bool:
    """Tell whether a field or member was added when the message died."""
    return any(fnmatchcase(name, one) for one in spec.strip_on_requeue or STRIPPED)


def _stripped(payload: Payload, raw: bytes, spec: StreamSpec) -> bytes:
    """Return the JSON text without stripped members; what separates the others stays."""
    members = payload.members
    kept = [at for at, one in enumerate(members) if not is_stripped(one.name, spec)]
    if len(kept) == len(members):
        return raw
    text = payload.text
    parts = [text[: members[0].at]]
    for place, at in enumerate(kept):
        parts += [text[members[at - 1].end : members[at].at]] if place else []
        parts += [text[members[at].at : members[at].end]]
    return "".join([*parts, text[members[-1].end :]]).encode()


def _kind(fields: Fields, payload: Payload | None, spec: StreamSpec) -> LetterKind:
    if is_init(fields, spec.payload_field):
        return LetterKind.INIT
    names = _names(fields, payload)
    flat = {name for name, _ in fields}
    if _WRAPPER in names or _WRAPPER.encode() in flat:
        return LetterKind.WRAPPED
    own = [one for one in names if one not in _NOTES and not is_stripped(one, spec)]
    if own and _WRAPPERS.issuperset(own):
        return LetterKind.WRAPPED
    if payload is not None:
        return LetterKind.JSON
    has_payload = payload_field_of(fields, spec.payload_field) is not None
    return LetterKind.NOT_JSON if has_payload else LetterKind.FLAT


def _why_not(
    fields: Fields, payload: Payload | None, kind: LetterKind, spec: StreamSpec
) -> SafeText:
    if kind is LetterKind.INIT:
        return SafeText("the first entry that a publisher writes, no message")
    if kind is LetterKind.WRAPPED:
        return SafeText("a wrapper around what died, no message of its own")
    if kind is LetterKind.NOT_JSON:
        at = payload_field_of(fields, spec.payload_field)
        is_large = at is not None and len(fields[at][1]) > MAX_LETTER_BYTES
        return SafeText("too large to be read") if is_large else SafeText("no JSON object")
    left = [name for name in _names(fields, payload) if not is_stripped(name, spec)]
    if payload is None:
        left = [name for name in left if name not in _NOTES]
    return EMPTY if left else SafeText("nothing but why it died, no message")


def _names(fields: Fields, payload: Payload | None) -> list[str]:
    """Return the names that the message itself has: of its JSON, or of its fields."""
    if payload is not None:
        return [one.name for one in payload.members]
    return [name.decode("utf-8", "surrogateescape") for name, _ in fields]


def _value(fields: Fields, payload: Payload | None, names: tuple[str, ...]) -> str:
    """Return what the message says under the first of these names; empty: nothing."""
    flat = dict(reversed(fields))
    for name in names:
        found = payload.value(name) if payload is not None else ""
        found = found or flat.get(name.encode(), b"").decode("utf-8", "surrogateescape")
        if found:
            return found
    return ""


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _moment_s(text: str) -> float | None:
    try:
        return parse_stamp(text.encode("utf-8", "surrogateescape")).time_s
    except Unusable:
        return None
