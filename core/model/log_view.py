"""What the Logs screen draws: a stretch of chosen logs in time order, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from core.model.log import LogLevel, LogPosition, LogRecord, Seam
from core.model.log_keeping import LogKeeping
from core.model.text import EMPTY, SafeText
from core.model.topology import LogQuerySpec

RowKey: TypeAlias = tuple[str, LogPosition, bool]
"""What identifies a row: its log, its place there, and whether it is a seam."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row: a record, or a seam between two."""

    record: LogRecord | None = None
    seam: Seam | None = None

    source: str = field(init=False, default="")
    """The log it belongs to."""
    key: tuple[str, LogPosition, bool] = field(init=False, default=("", LogPosition(0, 0), False))
    """What identifies it while its log is open. Made once: panes of thousands of rows ask often."""

    def __post_init__(self) -> None:
        part = self.record or self.seam
        if part is not None:
            object.__setattr__(self, "source", part.source)
            key = (part.source, part.position, self.record is None)
            object.__setattr__(self, "key", key)

    @property
    def time_s(self) -> float | None:
        """Seconds since 1970; of a seam: when it was noticed."""
        if self.record is not None:
            return self.record.time_s
        return self.seam.at_s if self.seam is not None else None


@dataclass(frozen=True, slots=True)
class LogStatus:
    """How it stands with one log that can be chosen."""

    source: str
    title: SafeText
    is_chosen: bool = False
    state: str = "not opened"
    note: SafeText = EMPTY
    size_bytes: int | None = None
    """None: not opened, or nothing there."""
    lost_bytes: int = 0
    """Bytes that came faster than they could be read, or were cut away before."""


@dataclass(frozen=True, slots=True)
class LogBucket:
    """A stretch of time with its records by level (None: without one)."""

    begin_s: float
    by_level: Mapping[LogLevel | None, int]


@dataclass(frozen=True, slots=True)
class LogOutside:
    """Records whose time is so far from all others that the histogram leaves them out."""

    count: int = 0
    first_s: float | None = None
    """Of those before, the earliest; seconds since 1970. None: none is before."""
    last_s: float | None = None
    """Of those after, the latest. None: none is after."""


@dataclass(frozen=True, slots=True)
class LogCount:
    """What a whole pass over the chosen logs has counted so far."""

    matched: int = 0
    by_level: tuple[tuple[LogLevel | None, int], ...] = ()
    timeless: int = 0
    width_s: float = 0.0
    """Of a bucket."""
    buckets: tuple[LogBucket, ...] = ()
    scanned_bytes: int = 0
    total_bytes: int = 0
    is_complete: bool = False
    is_newest_part: bool = False
    """Without a query only the newest part of large logs is counted."""
    is_begun: bool = False
    outside: LogOutside = LogOutside()


@dataclass(frozen=True, slots=True)
class LogMatches:
    """How many of the records that are shown match a search, loaded or not."""

    text: str
    """What is searched for."""
    count: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class LogTop:
    """One value of a field and how often it occurs."""

    value: SafeText
    count: int
    is_exact: bool
    first_s: float | None
    last_s: float | None


@dataclass(frozen=True, slots=True)
class LogTops:
    """The most frequent values of a field."""

    field: str
    values: tuple[LogTop, ...] = ()
    distinct: int = 0
    total: int = 0
    others: int = 0
    """Records with other values than those."""
    without: int = 0
    """Records without the field."""
    is_exact: bool = True
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class LogMeasure:
    """What the numbers of a field amount to, in the unit that its name says."""

    field: str
    unit: str = ""
    """`ms`, `s`, `MB`, `%`; empty: the name says none."""
    count: int = 0
    without: int = 0
    """Records without a number in the field."""
    minimum: float | None = None
    average: float | None = None
    maximum: float | None = None
    percentiles: tuple[tuple[float, float], ...] = ()
    """Share and value: `(0.95, 812.0)`."""
    relative_error: float = 0.0
    """The share by which a percentile may be off."""
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class LogPersonalFind:
    """What looks personal: one kind, in one field of one file."""

    source: str
    """The log; empty: what was found in more places than are kept apart."""
    file: SafeText
    """What the log was read from: a path, or what its stream is called."""
    field: SafeText
    kind: SafeText
    count: int
    first: LogPosition
    last: LogPosition
    samples: tuple[SafeText, ...]
    """Masked; none holds a value that was found."""


@dataclass(frozen=True, slots=True)
class LogPersonal:
    """What a scan for personal data has found so far."""

    finds: tuple[LogPersonalFind, ...] = ()
    records: int = 0
    records_with_hits: int = 0
    cut_records: int = 0
    """Records of which only the beginning could be looked at."""
    is_complete: bool = False
    unread: tuple[SafeText, ...] = ()
    """Of which files not all could be looked at, and why."""


@dataclass(frozen=True, slots=True)
class SavedLogQuery:
    """A runbook's question, with the log that it asks."""

    system: str
    spec: LogQuerySpec
    source: str

    @property
    def name(self) -> str:
        """Its name with that of its system, as the command line takes it."""
        return f"{self.system}/{self.spec.name}"


@dataclass(frozen=True, slots=True)
class LogPicture:
    """Everything that the Logs screen draws at one moment."""

    logs: tuple[LogStatus, ...] = ()
    rows: tuple[LogRow, ...] = ()
    """In time order; a part of the whole."""
    is_at_start: bool = False
    """Nothing older is left (of what the query and the window ask for)."""
    is_at_end: bool = True
    """The last row is the newest there is."""
    newer: int = 0
    """Records that came since, while somebody reads further up."""
    query_text: str = ""
    window_s: float | None = None
    last: int | None = None
    """Only so many records from the end were asked for; what has come since is there too."""
    count: LogCount = LogCount()
    busy: str = ""
    """What is being done, with its progress; empty: nothing."""
    problem: SafeText = EMPTY
    """What could not be done, and why."""
    skipped_bytes: int = 0
    """Of all chosen logs: what came and could not be shown."""
    goal: RowKey | None = None
    """The row that was asked for: the cursor goes there once."""
    goal_number: int = 0
    """Counts the goals, so that the same row can be asked for twice."""
    matches: LogMatches | None = None
    """Of the search that was asked for last; None: of none."""
    tops: LogTops | None = None
    """The values that were asked to be counted."""
    measure: LogMeasure | None = None
    """The numbers whose percentiles were asked for."""
    personal: LogPersonal | None = None
    """What looks personal, when that was asked for."""
    keeping: LogKeeping | None = None
    """The files of all logs against their rules, when that was asked for."""
    notice: SafeText = EMPTY
    """What was done."""
    is_broken: bool = False
    """Reading has ended because of a bug: nothing will come any more."""
    unknown_fields: tuple[SafeText, ...] = ()
    """Fields of the query that no record has, each with the nearest name that some have."""
    saved: tuple[SavedLogQuery, ...] = ()
    """The saved queries of all systems, in the order of the configuration."""
