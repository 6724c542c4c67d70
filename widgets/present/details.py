"""What a body says beyond a verdict: jobs, runs, providers, security, Redis. Pure."""

from datetime import datetime
from typing import assert_never

from core.model.detail import (
    Detail,
    Job,
    RedisDetail,
    RunsDetail,
    SchedulerDetail,
    SecurityDetail,
    StatusPageDetail,
)
from core.model.verdict import Verdict
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import ago_text, until_text
from widgets.present.fitting import cut, fit, rule
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.numbers import (
    MISSING,
    bytes_text,
    count_text,
    cpu_text,
    percent_text,
    plural,
)
from widgets.present.verdicts import sign

_RUN_MARKS = 12
_SHOWN = 30
_BAD_RUN_WORDS = frozenset({"failed", "error", "dead", "cancelled", "timeout"})
_GOOD_RUN_WORDS = frozenset({"success", "succeeded", "completed", "complete", "done", "ok"})


def detail_lines(detail: Detail, width: int, now: datetime) -> tuple[Line, ...]:
    """Return a heading and the lines of a detail."""
    match detail:
        case SchedulerDetail():
            lines = _scheduler(detail, width, now)
        case RunsDetail():
            lines = _runs(detail, width, now)
        case StatusPageDetail():
            lines = _status_page(detail, width, now)
        case SecurityDetail():
            lines = _security(detail, width)
        case RedisDetail():
            lines = _redis(detail, width)
        case _:
            assert_never(detail)
    return tuple(lines[:_SHOWN])


def _scheduler(detail: SchedulerDetail, width: int, now: datetime) -> list[Line]:
    words = {True: "running", False: "NOT RUNNING", None: "running or not: not said"}
    note = words[detail.is_running]
    lines = [rule("Scheduler", width, f"{note}, {plural(len(detail.jobs), 'job')}")]
    if not detail.jobs:
        return [*lines, absence_line(Absence.NONE, "jobs")]
    cells = min(26, max(len(job.name or job.id) for job in detail.jobs) + 1)
    return lines + [cut(_job(job, cells, now), width) for job in detail.jobs]


def _job(job: Job, cells: int, now: datetime) -> Line:
    """Return one job: verdict, name, past runs, when next, when last good, why."""
    marks = tuple(
        span("●", Tone.OK) if run.is_success else span("✖", Tone.DOWN)
        for run in job.runs[-_RUN_MARKS:]
    )
    past = marks or (span("no run yet", Tone.DIM),)
    streak = f"  failed {job.failure_streak} in a row" if job.failure_streak else ""
    return (
        sign(job.verdict),
        span(" "),
        *fit((span(job.name or job.id),), cells),
        *fit(past, _RUN_MARKS),
        span(f"  next {until_text(job.next_run_at, now):<14}"),
        span(f"  last ok {ago_text(job.last_ok_at, now):<9}", Tone.DIM),
        span(streak, Tone.DOWN, bold=True),
        span(f"  {job.reason}" if job.verdict is not Verdict.OK else f"  {job.trigger}", Tone.DIM),
    )


def _runs(detail: RunsDetail, width: int, now: datetime) -> list[Line]:
    counts = "  ".join(f"{word} {count}" for word, count in detail.counts)
    lines = [rule("Recent runs", width, counts)]
    if not detail.runs:
        return [*lines, absence_line(Absence.NONE, "runs")]
    for run in detail.runs:
        word = str(run.status)
        tone = Tone.PLAIN
        if word in _BAD_RUN_WORDS:
            tone = Tone.DOWN
        elif word in _GOOD_RUN_WORDS:
            tone = Tone.OK
        text = (
            span(f"{ago_text(run.at, now):>9}  ", Tone.DIM),
            *fit((span(word, tone, bold=tone is Tone.DOWN),), 12),
            *fit((span(run.intent or MISSING),), 24),
            span(f"  {run.id}", Tone.DIM),
            span(f"  {run.error}" if run.error else "", Tone.DOWN),
        )
        lines.append(cut(text, width))
    return lines


def _status_page(detail: StatusPageDetail, width: int, now: datetime) -> list[Line]:
    updated = f"updated {ago_text(detail.updated_at, now)}" if detail.updated_at else ""
    lines = [rule(f"Status page: {detail.page}", width, updated)]
    word = span(str(detail.indicator), Tone.LABEL)
    lines.append(cut((word, span(f"  {detail.description}")), width))
    lines += [
        cut(line(span("▲ ", Tone.DEGRADED), span(incident)), width) for incident in detail.incidents
    ]
    cells = min(34, max((len(name) for name, _ in detail.components), default=0) + 2)
    for name, status in detail.components:
        tone = Tone.DIM if status == "operational" else Tone.DEGRADED
        lines.append(cut((span("  "), *fit((span(name),), cells), span(status, tone)), width))
    return lines


def _security(detail: SecurityDetail, width: int) -> list[Line]:
    lines = [rule("Security report", width)]
    if detail.report_error:
        lines.append(
            cut(line(span("the report failed: ", Tone.DEGRADED), detail.report_error), width)
        )
    memory = None if detail.memory_mb is None else detail.memory_mb * 1024 * 1024
    figures = (
        ("memory", bytes_text(memory)),
        ("CPU", cpu_text(detail.cpu_percent)),
        ("open files", count_text(detail.open_files)),
        ("connections", count_text(detail.connections)),
        ("limited clients", count_text(detail.rate_limit_clients)),
    )
    return [*lines, *_figures(figures, width)]


def _redis(detail: RedisDetail, width: int) -> list[Line]:
    lines = [rule(f"{detail.server}", width, f"{detail.role}, run {str(detail.run_id)[:8]}")]
    if detail.max_memory_bytes:
        used = detail.used_memory_bytes
        share = None if used is None else 100.0 * used / detail.max_memory_bytes
        limit = f" of {bytes_text(detail.max_memory_bytes)} ({percent_text(share)})"
    else:
        limit = ", no limit" if detail.max_memory_bytes == 0 else ""
    figures = (
        ("memory", f"{bytes_text(detail.used_memory_bytes)}{limit}"),
        ("clients", count_text(detail.clients)),
        ("keys", count_text(detail.keys)),
        ("commands/s", count_text(detail.commands_per_s)),
    )
    return [*lines, *_figures(figures, width)]


def _figures(figures: tuple[tuple[str, str], ...], width: int) -> list[Line]:
    """Return labelled figures set in one line, or two where it is narrow."""
    parts: list[Span] = []
    for name, text in figures:
        parts += [span(f"{name} ", Tone.LABEL), span(f"{text}   ")]
    whole = tuple(parts)
    if sum(len(part.text) for part in whole) <= width:
        return [whole]
    half = (len(figures) + 1) // 2 * 2
    return [cut(whole[:half], width), cut(whole[half:], width)]
