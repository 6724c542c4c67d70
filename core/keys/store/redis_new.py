"""New keys of a store in Redis: kept as another one is, or the reason why that cannot be. Pure."""

import hashlib
from dataclasses import dataclass, field

from core.clients.acting.redis_key_values import Swap
from core.errors import ClientDenied
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.edits import Insert, NewKey, Remove, shape_of
from core.keys.store.fresh import Fresh, Numbers, made_like
from core.keys.store.redis_edits import Marks, plain, refuse
from core.keys.store.redis_shapes import Form, RedisStore, Row, bytes_of, text_of
from core.keys.store.shapes import Tree, style_of, write
from core.keys.store.tree import Number, Value
from core.model.redis_key import KeyName

_BLANKS = frozenset({"", "null", "None", "nil"})
_NAMED_OTHERWISE = "its records have names that are not their keys: what a new one's would be"


@dataclass(frozen=True, slots=True)
class Added:
    """What new keys come to."""

    identities: tuple[str, ...]
    """Of those that are not in the store yet: the keys, or their hashes."""
    swaps: tuple[Swap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """New keys, each like another one, or like the newest."""

    ids: KeyIds
    keys: tuple[NewKey, ...] = field(repr=False)
    tiers: tuple[str, ...] = ()

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return what is to be written; nothing: they are there."""
        return self.added(store).swaps

    def added(self, store: RedisStore) -> Added:
        """Return what is to be written, and what the new keys are in the store.

        Raises:
            ClientDenied: a new key cannot be kept as the others are.
        """
        there = {row.record.identity for row in store.rows}
        identities, swaps = list[str](), list[Swap]()
        inside: dict[KeyName, list[NewKey]] = {}
        likes, others = self._likes(store), _Others(store.rows)
        for one in self.keys:
            if there & {one.key.reveal(), *_hashes(one.key.reveal())}:
                continue
            like = likes[one.like]
            refuse(like)
            if like.form is Form.INSIDE:
                inside.setdefault(like.key, []).append(one)
                continue
            identity, made = _made(one, like, store, others)
            identities.append(identity)
            swaps += made
        texts = {row.key: row.value for row in store.rows}
        for key, keys in inside.items():
            text = texts[key]
            new = Insert(ids=self.ids, tiers=self.tiers, keys=tuple(keys)).edited(text)
            names = (one.identity for one in shape_of(new, self.tiers).all_records)
            identities += [name for name in names if name not in there]
            swaps.append(Swap(key, "string", b"", text, new))
        return Added(tuple(identities), tuple(swaps))

    def _likes(self, store: RedisStore) -> dict[str, Row]:
        """Return what new keys are like by its mark; by none: the newest."""
        if not store.rows:
            raise ClientDenied("it holds no key that a new one could be like")
        marks = tuple(dict.fromkeys(one.like for one in self.keys if one.like))
        named = dict(zip(marks, Marks(store, self.ids).of(marks), strict=True))
        return named | ({} if len(marks) == len(self.keys) else {"": newest(store.rows)})


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAway:
    """Takes keys away that an action of ours had added."""

    ids: KeyIds
    marks: tuple[str, ...]
    tiers: tuple[str, ...] = ()

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return what is to be taken away; nothing: they are gone."""
        rows = Marks(store, self.ids).all
        mine = {mark: rows[mark] for mark in self.marks if mark in rows}
        swaps: list[Swap] = []
        inside: dict[KeyName, list[str]] = {}
        for mark, row in mine.items():
            if row.form is Form.INSIDE:
                inside.setdefault(row.key, []).append(mark)
            elif row.form is Form.HASH:
                swaps += [Swap(row.key, "hash", name, old, None) for name, old in row.raw]
            else:
                kind = {Form.FIELD: "hash", Form.TEXT: "string"}.get(row.form, "list")
                swaps.append(Swap(row.key, kind, row.field, row.value, None))
        texts = {row.key: row.value for row in mine.values()}
        for key, marks in inside.items():
            edit = Remove(ids=self.ids, tiers=self.tiers, marks=tuple(marks))
            swaps.append(Swap(key, "string", b"", texts[key], edit.edited(texts[key])))
        return tuple(swaps)


def newest(rows: tuple[Row, ...]) -> Row:
    """Return the row that was made last, by its date, else by its place."""
    dated = [
        (at, place)
        for place, row in enumerate(rows)
        if (at := known.moment_of(row.record.fields, known.CREATED)) is not None
    ]
    return rows[max(dated)[1]] if dated else rows[-1]


class _Others:
    """What is asked of all records of a store, once."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        """Take the rows; look at them when something is asked."""
        self._rows, self._known = rows, dict[bytes, bytes | None]()
        self.numbers = Numbers(row.record.fields for row in rows)

    def blank(self, name: bytes) -> bytes | None:
        """Return how a hash says that a field has no value; None: it leaves it out."""
        if name not in self._known:
            values = [dict(row.raw).get(name) for row in self._rows if row.form is Form.HASH]
            blanks = (text for text in values if text is not None and text_of(text) in _BLANKS)
            self._known[name] = next(blanks, None if None in values else b"")
        return self._known[name]


def _made(new: NewKey, like: Row, store: RedisStore, others: _Others) -> tuple[str, list[Swap]]:
    """Return a new key's identity, and what has to be written for it."""
    key, record = new.key.reveal(), like.record
    is_own = like.form is Form.HASH
    fields = _numbered(like) if is_own else record.fields
    fresh = Fresh(new.tier, new.quota, new.created, new.name)
    identity, made = made_like(
        key, fields, fresh, is_hash=record.is_hash, key_name="", numbers=others.numbers
    )
    for name in known.named(made, (*known.KEY, *known.HASH)):
        if fields[name] == record.identity:
            made[name] = identity
    left_s = store.ttl_s.get(like.key)
    # Never 0, which would be for good.
    ttl_ms = max(1, round(left_s * 1000)) if left_s is not None else None
    if is_own:
        at = _named(like, text_of(like.key.raw), identity, key)
        place = KeyName(bytes_of(at))
        rows = _plain_fields(made, others)
        return identity, [
            Swap(place, "hash", name, None, value, ttl_ms) for name, value in rows.items()
        ]
    text = write(Tree(made), style_of(like.value))
    match like.form:
        case Form.FIELD:
            at = _named(like, text_of(like.field), identity, key)
            one = Swap(like.key, "hash", bytes_of(at), None, text)
        case Form.TEXT:
            at = _named(like, text_of(like.key.raw), identity, key)
            one = Swap(KeyName(bytes_of(at)), "string", b"", None, text, ttl_ms)
        case _:
            one = Swap(like.key, "list", _side(store.rows), None, text)
    return identity, [one]


def _named(like: Row, name: str, identity: str, key: str) -> str:
    """Return what a new record is called, after what another one is.

    Raises:
        ClientDenied: that is not called after its key.
    """
    own = like.record.identity
    if name.count(own) == 1:
        return name.replace(own, identity)
    for mine, new in zip(_hashes(own), _hashes(key), strict=True):
        if not like.record.is_hash and name.count(mine) == 1:
            return name.replace(mine, new)
    raise ClientDenied(f"{_NAMED_OTHERWISE} is not known")


def _hashes(key: str) -> tuple[str, ...]:
    data = key.encode("utf-8", "surrogatepass")
    return tuple(hashlib.new(name, data).hexdigest() for name in ("sha256", "sha512"))


def _numbered(like: Row) -> known.Fields:
    """Return the fields of a hash with its numbers as such: it keeps them as texts."""

    def typed(value: Value) -> Value:
        if not isinstance(value, str) or known.as_number(value) is None:
            return value
        is_plain = value == "0" or value[0] in "123456789" or value.startswith("0.")
        return Number(value) if is_plain else value

    flags = frozenset((*known.ACTIVE, *known.REVOKED))
    found = like.record.fields.items()
    return {name: value if name in flags else typed(value) for name, value in found}


def _plain_fields(made: known.Fields, others: _Others) -> dict[bytes, bytes]:
    """Return the fields of a new hash; what is nothing is written, or left out, as others do."""
    found: dict[bytes, bytes] = {}
    for name, one in made.items():
        value = plain(one)
        value = others.blank(bytes_of(name)) if value is None else value
        if value is not None:
            found[bytes_of(name)] = value
    return found


def _side(rows: tuple[Row, ...]) -> bytes:
    """Return the end of a list that new items go to: where its newest one is."""
    ends = (rows[0], rows[-1])
    first, last = (known.moment_of(row.record.fields, known.CREATED) for row in ends)
    is_first = first is not None and last is not None and first > last
    return b"head" if is_first else b"tail"
