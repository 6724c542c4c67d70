"""What a restore would change, member by member. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.model.text import SafeText, clean

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Names, sorted."""

    added: tuple[str, ...]
    """Only in the backup."""
    changed: tuple[str, ...]
    same: tuple[str, ...]
    only_here: tuple[str, ...]
    """Only where it would be restored to."""


def compare(backup: Mapping[str, str], here: Mapping[str, str]) -> Difference:
    """Return how two sets of names and hashes differ."""
    common = backup.keys() & here.keys()
    return Difference(
        tuple(sorted(backup.keys() - common)),
        tuple(sorted(name for name in common if backup[name] != here[name])),
        tuple(sorted(name for name in common if backup[name] == here[name])),
        tuple(sorted(here.keys() - common)),
    )


def preview_lines(found: Difference, is_removing: bool) -> tuple[SafeText, ...]:
    """Return the difference as a person reads it before saying yes."""
    removed = len(found.only_here) if is_removing else 0
    kept = len(found.only_here) - removed
    head = (
        f"{len(found.added)} added, {len(found.changed)} changed, {len(found.same)} the same, "
        f"{removed} removed" + (f", {kept} not in the backup stay" if kept else "")
    )
    return (
        clean(head),
        *_lines("+", found.added),
        *_lines("~", found.changed),
        *(_lines("-", found.only_here) if is_removing else ()),
    )


def _lines(sign: str, names: Iterable[str]) -> tuple[SafeText, ...]:
    all_names = tuple(names)
    shown = tuple(clean(f"{sign} {name}", 300) for name in all_names[:_SHOWN])
    more = len(all_names) - len(shown)
    return (*shown, clean(f"{sign} and {more} more")) if more else shown
