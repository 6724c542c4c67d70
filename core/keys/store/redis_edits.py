"""Changes of a store in Redis, as values that take the places of others. Pure.

Each is made from what was read just now, and says what it replaces: where that is another by then,
nothing is written, and the change is made again on what was read anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.clients.acting.redis_key_values import Swap
from core.errors import ClientDenied
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.edits import Edit, PutBack, SetActive, SetTier, put_back
from core.keys.store.redis_shapes import WRITABLE, Form, RedisStore, Row, bytes_of, hash_fields
from core.keys.store.shapes import parse, style_of, write
from core.keys.store.tree import Number, Value, parse_text
from core.model.redis_key import KeyName

_KINDS = {Form.FIELD: "hash", Form.TEXT: "string", Form.ITEM: "list", Form.INSIDE: "string"}
_Raw = Mapping[bytes, bytes]
"""A record as it is kept: its text under no name, or the fields of its own hash."""
Words = Mapping[bool, str]
"""A store's own words for active and not active."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The rows of a store by their marks."""

    store: RedisStore
    ids: KeyIds

    def of(self, marks: Iterable[str]) -> tuple[Row, ...]:
        """Return the rows of all marks.

        Raises:
            ClientDenied: one is not there.
        """
        rows = self.all
        wanted = tuple(marks)
        gone = [f"k-{mark[:6]}" for mark in wanted if mark not in rows]
        if gone:
            raise ClientDenied(f"{', '.join(gone[:3])} is not in the store (any more)")
        return tuple(rows[mark] for mark in wanted)

    @property
    def all(self) -> dict[str, Row]:
        """Return every row by its mark."""
        names = self.ids.marks([row.record.identity for row in self.store.rows])
        return dict(zip(names, self.store.rows, strict=True))


def said(row: Row) -> dict[bytes, bytes]:
    """Return a record as it is kept; of a text with a whole store all of that."""
    return dict(row.raw) if row.form is Form.HASH else {b"": row.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisEdit:
    """What all changes of records have in common."""

    ids: KeyIds
    marks: tuple[str, ...]
    tiers: tuple[str, ...] = ()

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return what is to be written; nothing: it is as it shall be.

        Raises:
            ClientDenied: a key is not there, or its record takes no such change.
        """
        inside: dict[KeyName, list[str]] = {}
        found: list[Swap] = []
        rows, words = Marks(store, self.ids).of(self.marks), words_of(store.rows)
        for mark, row in zip(self.marks, rows, strict=True):
            refuse(row)
            if row.form is Form.INSIDE:
                inside.setdefault(row.key, []).append(mark)
            else:
                found += self._of(mark, row, words)
        texts = {row.key: row.value for row in rows}
        for key, marks in inside.items():
            text = texts[key]
            new = self.whole(tuple(marks), text).edited(text)
            found += [Swap(key, "string", b"", text, new)] if new != text else []
        return tuple(found)

    def change(self, fields: known.Fields, words: Words) -> None:
        """Edit a record's fields in place.

        Raises:
            ClientDenied: it has none for this.
        """
        raise NotImplementedError

    def whole(self, marks: tuple[str, ...], text: bytes) -> Edit:
        """Return the same change for records of one text."""
        raise NotImplementedError

    def made(self, row: Row, before: _Raw, words: Words) -> _Raw:
        """Return what this change makes of a record that is kept so."""
        if row.form is not Form.HASH:
            tree = parse(before[b""])
            self.change(_fields(tree.root), words)
            return {b"": write(tree, style_of(before[b""]))}
        was = hash_fields(before.items())
        fields = dict(was)
        self.change(fields, words)
        return with_fields(before, was, fields)

    def _of(self, mark: str, row: Row, words: Words) -> tuple[Swap, ...]:
        return swaps_between(row, said(row), self.made(row, said(row), words))


def refuse(row: Row) -> None:
    """Refuse what is kept in a way that is not written to.

    Raises:
        ClientDenied: it is.
    """
    if row.form not in WRITABLE:
        raise ClientDenied(f"it is {row.form}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(RedisEdit):
    """Keys on or off."""

    is_active: bool

    def change(self, fields: known.Fields, words: Words) -> None:
        """Set every word that the record has for it."""
        is_on = known.flag(fields)
        if is_on is None:
            raise ClientDenied("its record does not say whether it is active")
        if is_on is not self.is_active:
            known.set_flag(fields, self.is_active, words)

    def whole(self, marks: tuple[str, ...], text: bytes) -> Edit:
        """Return the same change for records of one text."""
        return SetActive(ids=self.ids, tiers=self.tiers, marks=marks, is_active=self.is_active)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTier(RedisEdit):
    """Another tier for a key, and another quota where its record has one."""

    tier: str
    quota: int | None

    def change(self, fields: known.Fields, words: Words) -> None:
        """Set both, each in the type that it has."""
        names = known.named(fields, known.TIER)
        if not names:
            raise ClientDenied("its record has no field for its tier")
        for name in names:
            fields[name] = self.tier
        for name in known.named(fields, known.QUOTA)[:1] if self.quota is not None else ():
            is_text = isinstance(fields[name], str)
            fields[name] = str(self.quota) if is_text else Number(str(self.quota))

    def whole(self, marks: tuple[str, ...], text: bytes) -> Edit:
        """Return the same change for a record of one text."""
        (mark,) = marks
        return SetTier(ids=self.ids, tiers=self.tiers, mark=mark, tier=self.tier, quota=self.quota)


@dataclass(frozen=True, slots=True, kw_only=True)
class Back(RedisEdit):
    """Gives records what a change of ours had changed; what others changed since stays."""

    done: RedisEdit
    base: Mapping[str, _Raw] = field(repr=False)
    """By mark: the records before that change, as they were kept."""

    def whole(self, marks: tuple[str, ...], text: bytes) -> Edit:
        """Return the way back within one text."""
        base = self.base[marks[0]][b""]
        done = self.done.whole(marks, base)
        return PutBack(ids=self.ids, tiers=self.tiers, marks=marks, base=base, done=done)

    def _of(self, mark: str, row: Row, words: Words) -> tuple[Swap, ...]:
        base, now = self.base[mark], said(row)
        ours = self.done.made(row, base, words)
        if now == ours:
            return swaps_between(row, now, base)
        if row.form is not Form.HASH:
            tree = parse(now[b""])
            put_back(_fields(tree.root), _json(base[b""]), _json(ours[b""]))
            return swaps_between(row, now, {b"": write(tree, style_of(now[b""]))})
        live = dict(now)
        for name in {**base, **ours}:
            if base.get(name) != ours.get(name) and live.get(name) == ours.get(name):
                live.pop(name, None)
                live |= {name: base[name]} if name in base else {}
        return swaps_between(row, now, live)


def fields_in(row: Row, raw: _Raw) -> known.Fields:
    """Return the fields of a record that is kept so, of one that is no text with a store."""
    return hash_fields(raw.items()) if row.form is Form.HASH else _json(raw[b""])


def swaps_between(row: Row, now: _Raw, new: _Raw) -> tuple[Swap, ...]:
    """Return what makes one record of another one; of a hash only what differs is compared."""
    if row.form is not Form.HASH:
        old, made = now[b""], new[b""]
        one = Swap(row.key, _KINDS[row.form], row.field, old, made)
        return (one,) if old != made else ()
    return tuple(
        Swap(row.key, "hash", name, now.get(name), new.get(name))
        for name in {**now, **new}
        if now.get(name) != new.get(name)
    )


def with_fields(raw: _Raw, was: known.Fields, fields: known.Fields) -> _Raw:
    """Return a hash with other fields; what is nothing now is taken away, for it has no null."""
    made = dict(raw)
    for name in {**was, **fields}:
        if was.get(name) == fields.get(name) and (name in was) is (name in fields):
            continue
        value = plain(fields.get(name))
        made.pop(bytes_of(name), None)
        made |= {bytes_of(name): value} if value is not None else {}
    return made


def plain(value: Value) -> bytes | None:
    """Return a value as a hash's field has it; None: it has none."""
    if isinstance(value, Number):
        return value.text.encode()
    return None if value is None else bytes_of(str(value))


def words_of(rows: Iterable[Row]) -> Words:
    """Return the words of those that were read first."""
    found: dict[bool, str] = {}
    for one in rows:
        if len(found) == 2:
            break
        word = known.text_of(one.record.fields, ("status", "state"))
        if word is not None:
            found.setdefault(one.record.was_active, word)
    return found


def _json(data: bytes) -> known.Fields:
    return _fields(parse_text(data.decode("utf-8")))


def _fields(value: Value) -> known.Fields:
    if not isinstance(value, dict):
        raise ClientDenied("it is no record any more")
    return value
