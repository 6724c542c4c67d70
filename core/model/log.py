"""Log records: what one entry of a log says, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

from core.model.text import EMPTY, SafeText

FieldValue: TypeAlias = "SafeText | int | float | bool | tuple[FieldValue, ...] | None"
"""One value of a record. Nested objects are flattened (`details.client_ip`), lists stay tuples."""


class LogLevel(IntEnum):
    """How serious a record says it is, on the scale of Python's logging."""

    TRACE = 5
    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40
    CRITICAL = 50

    @property
    def word(self) -> str:
        """The level as written in queries and on the screen: `warn`."""
        return self.name.lower()


class TimeBasis(StrEnum):
    """Where a record's time comes from; a time that had to be guessed is labelled so."""

    ZONED = "zoned"
    """The line names its zone, or counts seconds since 1970."""
    NAIVE = "naive"
    """No zone in the line: read in the zone that the configuration gives (UTC otherwise)."""
    TRANSPORT = "transport"
    """The line has no time; journald or the container engine stamped it."""
    INHERITED = "inherited"
    """No time of its own: the time of the record before it."""
    NONE = "none"


class LogPosition(NamedTuple):
    """Where a record begins: a segment of its log (counted upwards in time) and a byte in it."""

    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One entry, all its lines together. `raw` is what was written, byte for byte."""

    source: str
    """The configured log, as `system/service/log`, or a path."""
    position: LogPosition
    raw: bytes
    message: SafeText
    time_s: float | None = None
    """Seconds since 1970."""
    time_basis: TimeBasis = TimeBasis.NONE
    level: LogLevel | None = None
    logger: SafeText = EMPTY
    format: str = "text"
    """The name of the format that understood it."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict[str, FieldValue])
    details: tuple[SafeText, ...] = ()
    """The lines after the first: a traceback, a wrapped payload."""
    is_cut: bool = False
    """The record is longer than is kept in memory; `raw` holds its beginning."""


class SeamKind(StrEnum):
    """Why a log does not simply go on at a place."""

    ROTATED = "rotated"
    TRUNCATED = "truncated"
    REPLACED = "replaced"
    APPEARED = "appeared"
    VANISHED = "vanished"
    REOPENED = "reopened"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"
    ACTION = "action"
    """Nothing was cut: an action began or ended here."""


@dataclass(frozen=True, slots=True)
class Seam:
    """A place where a log was cut and joined; drawn as our own, never as log text."""

    source: str
    position: LogPosition
    kind: SeamKind
    note: SafeText
    at_s: float
    """When we noticed, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class LogMark:
    """Something that was done to a system, to be seen where its logs are followed."""

    system: str
    text: SafeText
    at_s: float
    """Seconds since 1970."""
