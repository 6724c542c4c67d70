"""Changes of a store's bytes that can be made again on whatever somebody else wrote. Pure.

Each reads the bytes, edits the tree in place, and compares: what differs must be what was meant.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import ClientDenied, ClientRefused
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.merging import merged
from core.keys.store.shapes import (
    Fresh,
    Path,
    Record,
    Shape,
    Unrecognised,
    differences,
    parse,
    recognise,
    style_of,
    write,
)
from core.keys.store.tree import is_same
from core.model.secret import Secret

IsMeant = Callable[[Path], bool]
"""Tells whether a path that differs is one that was to differ."""


def shape_of(data: bytes, tiers: tuple[str, ...]) -> Shape:
    """Return how a store's bytes hold keys.

    Raises:
        ClientGarbled: they cannot be read.
        ClientDenied: they fit no shape, or more than one: they are not written to.
    """
    shape = recognise(parse(data), tiers)
    if isinstance(shape, Unrecognised):
        raise ClientDenied(f"it is not written to: {shape.why}")
    return shape


class Marked:
    """Records by their marks."""

    def __init__(self, ids: KeyIds, shape: Shape) -> None:
        self._rows = sorted(
            ((ids.mark(one.identity), one) for one in shape.all_records), key=lambda row: row[0]
        )

    def find(self, mark: str) -> Record | None:
        """Return the record of a mark, or of the beginning of one; None: there is none.

        Raises:
            ClientDenied: two begin so.
        """
        at = bisect_left(self._rows, mark, key=lambda row: row[0])
        found = [one for name, one in self._rows[at : at + 2] if name.startswith(mark)]
        if len(found) > 1:
            raise ClientDenied(f"k-{mark} may mean two keys: more of the id is needed")
        return found[0] if found else None

    def there(self, marks: Iterable[str]) -> tuple[Record, ...]:
        """Return the records of all marks.

        Raises:
            ClientDenied: one is not there.
        """
        found = [(mark, self.find(mark)) for mark in marks]
        gone = [f"k-{mark[:6]}" for mark, one in found if one is None]
        if gone:
            raise ClientDenied(f"{', '.join(gone[:3])} is not in the store (any more)")
        return tuple(one for _, one in found if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What all changes have in common."""

    ids: KeyIds
    tiers: tuple[str, ...] = ()
    """Names of tiers that the configuration has."""

    def edited(self, data: bytes) -> bytes:
        """Return the new bytes; the same ones where nothing is left to do.

        Raises:
            ClientGarbled: they cannot be read now.
            ClientDenied: they must not be written to.
            ClientRefused: more would differ than was meant; that is a bug, and nothing is written.
        """
        shape = shape_of(data, self.tiers)
        is_meant = self.change(shape)
        differing = differences(parse(data).root, shape.tree.root)
        if not differing:
            return data
        if not all(map(is_meant, differing)):
            raise ClientRefused("the change would touch more than it was meant to")
        new = write(shape.tree, style_of(data))
        if not is_same(parse(new).root, shape.tree.root):
            raise ClientRefused("what would be written reads otherwise")
        return new

    def merged(self, base: bytes, orphan: bytes, live: bytes) -> bytes:
        """Return what lives with what another tool added to the file that was replaced."""
        return merged(base, orphan, live, self.tiers)

    def change(self, shape: Shape) -> IsMeant:
        """Edit the tree; return which paths may differ then."""
        raise NotImplementedError


def _below(paths: Iterable[Path]) -> IsMeant:
    """Paths within records."""
    wanted = frozenset(paths)
    return lambda path: any(path[:length] in wanted for length in range(1, len(path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetActive(Edit):
    """Keys on or off."""

    marks: tuple[str, ...]
    is_active: bool

    def change(self, shape: Shape) -> IsMeant:
        """Set every word that each record has for it."""
        records = Marked(self.ids, shape).there(self.marks)
        for one in records:
            if one.is_active is not self.is_active:
                shape.set_active(one, self.is_active)
        return _below(one.path for one in records)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTier(Edit):
    """Another tier and quota for one key."""

    mark: str
    tier: str
    quota: int | None

    def change(self, shape: Shape) -> IsMeant:
        """Set both."""
        (record,) = Marked(self.ids, shape).there((self.mark,))
        shape.set_tier(record, self.tier, self.quota)
        return _below((record.path,))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made and is to be in the store."""

    key: Secret
    like: str
    """Mark of the record whose policy it gets; empty: the newest one's fields, no policy."""
    tier: str
    quota: int | None
    created: datetime
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert(Edit):
    """New keys at the end, each like another one."""

    keys: tuple[NewKey, ...] = field(repr=False)

    def change(self, shape: Shape) -> IsMeant:
        """Add those that are not there."""
        marked, before = Marked(self.ids, shape), len(shape.all_records) + shape.skipped
        newest = shape.newest()
        names: set[str | int] = set()
        for place, one in enumerate(self.keys):
            if self._is_in(shape, one):
                continue
            like = marked.find(one.like) if one.like else newest
            fresh = Fresh(one.tier, one.quota, one.created, one.name)
            names |= {shape.insert(one.key.reveal(), like, fresh).identity, before + place}
        return lambda path: path[-1] in names

    @staticmethod
    def _is_in(shape: Shape, new: NewKey) -> bool:
        return shape.holds((new.key.reveal(), *_hashes(new.key)))


def _hashes(key: Secret) -> tuple[str, ...]:
    """Return what stores of hashes may hold of a key."""
    data = key.reveal().encode()
    return tuple(hashlib.new(name, data).hexdigest() for name in ("sha256", "sha512"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Edit):
    """Takes records away that an action of ours had added."""

    marks: tuple[str, ...]

    def change(self, shape: Shape) -> IsMeant:
        """Remove those that are there."""
        marked = Marked(self.ids, shape)
        found = [one for mark in self.marks if (one := marked.find(mark)) is not None]
        gone = {id(one.fields) for one in found}
        if isinstance(shape.holder, dict):
            for one in found:
                shape.holder.pop(one.identity)
        elif isinstance(shape.holder, list):
            shape.holder[:] = [one for one in shape.holder if id(one) not in gone]
        places = {one.path for one in found}
        # Where a list becomes shorter its places move up; they were added at its end.
        return lambda path: path in places or isinstance(path[-1], int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Edit):
    """Gives records the fields that an edit of ours had changed; what others changed stays."""

    marks: tuple[str, ...]
    base: bytes = field(repr=False)
    """The store before that edit."""
    done: Edit

    def change(self, shape: Shape) -> IsMeant:
        """Put each field back that still is as the edit left it."""
        old = Marked(self.ids, shape_of(self.base, self.tiers))
        new = Marked(self.ids, shape_of(self.done.edited(self.base), self.tiers))
        records = Marked(self.ids, shape).there(self.marks)
        for mark, record in zip(self.marks, records, strict=True):
            before, after = old.find(mark), new.find(mark)
            if before is not None and after is not None:
                put_back(record.fields, before.fields, after.fields)
        return _below(one.path for one in records)


def put_back(live: known.Fields, before: known.Fields, after: known.Fields) -> None:
    """Give a record each field that it had before an edit, where it is as the edit left it."""
    for name in {**before, **after}:
        is_changed = name not in before or not is_same(before[name], after.get(name))
        if not is_changed or name not in live or not is_same(live[name], after.get(name)):
            continue
        if name in before:
            live[name] = before[name]
        else:
            del live[name]
