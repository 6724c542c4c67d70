"""What one pass of checks amounts to: exit code, JSON document, lines for a person. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cli import exits
from cli.as_json import as_json, milliseconds, moment
from cli.output import aligned, verdict_word
from core.model.events import SourceReported
from core.model.text import SafeText
from core.model.topology import Environment, Topology
from core.model.verdict import Verdict, worst
from core.model.views import CheckView, ServiceView, SystemView

FORMAT = 1
"""Version of the JSON document: grows when a name changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Report:
    """One pass, ready to be shown."""

    environment: Environment
    systems: tuple[SystemView, ...]
    cannot_look: tuple[SourceReported, ...]
    """Sources that could not look at all."""
    ended_at: datetime
    overdue: tuple[SafeText, ...] = ()
    """Graces of keys that are over though the keys are still live."""


def exit_code(report: Report) -> int:
    """Return 0 when all is proven ok, 3 when nothing answered, else 1."""
    if not any(_is_reached(service) for one in report.systems for service in one.services):
        return exits.UNREACHED
    verdict = worst(system.verdict for system in report.systems)
    return exits.OK if verdict is Verdict.OK and not report.overdue else exits.TROUBLE


def has_something_to_check(topology: Topology) -> bool:
    """Tell whether any service has a check or a place where it runs."""
    services = [service for system in topology.systems for service in system.services]
    return any(service.checks or service.runs_as is not None for service in services)


def _is_reached(service: ServiceView) -> bool:
    """Tell whether anything answered for a service: a check's target or a process manager."""
    if service.runtime is not None and service.runtime.verdict is not Verdict.UNKNOWN:
        return True
    results = [view.status.result for view in service.checks if view.status is not None]
    return any(one.http_status is not None or one.latency_s is not None for one in results)


def as_document(report: Report) -> dict[str, object]:
    """Return the JSON document of `check --json`."""
    services = [service for system in report.systems for service in system.services]
    return {
        "format": FORMAT,
        "environment": str(report.environment),
        "verdict": str(worst(system.verdict for system in report.systems)),
        "exit_code": exit_code(report),
        "ended_at": moment(report.ended_at),
        "systems": [_system_json(system) for system in report.systems],
        "overdue_graces": list(report.overdue),
        "services": [_service_json(service) for service in services],
        "checks": [_check_json(service, view) for service in services for view in service.checks],
        "cannot_look": [{"source": one.source, "reason": one.reason} for one in report.cannot_look],
    }


def _system_json(system: SystemView) -> dict[str, object]:
    return {
        "system": system.spec.name,
        "title": system.spec.title,
        "verdict": str(system.verdict),
        "reason": system.reason,
    }


def _service_json(service: ServiceView) -> dict[str, object]:
    return {
        "system": service.spec.id.system,
        "service": service.spec.id.service,
        "host": service.spec.id.host,
        "verdict": str(service.verdict),
        "state": service.state,
        "reason": service.reason,
        "because": service.because or None,
        "is_outside": service.spec.is_outside,
        "runtime": as_json(service.runtime),
    }


def _check_json(service: ServiceView, view: CheckView) -> dict[str, object]:
    result = view.status.result if view.status is not None else None
    return {
        "system": service.spec.id.system,
        "service": service.spec.id.service,
        "check": view.spec.id.check,
        "kind": str(view.spec.kind),
        "verdict": str(view.verdict),
        "state": view.state,
        "reason": view.reason,
        "because": service.because or None,
        "http_status": result.http_status if result else None,
        "latency_ms": milliseconds(result.latency_s) if result else None,
        "observed_at": moment(result.observed_at) if result else None,
        "components": as_json(result.components) if result else [],
        "conditions": as_json(result.conditions) if result else [],
        "facts": dict(result.facts) if result else {},
    }


def as_lines(report: Report, is_colour: bool) -> list[str]:
    """Return the report for a person: a line per system, below it a line per check and place."""
    lines: list[str] = []
    for system in report.systems:
        head = f"{verdict_word(system.verdict, is_colour)}  {system.spec.title or system.spec.name}"
        lines.append(f"{head}: {system.reason}" if system.reason else head)
        rows = [row for service in system.services for row in _rows(service, is_colour)]
        lines += [f"  {line}" for line in aligned(rows)]
        lines.append("")
    for one in report.cannot_look:
        lines.append(f"could not look: {one.source}: {one.reason}")
    lines += report.overdue
    return lines[:-1] if lines and not lines[-1] else lines


def _rows(service: ServiceView, is_colour: bool) -> list[tuple[str, ...]]:
    name = service.spec.id.service
    because = f" (because {service.because} is down)" if service.because else ""
    rows: list[tuple[str, ...]] = []
    for view in service.checks:
        result = view.status.result if view.status is not None else None
        status = str(result.http_status) if result and result.http_status else "-"
        latency = milliseconds(result.latency_s) if result else None
        time = "-" if latency is None else f"{latency:.0f} ms"
        word = verdict_word(view.verdict, is_colour)
        because_here = because if view.verdict is not Verdict.OK else ""
        rows.append((word, name, view.spec.id.check, status, time, view.reason + because_here))
    place = service.runtime
    if place is not None:
        word = verdict_word(place.verdict, is_colour)
        rows.append((word, name, place.kind, "-", "-", place.reason or place.state))
    elif not service.checks:
        word = verdict_word(service.verdict, is_colour)
        rows.append((word, name, "-", "-", "-", service.reason))
    return rows
