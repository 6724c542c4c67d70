"""What the bytes of a record must show for it to match: patterns for the scanner.

Invariant: a superset, never a miss. Of the patterns at least one is found in the raw bytes of every
record that matches; a record in which one is found need not match.
"""

import math
from dataclasses import dataclass
from ipaddress import IPv4Network

from core.logs.query import tree
from core.logs.query.expression_literals import required_literals
from core.logs.query.fields import is_attribute, names_for, scale_between
from core.logs.query.folding import fold
from core.logs.query.level_bytes import level_patterns
from core.logs.query.literal_bytes import COLOUR, literal_pattern, longest_part
from core.logs.query.number_bytes import number_pattern, three_digits
from core.logs.query.quantities import parse_quantity

_ENCODED = (rb"\x00", rb'"MESSAGE" ?: ?\[', rb'(?:[^n]|[^\\]n)", ?"stream"')
"""Records whose bytes spell nothing out: UTF-16, journald's texts as lists of bytes, and lines
that the container engine cut into pieces."""
_FILLING = rb"(?:[\\\"' \t]|" + COLOUR + rb")*"
_SEPARATOR = _FILLING + rb"[:=]" + _FILLING
"""Between a name and its value: `": `, `=`, `\\":\\"`."""
_AFTER_REQUEST = rb"\"(?:%b)* (?:%b)*" % (COLOUR, COLOUR)
"""What stands before the status in access lines: `"GET / HTTP/1.1" 200`."""
_BY_PLACE = frozenset(
    {
        *("size", "size_bytes", "bytes", "pid", "port", "line", "user", "ip", "path", "query"),
        *("method", "protocol", "request", "referrer", "agent", "role", "function", "host"),
        *("identifier", "prefix"),
    }
)
"""Fields that some built-in format tells by their place, without a name; the status as well."""
_SCALARS = "true false null none"
_COMMON = frozenset(
    {"http", "https", "get", "post", "info", "error", "status", "the", "and", "api", "level"}
    | {"message", "name", "time", "path", "user", "id"}
)
"""What stands in most lines."""
_MAX_PATTERNS = 32


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Patterns of bytes, in the syntax that `re` and hyperscan share."""

    patterns: tuple[bytes, ...]
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class _Needed:
    """Patterns with a guess of the share of all lines that they are found in."""

    patterns: tuple[bytes, ...]
    share: float
    ignore_case: bool = False


def prefilter_of(node: tree.Node | None, is_named: bool) -> Prefilter | None:
    """Return what a tree requires of the bytes; None when it requires nothing.

    Args:
        node: The tree.
        is_named: Whether fields stand in the bytes with their names. False for formats of the
            configuration, which tell fields by their place.
    """
    needed = None if node is None else _needed(node, is_named)
    if needed is None or len(needed.patterns) > _MAX_PATTERNS:
        return None
    patterns = dict.fromkeys((*needed.patterns, *_ENCODED))
    return Prefilter(tuple(patterns), needed.ignore_case)


def _needed(node: tree.Node, is_named: bool) -> _Needed | None:
    match node:
        case tree.And(parts):
            each = [needed for part in parts if (needed := _needed(part, is_named)) is not None]
            return min(each, key=lambda needed: needed.share, default=None)
        case tree.Or(parts):
            return _union([_needed(part, is_named) for part in parts])
        case tree.Contains(literal, is_exact_case, field) | tree.Begins(
            literal, is_exact_case, field
        ):
            return _text(literal, is_exact_case, field)
        case tree.Search(pattern, field):
            return _search(pattern.source, pattern.is_exact_case, field)
        case tree.OfLevel(sign, levels):
            patterns = level_patterns(sign, levels) if is_named else None
            return None if patterns is None else _Needed(patterns, 0.05, ignore_case=True)
        case tree.Equals():
            return _equals(node, is_named)
        case tree.Ordered(field, sign, number):
            return _number(field, sign, number, is_named)
        case tree.InNetwork(_, networks):
            return _union([_network(network) for network in networks])
        case tree.Not() | tree.Exists() | tree.AtTime():
            return None


def _union(parts: list[_Needed | None]) -> _Needed | None:
    present = [part for part in parts if part is not None]
    if len(present) != len(parts):
        return None
    return _Needed(
        tuple(pattern for part in present for pattern in part.patterns),
        min(1.0, math.fsum(part.share for part in present)),
        any(part.ignore_case for part in present),
    )


def _text(literal: str, is_exact_case: bool, field: str | None) -> _Needed | None:
    part = longest_part(literal)
    if not part or (field is not None and not _is_spelled_out(part, field)):
        return None
    share = 0.5 ** min(len(part), 20) * (50 if part.lower() in _COMMON else 1)
    return _Needed((literal_pattern(part),), share, not is_exact_case)


def _is_spelled_out(part: str, field: str) -> bool:
    """Return whether a field with this text has it in the bytes: not `5e2`, not `level`."""
    if is_attribute(field) and field not in {*names_for("message"), *names_for("logger")}:
        return False
    is_number = not set(part) - set("0123456789.eE+-")
    return not is_number and part.lower() not in _SCALARS


def _search(source: str, is_exact_case: bool, field: str | None) -> _Needed | None:
    literals = required_literals(source)
    if literals is None:
        return None
    is_exact_case = is_exact_case and "(?" not in source.replace("(?:", "").replace("(?P<", "")
    return _union([_text(literal, is_exact_case, field) for literal in literals])


def _equals(node: tree.Equals, is_named: bool) -> _Needed | None:
    if is_attribute(node.field) and node.field not in names_for("message") + names_for("logger"):
        return None
    parts = [_number(node.field, "=", number, is_named) for number in node.numbers]
    for text in node.texts:
        if fold(text) in {"null", "true", "false"}:
            words = (b"null", b"none") if fold(text) == "null" else (fold(text).encode(),)
            parts.append(_Needed(words, 0.2, ignore_case=True))
        elif parse_quantity(text, node.field) is None:
            parts.append(_text(text, False, None))
    return _union(parts)


def _number(field: str, sign: str, number: float, is_named: bool) -> _Needed | None:
    names = names_for(field)
    is_status = "status" in names
    if not is_status and (not is_named or _is_by_place(field)):
        return None
    by_scale: dict[float, list[bytes]] = {}
    for name in names:
        last = name.rpartition(".")[2].encode()
        by_scale.setdefault(scale_between(name, field), []).append(last)
    patterns = tuple(
        rb"(?:%b)%b(?:\[|%b)"
        % (b"|".join(dict.fromkeys(each)), _SEPARATOR, number_pattern(sign, number / scale))
        for scale, each in by_scale.items()
    )
    if is_status and (codes := three_digits(sign, number)):
        before = _AFTER_REQUEST if is_named else rb"(?:^|[^0-9])"
        patterns += (rb"%b(?:%b)(?:[^0-9]|$)" % (before, codes),)
    return _Needed(patterns, 0.02 if is_status and sign != "<" else 0.1)


def _is_by_place(field: str) -> bool:
    return field.startswith("transport.") or not _BY_PLACE.isdisjoint(names_for(field))


def _network(network: tree.Network) -> _Needed | None:
    if isinstance(network, IPv4Network):
        octets = str(network.network_address).split(".")[: network.prefixlen // 8]
        if not octets:
            return None
        text = ".".join(octets) + ("." if len(octets) < 4 else "")
        mapped = rb"ffff:"
        return _Needed((text.replace(".", r"\.").encode(), mapped), 0.3 ** len(octets), True)
    groups: list[str] = []
    for group in network.network_address.exploded.split(":")[: network.prefixlen // 16]:
        if int(group, 16) == 0:
            break
        groups.append(f"{int(group, 16):x}")
    if not groups:
        return None
    return _Needed((":0*".join(groups).encode() + (b":" if len(groups) < 8 else b""),), 0.05, True)
