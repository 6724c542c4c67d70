"""What a query says, as frozen values; every node knows at which character it stands."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from core.logs.query.pattern import Pattern
from core.model.log import LogLevel

Network: TypeAlias = IPv4Network | IPv6Network

ORDERINGS = frozenset({">", ">=", "<", "<="})
"""The operators that need something with an order."""


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The records that `part` does not match."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Contains:
    """A literal in the whole text of a record, or in one field."""

    literal: str
    is_exact_case: bool
    field: str | None = None
    """None: the whole text."""


@dataclass(frozen=True, slots=True)
class Begins:
    """A field, or the record itself, that begins or ends with a literal."""

    literal: str
    is_exact_case: bool
    field: str | None = None
    is_at_end: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A regular expression in the whole text of a record, line by line, or in one field."""

    pattern: Pattern
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there; `null` counts as a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The field's value is one of these texts, numbers (in the field's unit) or words.

    Never holds for a record without the field.
    """

    field: str
    texts: tuple[str, ...]
    """As written; compared ignoring case."""
    numbers: tuple[float, ...]
    """Those of the texts that are numbers or quantities, in the field's unit."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A numeric field on one side of a number, both in the unit of the field's name."""

    field: str
    operator: str
    number: float


@dataclass(frozen=True, slots=True)
class InNetwork:
    """An address within one of the networks; a single address is a network of one."""

    field: str
    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class OfLevel:
    """The record's level compared with one, or equal to one of several."""

    operator: str
    levels: tuple[LogLevel, ...]


@dataclass(frozen=True, slots=True)
class AtTime:
    """The record's time on one side of a moment, seconds since 1970."""

    operator: str
    at_s: float


Node: TypeAlias = (
    And
    | Or
    | Not
    | Contains
    | Begins
    | Search
    | Exists
    | Equals
    | Ordered
    | InNetwork
    | OfLevel
    | AtTime
)
