"""Circuit breakers as seen. Frozen values; ages by the server's clock."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText


class CircuitState(StrEnum):
    """A breaker's state. No record is `absent`, which is not `closed`."""

    CLOSED = "closed"
    HALF_OPEN = "half open"
    OPEN = "open"
    ABSENT = "absent"
    INVALID = "invalid"
    """What is written there is no state."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state that was seen."""

    time_s: float
    """Seconds since 1970, by the server's clock."""
    before: CircuitState
    after: CircuitState
    reason: SafeText = EMPTY
    """Where a log or the record tells."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """One breaker."""

    server: str
    name: SafeText
    """What it protects, as its keys say."""
    spec_name: str
    keys: tuple[KeyName, ...]
    """Those found; those looked for where none was."""
    documented: tuple[KeyName, ...]
    """Exact keys that the profile names and the server lacks."""
    shape: SafeText
    """`hash`, `string`, `split keys`, `json`, …"""
    state: CircuitState
    raw_state: SafeText
    since_age_s: float | None
    failures: int | None
    threshold: int | None
    successes: int | None
    successes_needed: int | None
    next_probe_s: float | None
    """Until a request is let through; 0: the next request is. None: not known, or not open."""
    ttl_s: float | None
    problem: SafeText = EMPTY
    note: SafeText = EMPTY
    service: str = ""
    """`system/service` that calls through it."""
    upstream: str = ""
    """`system/service` behind it."""
    metric: str = ""
    metric_raw: SafeText = EMPTY
    metric_means: SafeText = EMPTY
    """What the raw value means by the legend; empty: it does not say, or nothing is exposed."""
    history: tuple[Transition, ...] = ()
    """Oldest first."""
    raw: tuple[tuple[SafeText, SafeText], ...] = ()


@dataclass(frozen=True, slots=True)
class Circuits:
    """The breakers of one server."""

    server: str
    rows: tuple[Circuit, ...]
    notes: tuple[SafeText, ...] = ()
