"""Puts a copy of a store in Redis back: what is missing returns, what is newer stays. Pure.

It decides as the restore of files does (`restoring`); of a text with a whole store that one does.
"""

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.clients.acting.redis_key_values import Swap
from core.errors import ClientDenied
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store import restoring
from core.keys.store.edits import Edit, PutBack, Remove, shape_of
from core.keys.store.redis_edits import (
    Back,
    Marks,
    RedisEdit,
    Words,
    fields_in,
    refuse,
)
from core.keys.store.redis_shapes import Form, RedisStore, Row, text_of
from core.keys.store.restoring import Merge, merge_of
from core.keys.store.shapes import Record
from core.keys.store.tree import is_same
from core.model.redis_key import KeyName

_KINDS = {Form.FIELD: "hash", Form.TEXT: "string", Form.ITEM: "list"}
_Raw = Mapping[bytes, bytes]
_USE = frozenset((*known.USED, *known.LAST_USED))


def redis_merge(ids: KeyIds, live: RedisStore, backup: RedisStore) -> Merge:
    """Return what putting `backup` back into `live` comes to.

    Raises:
        ClientDenied: it cannot be put back.
    """
    kinds = {one.kind for one in (live, backup) if one.rows}
    if len(kinds) > 1:
        raise ClientDenied(f"the store is kept as {live.kind} now, in the copy as {backup.kind}")
    ours, theirs = ([row.record for row in one.rows] for one in (live, backup))
    return merge_of(ids, ours, theirs, set_back)


def set_back(live: Record, old: Record) -> tuple[str, ...]:
    """Return the fields that a copy sets back.

    A record that has lost every word for being active, or its use, gets the copy's: a server that
    counts on in a hash that is gone makes it anew with nothing but the count.
    """
    found = restoring.differing(live, old)
    flags = frozenset((*known.ACTIVE, *known.REVOKED, *known.REVOKED_AT))
    has_flag = not flags.isdisjoint(live.fields)
    gone = (
        name
        for name, value in old.fields.items()
        if value is not None
        and name not in live.fields
        and (name in _USE or (name in flags and not has_flag))
    )
    return (*found, *gone)


def places_taken(live: RedisStore, backup: RedisStore, ids: KeyIds) -> frozenset[str]:
    """Return the marks of keys of a copy in whose place is something that is no record."""
    odd = set(live.odd)
    rows = Marks(backup, ids).all.items()
    return frozenset(
        mark for mark, row in rows if row.form is Form.FIELD and text_of(row.field) in odd
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRestore(RedisEdit):
    """Puts records of a copy back; `marks` are those that are there, and are changed."""

    old: Mapping[str, Row] = field(repr=False)
    """By mark: what the copy has."""
    ttl_s: Mapping[KeyName, float]
    """What is left of the time of those of its Redis keys that expire."""
    added: tuple[str, ...] = ()
    """Marks of keys that are missing."""
    reactivate: tuple[str, ...] = ()
    """Marks of keys that are switched on again, each named by a person."""
    base: Mapping[str, _Raw] = field(default_factory=dict[str, _Raw], repr=False)
    """By mark: records as they were kept before; what is another since is not written over."""
    texts: Mapping[KeyName, bytes] = field(default_factory=dict[KeyName, bytes], repr=False)
    """Texts with whole stores as they were before, for the same."""

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return what is to be written; nothing: the store has what the copy has."""
        rows = Marks(store, self.ids).all
        self._refuse_newer(rows)
        found = [*self._doubled(store), *RedisEdit.swaps(self, store)]
        texts = {one.key for one in found if one.key in store.texts}
        for mark in self.added:
            row = self.old.get(mark)
            if row is None or mark in rows:  # expired since, or somebody has put it there
                continue
            refuse(row)
            if row.form is not Form.INSIDE:
                found += _new(row, self.ttl_s)
            elif row.key not in texts:
                texts.add(row.key)
                found += self._text(row, store)
        return tuple(found)

    def made(self, row: Row, before: _Raw, words: Words) -> _Raw:
        """Return what the copy makes of a record that is kept so."""
        mark = self.ids.mark(row.record.identity)
        old, is_on = self.old[mark].record, mark in self.reactivate
        one = _SetBack(ids=self.ids, marks=(mark,), old=old, is_on=is_on)
        return one.made(row, before, words)

    def whole(self, marks: tuple[str, ...], text: bytes) -> Edit:
        """Return the restore of a text that holds the store."""
        return self._whole(self.old[marks[0]].value)

    def _refuse_newer(self, rows: Mapping[str, Row]) -> None:
        """Refuse to write over what somebody else has written since.

        Raises:
            ClientDenied: it would.
        """
        before = {
            self.ids.mark(one.identity): one.fields
            for text in self.texts.values()
            for one in shape_of(text, self.tiers).all_records
        }
        for mark in self.marks:
            row, old = rows.get(mark), self.old[mark].record
            raw = self.base.get(mark)
            was = fields_in(row, raw) if row and raw is not None else before.get(mark)
            if row is None or was is None:
                continue
            now = row.record.fields
            for name in set_back(Record(old.identity, was), old):
                if not any(is_same(now.get(name), one.get(name)) for one in (was, old.fields)):
                    raise ClientDenied(f"k-{mark[:6]} was changed by another program meanwhile")

    def _doubled(self, store: RedisStore) -> list[Swap]:
        """Return what takes items of ours away whose keys somebody has put into the list as well.

        Values are compared, and theirs is another one: it stays.
        """
        counts = Counter(self.ids.marks(store.identities))
        values = {row.value for row in store.rows if row.form is Form.ITEM}
        ours = (self.old[mark] for mark in self.added if counts[mark] > 1 and mark in self.old)
        return [Swap(row.key, "list", b"", row.value, None) for row in ours if row.value in values]

    def _text(self, row: Row, store: RedisStore) -> tuple[Swap, ...]:
        """Return what puts records into a text; the whole of it where it holds no store now."""
        now = store.texts.get(row.key)
        if now is None:
            ttl_ms = _ttl_ms(row.key, self.ttl_s)
            return (Swap(row.key, "string", b"", None, row.value, ttl_ms),)
        live, old = shape_of(now, self.tiers), shape_of(row.value, self.tiers)
        is_other = live.kind is not old.kind
        if is_other and live.all_records:
            raise ClientDenied(f"the store is kept as {live.kind} now, in the copy as {old.kind}")
        new = row.value if is_other else self._whole(row.value).edited(now)
        return (Swap(row.key, "string", b"", now, new),) if new != now else ()

    def _whole(self, old: bytes) -> restoring.Restore:
        return restoring.Restore(
            ids=self.ids, tiers=self.tiers, backup=old, reactivate=self.reactivate,
            only=frozenset((*self.added, *self.marks)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetBack(RedisEdit):
    """One record's policy as a copy has it."""

    old: Record
    is_on: bool

    def change(self, fields: known.Fields, words: Words) -> None:
        """Set each field back that differs, and switch it on where that is meant."""
        for name in set_back(Record(self.old.identity, fields), self.old):
            fields[name] = copy.deepcopy(self.old.fields[name])
        if self.is_on and known.flag(fields) is False:
            known.set_flag(fields, True, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Takes a restore back: what came goes, what was changed is as before.

    What others have changed since stays; `left` names it. A text that is not among those of the
    restore was not there before.
    """

    done: RedisRestore

    def swaps(self, store: RedisStore) -> tuple[Swap, ...]:
        """Return what is to be written; nothing: all is as before, but for what is left."""
        ids, rows = self.done.ids, Marks(store, self.done.ids).all
        changed = tuple(mark for mark in self.done.marks if mark in rows and mark in self.done.base)
        back = Back(ids=ids, marks=changed, tiers=self.done.tiers, done=self.done,
                    base=self.done.base)  # fmt: skip
        found = [*back.swaps(store)]
        for mark in self._there(rows):
            row = rows[mark]
            if row.form is not Form.INSIDE and _is_as_restored(row, self.done.old[mark]):
                found += _gone(row)
        for mark in {self.done.old[mark].key: mark for mark in self._of_texts}.values():
            found += self._text(self.done.old[mark], store)
        return tuple(found)

    def left(self, store: RedisStore) -> tuple[str, ...]:
        """Return the marks of keys that came, and stay because somebody has changed them since."""
        return self._there(Marks(store, self.done.ids).all)

    def _there(self, rows: Mapping[str, Row]) -> tuple[str, ...]:
        old = self.done.old
        return tuple(mark for mark in self.done.added if mark in rows and mark in old)

    @property
    def _of_texts(self) -> tuple[str, ...]:
        marks, old = (*self.done.added, *self.done.marks), self.done.old
        return tuple(mark for mark in marks if mark in old and old[mark].form is Form.INSIDE)

    def _text(self, old: Row, store: RedisStore) -> tuple[Swap, ...]:
        now, base = store.texts.get(old.key), self.done.texts.get(old.key)
        if now is None or now == base:
            return ()
        if base is None and now == old.value:
            return (Swap(old.key, "string", b"", now, None),)
        is_ours = base is not None and now == self._made(base, old.value)
        new = base if base is not None and is_ours else self._part(now, base, store)
        return (Swap(old.key, "string", b"", now, new),) if new != now else ()

    def _part(self, now: bytes, base: bytes | None, store: RedisStore) -> bytes:
        """Return a text that somebody else has written into since, without what is still ours."""
        ids, tiers, rows = self.done.ids, self.done.tiers, Marks(store, self.done.ids).all
        ours = tuple(m for m in self._there(rows) if _is_as_restored(rows[m], self.done.old[m]))
        new = Remove(ids=ids, tiers=tiers, marks=ours).edited(now)
        there = tuple(mark for mark in self.done.marks if mark in rows)
        if base is None or not there:
            return new
        edit = self.done.whole(there, base)
        return PutBack(ids=ids, tiers=tiers, marks=there, base=base, done=edit).edited(new)

    def _made(self, base: bytes, copied: bytes) -> bytes:
        """Return what the restore made of a text."""
        live, old = (shape_of(one, self.done.tiers) for one in (base, copied))
        if live.kind is not old.kind:
            return copied
        return self.done.whole(self._of_texts, base).edited(base)


def _new(row: Row, ttl_s: Mapping[KeyName, float]) -> list[Swap]:
    """Return what writes a record of a copy, which is not there."""
    ttl_ms = _ttl_ms(row.key, ttl_s)
    if row.form is Form.HASH:
        return [Swap(row.key, "hash", name, None, value, ttl_ms) for name, value in row.raw]
    at = b"tail" if row.form is Form.ITEM else row.field
    return [Swap(row.key, _KINDS[row.form], at, None, row.value, ttl_ms)]


def _gone(row: Row) -> list[Swap]:
    if row.form is Form.HASH:
        return [Swap(row.key, "hash", name, old, None) for name, old in row.raw]
    return [Swap(row.key, _KINDS[row.form], row.field, row.value, None)]


def _is_as_restored(row: Row, old: Row) -> bool:
    """Tell whether nobody has changed a record since, but for counting its use."""
    live, was = ({**one.record.fields} for one in (row, old))
    for name in _USE:
        live.pop(name, None)
        was.pop(name, None)
    # A hash gives its fields in any order.
    return live.keys() == was.keys() and all(is_same(live[name], was[name]) for name in was)


def _ttl_ms(key: KeyName, ttl_s: Mapping[KeyName, float]) -> int | None:
    left_s = ttl_s.get(key)
    # Never 0, which would be for good.
    return max(1, round(left_s * 1000)) if left_s is not None else None
