"""What one format makes of a line, before it is cleaned and becomes a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from core.logs.parse.times import Clockwork
from core.model.log import FieldValue, LogLevel, TimeBasis

NO_FIELDS: Final[Mapping[str, FieldValue]] = MappingProxyType({})


class Reading(NamedTuple):
    """One line read. Texts are raw except in `fields`, which are clean."""

    format: str
    message: str
    time_s: float | None = None
    time_basis: TimeBasis = TimeBasis.NONE
    level: LogLevel | None = None
    logger: str = ""
    fields: Mapping[str, FieldValue] = NO_FIELDS
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """What a single line cannot tell: whether a word beside the level is a logger's name."""

    is_name_after_level: bool = False
    """`TIME LEVEL name message`"""
    is_name_before_level: bool = False
    """`TIME name LEVEL message`"""


class LineFormat(Protocol):
    """A format that reads whole lines, as the configuration adds them."""

    def read(self, text: str, context: "Context") -> Reading | None:
        """Return what a line says in this format; None when it is not in it."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the log that a line comes from."""

    clockwork: Clockwork
    columns: Columns = Columns()
    is_compose: bool = False
    """Lines carry the prefix of a compose service."""
    configured: tuple[LineFormat, ...] = ()
    """Formats from the configuration, tried before the known ones."""

    def read_configured(self, text: str) -> Reading | None:
        """Return what the first configured format that matches makes of a line."""
        for format_ in self.configured:
            if (reading := format_.read(text, self)) is not None:
                return reading
        return None
