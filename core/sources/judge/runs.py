"""Judges a list of recent runs (fact 16). Pure."""

from collections import Counter
from dataclasses import replace

from core.clients.json_body import JsonValue
from core.model.check import CheckResult
from core.model.detail import Run, RunsDetail
from core.model.text import clean
from core.model.verdict import Verdict
from core.sources.judge.outcome import Asked, body_of, by_code
from core.sources.judge.reading import field, stamp_of, text_of
from core.sources.judge.words import verdict_of_word

_RUNS_KEPT = 100
UNCONFIRMED = "unconfirmed"
"""A run without any stamp: an unknown id answers `queued` like a real one."""


def judge_runs(asked: Asked) -> CheckResult:
    """Return the runs with counts; the newest run having failed degrades."""
    if (by_status := by_code(asked)) is not None:
        return by_status
    body = body_of(asked)
    if isinstance(body, CheckResult):
        return body
    items = _items(body)
    if items is None:
        return asked.conclude(Verdict.UNKNOWN, "not runs", "no list of runs in the body")
    runs = tuple(_run(item) for item in items[:_RUNS_KEPT])
    if all(run.at is not None for run in runs):
        runs = tuple(sorted(runs, key=lambda run: run.at or asked.now, reverse=True))
    counts = tuple(Counter(str(run.status) for run in runs).most_common())
    return replace(_concluded(asked, runs, counts), detail=RunsDetail(runs, counts))


def _items(body: JsonValue) -> list[JsonValue] | None:
    if isinstance(body, list):
        return body
    for name in ("items", "runs", "data", "results"):
        if isinstance(found := field(body, name), list):
            return found
    single = field(body, "run_id", "id") is not None and field(body, "status", "state") is not None
    return [body] if single else None


def _run(item: JsonValue) -> Run:
    at = stamp_of(
        field(
            item,
            "updated_at",
            "updatedat",
            "created_at",
            "createdat",
            "ts",
            "timestamp",
            "started_at",
        )
    )
    detail = field(item, "detail", "details")
    word = text_of(field(item, "status", "state"), 40).casefold()
    return Run(
        id=text_of(field(item, "id", "run_id", "runid"), 80),
        intent=text_of(field(item, "intent", "name", "type") or field(detail, "intent"), 80),
        status=clean(word if at is not None else UNCONFIRMED),
        at=at,
        error=text_of(field(item, "error") or field(detail, "error")),
    )


def _concluded(
    asked: Asked, runs: tuple[Run, ...], counts: tuple[tuple[str, int], ...]
) -> CheckResult:
    if not runs:
        return asked.conclude(Verdict.OK, "no runs", "no runs")
    if all(run.status == UNCONFIRMED for run in runs):
        said = text_of(runs[0].id)
        return asked.conclude(
            Verdict.UNKNOWN,
            UNCONFIRMED,
            f"run {said} has no time stamp: the service answers so for ids it does not know",
        )
    listed = ", ".join(f"{count} {status}" for status, count in counts)
    if verdict_of_word(runs[0].status) is Verdict.DOWN:
        error = f": {runs[0].error}" if runs[0].error else ""
        return asked.conclude(
            Verdict.DEGRADED, "last run failed", f"newest run failed{error} ({listed})"
        )
    return asked.conclude(Verdict.OK, "ok", f"{len(runs)} runs: {listed}")
