"""Judges a scheduler and its jobs: running, overdue, failing, never run (facts 28, 29; 3.4).

Pure.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from core.clients.json_body import JsonValue
from core.model.check import CheckResult
from core.model.detail import Job, JobRun, SchedulerDetail
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict
from core.sources.judge.outcome import Asked, body_of, by_code
from core.sources.judge.reading import field, fields_of, items_of, stamp_of, text_of
from core.sources.judge.words import verdict_of_word

OVERDUE = timedelta(minutes=5)
"""A next run longer ago than this was missed; schedulers run a little late in health."""
_RUNS_KEPT = 100


def judge_scheduler(asked: Asked) -> CheckResult:
    """Return the verdict on the scheduler with its jobs, worst first."""
    if (by_status := by_code(asked)) is not None:
        return by_status
    body = body_of(asked)
    if isinstance(body, CheckResult):
        return body
    running = _running(body)
    jobs = tuple(sorted(jobs_of(body, asked.now), key=lambda job: (-job.verdict.rank, job.id)))
    detail = SchedulerDetail(running, jobs)
    return replace(_concluded(asked, body, detail), detail=detail)


def _running(body: JsonValue) -> bool | None:
    value = field(body, "running", "is_running", "scheduler_running")
    if isinstance(value, bool):
        return value
    word = text_of(value if value is not None else field(body, "_scheduler_status", "state"), 40)
    verdict = verdict_of_word(word) if word else Verdict.UNKNOWN
    return {Verdict.OK: True, Verdict.DOWN: False}.get(verdict)


def _concluded(asked: Asked, body: JsonValue, detail: SchedulerDetail) -> CheckResult:
    if detail.is_running is False:
        return asked.conclude(
            Verdict.DOWN,
            "not running",
            "scheduler is not running (by design where ENABLE_INTERNAL_SCHEDULER is unset)",
        )
    if detail.is_running is None and not detail.jobs:
        return asked.conclude(Verdict.UNKNOWN, "no status", "no scheduler state in the body")
    bad = [job for job in detail.jobs if job.verdict in {Verdict.DOWN, Verdict.DEGRADED}]
    if bad:
        listed = "; ".join(f"{job.id}: {job.reason}" for job in bad[:3])
        more = f"; {len(bad) - 3} more" if len(bad) > 3 else ""
        fresh = "" if any(job.runs for job in detail.jobs) else "; no runs since its start"
        return asked.conclude(Verdict.DEGRADED, "jobs in trouble", f"{listed}{more}{fresh}")
    word = text_of(field(body, "status"), 40)
    if word and verdict_of_word(word) in {Verdict.DOWN, Verdict.DEGRADED}:
        return asked.conclude(verdict_of_word(word), "unhealthy", f"says {word}")
    if all(not job.runs for job in detail.jobs):
        return asked.conclude(
            Verdict.OK, "no runs yet", f"running, {len(detail.jobs)} jobs; no runs since its start"
        )
    return asked.conclude(Verdict.OK, "ok", f"running, {len(detail.jobs)} jobs")


def jobs_of(body: JsonValue, now: datetime) -> list[Job]:
    """Return every job that the body names, in its list or in its history."""
    history = _histories(body)
    listed = field(body, "jobs", "scheduled_jobs")
    rows: list[tuple[str, JsonValue]] = [
        (text_of(field(item, "id", "job_id", "name"), 120), item) for item in items_of(listed)
    ]
    rows += [(name, item) for name, item in fields_of(listed).items()]
    named = {name for name, _ in rows}
    rows += [(name, None) for name in history if name not in named]
    return [_job(name, item, history.get(name, ()), now) for name, item in rows if name]


def _histories(body: JsonValue) -> dict[str, tuple[JobRun, ...]]:
    """Return runs by job id from either shape: a list per job, or one list that names jobs."""
    history = field(body, "job_history", "history", "executions", "runs")
    found: dict[str, list[JobRun]] = {
        name: [_run(item) for item in items_of(runs)] for name, runs in fields_of(history).items()
    }
    for item in items_of(history):
        name = text_of(field(item, "job_id", "id", "job"), 120)
        if name:
            found.setdefault(name, []).append(_run(item))
    return {name: _in_order(runs)[-_RUNS_KEPT:] for name, runs in found.items()}


def _in_order(runs: list[JobRun]) -> tuple[JobRun, ...]:
    stamps = [run.at for run in runs if run.at is not None]
    if len(stamps) == len(runs):
        return tuple(sorted(runs, key=lambda run: run.at or stamps[0]))
    return tuple(runs)


def _run(item: JsonValue) -> JobRun:
    word = text_of(field(item, "status", "result", "event"), 40)
    error = text_of(field(item, "error", "exception", "last_error"))
    return JobRun(
        stamp_of(field(item, "timestamp", "run_time", "time", "at", "finished_at", "ts")),
        verdict_of_word(word) is Verdict.OK if word else not error,
        error,
    )


def _job(name: str, item: JsonValue, runs: tuple[JobRun, ...], now: datetime) -> Job:
    if not runs and (last := stamp_of(field(item, "last_execution", "last_run"))) is not None:
        error = text_of(field(item, "last_error"))
        runs = (JobRun(last, not error, error),)
    next_run = stamp_of(field(item, "next_run", "next_run_time", "next_run_at"))
    streak = _streak(runs)
    verdict, reason = _judged(runs, next_run, streak, now, is_listed=item is not None)
    return Job(
        id=clean(name, 120),
        name=text_of(field(item, "name"), 120) or clean(name, 120),
        trigger=text_of(field(item, "trigger", "schedule"), 120),
        next_run_at=next_run,
        verdict=verdict,
        reason=reason,
        failure_streak=streak,
        last_ok_at=next((run.at for run in reversed(runs) if run.is_success), None),
        runs=runs,
    )


def _streak(runs: tuple[JobRun, ...]) -> int:
    """Return how many of the newest runs failed in a row."""
    count = 0
    for run in reversed(runs):
        if run.is_success:
            break
        count += 1
    return count


def _judged(
    runs: tuple[JobRun, ...],
    next_run: datetime | None,
    streak: int,
    now: datetime,
    *,
    is_listed: bool,
) -> tuple[Verdict, SafeText]:
    if streak:
        error = runs[-1].error
        hint = " (credentials)" if "401" in error else ""
        times = f"last {streak} runs failed" if streak > 1 else "last run failed"
        return Verdict.DEGRADED, clean(f"{times}: {error}{hint}" if error else times)
    if next_run is not None and now - next_run > OVERDUE:
        late = now - next_run
        hours = late.total_seconds() / 3600
        span = f"{hours:.1f} h" if hours >= 1 else f"{late.total_seconds() / 60:.0f} min"
        return Verdict.DEGRADED, clean(f"overdue: next run was due {span} ago")
    if not runs:
        planned = "" if next_run is not None or not is_listed else ", no next run planned"
        return Verdict.UNKNOWN, clean(f"no run since the service started{planned}")
    return Verdict.OK, EMPTY
