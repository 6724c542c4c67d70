"""Faults on demand: one entry each, saying what changes and what the console must conclude."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. The systems read its flag; the supervisor acts where a process is concerned."""

    name: str
    title: str
    system: str
    service: str
    check: str
    """The check that must tell; empty: the service's runtime state."""
    verdict: str
    """What the check must become."""
    reason: str
    """A regular expression that the check's reason must match."""
    how: str
    """What really changes."""
    system_verdict: str = ""
    """What the system must become; empty: the same as the check."""


ALL = (
    Fault(
        name="upstream-down",
        title="Upstream down",
        system="api-gateway",
        service="upstream-service",
        check="health",
        verdict="down",
        reason=r"(?i)refused",
        how="the upstream's process is stopped; the proxy answers 502, then opens its breaker",
    ),
    Fault(
        name="breaker-open",
        title="Breaker open",
        system="api-gateway",
        service="proxy-service",
        check="proxy",
        verdict="down",
        reason=r"503|circuit open",
        how="the breaker's hash is OPEN and the upstream fails every trial; its health stays good",
    ),
    Fault(
        name="stuck-consumer",
        title="Stuck consumer",
        system="business-engine",
        service="api",
        check="manager",
        verdict="degraded",
        reason=r"consumer1 holds \d+ entries",
        how="consumer1 takes entries and never acknowledges them; they are idle for two hours",
    ),
    Fault(
        name="poison-messages",
        title="Poison messages",
        system="business-engine",
        service="api",
        check="manager",
        verdict="degraded",
        reason=r"went to automation\.dlq: Parse error",
        how="events that are not JSON come in faster than good ones and become dead letters",
    ),
    Fault(
        name="error-burst",
        title="Burst of errors",
        system="decision-engine",
        service="api",
        check="health",
        verdict="down",
        reason=r"No space left on device",
        how="decisions answer 500 with tracebacks in api.log; health answers 503 unhealthy",
    ),
    Fault(
        name="slow-responses",
        title="Slow responses",
        system="business-engine",
        service="api",
        check="health",
        verdict="degraded",
        reason=r"(?i)slow",
        how="every answer of the API takes 1.2 s longer",
    ),
    Fault(
        name="memory-growth",
        title="Memory growth",
        system="ai-diy",
        service="app",
        check="security",
        verdict="degraded",
        reason=r"memory_mb",
        how="the process takes 25 MB at a time up to 150 MB, and reports it",
    ),
    Fault(
        name="scheduler-stalled",
        title="Scheduler stalled",
        system="cost-dashboard",
        service="api",
        check="scheduler",
        verdict="degraded",
        reason=r"(?i)overdue",
        how="no job runs; every next run lies two hours in the past",
    ),
    Fault(
        name="path-traversal",
        title="Path traversal attack",
        system="ai-diy",
        service="app",
        check="health",
        verdict="degraded",
        reason=r"path traversal attempts",
        how="several clients ask for ../../etc/passwd; each attempt is a SECURITY_AUDIT line",
    ),
    Fault(
        name="redis-down",
        title="Redis down",
        system="api-gateway",
        service="redis",
        check="redis",
        verdict="down",
        reason=r"(?i)refused",
        how="the server is stopped and comes back on the same port with its data",
    ),
    Fault(
        name="disk-nearly-full",
        title="Disk nearly full (simulated)",
        system="cost-dashboard",
        service="api",
        check="detailed",
        verdict="down",
        reason=r"disk_percent.*98\.1",
        how="detailed health reports 98.1 % and still says healthy, as the real one does",
    ),
    Fault(
        name="login-wall",
        title="Login wall",
        system="ai-diy",
        service="app",
        check="security",
        verdict="unknown",
        reason=r"(?i)login",
        how="the security status answers 307 to /login, which is neither good nor bad news",
    ),
    Fault(
        name="manager-hard-coded",
        title="Hard-coded manager health",
        system="business-engine",
        service="api",
        check="manager",
        verdict="unknown",
        reason=r"2025-08-11|old|unverified",
        how="the manager's health is the shipped constant: healthy, stamped months ago",
    ),
    Fault(
        name="provider-incident",
        title="Provider incident",
        system="cost-dashboard",
        service="anthropic",
        check="status",
        verdict="down",
        system_verdict="ok",
        reason=r"major: Partial System Outage",
        how="the provider's own status page says major; it is not our outage",
    ),
)
BY_NAME: Mapping[str, Fault] = {fault.name: fault for fault in ALL}


class UnknownFault(Exception):
    """There is no fault of that name; the text names the nearest."""

    def __init__(self, name: str) -> None:
        from difflib import get_close_matches  # noqa: PLC0415 - only for the mistake

        close = get_close_matches(name, BY_NAME, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(BY_NAME)}"
        super().__init__(f"no fault {name!r}; {hint}")


def find(name: str) -> Fault:
    """Return a fault.

    Raises:
        UnknownFault: there is none of that name.
    """
    if name not in BY_NAME:
        raise UnknownFault(name)
    return BY_NAME[name]
