"""How it stands with a log that is followed."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.text import EMPTY, SafeText


class FollowWord(StrEnum):
    """How it stands with a followed log."""

    WAITING = "waiting"
    """It does not exist, or not yet; it is followed as soon as it appears."""
    FOLLOWING = "following"
    GONE = "gone"
    """It was there and is not any more; what was read stays, and it is waited for."""
    REFUSED = "refused"
    """It is there and may not be read, or is nothing that can be read."""
    ENDED = "ended"
    """Nothing more will come: the pipe was closed."""


@dataclass(frozen=True, slots=True)
class FollowState:
    """The state of a followed log, with the reason where there is one."""

    word: FollowWord
    note: SafeText = EMPTY
    has_past: bool = True
    """Whether all that was written before is there: a stream brings it bit by bit."""
