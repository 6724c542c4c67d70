"""From field, operator and values to a node of the tree, each by what the values can be."""

from core.logs.query.fields import LEVEL_NAMES, TEXT_NAMES, TIME_NAMES, names_for
from core.logs.query.folding import is_exact
from core.logs.query.pattern import PatternError, compile_pattern
from core.logs.query.quantities import (
    LEVEL_WORDS,
    parse_level,
    parse_network,
    parse_quantity,
    parse_time_s,
)
from core.logs.query.reader import Piece, Reader
from core.logs.query.tree import (
    And,
    AtTime,
    Begins,
    Contains,
    Equals,
    Exists,
    InNetwork,
    Network,
    Node,
    Not,
    OfLevel,
    Or,
    Ordered,
    Search,
)
from core.model.log import LogLevel

_TIME_FORMS = "write 1h (ago), 09:00, today, 2026-03-14 or 2026-03-14T09:00Z"
_WINDOW_ENDS = {"since": ">=", "until": "<="}


def search(reader: Reader, field: str | None, source: Piece, flags: str = "") -> Node:
    """Return the search for an expression; small letters in it match any case."""
    letters = _without_escapes(source.text)
    try:
        pattern = compile_pattern(source.text, flags, is_exact(letters))
    except PatternError as refused:
        at_char = source.at_char + source.is_quoted + refused.at_char
        raise reader.error(at_char, refused.problem, refused.remedy) from None
    return Search(pattern, None if field in TEXT_NAMES else field)


def _without_escapes(source: str) -> str:
    r"""Drop `\D`, `\S`, `(?P<name>`: capitals that are not meant as letters."""
    kept: list[str] = []
    at = 0
    while at < len(source):
        if source[at] == "\\":
            at += 2
        elif source.startswith("(?", at):
            at += 2
            while at < len(source) and source[at] not in ":>)":
                at += 1
        else:
            kept.append(source[at])
            at += 1
    return "".join(kept)


def literal(field: str | None, operator: str, text: str) -> Node:
    """Return the node of `contains`, `starts` or `ends`."""
    field = None if field in TEXT_NAMES else field
    if operator == "contains":
        return Contains(text, is_exact(text), field)
    return Begins(text, is_exact(text), field, operator.startswith("ends"))


def ordering(reader: Reader, field: str, operator: str, value: Piece, now_s: float) -> Node:
    """Return the comparison of a level, a time or a number."""
    if field in LEVEL_NAMES:
        return OfLevel(operator, (_level(reader, value),))
    if field in TIME_NAMES:
        return AtTime(operator, _time_s(reader, value, now_s))
    if field in _WINDOW_ENDS:
        raise reader.error(value.at_char, f"{field} takes =", f"write {field}={value.text}")
    number = parse_quantity(value.text, field)
    if number is not None:
        return Ordered(field, operator, number)
    if parse_level(value.text) is not None:
        raise reader.error(
            value.at_char, f"{field} is not the level", f"write level{operator}{value.text}"
        )
    raise reader.error(
        value.at_char,
        f"{operator} compares numbers, durations, sizes, levels and times",
        f'write a number such as 500, 1.5s, 10MB; texts compare with {field}="{value.text}"',
    )


def equality(reader: Reader, field: str, values: tuple[Piece, ...], now_s: float) -> Node:
    """Return the node of `field=a,b`, whatever the values are."""
    first = values[0]
    if field in _WINDOW_ENDS:
        return AtTime(_WINDOW_ENDS[field], _time_s(reader, first, now_s))
    if not first.is_quoted and first.text == "*" and len(values) == 1:
        return Exists(field)
    _refuse_wildcards(reader, field, values)
    if field in TEXT_NAMES:
        return _either(tuple(Contains(one.text, is_exact(one.text)) for one in values))
    if field in TIME_NAMES:
        raise reader.error(
            first.at_char, f"{field} is a moment", f"write since=, until= or {field}>="
        )
    if field in LEVEL_NAMES:
        return OfLevel("=", tuple(_level(reader, one) for one in values))
    if any(not one.is_quoted and one.text == "null" for one in values):
        return Or((Equals(field, tuple(one.text for one in values), ()), Not(Exists(field))))
    return _either(_equal_or_within(field, values))


def difference(reader: Reader, field: str, values: tuple[Piece, ...], now_s: float) -> Node:
    """Return the node of `field!=a,b`: the field is there and its value is none of them."""
    if field in _WINDOW_ENDS:
        raise reader.error(values[0].at_char, f"{field} takes =", f"write {field}={values[0].text}")
    same = equality(reader, field, values, now_s)
    if isinstance(same, Exists):
        return Not(same)
    return Not(same) if field in TEXT_NAMES else And((Exists(field), Not(same)))


def _equal_or_within(field: str, values: tuple[Piece, ...]) -> tuple[Node, ...]:
    is_address = "ip" in names_for(field)
    networks: list[Network] = []
    texts: list[str] = []
    for value in values:
        network = parse_network(value.text) if is_address or "/" in value.text else None
        if network is None:
            texts.append(value.text)
        else:
            networks.append(network)
    nodes: list[Node] = [InNetwork(field, tuple(networks))] if networks else []
    if texts:
        numbers = (parse_quantity(text, field) for text in texts)
        nodes.append(Equals(field, tuple(texts), tuple(n for n in numbers if n is not None)))
    return tuple(nodes)


def _either(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _level(reader: Reader, value: Piece) -> LogLevel:
    level = parse_level(value.text)
    if level is not None:
        return level
    raise reader.error(
        value.at_char, f"no level is called {value.text}", f"one of {', '.join(LEVEL_WORDS)}"
    )


def _time_s(reader: Reader, value: Piece, now_s: float) -> float:
    at_s = parse_time_s(value.text, now_s)
    if at_s is None:
        raise reader.error(value.at_char, f"not a time: {value.text}", _TIME_FORMS)
    return at_s


def _refuse_wildcards(reader: Reader, field: str, values: tuple[Piece, ...]) -> None:
    for value in values:
        at = -1 if value.is_quoted else value.text.find("*")
        if at >= 0:
            before = value.text[:at]
            raise reader.error(
                value.at_char + at,
                "* inside a value is not a wildcard",
                f'write {field} starts "{before}" or {field}~"…", or put the value in quotes',
            )
