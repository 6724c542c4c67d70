"""Forty scripted minutes of the five systems, through the real reducer: always the same.

`calm` has nothing wrong. `trouble` has the gateway's upstream refusing for three minutes, a
scheduler job that fails, a provider's incident and a disk that fills. `loading` is the first
moment. Nothing here touches a network.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.scene_bodies import body_of
from bench.scene_host import host_events
from bench.scene_topology import scene_topology
from core.model.check import CheckKind, CheckResult, CheckSpec
from core.model.events import CheckObserved, Event, MetricsObserved, Noted, RuntimeObserved
from core.model.metric import Family, MetricKind, Sample, Scrape, SeriesKey
from core.model.runtime_state import RuntimeState
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import clean
from core.model.topology import ServiceSpec, SystemdUnit, Topology
from core.model.verdict import Verdict
from core.model.views import Picture
from core.store.reducer import reduce_all
from core.store.selectors import picture

NOW = datetime(2026, 3, 1, 3, 14, 7, tzinfo=UTC)
MINUTES = 40
STARTED = NOW - timedelta(days=2, hours=4)
UPSTREAM_DOWN_S = 184
"""How long before now the gateway's upstream began to refuse."""
_SLOW_S = 320

TOPOLOGY = scene_topology()


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one check, and how many seconds before now it begins and ends."""

    service: str
    check: str
    from_s: int
    verdict: Verdict
    state: str
    reason: str
    code: int | None = 200
    until_s: int = 0
    is_always: bool = False
    """True: happened in calm scenes too (and is over)."""

    def hits(self, spec: CheckSpec, age_s: int, is_trouble: bool) -> bool:
        """Tell whether this probe fails."""
        is_named = (spec.id.service.service, spec.id.check) == (self.service, self.check)
        is_then = self.until_s <= age_s <= self.from_s
        return is_named and is_then and (is_trouble or self.is_always)


_EVER = MINUTES * 60
_DOWN, _DEGRADED, _UNKNOWN = Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN
FAULTS = (
    Fault("backend", "db", 1330, _DOWN, "timeout", "HTTP 503: postgres timed out", 503, 1290, True),
    Fault(
        "upstream-service", "health", UPSTREAM_DOWN_S, _DOWN, "refused",
        "connection refused: 127.0.0.1:5001", None,
    ),
    Fault(
        "proxy-service", "proxy", UPSTREAM_DOWN_S, _DOWN, "http error",
        "HTTP 503: circuit breaker is open", 503,
    ),
    Fault(
        "manager", "manager", _EVER, _UNKNOWN, "unverified",
        "stamp 2025-08-11T23:00:00Z is 201 d old: the answer is hard-coded",
    ),
    Fault(
        "backend", "scheduler", 900, _DEGRADED, "failing jobs",
        "job sync_openai_costs failed 3 times in a row: 401 invalid api key",
    ),
    Fault(
        "backend", "detailed", 600, _DEGRADED, "condition failed",
        "checks.system.disk_percent < 90 failed: it is 93.4",
    ),
    Fault(
        "openai", "status", 1500, _DEGRADED, "minor", "Elevated error rates on the API",
    ),
    Fault(
        "web", "security", _EVER, _UNKNOWN, "login required",
        "HTTP 307 to /login: login required, so nothing is known", 307,
    ),
)  # fmt: skip


def calm() -> Picture:
    """Return a picture with nothing wrong."""
    return _picture(_snapshot(is_trouble=False))


def trouble() -> Picture:
    """Return a picture of a bad night."""
    return _picture(_snapshot(is_trouble=True))


def loading() -> Picture:
    """Return the first moment: nothing was answered yet."""
    return _picture(EMPTY_SNAPSHOT)


SCENES: dict[str, Callable[[], Picture]] = {"calm": calm, "trouble": trouble, "loading": loading}


def _picture(snapshot: Snapshot, topology: Topology = TOPOLOGY) -> Picture:
    return picture(topology, snapshot, NOW, clean("ops-1"))


def _snapshot(*, is_trouble: bool) -> Snapshot:
    dice = random.Random(7)
    events: list[Event] = []
    services = [service for system in TOPOLOGY.systems for service in system.services]
    for age_s in range(MINUTES * 60, 0, -10):
        at = NOW - timedelta(seconds=age_s - 4)
        for service in services:
            events += [
                _probe(spec, at, age_s, dice, is_trouble)
                for spec in service.checks
                if age_s % int(spec.every_s) == 0
            ]
            if service.runs_as is not None and (age_s % 60 == 0 or age_s == 10):
                events.append(_runtime(service, at, age_s, dice, is_trouble))
            if service.metrics is not None and age_s % 20 == 0:
                events.append(_scrape(service, at, age_s, is_trouble))
    events += host_events(NOW, is_trouble)
    if is_trouble:
        events.append(_note("cost-dashboard", "backend", 1260, "release 4f2c1a9 deployed"))
    return reduce_all(EMPTY_SNAPSHOT, sorted(events, key=_moment))


def _moment(event: Event) -> datetime:
    """Return when an event was seen."""
    match event:
        case CheckObserved(result=result):
            return result.observed_at
        case RuntimeObserved(state=state):
            return state.observed_at
        case MetricsObserved(scrape=scrape):
            return scrape.at
        case Noted(at=at):
            return at
        case _:
            return NOW


def _note(system: str, service: str, age_s: int, text: str) -> Noted:
    found = next(
        one.id
        for spec in TOPOLOGY.systems
        for one in spec.services
        if (one.id.system, one.id.service) == (system, service)
    )
    return Noted(NOW - timedelta(seconds=age_s), found, None, clean(text))


def _probe(
    spec: CheckSpec, at: datetime, age_s: int, dice: random.Random, is_trouble: bool
) -> CheckObserved:
    """Return one probe of the script."""
    service = spec.id.service.service
    latency_s = (0.002 if spec.kind is CheckKind.REDIS else 0.012) * dice.lognormvariate(0.4, 0.5)
    if is_trouble and service == "proxy-service" and age_s <= _SLOW_S:
        latency_s *= 1 + 24 * (1 - age_s / _SLOW_S)
    verdict, state, reason, code = Verdict.OK, "ok", _good(spec), _code(spec)
    for fault in FAULTS:
        if fault.hits(spec, age_s, is_trouble):
            verdict, state, reason, code = fault.verdict, fault.state, fault.reason, fault.code
    latency = None if state in {"refused", "timeout"} else latency_s
    body = body_of(spec, verdict, at, is_trouble)
    result = CheckResult(
        verdict, state, clean(reason), at, code, latency,
        body.components, body.conditions, body.facts, body.detail,
    )  # fmt: skip
    return CheckObserved(spec.id, result, at + timedelta(seconds=spec.every_s))


def _good(spec: CheckSpec) -> str:
    match spec.kind:
        case CheckKind.REDIS:
            return "PONG, role master"
        case CheckKind.TCP:
            return "accepts connections"
        case CheckKind.STATUS_PAGE:
            return "All Systems Operational"
        case CheckKind.HEADERS:
            return "4 of 4 headers present"
        case CheckKind.HEALTH:
            return 'status is "healthy"'
        case _:
            return "HTTP 200"


def _code(spec: CheckSpec) -> int | None:
    return None if spec.kind in {CheckKind.REDIS, CheckKind.TCP} else 200


def _runtime(
    service: ServiceSpec, at: datetime, age_s: int, dice: random.Random, is_trouble: bool
) -> RuntimeObserved:
    """Return one look at where a service runs."""
    name = service.id.service
    is_gone = is_trouble and name == "upstream-service" and age_s <= UPSTREAM_DOWN_S
    is_unit = isinstance(service.runs_as, SystemdUnit)
    kind = (
        "unit" if is_unit else ("process" if name == "api" and not service.metrics else "container")
    )
    weight = len(name) * 11.0
    state = RuntimeState(
        kind,
        clean("ai-diy.service" if is_unit else f"{service.id.system}-{name}-1"),
        clean("exited" if is_gone else ("active" if is_unit else "running")),
        Verdict.DOWN if is_gone else Verdict.OK,
        clean("exited with 137 (killed, out of memory?)" if is_gone else ""),
        at,
        started_at=None if is_gone else STARTED,
        restarts=4 if name == "upstream-service" and is_trouble else 0,
        exit_code=137 if is_gone else None,
        pid=None if is_gone else 1200 + len(name) * 37,
        cpu_percent=None if is_gone else weight / 20 + dice.random() * 4,
        memory_bytes=None if is_gone else int((60 + weight) * 2**20 + dice.random() * 2**20),
        memory_limit_bytes=512 * 2**20 if kind == "container" else None,
        fingerprint=clean(f"3f9ac1{len(name):02d}e7b04d"),
        image=clean(f"{service.id.system}/{name}:1.4") if kind == "container" else None,
    )
    return RuntimeObserved(service.id, state)


def _scrape(service: ServiceSpec, at: datetime, age_s: int, is_trouble: bool) -> MetricsObserved:
    """Return one read of a metrics endpoint; the gateway has none, as in the world."""
    known = service.metrics.known_as if service.metrics else ()
    if service.id.system == "api-gateway":
        reason = clean("HTTP 404")
        return MetricsObserved(service.id, Scrape(at, "not exposed", reason), known)
    t = MINUTES * 60 - age_s
    wave = 40 * t + 900 * math.sin(t / 240)
    ratio = 0.35 if is_trouble and age_s < _SLOW_S else 0.01

    def sample(name: str, kind: MetricKind, value: float, **labels: str) -> Sample:
        pairs = tuple((clean(key), clean(text)) for key, text in sorted(labels.items()))
        return Sample(SeriesKey(service.id, clean(name), pairs), kind, value)

    counter, gauge = MetricKind.COUNTER, MetricKind.GAUGE
    samples = (
        sample("http_requests_total", counter, wave, handler="none", method="GET", status="2xx"),
        sample(
            "http_requests_total", counter, t * ratio, handler="none", method="GET", status="5xx"
        ),
        sample("http_request_duration_seconds_count", MetricKind.HISTOGRAM, wave, handler="/runs"),
        sample("process_resident_memory_bytes", gauge, 1.4e8 + 3e4 * t),
        sample("process_open_fds", gauge, 31 + 6 * math.sin(t / 90)),
        sample("python_gc_objects_collected_total", counter, 118.0 * t, generation="0"),
    )
    families = (
        Family(clean("http_requests"), counter, clean("Requests by method, status, handler."), 2),
        Family(clean("redis_stream_lag_seconds"), gauge, clean("Lag of the stream."), 0),
        Family(clean("queue_depth"), gauge, clean("Entries waiting."), 0),
    )
    return MetricsObserved(service.id, Scrape(at, "ok", clean(""), families, samples), known)
