"""Where a service runs and how that place sees it: container, unit or process."""

from dataclasses import dataclass
from datetime import datetime

from core.model.text import SafeText
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RuntimeState:
    """One service as its process manager sees it. None always means "not known", never zero."""

    kind: str
    """`container`, `unit`, `process` or `swarm`."""
    name: SafeText
    """The real name found: container name, unit name or process name."""
    state: SafeText
    """The manager's own word: `running`, `exited`, `auto-restart`, `not found`, …"""
    verdict: Verdict
    reason: SafeText
    observed_at: datetime
    started_at: datetime | None = None
    restarts: int | None = None
    exit_code: int | None = None
    pid: int | None = None
    cpu_percent: float | None = None
    """100 is one core."""
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    fingerprint: SafeText | None = None
    """Identity of this run: container id, invocation id, or pid with start time."""
    image: SafeText | None = None
