"""What the Logs screen asks of the application."""

from dataclasses import dataclass

from core.model.log import LogPosition
from core.model.log_view import SavedLogQuery
from screens.log_wish import LogWish

RowKey = tuple[str, LogPosition, bool]


@dataclass
class LogsOpened(LogWish):
    """The screen is shown for the first time: the list is wanted."""


@dataclass
class LogsChosen(LogWish):
    """These logs shall be shown, and no others."""

    sources: tuple[str, ...]


@dataclass
class QueryWanted(LogWish):
    """Only what matches shall be shown."""

    text: str
    window_s: float | None


@dataclass
class SearchWanted(LogWish):
    """The cursor shall go to the next match, backwards in time or on."""

    text: str
    """Empty: nothing is searched for any more."""
    start: RowKey | None
    is_backwards: bool
    is_counted: bool = True
    """How many match in all is wanted too."""


@dataclass
class TextSought(LogWish):
    """What matches shall stand out, without going anywhere."""

    text: str


@dataclass
class RowsWanted(LogWish):
    """Rows before the first, or after the last."""

    is_older: bool


@dataclass
class HoldWanted(LogWish):
    """Somebody reads further up, or follows again."""

    is_held: bool


@dataclass
class EdgeWanted(LogWish):
    """The oldest rows (True) or the newest."""

    is_start: bool


@dataclass
class MomentWanted(LogWish):
    """The rows around a moment, seconds since 1970."""

    time_s: float


@dataclass
class AroundWanted(LogWish):
    """Everything around a row, whatever hides its neighbours now."""

    row: RowKey
    time_s: float | None


@dataclass
class FiguresWanted(LogWish):
    """Figures over what is shown, and no others; empty: none any more."""

    count_by: str = ""
    """Field whose values are counted."""
    measure: str = ""
    """Field whose percentiles are wanted."""
    is_personal: bool = False
    """What looks personal is wanted."""


@dataclass
class RecordWanted(LogWish):
    """The record at a place of a log, among what is shown."""

    source: str
    position: LogPosition


@dataclass
class RecallWanted(LogWish):
    """A saved query shall be asked."""

    saved: SavedLogQuery
    text: str
    """Its filter, with what it asks for filled in."""


@dataclass
class CopyWanted(LogWish):
    """This text shall be in the clipboard."""

    text: str


@dataclass
class SaveWanted(LogWish):
    """Everything that the query matches shall be in a file."""


@dataclass
class KeepingWanted(LogWish):
    """The files of all logs against their rules, or no more of them."""

    is_wanted: bool
