"""A Redis-compatible server as seen: what it is, what it holds, how it does. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.model.redis_figures import RedisFigures
from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a server, or a part of it, cannot be read."""

    word: SafeText
    """`refused`, `timeout`, `NOAUTH`, `LOADING`, `WRONGTYPE`, …"""
    text: SafeText
    remedy: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who answers."""

    run_id: SafeText
    version: SafeText
    flavour: str
    """`redis`, `valkey`, or what it calls itself."""
    role: str
    """`master` or `replica`."""
    mode: str
    """`standalone`, `sentinel` or `cluster`."""
    database: int
    user: SafeText
    now_s: float
    """Its clock, seconds since 1970."""
    skew_s: float
    """Its clock less ours."""


@dataclass(frozen=True, slots=True)
class OwnLoad:
    """What the console itself costs the server."""

    commands_total: int
    per_s: float
    cap_per_s: float
    waited_s: float = 0.0
    """Time that looks were held back to stay under the cap."""


@dataclass(frozen=True, slots=True)
class ServerSample:
    """Figures of one look."""

    at_s: float
    """Monotonic."""
    used_bytes: int | None
    max_bytes: int | None
    """None: no limit is set."""
    fragmentation: float | None
    evicted_keys: int | None
    hits: int | None
    misses: int | None
    clients: int | None
    ops_per_s: float | None


@dataclass(frozen=True, slots=True)
class SlowCommand:
    """A line of the slow log."""

    id: int
    age_s: float
    took_us: int
    command: SafeText
    """Cut; never of AUTH, HELLO, CONFIG or ACL."""
    client: SafeText


@dataclass(frozen=True, slots=True)
class LatencyWindow:
    """Round trips of one window of pings, milliseconds."""

    age_s: float
    count: int
    min_ms: float
    avg_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class BigKey:
    """One of the largest keys of the sample."""

    key: KeyName
    kind: str
    memory_bytes: int
    length: int | None
    ttl_s: float | None
    is_token: bool = False
    """Its name may be a secret."""


@dataclass(frozen=True, slots=True)
class KeyFamily:
    """Keys with the same beginning."""

    prefix: SafeText
    """Up to the first separator, with `*`."""
    count: int
    kinds: tuple[tuple[str, int], ...]
    without_ttl: int
    memory_bytes: int | None
    """Estimated from samples; None: none were taken."""
    is_configured: bool = False
    meaning: SafeText = EMPTY
    """What it is to the profile: tokens, limits, a circuit, a stream."""
    looked_at: int = 0
    """Keys of which kind and TTL were read: `kinds` and `without_ttl` count only these."""
    missed_at_most: int = 0
    """More keys that it may have, counted in `others` when there were too many families."""
    is_stream: bool = False
    is_token: bool = False
    """Tokens or revocations."""


@dataclass(frozen=True, slots=True)
class Census:
    """Keys by family."""

    families: tuple[KeyFamily, ...]
    """The largest first; the rest is counted in `others`."""
    others: int
    total: int
    """As DBSIZE said."""
    progress: Progress
    big_keys: tuple[BigKey, ...] = ()
    weighed: int = 0
    """Keys whose memory was asked: the big keys are the largest of these."""
    at_s: float | None = None
    """Monotonic time of the last key that was counted."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A key of a token family."""

    key: KeyName
    owner: SafeText
    """As far as its value tells; empty: it does not."""
    ttl_s: float | None
    """None: it never expires, which is a finding."""
    kind: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens found by the profile's patterns."""

    rows: tuple[TokenRow, ...]
    counted: int
    without_ttl: int
    progress: Progress
    notes: tuple[SafeText, ...] = ()
    """Such as: the application does not consult them."""
    patterns: tuple[SafeText, ...] = ()
    """What they were looked for by; none: the profile names no tokens."""
    looked_at: int = 0
    """Tokens whose value and TTL were read: `without_ttl` counts only these."""
    at_s: float | None = None
    """Monotonic time of the last token that was counted."""


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server."""

    server: str
    trouble: Trouble | None = None
    identity: ServerIdentity | None = None
    load: OwnLoad | None = None
    info: Mapping[str, SafeText] = field(default_factory=lambda: MappingProxyType({}))
    """INFO's fields by name."""
    keys: int | None = None
    history: tuple[ServerSample, ...] = ()
    """Oldest first."""
    slow: tuple[SlowCommand, ...] | None = None
    """None: not asked for, or not allowed."""
    latency: tuple[LatencyWindow, ...] = ()
    census: Census | None = None
    tokens: Tokens | None = None
    findings: tuple[SafeText, ...] = ()
    """Most urgent first: full, evicting, last save failed, replica cut off, clock off."""
    looked_at_s: float | None = None
    """Monotonic time of the last answer."""
    figures: RedisFigures | None = None
    """INFO as numbers; None: not read yet, or not allowed."""
    failing: int = 0
    """So many findings, from the first, say that something fails now; the others warn."""
    notes: tuple[SafeText, ...] = ()
    """Good to know, and nothing wrong: that our own user may write."""
    settings: Mapping[str, SafeText] = field(default_factory=lambda: MappingProxyType({}))
    """Of CONFIG GET, what findings need; empty: not allowed."""
    refused: SafeText = EMPTY
    """What of all this our user may not ask."""
    busy: SafeText = EMPTY
    """What is being read now for a person."""
