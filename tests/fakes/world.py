"""Builders of model values, so that a test names only what it is about."""

from datetime import datetime, timedelta

from core.model.check import CheckKind, CheckResult, CheckSpec
from core.model.events import CheckObserved, RuntimeObserved
from core.model.ids import CheckId, ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import clean
from core.model.topology import (
    Environment,
    MetricsSpec,
    RunsAs,
    ServiceSpec,
    SystemSpec,
    Topology,
)
from core.model.verdict import Verdict
from tests.fakes.clock import START


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def service_id(name: str, system: str = "shop") -> ServiceId:
    return ServiceId(system, name)


def check_id(service: str, check: str = "health", system: str = "shop") -> CheckId:
    return CheckId(service_id(service, system), check)


def check_spec(
    service: str,
    check: str = "health",
    *,
    system: str = "shop",
    url: str = "http://127.0.0.1:9/health",
    every_s: float = 10.0,
    timeout_s: float = 5.0,
    kind: CheckKind = CheckKind.HEALTH,
) -> CheckSpec:
    return CheckSpec(check_id(service, check, system), kind, url, every_s, timeout_s)


def service(
    name: str,
    *checks: str,
    system: str = "shop",
    depends_on: tuple[str, ...] = (),
    runs_as: RunsAs | None = None,
    is_outside: bool = False,
    metrics: MetricsSpec | None = None,
) -> ServiceSpec:
    return ServiceSpec(
        service_id(name, system),
        name,
        runs_as,
        tuple(check_spec(name, check, system=system) for check in checks or ("health",)),
        metrics=metrics,
        depends_on=tuple(service_id(one, system) for one in depends_on),
        is_outside=is_outside,
    )


def system(name: str, *services: ServiceSpec) -> SystemSpec:
    return SystemSpec(name, name, "", services)


def topology(*systems: SystemSpec) -> Topology:
    return Topology(Environment.DEVELOPMENT, False, systems)


def result(
    verdict: Verdict = Verdict.OK,
    reason: str = "",
    *,
    seconds: float = 0.0,
    latency_s: float | None = 0.01,
    http_status: int | None = 200,
) -> CheckResult:
    return CheckResult(
        verdict,
        "ok" if verdict is Verdict.OK else "failing",
        clean(reason or str(verdict)),
        at(seconds),
        http_status=http_status,
        latency_s=latency_s,
    )


def observed(
    service: str,
    verdict: Verdict = Verdict.OK,
    reason: str = "",
    *,
    check: str = "health",
    system: str = "shop",
    seconds: float = 0.0,
    latency_s: float | None = 0.01,
    http_status: int | None = 200,
) -> CheckObserved:
    outcome = result(verdict, reason, seconds=seconds, latency_s=latency_s, http_status=http_status)
    return CheckObserved(check_id(service, check, system), outcome, at(seconds + 10))


def container(
    service: str,
    state: str = "running",
    verdict: Verdict = Verdict.OK,
    *,
    reason: str = "",
    seconds: float = 0.0,
    fingerprint: str = "c0ffee",
    restarts: int | None = 0,
) -> RuntimeObserved:
    seen = RuntimeState(
        "container",
        clean(f"shop-{service}-1"),
        clean(state),
        verdict,
        clean(reason),
        at(seconds),
        restarts=restarts,
        fingerprint=clean(fingerprint),
    )
    return RuntimeObserved(service_id(service), seen)
