"""What the screens that are not built yet will show, and what serves on these systems until then.

Nothing here pretends: each line is a command that works in this version, or a place that the
configuration names.
"""

from collections.abc import Iterator
from typing import Final

from core.model.check import CheckKind
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
    Topology,
)
from screens.waiting import Promise

_MOST = 24
_CHECK = "quarterdeck check            every check and threshold, once, with an exit code"
_STATUS = "quarterdeck status --json    everything that is known now"
_DOCTOR = "quarterdeck doctor           what can be reached, and which rights are missing"


def _services(topology: Topology) -> Iterator[ServiceSpec]:
    for system in topology.systems:
        yield from system.services


def _log_lines(topology: Topology) -> tuple[str, ...]:
    """Return how the configured logs can be read with what every machine has."""
    lines: list[str] = []
    for service in _services(topology):
        for log in service.logs:
            where = f"{service.id.system}/{service.id.service}"
            if log.path:
                lines.append(f"tail -F {log.path}    ({where})")
            elif log.journal and isinstance(service.runs_as, SystemdUnit):
                lines.append(f"journalctl -f -u {service.runs_as.unit}    ({where})")
            elif log.container:
                lines.append(f"{_container_logs(service)}    ({where})")
    return _bounded(lines, "no logs are configured: add `logs:` to a service")


def _container_logs(service: ServiceSpec) -> str:
    match service.runs_as:
        case ComposeService(project, name):
            return f"docker compose -p {project} logs -f {name}"
        case DockerContainer(container):
            return f"docker logs -f {container}"
        case SwarmService(name):
            return f"docker service logs -f {name}"
        case SystemdUnit() | PlainProcess() | None:
            return "its container's log, once `runs_as` says which"


def _redis_lines(topology: Topology) -> tuple[str, ...]:
    """Return the servers whose reachability the Services screen shows now."""
    lines = [
        f"{check.url}    ({service.id.system}/{service.id.service}: Services shows its state now)"
        for service in _services(topology)
        for check in service.checks
        if check.kind is CheckKind.REDIS
    ]
    return (*_bounded(lines, "no Redis-compatible server is configured"), _CHECK)


def _bounded(lines: list[str], otherwise: str) -> tuple[str, ...]:
    if not lines:
        return (otherwise,)
    more = len(lines) - _MOST
    return (*lines[:_MOST], f"… and {more} more") if more > 0 else tuple(lines)


def _watching(_topology: Topology) -> tuple[str, ...]:
    return (_CHECK, _STATUS)


def _acting(_topology: Topology) -> tuple[str, ...]:
    return ("This version changes nothing: it only reads.", _DOCTOR)


PROMISES: Final[dict[str, Promise]] = {
    "logs": Promise(
        (
            (
                "All configured logs, followed and searched: filter by level, time and field, "
                "errors one key apart, context kept."
            ),
        ),
        _log_lines,
    ),
    "streams": Promise(
        (
            (
                "Redis streams with their groups, consumers, pending entries and dead letters, and "
                "how far behind each one is."
            ),
        ),
        _redis_lines,
    ),
    "limits": Promise(
        (
            (
                "Rate-limit keys with what is left of them, and circuit breakers with their state, "
                "failures and time to the next try."
            ),
        ),
        _redis_lines,
    ),
    "keys": Promise(
        ("API keys, secrets and tokens: who has which, how old it is, and when it ends.",),
        _acting,
    ),
    "alerts": Promise(
        (
            (
                "Alerts that are pending or firing, with the condition and its value, and "
                "incidents with their timeline."
            ),
        ),
        _watching,
    ),
    "runbook": Promise(
        ("Every operation of the systems' runbooks, and how each one is done from here.",),
        lambda topology: (
            "Overview, Services and Host & metrics already show what the runbooks look up.",
            *_watching(topology),
        ),
    ),
    "actions": Promise(
        (
            (
                "Actions that run or ran, each with its plan, its verification and its record in "
                "the audit log."
            ),
        ),
        _acting,
    ),
}
