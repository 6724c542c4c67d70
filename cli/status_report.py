"""The whole snapshot as a JSON document, and as lines for a person. Pure.

The names are a contract, written down in docs/command-line.md.
"""

from collections.abc import Mapping, Sequence

from cli.as_json import as_json, milliseconds, moment
from cli.check_report import FORMAT, Report, as_lines
from core.model.detail import Detail
from core.model.host import HostSample, HostState
from core.model.metric import MetricsState, Series
from core.model.snapshot import Snapshot
from core.model.verdict import worst
from core.model.views import CheckView, ServiceView, SystemView

_DETAIL_KINDS = {
    "SchedulerDetail": "scheduler",
    "RunsDetail": "runs",
    "StatusPageDetail": "status_page",
    "SecurityDetail": "security",
    "RedisDetail": "redis",
}


def as_document(
    report: Report, snapshot: Snapshot, schedules: Sequence[Mapping[str, object]] = ()
) -> dict[str, object]:
    """Return the JSON document of `status --json`; `schedules`: what cron does for backups."""
    return {
        "format": FORMAT,
        "environment": str(report.environment),
        "ended_at": moment(report.ended_at),
        "verdict": str(worst(system.verdict for system in report.systems)),
        "systems": [_system_json(system, snapshot) for system in report.systems],
        "host": _host_json(snapshot.host),
        "sources": [as_json(one) for one in snapshot.sources.values()],
        "timeline": [as_json(note) for note in snapshot.timeline],
        "schedules": list(schedules),
    }


def _system_json(system: SystemView, snapshot: Snapshot) -> dict[str, object]:
    return {
        "system": system.spec.name,
        "title": system.spec.title,
        "profile": system.spec.profile or None,
        "root": system.spec.root or None,
        "verdict": str(system.verdict),
        "reason": system.reason,
        "since": moment(system.since),
        "counts": {str(verdict): count for verdict, count in system.counts},
        "services": [_service_json(service, snapshot) for service in system.services],
    }


def _service_json(service: ServiceView, snapshot: Snapshot) -> dict[str, object]:
    metrics = snapshot.metrics.get(service.spec.id)
    return {
        "service": service.spec.id.service,
        "host": service.spec.id.host,
        "title": service.spec.title,
        "verdict": str(service.verdict),
        "state": service.state,
        "reason": service.reason,
        "because": service.because or None,
        "since": moment(service.since),
        "is_outside": service.spec.is_outside,
        "depends_on": [str(one) for one in service.spec.depends_on],
        "runtime": as_json(service.runtime),
        "checks": [_check_json(view) for view in service.checks],
        "metrics": _metrics_json(metrics) if metrics is not None else None,
    }


def _check_json(view: CheckView) -> dict[str, object]:
    status = view.status
    result = status.result if status is not None else None
    return {
        "check": view.spec.id.check,
        "kind": str(view.spec.kind),
        "url": view.spec.url,
        "every_s": view.spec.every_s,
        "note": view.spec.note or None,
        "verdict": str(view.verdict),
        "state": view.state,
        "reason": view.reason,
        "http_status": result.http_status if result else None,
        "latency_ms": milliseconds(view.latency_s),
        "p50_ms": milliseconds(view.p50_s),
        "p95_ms": milliseconds(view.p95_s),
        "p99_ms": milliseconds(view.p99_s),
        "uptime_percent": view.uptime_percent,
        "observed_at": moment(result.observed_at) if result else None,
        "since": moment(status.since) if status else None,
        "components": as_json(result.components) if result else [],
        "conditions": as_json(result.conditions) if result else [],
        "facts": dict(result.facts) if result else {},
        "detail": _detail_json(result.detail) if result and result.detail else None,
    }


def _detail_json(detail: Detail) -> dict[str, object]:
    shown = as_json(detail)
    found: dict[str, object] = {"kind": _DETAIL_KINDS[type(detail).__name__]}
    if isinstance(shown, dict):
        found.update(shown)  # pyright: ignore[reportUnknownArgumentType] - the fields of a dataclass
    return found


def _metrics_json(metrics: MetricsState) -> dict[str, object]:
    return {
        "at": moment(metrics.scrape.at),
        "state": metrics.scrape.state,
        "reason": metrics.scrape.reason,
        "families": as_json(metrics.scrape.families),
        "series": [_series_json(one) for one in metrics.series],
        "missing": list(metrics.missing),
        "dropped": metrics.scrape.dropped,
    }


def _series_json(series: Series) -> dict[str, object]:
    at, value = series.points[-1]
    return {
        "name": series.key.name,
        "labels": dict(series.key.labels),
        "kind": str(series.kind),
        "value": as_json(value),
        "at": moment(at),
    }


def _host_json(host: HostState) -> dict[str, object]:
    return {
        "sample": _sample_json(host.sample) if host.sample else None,
        "processes_at": moment(host.processes_at),
        "processes": as_json(host.processes),
        "ports_at": moment(host.ports_at),
        "ports": as_json(host.ports),
        "folders_at": moment(host.folders_at),
        "folders": as_json(host.folders),
    }


def _sample_json(sample: HostSample) -> object:
    shown = as_json(sample)
    if isinstance(shown, dict):
        shown["memory_percent"] = sample.memory_percent
    return shown  # pyright: ignore[reportUnknownVariableType] - the fields of a dataclass


def status_lines(report: Report, snapshot: Snapshot, is_colour: bool) -> list[str]:
    """Return the snapshot for a person: checks and places, then metrics and the machine."""
    lines = as_lines(report, is_colour)
    for service, state in snapshot.metrics.items():
        shown = f"{len(state.series)} series" if state.scrape.state == "ok" else state.scrape.reason
        missing = f", not exposed: {', '.join(state.missing)}" if state.missing else ""
        lines.append(f"metrics  {service.system}/{service.service}: {shown}{missing}")
    if snapshot.host.sample is not None:
        lines += _host_lines(snapshot.host.sample)
    return lines


def _host_lines(sample: HostSample) -> list[str]:
    cpu, memory = f"cpu {sample.cpu_percent:.0f} %", f"memory {sample.memory_percent:.0f} % used"
    lines = [f"host     {cpu}, load {sample.load_1m:.2f}, {memory}"]
    lines += [
        f"disk     {disk.mount}: {disk.used_percent:.0f} % used, "
        f"{disk.free_bytes / 1e9:.1f} GB free"
        for disk in sample.disks
    ]
    return lines
