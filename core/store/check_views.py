"""A check as shown now: what it said last, weighed by how old that is. Pure."""

from datetime import datetime, timedelta

from core.model.check import CheckSpec, CheckStatus
from core.model.events import SourceReported
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.model.views import CheckView
from core.store.figures import ProbeFigures

STALE_INTERVALS = 3
"""A check is stale when this many looks and one timeout went by without an answer."""


def stale_after_s(every_s: float, timeout_s: float) -> float:
    """Return the age in seconds from which an observation no longer speaks for now."""
    return STALE_INTERVALS * every_s + timeout_s


def stale_from(spec: CheckSpec, status: CheckStatus) -> datetime:
    """Return the moment until which the last observation speaks for now."""
    allowed_s = stale_after_s(spec.every_s, spec.timeout_s)
    return status.result.observed_at + timedelta(seconds=allowed_s)


def check_view(
    spec: CheckSpec,
    status: CheckStatus | None,
    figures: ProbeFigures,
    report: SourceReported | None,
    now: datetime,
) -> CheckView:
    """Return one check as shown at `now`.

    `report` is the state of the source behind the check, None if it never spoke of itself. The
    view stays the same while `now` moves, until `stale_from` of the check.
    """
    if status is None:
        return _unseen(spec, report)
    result = status.result
    age_s = whole_age_s(result.observed_at, now)
    is_stale = age_s > stale_after_s(spec.every_s, spec.timeout_s)
    verdict, state, reason = result.verdict, result.state, result.reason
    if is_stale:
        verdict, state, reason = Verdict.UNKNOWN, "stale", _stale_reason(status, report, age_s)
    return CheckView(
        spec=spec,
        status=status,
        verdict=verdict,
        state=state,
        reason=reason,
        is_stale=is_stale,
        latency_s=None if is_stale else result.latency_s,
        p50_s=figures.p50_s,
        p95_s=figures.p95_s,
        p99_s=figures.p99_s,
        uptime_percent=figures.uptime_percent,
    )


def whole_age_s(observed_at: datetime, now: datetime) -> float:
    """Return whole seconds since an observation; 0 when the clocks disagree."""
    return float(max(0, int((now - observed_at).total_seconds())))


def _unseen(spec: CheckSpec, report: SourceReported | None) -> CheckView:
    """Return a check that never answered: still loading, or its source cannot look."""
    state, reason = "loading", SafeText("not probed yet")
    if report is not None and not report.is_working:
        state, reason = "cannot look", report.reason
    return CheckView(
        spec=spec,
        status=None,
        verdict=Verdict.UNKNOWN,
        state=state,
        reason=reason,
        is_stale=False,
        latency_s=None,
        p50_s=None,
        p95_s=None,
        p99_s=None,
        uptime_percent=None,
    )


def _stale_reason(status: CheckStatus, report: SourceReported | None, age_s: float) -> SafeText:
    text = f"no answer for {_in_words(age_s)}, last: {status.result.verdict}"
    if report is not None and not report.is_working:
        text += f" ({report.reason})"
    return clean(text)


def _in_words(age_s: float) -> str:
    seconds = int(age_s)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h"
