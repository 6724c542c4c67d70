"""What a reader asks of the desk."""

from dataclasses import dataclass

from core.logs.query.query import Query
from core.model.log import LogMark, LogPosition
from core.model.log_view import RowKey


@dataclass(frozen=True, slots=True)
class Choose:
    """Show these logs, and no others."""

    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Show only what matches; None: everything."""

    query: Query | None
    window_s: float | None = None
    """Only the last so many seconds, by the records' own time."""


@dataclass(frozen=True, slots=True)
class Older:
    """Read on before the first row.

    Attributes:
        first: Key of the row that was the first when it was asked for; nothing is read where
            others have come before it since. None: whatever the first is.
    """

    first: RowKey | None = None


@dataclass(frozen=True, slots=True)
class Newer:
    """Read on after the last row."""


@dataclass(frozen=True, slots=True)
class ToEnd:
    """Show the newest records and follow."""


@dataclass(frozen=True, slots=True)
class ToStart:
    """Show the oldest records."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody reads further up: keep what is there (True), or follow again (False)."""

    is_held: bool


@dataclass(frozen=True, slots=True)
class Find:
    """Go to the next record that matches, from a row; backwards in time if asked."""

    query: Query | None
    """None: nothing is searched for any more."""
    start: tuple[str, LogPosition, bool] | None
    is_backwards: bool
    is_counted: bool = False
    """How many match in all is wanted too."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Show the records around a moment, seconds since 1970."""

    time_s: float


@dataclass(frozen=True, slots=True)
class Around:
    """Show everything around a record: no query, no window."""

    source: str
    position: LogPosition
    time_s: float | None


@dataclass(frozen=True, slots=True)
class ShowRecord:
    """Go to a record that somebody has the place of, among what is shown."""

    source: str
    position: LogPosition


@dataclass(frozen=True, slots=True)
class Figures:
    """Work out figures over what is shown, besides the counts; empty: none any more."""

    count_by: str = ""
    """Field whose values are counted."""
    measure: str = ""
    """Field whose percentiles are wanted."""
    is_personal: bool = False
    """What looks personal is wanted, by kind and file."""

    @property
    def is_any(self) -> bool:
        """Whether anything is wanted: then all that is chosen is gone through."""
        return bool(self.count_by or self.measure) or self.is_personal


@dataclass(frozen=True, slots=True)
class Recall:
    """Ask a saved query: of which logs, what, and which figures; in one go."""

    sources: tuple[str, ...]
    query: Query
    window_s: float | None = None
    last: int | None = None
    """Only so many records from the end, and what comes after them."""
    figures: Figures = Figures()


@dataclass(frozen=True, slots=True)
class Save:
    """Write every record that the query matches to a file, as it was written."""

    path: str


Choosing = Choose | Ask | Recall
Reading = Older | Newer | ToEnd | Hold
Going = ToStart | Find | GoTo | Around | ShowRecord
Order = Choosing | Reading | Going | Figures | Save | LogMark


@dataclass(frozen=True, slots=True)
class Keep:
    """Hold the files of all logs against their rules (True), or forget what was found (False).

    Not of the chosen logs: the desk itself knows nothing of it.
    """

    is_wanted: bool
