"""Dead letters as seen: what each was, why it died, whether it can be sent back. Frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.redis_key import KeyName
from core.model.stream import Progress, StreamEntry
from core.model.text import EMPTY, SafeText


class LetterKind(StrEnum):
    """How a dead letter holds its message."""

    JSON = "json"
    """The payload field has a JSON object with what was added when it died."""
    FLAT = "flat"
    """The message is fields of their own."""
    INIT = "init"
    """The first entry that a publisher writes; no message."""
    NOT_JSON = "not json"
    WRAPPED = "wrapped"
    """`raw_message`: what could not be read when it died."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One entry of a dead-letter stream."""

    entry: StreamEntry
    kind: LetterKind
    can_requeue: bool
    why_not: SafeText
    """Why it cannot be sent back."""
    error: SafeText
    event_type: SafeText
    intent: SafeText
    run: SafeText
    """Its run or correlation id."""
    retries: int | None
    died_age_s: float | None
    """Since it died, where it says."""
    origin: KeyName | None
    """The stream it says it came from."""


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Dead letters that are alike."""

    by: str
    """`error`, `type` or `age`."""
    key: SafeText
    count: int
    requeueable: int
    newest_age_s: float
    oldest_age_s: float
    sample: DeadLetter
    older_s: float | None = None
    """Of a group by age: all of them have been dead for so long, at least."""
    newer_s: float | None = None
    """Of a group by age: all of them have been dead for less."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A dead-letter stream, read as far as `progress` says."""

    server: str
    stream: KeyName
    length: int
    rows: tuple[DeadLetter, ...]
    """Oldest first."""
    groups: tuple[LetterGroup, ...]
    progress: Progress
    is_at_end: bool
    originals: tuple[KeyName, ...] = ()
    """Streams they can go back to."""
    note: SafeText = EMPTY
