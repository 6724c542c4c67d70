"""The named parts of a record, found whatever the spelling of their names. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.clients.json_body import JsonValue, UnusableJson, parse_json
from core.clients.keyspace.port import KeyContent
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_NAME_CHARS = 64
_VALUE_CHARS = 200
_MOST_RAW = 16


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a record as it is written."""

    name: str
    """Raw; cleaned by whoever shows it."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """The parts of one record."""

    parts: Mapping[str, Field]
    """By the name without case and separators: `lastRefill` is `last_refill`."""

    @classmethod
    def of(cls, named: Iterable[tuple[str, bytes]]) -> "Fields":
        """Return parts by name; of two that differ in spelling alone the first counts."""
        parts: dict[str, Field] = {}
        for name, data in named:
            parts.setdefault(plain(name), Field(name, data))
        return cls(parts)

    def first(self, names: Iterable[str]) -> Field | None:
        """Return the first part there is."""
        return next((self.parts[name] for name in names if name in self.parts), None)

    def has(self, names: Iterable[str]) -> bool:
        """Tell whether one of them is there."""
        return self.first(names) is not None

    @property
    def raw(self) -> tuple[tuple[SafeText, SafeText], ...]:
        """The parts for the screen, cut."""
        return tuple(raw_pair(one.name, one.data) for one in list(self.parts.values())[:_MOST_RAW])


def plain(name: str) -> str:
    """Return a name without case and separators."""
    return _NOT_LETTERS.sub("", name.lower())


def raw_pair(name: str | bytes, data: bytes) -> tuple[SafeText, SafeText]:
    """Return name and value for the screen, cut."""
    return clean(name, _NAME_CHARS), clean(data, _VALUE_CHARS)


def hash_fields(content: KeyContent) -> Fields:
    """Return the fields of a hash."""
    items = (content.fields or {}).items()
    return Fields.of((name.decode("utf-8", "replace"), value.data) for name, value in items)


def json_fields(data: bytes) -> Fields | None:
    """Return the members of a JSON object, nested ones left out; None: it is none."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        value = parse_json(data)
    except UnusableJson:
        return None
    if not isinstance(value, dict):
        return None
    return Fields.of((name, _written(one)) for name, one in value.items())


def raw_of(content: KeyContent) -> tuple[tuple[SafeText, SafeText], ...]:
    """Return what a key holds for the screen, whatever its type."""
    if content.fields is not None:
        return hash_fields(content).raw
    if content.text is not None:
        return (raw_pair(content.key.spelled, content.text.data),)
    members = content.members[:_MOST_RAW]
    if content.look.kind == "zset":
        return tuple((clean(str(score)), clean(name, _VALUE_CHARS)) for name, score in members)
    return tuple((clean(str(at)), clean(one, _VALUE_CHARS)) for at, (one, _) in enumerate(members))


def distinct(keys: Iterable[KeyName]) -> tuple[KeyName, ...]:
    """Return keys without repeats, in their order."""
    return tuple(dict.fromkeys(keys))


def _written(value: JsonValue) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    text = value if isinstance(value, str) else repr(value)
    return text.encode("utf-8", "surrogatepass")
