"""What a Redis-compatible server's INFO says, as numbers. Frozen values; None: it does not say."""

from dataclasses import dataclass

from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class RedisMemory:
    """What it holds and may hold."""

    used_bytes: int | None = None
    peak_bytes: int | None = None
    resident_bytes: int | None = None
    """Of its process, as the system counts it."""
    max_bytes: int | None = None
    """0: no limit is set."""
    policy: SafeText = EMPTY
    """What happens when it is full."""
    fragmentation: float | None = None
    """Resident bytes for each used one."""

    @property
    def percent(self) -> float | None:
        """Used share of the limit, 0 to 100 and beyond; None: no limit, or not told."""
        if self.used_bytes is None or not self.max_bytes:
            return None
        return 100 * self.used_bytes / self.max_bytes


@dataclass(frozen=True, slots=True)
class RedisTraffic:
    """Whom it serves, and how."""

    ops_per_s: float | None = None
    clients: int | None = None
    max_clients: int | None = None
    blocked_clients: int | None = None
    hits: int | None = None
    """Since it started, as all counts here."""
    misses: int | None = None
    evicted_keys: int | None = None
    expired_keys: int | None = None
    rejected_connections: int | None = None


@dataclass(frozen=True, slots=True)
class RedisPersistence:
    """What of it is on disk."""

    is_loading: bool = False
    loaded_percent: float | None = None
    saved_at_s: int | None = None
    """Seconds since 1970 by its clock; the moment of its start where it never saved since."""
    is_save_ok: bool | None = None
    is_saving: bool = False
    saves: int | None = None
    """Since it started; None: it is too old to count (before 7.2)."""
    changes: int | None = None
    """Since the last save."""
    is_aof_on: bool | None = None
    is_aof_rewriting: bool = False
    is_aof_rewrite_ok: bool | None = None
    is_aof_write_ok: bool | None = None


@dataclass(frozen=True, slots=True)
class RedisReplication:
    """Its master, or its replicas."""

    role: SafeText = EMPTY
    """`master` or `slave`."""
    is_link_up: bool | None = None
    """Of a replica to its master."""
    link_down_s: int | None = None
    is_syncing: bool = False
    replicas: int = 0
    """Connected."""
    replicas_behind: int = 0
    """Connected and not online."""
    lag_bytes: int | None = None
    """Of a replica behind its master; of a master's replica that is furthest behind."""


@dataclass(frozen=True, slots=True)
class RedisDatabase:
    """One numbered database."""

    number: int
    keys: int
    expires: int
    """Keys with a time to live."""


@dataclass(frozen=True, slots=True)
class RedisFigures:
    """All of it."""

    product: SafeText = EMPTY
    """`redis 7.0.15`, `valkey 9.1.2`."""
    uptime_s: int | None = None
    memory: RedisMemory = RedisMemory()
    traffic: RedisTraffic = RedisTraffic()
    persistence: RedisPersistence = RedisPersistence()
    replication: RedisReplication = RedisReplication()
    databases: tuple[RedisDatabase, ...] = ()
