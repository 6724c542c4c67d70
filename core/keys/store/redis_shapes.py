"""Keys that are kept in Redis: recognised by the types of what holds them, and by fields. Pure.

A list of records in JSON or of bare keys; a hash of keys to records; a set of bare keys; a text
that holds a whole store as a file would; a hash, or a text with a record, for each key.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.clients.keyspace.port import Collection as Held
from core.errors import ClientGarbled
from core.keys.ids import masked
from core.keys.store import fields as known
from core.keys.store.shapes import Record, Unrecognised, recognise
from core.keys.store.tree import Value, parse, parse_text
from core.model.key_store import KeyShape
from core.model.redis_key import KeyName

_RAW = 3
"""Members of an unknown shape that are shown, masked."""


class Form(StrEnum):
    """How a record is kept, and so how it could be written."""

    FIELD = "a record in JSON, the value of a hash's field"
    TEXT = "a record in JSON, a text of its own"
    HASH = "a hash of its own"
    ITEM = "a record in JSON, an item of a list"
    BARE = "a key that is there or not: nothing says whether it is active"
    INSIDE = "a part of a text that holds the whole store"


WRITABLE = frozenset({Form.FIELD, Form.TEXT, Form.HASH, Form.ITEM, Form.INSIDE})


@dataclass(frozen=True, slots=True)
class Row:
    """One key, and where in the server it is."""

    record: Record
    key: KeyName
    form: Form
    field: bytes = b""
    value: bytes = b""
    """As it is kept, of a text with a whole store all of that; of a hash of its own nothing."""
    raw: tuple[tuple[bytes, bytes], ...] = ()
    """Of a hash of its own: fields and values as they are kept."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What may be a key whose record is there and cannot be read as one."""

    key: KeyName = field(repr=False)
    member: bytes = field(repr=False)
    """The field of a hash of records; empty: the Redis key is of this record alone."""
    name: str = field(repr=False)
    """What it is called: perhaps the API key."""
    why: str
    """Holds nothing of the store but masks."""


@dataclass(frozen=True, slots=True)
class RedisStore:
    """What Redis keys hold."""

    kind: KeyShape
    rows: tuple[Row, ...] = ()
    whys: tuple[str, ...] = ()
    """Why something is not shown, or not written to; holds nothing of the store but masks."""
    skipped: int = 0
    unread: tuple[Unread, ...] = ()
    is_whole: bool = True
    """False: there may be keys that are not among the rows."""
    ttl_s: Mapping[KeyName, float] = field(default_factory=dict[KeyName, float])
    """What is left of the time of those Redis keys that expire."""
    texts: Mapping[KeyName, bytes] = field(default_factory=dict[KeyName, bytes], repr=False)
    """Those that hold whole stores, also where these have no records."""

    @property
    def against(self) -> str:
        """Return why nothing of it is written to; empty: it is."""
        forms = {one.form for one in self.rows} - WRITABLE
        return "; ".join(dict.fromkeys((*self.whys, *sorted(forms))))

    @property
    def odd(self) -> tuple[str, ...]:
        """Return what may be keys whose records cannot be read as such."""
        return tuple(one.name for one in self.unread)

    @property
    def identities(self) -> tuple[str, ...]:
        """Return the keys, or their hashes, that its records are about."""
        return tuple(row.record.identity for row in self.rows)

    def find(self, is_it: Callable[[str], bool]) -> Row | None:
        """Return the row of a key, or of its hash."""
        return next((one for one in self.rows if is_it(one.record.identity)), None)


def understood(
    held: Sequence[Held], patterns: Collection[str], tiers: Collection[str]
) -> RedisStore:
    """Return how keys of Redis hold API keys.

    Args:
        held: What was read of each.
        patterns: Names of which each key that fits is one record.
        tiers: Those that the configuration names.
    """
    parts = [_of(one, patterns, tiers) for one in held]
    kinds = {one.kind for one in parts if one.rows} or {one.kind for one in parts}
    rows = tuple(row for one in parts for row in one.rows)
    whys = [why for one in parts for why in one.whys]
    if len(kinds) > 1:
        whys.append(f"several shapes in one store: {', '.join(sorted(kinds))}")
    if len({row.record.identity for row in rows}) < len(rows):
        whys.append("one key has two records: which of the two counts is not known")
    for row in rows:
        _note_active(row.record, whys)
    kind = next(iter(kinds)) if len(kinds) == 1 else KeyShape.UNKNOWN
    return RedisStore(
        kind, rows, tuple(dict.fromkeys(whys)), sum(one.skipped for one in parts),
        tuple(record for one in parts for record in one.unread), all(one.is_whole for one in parts),
        texts={key: text for one in parts for key, text in one.texts.items()},
    )  # fmt: skip


def _note_active(record: Record, whys: list[str]) -> None:
    try:
        record.was_active = known.flag(record.fields) is not False
    except ValueError as error:
        record.was_active = False
        whys.append(f"`{error.args[0]}` has a word that is not known to mean active or not")


def _of(held: Held, patterns: Collection[str], tiers: Collection[str]) -> RedisStore:
    tail = tail_of(held.key, patterns)
    if held.against:
        return _odd(held, f"{_place(held.key, tail)}: {held.against}", tail)
    match held.kind:
        case "list" | "set" if tail:
            return _unknown(held, "holds many, and would be the record of one key", tail)
        case "hash" if tail or _is_record(hash_fields(held.members)):
            return _own_hash(held, tail)
        case "hash":
            return _hash(held)
        case "list":
            return _list(held)
        case "set":
            rows = tuple(_bare(held.key, value) for _, value in held.members)
            return RedisStore(KeyShape.REDIS_SET, rows)
        case "string":
            return _text(held, tail, tiers)
        case _:
            return _unknown(held, "no shape that keys are known to be kept in", tail)


def tail_of(key: KeyName, patterns: Collection[str]) -> str:
    """Return what a pattern's asterisk stands for in a name; empty: it fits none of this form.

    Of several asterisks it is what stands from the first to the last one.
    """
    name = text_of(key.raw)
    for one in patterns:
        begin, star, rest = one.partition("*")
        *inner, end = rest.split("*")
        tail = name[len(begin) : len(name) - len(end)]
        fits = star and name == f"{begin}{tail}{end}"
        if fits and all(part in tail for part in inner):
            return tail
    return ""


def hash_fields(members: Iterable[tuple[bytes, bytes]]) -> known.Fields:
    """Return the fields of a record that is a hash: texts, and moments that have not come."""
    found: known.Fields = {text_of(name): text_of(value) for name, value in members}
    # A hash has no null: a moment that is empty has not come.
    return found | {name: None for name in known.REVOKED_AT if found.get(name) == ""}


def _is_record(fields: dict[str, Value]) -> bool:
    return known.present(fields).is_record and not any(
        isinstance(one, str) and one.startswith("{") for one in fields.values()
    )


def _own_hash(held: Held, tail: str) -> RedisStore:
    record = _record(tail, hash_fields(held.members))
    if record is None:
        return _unknown(held, "a hash that names no key", tail)
    row = Row(record, held.key, Form.HASH, raw=held.members)
    return RedisStore(KeyShape.REDIS_KEYS, (row,))


def _hash(held: Held) -> RedisStore:
    rows: list[Row] = []
    for name, value in held.members:
        fields = _json(value)
        if isinstance(fields, dict) and (record := _record(text_of(name), fields)) is not None:
            rows.append(Row(record, held.key, Form.FIELD, name, value))
    if held.members and not rows:
        return _unknown(held, "names with texts: secrets by their names, not API keys with records")
    read = {row.field for row in rows}
    unread = tuple(
        Unread(held.key, name, text_of(name), _why_no_record(held.key, name, value))
        for name, value in held.members
        if name not in read
    )
    return RedisStore(KeyShape.REDIS_HASH, tuple(rows), skipped=len(unread), unread=unread)


def _why_no_record(key: KeyName, name: bytes, value: bytes) -> str:
    is_json = isinstance(_json(value), dict)
    why = "names a key, and the hash of one" if is_json else "no record in JSON"
    return f"{key.shown} {masked(text_of(name))}: {why}"


def _list(held: Held) -> RedisStore:
    rows: list[Row] = []
    for _, value in held.members:
        fields = _json(value)
        if not isinstance(fields, dict):
            rows.append(_bare(held.key, value))
        elif (record := _record("", fields)) is not None:
            rows.append(Row(record, held.key, Form.ITEM, value=value))
        else:
            why = "an item has no field for a key, or one for its hash as well"
            return _unknown(held, why)
    return RedisStore(KeyShape.REDIS_LIST, tuple(rows))


def _text(held: Held, tail: str, tiers: Collection[str]) -> RedisStore:
    ((_, value),) = held.members or ((b"", b""),)
    fields = _json(value) if tail else None
    if isinstance(fields, dict) and (record := _record(tail, fields)) is not None:
        return RedisStore(KeyShape.REDIS_KEYS, (Row(record, held.key, Form.TEXT, value=value),))
    try:
        shape = recognise(parse(value), tiers)
    except ClientGarbled as error:
        return _unknown(held, str(error), tail)
    read = shape.shape if isinstance(shape, Unrecognised) else shape
    whys = (shape.why,) if isinstance(shape, Unrecognised) else ()
    if read is None:
        return _unknown(held, whys[0] if whys else "", tail)
    rows = tuple(Row(one, held.key, Form.INSIDE, value=value) for one in read.all_records)
    return RedisStore(read.kind, rows, whys, read.skipped, texts={held.key: value})


def _record(name: str, fields: dict[str, Value]) -> Record | None:
    """Return a record: its key is in a field, or is what it is called; None: neither is sure."""
    key, hashed = known.text_of(fields, known.KEY), known.text_of(fields, known.HASH)
    if key is not None and hashed is not None:
        return None
    if hashed is not None:
        return Record(hashed, fields, is_hash=True)
    return Record(key or name, fields) if key or name else None


def _bare(key: KeyName, value: bytes) -> Row:
    text = _json(value)
    return Row(Record(text if isinstance(text, str) else text_of(value), {}), key, Form.BARE)


def _place(key: KeyName, tail: str) -> str:
    """Return a name for a person: what follows a prefix may be an API key itself."""
    return key.shown.replace(tail, masked(tail)) if tail else key.shown


def _unknown(held: Held, why: str, tail: str = "") -> RedisStore:
    """Return what is shown of a shape that nobody knows: its type, why, its first members."""
    shown = ", ".join(masked(text_of(value)) for _, value in held.members[:_RAW])
    raw = f": {shown}" if shown else ""
    more = f" and {held.length - _RAW} more" if held.length > _RAW and shown else ""
    said = f"{_place(held.key, tail)} ({held.kind}): {why}{raw}{more}"
    return _odd(held, said, tail)


def _odd(held: Held, why: str, tail: str) -> RedisStore:
    """Return what is no store: of a key of its own, its name may be the API key."""
    if not tail:
        return RedisStore(KeyShape.UNKNOWN, whys=(why,), is_whole=False)
    unread = Unread(held.key, b"", tail, why)
    return RedisStore(KeyShape.UNKNOWN, whys=(f"cannot be read: {why}",), unread=(unread,))


def _json(value: bytes) -> Value:
    try:
        return parse_text(value.decode("utf-8"))
    except (ClientGarbled, UnicodeDecodeError):
        return None


def text_of(data: bytes) -> str:
    """Return bytes as a text that can be made bytes again."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Return the bytes of such a text."""
    return text.encode("utf-8", "surrogateescape")
