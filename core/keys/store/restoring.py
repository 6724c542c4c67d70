"""Puts a copy of a store back: what is missing returns, what is newer stays. Pure."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.errors import ClientDenied, ClientGarbled
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.edits import Edit, IsMeant, shape_of
from core.keys.store.fields import Fields
from core.keys.store.shapes import Record, Shape
from core.keys.store.tree import is_same

KEPT = frozenset((*known.ACTIVE, *known.REVOKED, *known.REVOKED_AT, *known.USED, *known.LAST_USED))
"""Fields of a living record that a copy never sets back: whether it is on, and how it was used."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What putting a copy back comes to. Marks of keys, each in one place but `off`."""

    added: tuple[str, ...]
    """In the copy, not in the store."""
    changed: tuple[str, ...]
    """Other tier, quota, name or policy in the copy."""
    newer: tuple[str, ...]
    """In the store, not in the copy: they stay."""
    off: tuple[str, ...]
    """Active in the copy, switched off since: they stay off unless they are named."""
    same: int
    """So many have the policy that they have in the copy."""


def differing(live: Record, old: Record) -> tuple[str, ...]:
    """Return the fields that a copy sets back."""
    return tuple(
        name
        for name in old.fields
        if name not in KEPT and not is_same(live.fields.get(name), old.fields[name])
    )


def merge_of(
    ids: KeyIds,
    live: Iterable[Record],
    backup: Iterable[Record],
    is_set_back: Callable[[Record, Record], tuple[str, ...]] = differing,
) -> Merge:
    """Return what putting `backup` back into `live` comes to."""
    ours = {one.identity: one for one in live}
    theirs = {one.identity: one for one in backup}
    both = [(ours[name], theirs[name]) for name in theirs if name in ours]
    changed = tuple(ids.mark(one.identity) for one, old in both if is_set_back(one, old))
    return Merge(
        added=tuple(ids.mark(name) for name in theirs if name not in ours),
        changed=changed,
        newer=tuple(ids.mark(name) for name in ours if name not in theirs),
        off=tuple(
            ids.mark(one.identity) for one, old in both if old.is_active and not one.is_active
        ),
        same=len(both) - len(changed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Edit):
    """Puts a copy back."""

    backup: bytes = field(repr=False)
    reactivate: tuple[str, ...] = ()
    """Marks of keys that are switched on again, each named by a person."""
    is_whole: bool = False
    """What lives could not be read when it was planned: while it cannot, all of it is replaced."""
    only: frozenset[str] | None = None
    """Marks of keys that are written; None: all that differ."""

    def edited(self, data: bytes) -> bytes:
        """Return the new bytes."""
        try:
            return Edit.edited(self, data)
        except ClientGarbled:
            if not self.is_whole:
                raise
            shape_of(self.backup, self.tiers)
            return self.backup

    def change(self, shape: Shape) -> IsMeant:
        """Add what is missing, set policies back, switch on what is named."""
        backup = shape_of(self.backup, self.tiers)
        ours = {one.identity: one for one in shape.all_records}
        names: set[str | int] = set()
        for old in backup.all_records:
            if self.only is not None and self.ids.mark(old.identity) not in self.only:
                continue
            live = ours.get(old.identity)
            if live is None:
                self._add(shape, old)
                names.add(old.identity)
                continue
            for name in differing(live, old):
                live.fields[name] = copy.deepcopy(old.fields[name])
            if old.is_active and not live.is_active and self._is_named(old):
                shape.set_active(live, True)
        wanted = {one.path for one in ours.values()}
        return lambda path: (
            path[-1] in names
            or isinstance(path[-1], int)
            or any(path[:length] in wanted for length in range(1, len(path)))
        )

    def _is_named(self, record: Record) -> bool:
        return self.ids.mark(record.identity) in self.reactivate

    @staticmethod
    def _add(shape: Shape, record: Record) -> None:
        fields: Fields = copy.deepcopy(record.fields)
        if isinstance(shape.holder, dict) and record.tier is None:
            shape.holder[record.identity] = fields
        elif isinstance(shape.holder, list):
            shape.holder.append(fields)
        else:
            raise ClientDenied("a key cannot be put back into this shape")
