"""What a system keeps in Redis: streams, circuits, limits, and how it may be tuned."""

from config.fields import Duration, Name, OperationId
from config.section import Section


class Stream(Section):
    """A stream with its consumer groups and dead letters."""

    name: Name
    keys: tuple[str, ...]
    """Every key in use for it: the runbook's name and the real ones."""
    groups: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    dead_letters: tuple[str, ...] = ()
    """Keys of its dead-letter streams."""
    payload_field: str = "data"
    """The field that holds the message as JSON text."""
    strip_on_requeue: tuple[str, ...] = ()
    """What a dead letter carries that the message did not (`dlq_*` is a pattern)."""
    max_lag: Duration | None = None
    max_depth: int | None = None
    """Entries."""
    stuck_after: Duration | None = None
    """A pending entry idle for longer is stuck."""
    min_idle: Duration | None = None
    """Nothing younger is ever claimed; none: 60 s."""
    service: str = ""
    """The service that consumes it."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Circuit(Section):
    """Circuit breakers found by their keys."""

    name: Name = "circuit"
    keys: tuple[str, ...]
    """Keys or patterns, all of them looked for."""
    reset_timeout: Duration = 60.0
    failure_threshold: int | None = None
    half_open_successes: int | None = None
    service: str = ""
    """The service that calls through it."""
    upstream: str = ""
    """The service behind it: its health gates a reset."""
    metric: str = ""
    legend: dict[str, str] = {}
    """Raw value of the metric to state, where the metric's own help does not say."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Limit(Section):
    """Rate-limit records found by their keys."""

    name: Name = "limit"
    keys: tuple[str, ...]
    capacity: float | None = None
    """Tokens."""
    refill_per_s: float | None = None
    service: str = ""
    env_file: Name | None = None
    """The env file whose variables set it, where they are known."""
    capacity_variable: str = ""
    refill_variable: str = ""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class KeyPattern(Section):
    """Other keys that a runbook looks at."""

    keys: tuple[str, ...]
    note: str = ""
    operations: tuple[OperationId, ...] = ()
