"""What is known of a system's Redis before anybody looks: names, patterns, budgets. Frozen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A stream with its groups and dead letters."""

    name: str
    keys: tuple[str, ...]
    """Every key in use for it, spelled as `KeyName` does."""
    groups: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    dead_letters: tuple[str, ...] = ()
    """Keys of its dead-letter streams."""
    payload_field: str = "data"
    strip_on_requeue: tuple[str, ...] = ()
    """Fields, or patterns of fields (`dlq_*`), that a dead letter has and the message had not."""
    max_lag_s: float | None = None
    max_depth: int | None = None
    """Entries."""
    stuck_after_s: float = 3600.0
    """A pending entry idle for longer is stuck."""
    min_idle_s: float = 60.0
    """Nothing younger is ever claimed."""
    service: str = ""
    """The service that consumes it."""
    note: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CircuitSpec:
    """Circuit breakers found by their keys."""

    name: str
    keys: tuple[str, ...]
    """Keys or glob patterns; the first is the documented one."""
    reset_timeout_s: float = 60.0
    failure_threshold: int | None = None
    half_open_successes: int | None = None
    service: str = ""
    """The service that calls through it."""
    upstream: str = ""
    """The service behind it."""
    metric: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    """Raw value of the metric, and the state it means."""
    note: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """Rate-limit records found by their keys."""

    name: str
    keys: tuple[str, ...]
    """Keys or glob patterns; the first is the documented one."""
    capacity: float | None = None
    """Tokens."""
    refill_per_s: float | None = None
    """Tokens."""
    service: str = ""
    note: str = ""
    env_file: str = ""
    """The env file whose variables set it, by name; empty: not known."""
    capacity_variable: str = ""
    refill_variable: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFamilySpec:
    """Other keys that a runbook looks at, such as `token:*`."""

    name: str
    keys: tuple[str, ...]
    note: str = ""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RedisSpec:
    """One server and what a system keeps in it."""

    server: str
    """`system/service`: the service that has the check with its address."""
    streams: tuple[StreamSpec, ...] = ()
    circuits: tuple[CircuitSpec, ...] = ()
    limits: tuple[LimitSpec, ...] = ()
    families: tuple[KeyFamilySpec, ...] = ()
    commands_per_s: float = 200.0
    """Never more from us."""
    memory_warn_percent: float = 80.0
    """Of its maximum: from here on memory is a finding."""

    @property
    def system(self) -> str:
        """The system it belongs to."""
        return self.server.partition("/")[0]
