"""What the answers of the scripted systems say beyond a verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model.check import CheckSpec, Component, ConditionResult
from core.model.detail import (
    Detail,
    Job,
    JobRun,
    RedisDetail,
    Run,
    RunsDetail,
    SchedulerDetail,
    SecurityDetail,
    StatusPageDetail,
)
from core.model.text import SafeText, clean
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Body:
    """Parts of a check's result."""

    components: tuple[Component, ...] = ()
    conditions: tuple[ConditionResult, ...] = ()
    facts: tuple[tuple[str, SafeText], ...] = ()
    detail: Detail | None = None


def body_of(spec: CheckSpec, verdict: Verdict, at: datetime, is_trouble: bool) -> Body:
    """Return what one answer holds."""
    name, system = spec.id.check, spec.id.service.system
    if name == "detailed":
        return _detailed(verdict)
    if name == "health" and system == "ai-diy":
        return _features()
    if name == "security" and verdict is not Verdict.OK:
        return Body()
    details: dict[str, Callable[[], Detail]] = {
        "scheduler": lambda: _scheduler(at, is_trouble),
        "runs": lambda: _runs(at),
        "ping": _redis,
        "status": lambda: _page(spec.id.service.service, verdict, at),
        "security": lambda: SecurityDetail(184.2, 2.4, 41, 12, 7, clean("")),
    }
    make = details.get(name)
    return Body(detail=make() if make else None)


def _detailed(verdict: Verdict) -> Body:
    percent = "93.4" if verdict is Verdict.DEGRADED else "61.2"
    return Body(
        components=(
            Component(clean("database"), Verdict.OK, clean("healthy, 3.1 ms")),
            Component(clean("system"), verdict, clean(f"disk_percent {percent}")),
            Component(clean("scheduler"), Verdict.OK, clean("4 jobs")),
        ),
        conditions=(
            ConditionResult(clean("checks.system.disk_percent < 90"), clean(percent), verdict),
        ),
        facts=(("version", clean("1.8.2")), ("uptime", clean("187,204 s"))),
    )


def _features() -> Body:
    names = ("security_healthy", "data_manager_healthy", "config_valid")
    return Body(tuple(Component(clean(name), Verdict.OK, clean("true")) for name in names))


def _scheduler(at: datetime, is_trouble: bool) -> SchedulerDetail:
    def runs(failures: int) -> tuple[JobRun, ...]:
        error = clean("401 invalid api key")
        return tuple(
            JobRun(
                at - timedelta(minutes=5 * n), n >= failures, error if n < failures else clean("")
            )
            for n in range(9, -1, -1)
        )

    def job(name: str, trigger: str, minutes: int, failures: int = 0) -> Job:
        verdict = Verdict.DEGRADED if failures else Verdict.OK
        reason = clean("last error: 401 invalid api key" if failures else "")
        good = at - timedelta(minutes=5 * failures)
        identity, due = clean(name), at + timedelta(minutes=minutes)
        return Job(
            identity, identity, clean(trigger), due, verdict, reason, failures, good, runs(failures)
        )

    jobs = (
        job("sync_openai_costs", "cron[minute='5']", 2, 3 if is_trouble else 0),
        job("sync_anthropic_costs", "cron[minute='10']", 7),
        job("cleanup_sessions", "interval[1:00:00]", 41),
        job("send_budget_alerts", "cron[hour='8', minute='0']", 286),
    )
    return SchedulerDetail(True, jobs)


def _runs(at: datetime) -> RunsDetail:
    words = ("running", "completed", "completed", "failed", "completed", "unconfirmed")
    intents = ("order.fulfil", "invoice.send", "order.fulfil", "stock.sync", "order.fulfil", "ping")
    runs = tuple(
        Run(
            clean(f"run_{4127 - n}"),
            clean(intent),
            clean(word),
            None if word == "unconfirmed" else at - timedelta(seconds=30 + 47 * n),
            clean("ERP answered 502" if word == "failed" else ""),
        )
        for n, (word, intent) in enumerate(zip(words, intents, strict=True))
    )
    return RunsDetail(runs, (("completed", 3), ("running", 1), ("failed", 1), ("unconfirmed", 1)))


def _redis() -> RedisDetail:
    return RedisDetail(
        clean("redis 7.0.15"), clean("master"), clean("8f1c2b7d90"), 48_300_000, 0, 14, 3_112, 412
    )


def _page(name: str, verdict: Verdict, at: datetime) -> StatusPageDetail:
    is_ok = verdict is Verdict.OK
    title = {"openai": "OpenAI", "anthropic": "Anthropic", "vercel": "Vercel"}.get(name, name)
    return StatusPageDetail(
        clean(title),
        clean("none" if is_ok else "minor"),
        clean("All Systems Operational" if is_ok else "Partially Degraded Service"),
        ((clean("API"), clean("operational" if is_ok else "degraded_performance")),),
        () if is_ok else (clean("Elevated error rates on the API (investigating)"),),
        at - timedelta(minutes=4),
    )
