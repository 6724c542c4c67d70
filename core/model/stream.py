"""Streams as seen: entries, groups, consumers, pending entries. Frozen values.

All ages and idle times are by the server's clock.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText
from core.model.verdict import Verdict

_ID = re.compile(r"(?P<ms>[0-9]{1,20})(?:-(?P<seq>[0-9]{1,20}))?")
_MAX_PART = 2**64 - 1


@dataclass(frozen=True, slots=True, order=True)
class EntryId:
    """`1773479613000-0`: milliseconds since 1970 (by whoever wrote it), and a number."""

    ms: int
    seq: int = 0

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}"

    @classmethod
    def read(cls, text: str) -> "EntryId | None":
        """Return the id that is written so; None: it is none."""
        found = _ID.fullmatch(text)
        if found is None:
            return None
        ms, seq = int(found["ms"]), int(found["seq"] or 0)
        return cls(ms, seq) if max(ms, seq) <= _MAX_PART else None


@dataclass(frozen=True, slots=True)
class EntryField:
    """One field of an entry."""

    name: SafeText
    value: SafeText
    """Cut where it is long."""
    size_bytes: int
    """Of the whole value."""


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry."""

    id: EntryId
    age_s: float
    """By its id; negative: written by a clock that is ahead."""
    fields: tuple[EntryField, ...]
    preview: SafeText
    """One line of what matters: of JSON its names and values, else its fields."""
    is_json: bool = False
    """Whether the payload field holds a JSON object."""


class Presence(StrEnum):
    """Whether a configured thing is there, and a found thing configured."""

    BOTH = "both"
    MISSING = "missing"
    """The profile names it; the server has no such key."""
    UNNAMED = "unnamed"
    """The server has it; the profile does not name it."""
    WRONG_TYPE = "wrong type"


class ConsumerState(StrEnum):
    """What a consumer seems to do."""

    WORKING = "working"
    IDLE = "idle"
    STUCK = "stuck"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer of a group."""

    name: KeyName
    pending: int
    idle_s: float
    """Since it last asked for anything."""
    inactive_s: float | None
    """Since it last got anything; None: the server is too old to tell (before 7.2), or never."""
    state: ConsumerState
    reason: SafeText


@dataclass(frozen=True, slots=True)
class Group:
    """One consumer group of a stream."""

    name: KeyName
    consumers: tuple[Consumer, ...]
    """The first thousand, those with the most pending entries first."""
    consumer_count: int
    pending: int
    last_delivered: EntryId
    entries_read: int | None
    lag_entries: int | None
    """Entries not delivered yet; None: nobody can know."""
    is_lag_counted: bool
    """Whether we counted it ourselves because the server could not tell."""
    lag_s: float | None
    """Age of the oldest entry that is not delivered; 0 when there is none."""
    lag_reason: SafeText
    """Why it is not known, or how it was found."""
    oldest_pending: EntryId | None
    oldest_idle_s: float | None
    """Idle time of the oldest pending entry."""
    verdict: Verdict
    reason: SafeText
    is_configured: bool = True
    pending_examined: int = 0
    """The oldest so many pending entries were looked at; the next two are of these."""
    stuck_count: int = 0
    """Idle for longer than the stream's `stuck_after_s`."""
    max_deliveries: int = 0
    consumers_age_s: float = 0.0
    """Since the consumers were read: thousands of them are not read at every look."""


@dataclass(frozen=True, slots=True)
class StreamSample:
    """How a stream was at one look."""

    at_s: float
    """Monotonic."""
    length: int
    entries_added: int | None
    lag_entries: int | None
    """Of the worst group."""
    pending: int


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of one server."""

    server: str
    key: KeyName
    presence: Presence
    spec_name: str
    """Of the profile's stream it belongs to; empty: of none."""
    is_dead_letters: bool = False
    length: int = 0
    first: EntryId | None = None
    last: EntryId | None = None
    first_age_s: float | None = None
    last_age_s: float | None = None
    rate_in_per_s: float | None = None
    """Entries added; None: too few looks."""
    rate_out_per_s: float | None = None
    """Entries delivered to its quickest group."""
    memory_bytes: int | None = None
    groups: tuple[Group, ...] = ()
    group_count: int = 0
    history: tuple[StreamSample, ...] = ()
    """Oldest first."""
    verdict: Verdict = Verdict.UNKNOWN
    reason: SafeText = EMPTY
    note: SafeText = EMPTY
    service: str = ""
    """`system/service` that consumes it."""


@dataclass(frozen=True, slots=True)
class PendingFilter:
    """Which pending entries are wanted."""

    min_idle_s: float = 0.0
    min_deliveries: int = 0
    consumer: str = ""
    """Spelled as `KeyName` does; empty: any."""
    text: str = ""
    """Somewhere in the payload, in any case."""


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry that was delivered and not acknowledged."""

    id: EntryId
    age_s: float
    consumer: KeyName
    idle_s: float
    deliveries: int
    entry: StreamEntry | None
    """None: not read, or gone (`is_gone`)."""
    is_gone: bool
    """It is no longer in the stream: deleted or trimmed."""
    why: SafeText
    """Why it is stuck, in words; empty: it is not."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search or a scan has come."""

    examined: int
    total: int | None
    """None: not known."""
    is_complete: bool
    elapsed_s: float
    stopped: SafeText = EMPTY
    """Why it ended before its end: the budget, a person."""


@dataclass(frozen=True, slots=True)
class PendingPage:
    """Pending entries of one group, oldest first."""

    server: str
    stream: KeyName
    group: KeyName
    filter: PendingFilter
    rows: tuple[PendingEntry, ...]
    total: int
    """In the whole group, whatever the filter."""
    progress: Progress
    is_at_end: bool
    """No more rows come after these."""


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Entries of one stream, in the order of their ids."""

    server: str
    stream: KeyName
    rows: tuple[StreamEntry, ...]
    length: int
    is_at_start: bool
    is_at_end: bool
    is_tailing: bool = False
    """New entries are added as they come."""
    search: str = ""
    """Only entries whose payload has this, in any case."""
    progress: Progress | None = None
    """Of the search."""
    has_gap: bool = False
    """More came than was read while tailing: some entries between these are not shown."""
