"""Rate limits as seen. Frozen values; ages by the server's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText


class LimitShape(StrEnum):
    """How a limiter keeps its record."""

    BUCKET = "token bucket"
    COUNTER = "counter"
    MOVING_WINDOW = "moving window"
    SLIDING_WINDOW = "sliding window"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rejections:
    """Who was refused lately (429), as the logs or metrics of a service tell."""

    told_by: str
    """`log` or `metric`."""
    per_client: Mapping[str, float]
    """A minute, by what the log or the label calls the client."""
    is_complete: bool = False
    """Whether a client that is not among them was not refused."""
    source: SafeText = EMPTY
    """The log or metric, and of what time."""
    why: SafeText = EMPTY
    """Why nothing is told of clients; empty: something is."""

    def of(self, client: str) -> float | None:
        """Return the rejections of one client; None: nothing tells."""
        found = self.per_client.get(client)
        return 0.0 if found is None and self.is_complete and not self.why else found


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One client's record."""

    server: str
    keys: tuple[KeyName, ...]
    """More than one where it is split."""
    client: SafeText
    """What the key says of who it is: an address, a user."""
    spec_name: str
    shape: LimitShape
    tokens_now: float | None
    """Refilled to the present; of a window or counter what is left. None: not known."""
    tokens_stored: SafeText
    """As it is written."""
    capacity: float | None
    refill_per_s: float | None
    last_seen_age_s: float | None
    """Negative: stamped by a clock that is ahead."""
    retry_after_s: float | None
    """Until the next request passes; 0: now. None: not known."""
    ttl_s: float | None
    """None: it never expires."""
    is_limited: bool | None
    """Whether the next request would be refused; None: not known."""
    problem: SafeText = EMPTY
    """What is invalid in the record."""
    raw: tuple[tuple[SafeText, SafeText], ...] = ()
    was_exhausted: bool | None = None
    """Whether the last request that was seen found or left nothing; None: not known.

    A bucket that refills quickly is full again before anybody looks: this tells who runs dry.
    """
    note: SafeText = EMPTY
    """What is worth saying, though the record is valid: it never expires, no limit is known."""
    rejections_per_min: float | None = None
    """Where logs or metrics tell; None: they do not."""
    rejections_by: str = ""
    """`log` or `metric`; empty: nothing tells."""
    rejections_told: SafeText = EMPTY
    """What tells it, and of what time; where nothing does: why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The records of one server, those being limited first."""

    server: str
    rows: tuple[LimitRow, ...]
    """The first thousand of the ranking."""
    counted: int
    """Records seen so far."""
    limited: int
    """Of those, the ones being limited."""
    progress: Progress
    """Of the scan; the counts are `≈` until it is complete."""
    patterns: tuple[tuple[str, int], ...] = ()
    """Records by pattern; 0 of a documented pattern is worth saying."""
    notes: tuple[SafeText, ...] = ()
    """Such as: the documented pattern has no keys, the real one is another."""
    read: int = 0
    """Records whose content was read: the ranking knows these."""
    exhausted: int = 0
    """Of those, the ones that had nothing left when last seen."""
    invalid: int = 0
    """Of those, the ones with a problem."""
