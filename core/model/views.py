"""Derived values that screens and the command line show. Selectors make them (`core.store`)."""

from dataclasses import dataclass
from datetime import datetime

from core.model.check import CheckSpec, CheckStatus
from core.model.runtime_state import RuntimeState
from core.model.snapshot import Snapshot
from core.model.text import SafeText
from core.model.topology import ServiceSpec, SystemSpec, Topology
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check as shown now: staleness already weighed in."""

    spec: CheckSpec
    status: CheckStatus | None
    """None: not probed yet ("loading")."""
    verdict: Verdict
    state: str
    reason: SafeText
    is_stale: bool
    latency_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    uptime_percent: float | None
    """Share of probes in the window that were ok or degraded; None: no probe yet."""


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service as shown now."""

    spec: ServiceSpec
    verdict: Verdict
    state: str
    reason: SafeText
    since: datetime | None
    because: SafeText
    """Name of the dependency this is a consequence of; empty when it stands alone."""
    checks: tuple[CheckView, ...]
    runtime: RuntimeState | None


@dataclass(frozen=True, slots=True)
class SystemView:
    """A system as shown now: worst service wins."""

    spec: SystemSpec
    verdict: Verdict
    since: datetime | None
    reason: SafeText
    """The root trouble in one line, `service: reason`; empty when all is well."""
    services: tuple[ServiceView, ...]
    """In the order of the configuration."""
    counts: tuple[tuple[Verdict, int], ...]
    """Services by verdict, worst first, zero counts left out."""
    last_note: SafeText
    """What happened here last, from the timeline."""
    last_note_at: datetime | None


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a screen draws at one moment. The app makes it, at most ten times a second."""

    topology: Topology
    snapshot: Snapshot
    systems: tuple[SystemView, ...]
    """In the order of the configuration."""
    now: datetime
    host_name: SafeText
    is_paused: bool = False
    """True: the screen is frozen on purpose and the header says so loudly."""
