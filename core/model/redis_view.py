"""What the console shows of Redis: one frozen picture; and what a person may wish to see of it."""

from dataclasses import dataclass

from core.model.circuit import Circuits
from core.model.dead_letter import DeadLetters
from core.model.limit import Limits
from core.model.redis_key import KeyName
from core.model.redis_server import ServerView, Trouble
from core.model.stream import EntriesPage, EntryId, PendingFilter, PendingPage, Progress, Stream
from core.model.text import EMPTY, SafeText

ANY_PENDING = PendingFilter()


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one server, and what of them somebody looks into."""

    server: str
    rows: tuple[Stream, ...] = ()
    """Configured ones first, then the others by name."""
    discovery: Progress | None = None
    """Of the scan for streams; None: it has not begun."""
    unnamed_count: int = 0
    """Streams found that the profile does not name; `rows` has them as they are read, in turn."""
    pending: PendingPage | None = None
    entries: EntriesPage | None = None
    letters: DeadLetters | None = None
    problem: Trouble | None = None
    """Of what is looked into: gone, of another type, not allowed."""
    busy: SafeText = EMPTY
    """What is being read now."""


@dataclass(frozen=True, slots=True)
class RedisPicture:
    """Every server of the configuration at one moment."""

    servers: tuple[ServerView, ...] = ()
    streams: tuple[Streams, ...] = ()
    limits: tuple[Limits, ...] = ()
    circuits: tuple[Circuits, ...] = ()
    is_read: bool = False
    """Whether every server has answered, or failed to, at least once."""
    now_s: float = 0.0
    """Monotonic; what ages of looks are reckoned against."""
    is_broken: bool = False
    """Nobody reads any more: a bug that has been written down."""

    def streams_of(self, server: str) -> Streams | None:
        """Return a server's streams."""
        return next((one for one in self.streams if one.server == server), None)

    def server(self, server: str) -> ServerView | None:
        """Return a server."""
        return next((one for one in self.servers if one.server == server), None)


@dataclass(frozen=True, slots=True)
class Watch:
    """Look at these again and again: of `streams`, `limits`, `circuits`, `server`."""

    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class LookNow:
    """Look at what is watched now, not when its time has come."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Read all of it from the start, in the background.

    Of `streams` (discovery), `limits`, `census`, `tokens`.
    """

    server: str
    what: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End what is being read for a person: search, scan, latency."""

    server: str


@dataclass(frozen=True, slots=True)
class ShowPending:
    """Show a group's pending entries, from the oldest."""

    server: str
    stream: KeyName
    group: KeyName
    filter: PendingFilter = ANY_PENDING


@dataclass(frozen=True, slots=True)
class ShowEntries:
    """Show a stream's entries: its newest, its oldest, or from an id or time on."""

    server: str
    stream: KeyName
    start: EntryId | None = None
    is_from_end: bool = True
    search: str = ""
    is_tailing: bool = False


@dataclass(frozen=True, slots=True)
class ShowLetters:
    """Show a dead-letter stream."""

    server: str
    stream: KeyName
    text: str = ""
    """Only letters that have this somewhere, in any case."""
    older_s: float | None = None
    """Only letters that have been dead for so long, at least."""
    newer_s: float | None = None
    """Only letters that have been dead for less."""


@dataclass(frozen=True, slots=True)
class More:
    """Read on: the next rows (or those before the first)."""

    server: str
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class SampleLatency:
    """Ping a server for a while, in windows."""

    server: str
    windows: int = 5
    window_s: float = 1.0


RedisWish = (
    Watch | LookNow | Scan | Cancel | ShowPending | ShowEntries | ShowLetters | More | SampleLatency
)
