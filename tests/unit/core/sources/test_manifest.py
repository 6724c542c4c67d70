"""Every recorded answer of the five systems is concluded as it must be.

`tests/data/manifest/EXPECT.tsv` holds, for each recorded answer, the verdict, the state and the
beginning of the reason; it was written from the manifest's own last column, row by row.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clients.http_values import BODY_LIMIT_BYTES, HttpAnswer
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec, Expectation
from core.model.detail import RunsDetail, SchedulerDetail, SecurityDetail, StatusPageDetail
from core.model.ids import ServiceId
from core.model.text import clean
from core.model.verdict import Verdict
from core.sources.judge.dispatch import judge

ROOT = Path(__file__).parents[3] / "data/manifest"
NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
HEADERS = ("X-Content-Type-Options", "X-Frame-Options", "Strict-Transport-Security")
JUDGED = {
    "health", "api", "scheduler", "runs", "statuspage", "security", "headers", "ratelimit",
    "proxy", "auth", "forecast",
}  # fmt: skip


def rows(name: str) -> list[list[str]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def recorded(path: str) -> HttpAnswer:
    if path == "health/g_big_5mb.http":
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json"
        raw = head + b'\r\n\r\n{"status":"healthy","pad":"' + b"x" * 5_000_000 + b'"}'
    else:
        raw = (ROOT / path).read_bytes()
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple(
        (name.lower(), clean(value.strip()))
        for name, _, value in (line.partition(":") for line in lines)
    )
    is_cut = len(body) > BODY_LIMIT_BYTES
    return HttpAnswer(int(first.split()[1]), headers, body[:BODY_LIMIT_BYTES], is_cut, 0.01)


def concluded(path: str, kind: str) -> CheckResult:
    expect = Expectation(headers=HEADERS) if kind == "headers" else Expectation()
    spec = CheckSpec(
        CheckId(ServiceId("system", "service"), "check"), CheckKind(kind), "http://x", expect=expect
    )
    return judge(spec, recorded(path), NOW)


@pytest.mark.parametrize(
    ("path", "kind", "verdict", "state", "reason"), rows("EXPECT.tsv"), ids=lambda value: value[:48]
)
def test_a_recorded_answer_is_concluded_as_the_manifest_says(
    path: str, kind: str, verdict: str, state: str, reason: str
) -> None:
    result = concluded(path, kind)
    assert (result.verdict, result.state) == (verdict, state)
    assert result.reason.startswith(reason)


def test_no_row_of_the_manifest_is_left_out() -> None:
    wanted = {row[0] for row in rows("MANIFEST.tsv") if row[2] in JUDGED}
    assert wanted == {row[0] for row in rows("EXPECT.tsv")}


def test_a_terminal_escape_in_a_body_is_shown_and_not_sent() -> None:
    facts = dict(concluded("health/g_terminal_escape.http", "health").facts)
    assert facts["version"] == "␛[2J␛]52;c;aGk=␇␛[31mPWNED"


def test_the_security_report_gives_its_figures_or_says_that_it_has_none() -> None:
    active = concluded("health/001_security_active.http", "security").detail
    failed = concluded("health/001_security_active_report_error.http", "security").detail
    assert isinstance(active, SecurityDetail)
    assert isinstance(failed, SecurityDetail)
    assert (active.memory_mb, active.cpu_percent, active.open_files) == (412.6, 7.5, 14)
    assert failed.memory_mb is None


def test_the_jobs_of_a_scheduler_are_told_apart() -> None:
    detail = concluded("scheduler/004_scheduler_ok.http", "scheduler").detail
    assert isinstance(detail, SchedulerDetail)
    jobs = {str(job.id): job for job in detail.jobs}
    assert jobs["anthropic_collection"].failure_streak == 2
    assert "credentials" in jobs["anthropic_collection"].reason
    assert jobs["openai_collection"].reason.startswith("overdue: next run was due 2.0 h ago")
    assert jobs["forecasting"].reason.endswith("no next run planned")
    assert jobs["aggregate_refresh"].verdict is Verdict.OK
    assert len(jobs["aggregate_refresh"].runs) == 6


def test_a_long_history_keeps_its_order_and_its_errors() -> None:
    detail = concluded("scheduler/004_history_100.http", "scheduler").detail
    assert isinstance(detail, SchedulerDetail)
    runs = max((job.runs for job in detail.jobs), key=len)
    assert len(runs) == 100
    assert sum(not run.is_success for run in runs) == 10
    stamps = [run.at for run in runs if run.at is not None]
    assert stamps == sorted(stamps)


def test_runs_are_counted_by_status_in_either_shape() -> None:
    for path in ("runs/002_runs.http", "runs/002_runs_bare_list.http"):
        detail = concluded(path, "runs").detail
        assert isinstance(detail, RunsDetail)
        assert dict(detail.counts) == {"succeeded": 2, "failed": 1, "running": 1, "queued": 1}


def test_a_status_page_names_what_is_affected() -> None:
    detail = concluded("statuspage/summary.http", "status_page").detail
    assert isinstance(detail, StatusPageDetail)
    assert detail.components[0] == ("Auth", "partial_outage")
    assert detail.incidents == ("Elevated login errors",)
