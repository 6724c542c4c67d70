"""What an entry holds, made fit for a screen: JSON members, one line of what matters. Pure."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.clients.keyspace.port import RawEntry
from core.model.stream import EntryField, StreamEntry
from core.model.text import SafeText, clean, join

Fields = Sequence[tuple[bytes, bytes]]
"""Names and values of an entry, as the server has them."""

IMPORTANT = ("event_type", "intent", "run_id", "correlation_id", "dlq_error", "error")
"""What a person looks for first."""
MAX_JSON_BYTES = 1024 * 1024
"""Longer payloads are shown, not read as JSON."""
_PAYLOAD_NAMES = (b"data", b"payload", b"message", b"body", b"event")
_INIT_NAMES = {b"init", b"_init", b"__init__"}
_INIT = SafeText("init: a publisher's first entry, no message")
_MAX_FIELDS = 64
_NAME_CHARS = 120
_VALUE_CHARS = 8192
_PREVIEW_CHARS = 400
_PART_CHARS = 120
_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
# Numbers stay the text they are: no size that Python refuses to read, no rounding.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


@dataclass(frozen=True, slots=True)
class Member:
    """A name and value at the top of a JSON object; positions are of characters in its text."""

    name: str
    value: object
    """A number is its text."""
    at: int
    value_at: int
    end: int


@dataclass(frozen=True, slots=True)
class Payload:
    """The field of an entry that holds its message as a JSON object."""

    field: int
    """Which field of the entry."""
    text: str
    members: tuple[Member, ...]

    def shown(self, member: Member) -> str:
        """Return a member's value: a string itself, all else as it is written."""
        if isinstance(member.value, str) and self.text[member.value_at] == '"':
            return member.value
        return self.text[member.value_at : member.end]

    def value(self, *names: str) -> str:
        """Return what the first of these members holds that is there; empty: null, or none is."""
        for name in names:
            for member in self.members:
                if member.name == name and member.value is not None:
                    return self.shown(member)
        return ""


def members_of(text: str) -> tuple[Member, ...] | None:
    """Return the members of a JSON object; None: the text is none."""
    try:
        return tuple(_members(text))
    except (ValueError, RecursionError):
        return None


def _members(text: str) -> list[Member]:
    """Walk over the members; the library reads each value.

    Raises:
        ValueError: this is no JSON object.
        RecursionError: it is nested too deeply to be read by anybody.
    """
    at, mark = _next(text, 0)
    if mark != "{":
        raise ValueError
    members: list[Member] = []
    at, mark = _next(text, at + 1)
    while mark != "}" or members:
        if mark != '"':
            raise ValueError
        name, end = _DECODER.raw_decode(text, at)
        colon, mark = _next(text, end)
        if mark != ":":
            raise ValueError
        value_at, _ = _next(text, colon + 1)
        value, end = _DECODER.raw_decode(text, value_at)
        members.append(Member(name, value, at, value_at, end))
        at, mark = _next(text, end)
        if mark == "}":
            break
        if mark != ",":
            raise ValueError
        at, mark = _next(text, at + 1)
    if _next(text, at + 1)[1]:
        raise ValueError
    return members


def _next(text: str, at: int) -> tuple[int, str]:
    """Return where the next character is that is no space, and it; empty: there is none."""
    found = _SPACE.match(text, at)
    at = found.end() if found else at
    return at, text[at : at + 1]


def payload_of(
    fields: Fields, payload_field: str, max_bytes: int | None = MAX_JSON_BYTES
) -> Payload | None:
    """Return the JSON object of the payload field, or of one that is usually named so."""
    for at in _payload_fields(fields, payload_field):
        raw = fields[at][1]
        if max_bytes is not None and len(raw) > max_bytes:
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue
        members = members_of(text)
        if members is not None:
            return Payload(at, text, members)
    return None


def payload_field_of(fields: Fields, payload_field: str) -> int | None:
    """Return which field should hold the message, whatever it does hold.

    A usual name counts only where the field is alone: beside others `message` may be just a text.
    """
    found = _payload_fields(fields, payload_field)
    is_own = bool(found) and fields[found[0]][0] == payload_field.encode()
    return found[0] if is_own or (found and len(fields) == 1) else None


def _payload_fields(fields: Fields, payload_field: str) -> list[int]:
    wanted = payload_field.encode()
    own = [at for at, (name, _) in enumerate(fields) if name == wanted]
    return own or [at for at, (name, _) in enumerate(fields) if name in _PAYLOAD_NAMES]


def is_init(fields: Fields, payload_field: str) -> bool:
    """Tell whether this is the entry that a publisher writes to make the stream."""
    at = payload_field_of(fields, payload_field)
    if at is not None:
        return fields[at][1].strip().lower() == b"init"
    return len(fields) == 1 and fields[0][0].lower() in _INIT_NAMES


def entry_of(raw: RawEntry, payload_field: str, now_s: float) -> StreamEntry:
    """Return an entry for the screen."""
    payload = payload_of(raw.fields, payload_field)
    return StreamEntry(
        id=raw.id,
        age_s=now_s - raw.id.ms / 1000,
        fields=tuple(
            EntryField(clean(name, _NAME_CHARS), shown(value, _VALUE_CHARS), len(value))
            for name, value in raw.fields[:_MAX_FIELDS]
        ),
        preview=_preview(raw.fields, payload, payload_field),
        is_json=payload is not None,
    )


def _preview(fields: Fields, payload: Payload | None, payload_field: str) -> SafeText:
    if is_init(fields, payload_field):
        return _INIT
    if payload is None:
        parts = [(name, value) for name, value in fields[:_MAX_FIELDS]]
        return _line([_pair(name, shown(value, _PART_CHARS)) for name, value in parts])
    first = {name: place for place, name in enumerate(IMPORTANT)}
    members = sorted(payload.members[:_MAX_FIELDS], key=lambda one: first.get(one.name, 99))
    return _line([_pair(one.name, clean(payload.shown(one), _PART_CHARS)) for one in members])


def _pair(name: str | bytes, value: SafeText) -> SafeText:
    return join("=", [clean(name, _NAME_CHARS), value])


def _line(parts: list[SafeText]) -> SafeText:
    return clean(join(" ", parts), _PREVIEW_CHARS)


def shown(raw: bytes, max_chars: int) -> SafeText:
    """Return a value for the screen; of a long one the beginning and its size in bytes."""
    if len(raw) <= max_chars:
        return clean(raw)
    cut = max_chars
    while cut > max_chars - 4 and raw[cut] & 0xC0 == 0x80:
        cut -= 1
    return join("", [clean(raw[:cut]), clean(f"… ({len(raw)} bytes)")])


def has_text(fields: Fields, wanted: str) -> bool:
    r"""Tell whether a name or value has this text, in any case, `\u` escapes read."""
    needle = wanted.casefold()
    return any(
        needle in text or ("\\u" in text and needle in _unescaped(text))
        for pair in fields
        for part in pair
        for text in (part[:MAX_JSON_BYTES].decode("utf-8", "replace").casefold(),)
    )


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).casefold()
