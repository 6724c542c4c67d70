"""What a check's body says beyond a verdict: jobs, runs, incidents, resource use."""

from dataclasses import dataclass
from datetime import datetime

from core.model.text import SafeText
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class JobRun:
    """One remembered run of a scheduler job."""

    at: datetime | None
    is_success: bool
    error: SafeText


@dataclass(frozen=True, slots=True)
class Job:
    """A scheduler job, judged."""

    id: SafeText
    name: SafeText
    trigger: SafeText
    next_run_at: datetime | None
    verdict: Verdict
    reason: SafeText
    failure_streak: int
    last_ok_at: datetime | None
    runs: tuple[JobRun, ...]
    """Oldest first. Empty: none since the service started, which is not a failure."""


@dataclass(frozen=True, slots=True)
class SchedulerDetail:
    """The scheduler and its jobs, sorted worst first."""

    is_running: bool | None
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One recent run of a workflow."""

    id: SafeText
    intent: SafeText
    status: SafeText
    """The word as sent, lower case; a run without a stamp is `unconfirmed`."""
    at: datetime | None
    error: SafeText


@dataclass(frozen=True, slots=True)
class RunsDetail:
    """Recent runs, newest first, and their counts by status."""

    runs: tuple[Run, ...]
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StatusPageDetail:
    """An outside provider's own word about itself."""

    page: SafeText
    indicator: SafeText
    description: SafeText
    components: tuple[tuple[SafeText, SafeText], ...]
    """Component name and status, those not operational first."""
    incidents: tuple[SafeText, ...]
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecurityDetail:
    """Security middleware and the resource use it reports; None: the report lacks it."""

    memory_mb: float | None
    cpu_percent: float | None
    open_files: int | None
    connections: int | None
    rate_limit_clients: int | None
    report_error: SafeText


@dataclass(frozen=True, slots=True)
class RedisDetail:
    """A Redis-compatible server as INFO shows it; details follow with the Redis screens."""

    server: SafeText
    """Product and version: `valkey 9.1.2` or `redis 7.0.15`."""
    role: SafeText
    run_id: SafeText
    used_memory_bytes: int | None
    max_memory_bytes: int | None
    """0: no limit, so there is no percentage."""
    clients: int | None
    keys: int | None
    commands_per_s: int | None


Detail = SchedulerDetail | RunsDetail | StatusPageDetail | SecurityDetail | RedisDetail
