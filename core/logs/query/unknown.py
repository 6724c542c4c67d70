"""Fields that a query asks for and that no record has: said, instead of "no match"."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from core.logs.query.fields import is_attribute, names_for

_MAX_SEEN = 5000


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A field that no record has, and the one that may be meant."""

    name: str
    nearest: str | None


def unknown_fields(asked: Collection[str], seen: Collection[str]) -> tuple[UnknownField, ...]:
    """Return the fields of `asked` that are not among `seen`, under none of their names.

    Args:
        asked: `Query.fields`.
        seen: Names of the fields of all records that were looked at. With none seen nothing can
            be said, and nothing is.
    """
    known = set(seen)
    if not known:
        return ()
    return tuple(
        UnknownField(name, _nearest(name, known))
        for name in asked
        if not is_attribute(name) and known.isdisjoint(names_for(name))
    )


def _nearest(name: str, seen: set[str]) -> str | None:
    """Return the closest spelling, or a nested field that ends in the name."""
    ordered = sorted(seen)[:_MAX_SEEN]
    by_fold = {one.lower(): one for one in ordered}
    tail = name.rpartition(".")[2].lower()
    nested = next((one for one in ordered if one.lower().rpartition(".")[2] == tail), None)
    close = get_close_matches(name.lower(), list(by_fold), n=1, cutoff=0.6)
    return nested or (by_fold[close[0]] if close else None)
