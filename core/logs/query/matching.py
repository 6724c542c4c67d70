"""From the tree to a function of one record, made once per query; the hot path of filtering."""

import operator as compare
from collections.abc import Callable
from typing import TypeAlias

from core.logs.query import tree
from core.logs.query.addresses import addresses_of
from core.logs.query.fields import Found, getter, scaled_getter
from core.logs.query.folding import fold, without_lookalikes
from core.logs.query.literal_bytes import word_in
from core.logs.query.numbers import number_of, texts_of
from core.logs.query.record_text import is_encoded, is_spelled_out, lines_of, understood, written
from core.model.log import LogRecord

Predicate: TypeAlias = Callable[[LogRecord], bool]

_Term: TypeAlias = (
    tree.OfLevel | tree.AtTime | tree.Exists | tree.Ordered | tree.Equals | tree.InNetwork
    | tree.Contains | tree.Begins | tree.Search
)  # fmt: skip

_OPERATIONS: dict[str, Callable[[float, float], bool]] = {
    ">": compare.gt,
    ">=": compare.ge,
    "<": compare.lt,
    "<=": compare.le,
    "=": compare.eq,
}


def predicate(node: tree.Node | None) -> Predicate:
    """Return what tells whether a record matches; it never raises."""
    match node:
        case None:
            return lambda _record: True
        case tree.And(parts):
            return _all(tuple(predicate(part) for part in sorted(parts, key=_cost)))
        case tree.Or(parts):
            return _any(tuple(predicate(part) for part in sorted(parts, key=_cost)))
        case tree.Not(part):
            inner = predicate(part)
            return lambda record: not inner(record)
        case _:
            return _simple(node)


def _simple(node: _Term) -> Predicate:
    match node:
        case tree.OfLevel():
            return _level(node)
        case tree.AtTime(sign, at_s):
            holds = _OPERATIONS[sign]
            return lambda record: record.time_s is not None and holds(record.time_s, at_s)
        case tree.Exists(field):
            get = getter(field)
            return lambda record: get(record) is not ...
        case tree.Ordered(field, sign, number):
            return _ordered(field, _OPERATIONS[sign], number)
        case tree.Equals():
            return _equals(node)
        case tree.InNetwork(field, networks):
            return _within(field, networks)
        case _:
            return _textual(node)


def _textual(node: tree.Contains | tree.Begins | tree.Search) -> Predicate:
    match node:
        case tree.Contains(field=field):
            return _contains(node) if field is None else _text_test(field, _holds(node))
        case tree.Begins():
            return _begins(node)
        case tree.Search():
            return _search(node)


def _cost(node: tree.Node) -> int:
    """Rank what is cheap to ask first; and, or do not care about order otherwise."""
    match node:
        case tree.OfLevel() | tree.AtTime() | tree.Ordered() | tree.Exists():
            return 0
        case tree.Equals():
            return 1
        case tree.Contains():
            return 2
        case tree.Search() | tree.InNetwork():
            return 4
        case _:
            return 3


def _all(parts: tuple[Predicate, ...]) -> Predicate:
    if len(parts) == 2:
        first, second = parts
        return lambda record: first(record) and second(record)

    def matches(record: LogRecord) -> bool:
        for part in parts:  # noqa: SIM110 - all() with a generator takes three times as long
            if not part(record):
                return False
        return True

    return matches


def _any(parts: tuple[Predicate, ...]) -> Predicate:
    def matches(record: LogRecord) -> bool:
        for part in parts:  # noqa: SIM110 - see above
            if part(record):
                return True
        return False

    return matches


def _level(node: tree.OfLevel) -> Predicate:
    if node.operator == "=":
        levels = frozenset(node.levels)
        return lambda record: record.level in levels
    holds, level = _OPERATIONS[node.operator], node.levels[0]
    return lambda record: record.level is not None and holds(record.level, level)


def _ordered(field: str, holds: Callable[[float, float], bool], number: float) -> Predicate:
    get = scaled_getter(field)

    def matches(record: LogRecord) -> bool:
        found, scale = record.fields.get(field, ...), 1.0
        if found is ...:
            found, scale = get(record)
        if scale == 1.0 and (type(found) is int or type(found) is float):
            return holds(found, number)
        return found is not ... and any(
            holds(each, number) for each in number_of(found, field, scale)
        )

    return matches


def _equals(node: tree.Equals) -> Predicate:
    field, get = node.field, scaled_getter(node.field)
    wanted = frozenset(fold(text) for text in node.texts)
    numbers = frozenset(node.numbers)

    def matches(record: LogRecord) -> bool:
        found, scale = get(record)
        if type(found) is int and scale == 1.0:
            return found in numbers
        if found is ...:
            return False
        # A 1 in milliseconds is not the 1 that is asked for in seconds.
        if scale == 1.0 and any(fold(text) in wanted for text in texts_of(found)):
            return True
        return bool(numbers) and any(each in numbers for each in number_of(found, field, scale))

    return matches


def _within(field: str, networks: tuple[tree.Network, ...]) -> Predicate:
    get = getter(field)

    def is_inside(found: Found) -> bool:
        return any(
            address.version == network.version and address in network
            for text in texts_of(found)
            for address in addresses_of(text)
            for network in networks
        )

    def matches(record: LogRecord) -> bool:
        found = get(record)
        return found is not ... and is_inside(found)

    return matches


def _holds(node: tree.Contains) -> Callable[[str], bool]:
    literal = node.literal
    if node.is_exact_case:
        return lambda text: literal in text
    folded = fold(literal)
    return lambda text: folded in fold(text)


def _contains(node: tree.Contains) -> Predicate:
    """Ask the bytes for a word of the literal first: most records need no decoding."""
    holds, is_exact = _holds(node), node.is_exact_case
    literal = node.literal if is_exact else node.literal.lower()
    word = word_in(literal).encode()
    is_word = literal == word_in(literal)

    def matches(record: LogRecord) -> bool:
        raw = record.raw
        if word not in (raw if is_exact else raw.lower()) and is_spelled_out(raw):
            return False
        if is_word and is_spelled_out(raw):
            return True
        if holds(written(record)):
            return True
        return is_encoded(raw) and any(holds(text) for text in understood(record))

    return matches


def _begins(node: tree.Begins) -> Predicate:
    literal = node.literal if node.is_exact_case else fold(node.literal)
    is_exact, is_at_end = node.is_exact_case, node.is_at_end

    def holds(text: str) -> bool:
        text = text if is_exact else fold(text)
        return text.endswith(literal) if is_at_end else text.startswith(literal)

    if node.field is not None:
        return _text_test(node.field, holds)
    return lambda record: holds(written(record).rstrip("\n")) or holds(record.message)


def _search(node: tree.Search) -> Predicate:
    pattern = node.pattern
    if pattern.is_exact_case:
        is_in = pattern.is_in
    else:

        def is_in(text: str) -> bool:
            return pattern.is_in(without_lookalikes(text))

    if node.field is not None:
        return _text_test(node.field, is_in)
    return lambda record: any(is_in(line) for line in lines_of(record))


def _text_test(field: str, holds: Callable[[str], bool]) -> Predicate:
    get = getter(field)

    def matches(record: LogRecord) -> bool:
        found = get(record)
        return found is not ... and any(holds(text) for text in texts_of(found))

    return matches
