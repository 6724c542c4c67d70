"""The query: its tree, what it does to a record, and what can be known of it beforehand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from core.logs.query import tree
from core.logs.query.fields import is_attribute
from core.logs.query.grammar import parse_tree
from core.logs.query.highlighting import spans_of
from core.logs.query.matching import predicate
from core.logs.query.prefilter import Prefilter, prefilter_of
from core.model.log import LogRecord


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. Two are equal when they ask the same of the same window."""

    text: str = field(compare=False)
    tree: tree.Node | None
    """What is asked of a record, the window taken out; None: nothing, every record matches."""
    since_s: float | None
    """Seconds since 1970; records before it are not asked for."""
    until_s: float | None
    """Seconds since 1970; records after it are not asked for."""
    fields: tuple[str, ...]
    """Fields asked for that not every record has, in the order they are written."""
    matches: Callable[[LogRecord], bool] = field(compare=False, repr=False)
    """Whether a record matches, its window aside. Never raises."""

    def is_in_window(self, record: LogRecord) -> bool:
        """Return whether a record's time is in the window; one without a time is in no window."""
        if self.since_s is None and self.until_s is None:
            return True
        at_s = record.time_s
        if at_s is None or (self.since_s is not None and at_s < self.since_s):
            return False
        return self.until_s is None or at_s <= self.until_s

    def prefilter(self, is_named: bool = True) -> Prefilter | None:
        """Return patterns of which one is in every matching record; None when nothing is sure.

        Args:
            is_named: False for a log whose format tells fields by their place (the formats of the
                configuration); then fewer terms can be required of the bytes.
        """
        return prefilter_of(self.tree, is_named)

    def highlights(self, text: str) -> list[tuple[int, int]]:
        """Return begin and end of what is looked for in `text`, in order, none overlapping."""
        return spans_of(self.tree, text)


def parse_query(text: str, now_s: float) -> Query:
    """Return the query that a text says.

    Args:
        text: As `docs/log-queries.md` describes.
        now_s: Seconds since 1970; what `since=1h` counts from.

    Raises:
        QueryError: the text is not a query; nothing else is ever raised.
    """
    whole = parse_tree(text, now_s)
    parts = whole.parts if isinstance(whole, tree.And) else () if whole is None else (whole,)
    bounds = [part for part in parts if _is_bound(part)]
    kept = tuple(part for part in parts if not _is_bound(part))
    rest = tree.And(kept) if len(kept) > 1 else kept[0] if kept else None
    since_s = [part.at_s for part in bounds if part.operator == ">="]
    until_s = [part.at_s for part in bounds if part.operator == "<="]
    return Query(
        text,
        rest,
        max(since_s, default=None),
        min(until_s, default=None),
        tuple(dict.fromkeys(name for name in _names(whole) if not is_attribute(name))),
        predicate(rest),
    )


def both(first: Query, second: Query) -> Query:
    """Return the query for what two queries ask, each within the other's window."""
    parts = tuple(one.tree for one in (first, second) if one.tree is not None)
    rest = tree.And(parts) if len(parts) > 1 else parts[0] if parts else None
    since_s = [one.since_s for one in (first, second) if one.since_s is not None]
    until_s = [one.until_s for one in (first, second) if one.until_s is not None]
    return Query(
        f"({first.text}) ({second.text})",
        rest,
        max(since_s, default=None),
        min(until_s, default=None),
        tuple(dict.fromkeys((*first.fields, *second.fields))),
        predicate(rest),
    )


def _is_bound(node: tree.Node) -> TypeGuard[tree.AtTime]:
    """Return whether a term is an end of the window; `time>` and `time<` leave theirs out."""
    return isinstance(node, tree.AtTime) and node.operator in {">=", "<="}


def _names(node: tree.Node | None) -> Iterator[str]:
    match node:
        case tree.And(parts) | tree.Or(parts):
            for part in parts:
                yield from _names(part)
        case tree.Not(part):
            yield from _names(part)
        case None | tree.OfLevel() | tree.AtTime():
            return
        case _:
            if node.field is not None:
                yield node.field
