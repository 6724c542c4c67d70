"""API keys as seen: never whole, known by a short id. Frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.text import EMPTY, SafeText


class KeyShape(StrEnum):
    """How a store holds its keys."""

    BY_KEY = "key to record"
    KEYS_BY_KEY = "`keys`: key to record"
    KEYS_LIST = "`keys`: list of records"
    LIST = "list of records"
    HASHED = "hashes"
    BY_TIER = "tier to records"
    REDIS_LIST = "Redis list"
    REDIS_HASH = "Redis hash"
    REDIS_SET = "Redis set"
    REDIS_KEYS = "Redis key for each"
    UNKNOWN = "unknown"


class StoreState(StrEnum):
    """What a store is at one look."""

    READ = "read"
    EMPTY = "empty"
    """It is there, and holds no key."""
    MISSING = "missing"
    UNREADABLE = "unreadable now"
    """Torn, not JSON, not UTF-8, too large, not allowed: what was read last stays in sight."""
    READ_ONLY = "read-only"
    """It was read, and is not written to; `why` says why."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key."""

    short_id: str
    """`k-3fa91c`: the beginning of an HMAC of the key; commands and plans know it by this."""
    masked: SafeText
    """`key_…Q9fA`: prefix and last four characters, of constant width."""
    tier: SafeText
    is_tier_known: bool
    quota: int | None
    """Requests a month, as stored."""
    is_active: bool
    """By every word the record has for it: not active, revoked or expired is not."""
    used_month: int | None = None
    """None: no record says."""
    used_today: int | None = None
    percent: float | None = None
    """Of the quota; None: no quota or no usage is known."""
    last_used: datetime | None = None
    created: datetime | None = None
    expires: datetime | None = None
    name: SafeText = EMPTY
    """What the record calls it; empty: nothing."""
    findings: tuple[SafeText, ...] = ()
    """Such as: sample key is live, over quota, unused for 90 days."""
    differs: tuple[SafeText, ...] = ()
    """Files in which it is something else: `api_keys.json: inactive`."""
    grace_until: datetime | None = None
    """When it is switched off, as was confirmed when another key took its place."""
    grace_by: SafeText = EMPTY
    """What waits for that; empty: nothing does."""


@dataclass(frozen=True, slots=True)
class StoreFile:
    """One file that holds keys of a store, or should."""

    path: SafeText
    state: StoreState
    why: SafeText
    shape: KeyShape
    keys: int | None
    active: int | None
    modified: datetime | None
    mode: SafeText
    """`0640 app:app`."""
    is_server_file: bool | None
    """Whether the server's process reads this one; None: nobody can tell."""
    is_bind_mount: bool = False
    """Mounted alone: a rename over it would not be seen inside."""


@dataclass(frozen=True, slots=True)
class EndpointUsage:
    """Requests to one endpoint."""

    endpoint: SafeText
    count: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class KeyAddresses:
    """Where requests with a key came from."""

    key: SafeText
    """As in `by_key`."""
    before: int
    """Addresses seen before the last 24 hours."""
    new: tuple[SafeText, ...]
    """Those that were first seen within them, latest first; capped."""
    new_count: int


@dataclass(frozen=True, slots=True)
class KeyAnalytics:
    """What the analytics file tells."""

    total: int
    succeeded: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    endpoints: tuple[EndpointUsage, ...]
    by_day: tuple[tuple[str, int], ...]
    """`2026-03-14` and its requests, oldest first."""
    by_hour: tuple[int, ...]
    """Of the last 24 hours, oldest first; empty: nothing is known."""
    by_key: tuple[tuple[SafeText, int, int], ...]
    """Beginning of a key as it is written there, requests, of those refused (401, 403)."""
    note: SafeText = EMPTY
    addresses: tuple[KeyAddresses, ...] = ()
    """Of keys whose requests have an address, those with most new ones first."""
    addresses_note: SafeText = EMPTY
    """Why nothing can be said of new addresses; empty: it can."""


@dataclass(frozen=True, slots=True)
class KeyLoss:
    """Keys that vanished without any action of ours."""

    noticed: datetime
    count: int
    short_ids: tuple[str, ...]
    backup: SafeText
    """The newest copy that has them; empty: none."""
    is_dismissed: bool = False
    """A person has read of it: it raises no alarm any more, and can still be restored."""
    elsewhere: SafeText = EMPTY
    """Where they may be, of a store that is not copied as one; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class KeyStoreView:
    """One store."""

    system: str
    name: str
    title: SafeText
    state: StoreState
    why: SafeText
    keys: Sequence[ApiKey]
    """Perhaps each made when it is first looked at: `active_count` spares looking at all."""
    files: tuple[StoreFile, ...]
    tiers: tuple[tuple[str, int], ...]
    findings: tuple[SafeText, ...] = ()
    """Of the store as a whole, most urgent first: split store, mode, git, sample keys."""
    analytics: KeyAnalytics | None = None
    loss: KeyLoss | None = None
    read_at: datetime | None = None
    """When the keys in `keys` were read."""
    note: SafeText = EMPTY
    active: int | None = None
    """How many are active; None: nobody has counted them."""
    overdue: int = 0
    """Keys whose grace is over and that are still live."""
    active_tiers: tuple[tuple[str, int], ...] | None = None
    """Tiers and how many active keys each has; None: nobody has counted them."""

    @property
    def active_count(self) -> int:
        """How many are active."""
        return sum(key.is_active for key in self.keys) if self.active is None else self.active

    @property
    def target(self) -> str:
        """What actions know it by."""
        return f"{self.system}/{self.name}"
