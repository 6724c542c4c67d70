"""A service as the cells of a table row, with what each sorts by. Pure."""

from datetime import datetime

from core.model.text import SafeText, clean
from core.model.views import CheckView, ServiceView
from widgets.present.chart import sparkline
from widgets.present.durations import since_text
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, bytes_text, cpu_text, latency_text, uptime_text
from widgets.present.services import latencies, name_span, state_line, timed_check, why
from widgets.present.verdicts import is_loading, verdict_line

TREND_CELLS = 10

Sort = tuple[float | str | None, ...]


def service_cells(view: ServiceView, now: datetime) -> tuple[Line, ...]:
    """Return the cells in the order of `SERVICE_COLUMNS` (the pane's)."""
    runtime = view.runtime
    check = timed_check(view)
    trend = sparkline(latencies(check, TREND_CELLS), TREND_CELLS, Tone.LABEL) if check else ()
    system = span(f"{view.spec.id.system}/", Tone.DIM)
    return (
        verdict_line(view.verdict, loading=is_loading(view)),
        (system, name_span(view)),
        state_line(view),
        _plain(since_text(view.since, now)),
        _plain(cpu_text(runtime.cpu_percent if runtime else None)),
        _plain(bytes_text(runtime.memory_bytes if runtime else None)),
        _plain(latency_text(check.latency_s if check else None)),
        trend,
        _plain(uptime_text(lowest_uptime(view))),
        _restarts(view),
        why(view),
    )


def service_sort(view: ServiceView, position: int) -> Sort:
    """Return what each cell sorts by; `position` is the place in the configuration."""
    runtime = view.runtime
    check = timed_check(view)
    return (
        float(view.verdict.rank),
        float(position),
        str(runtime.state) if runtime else None,
        -view.since.timestamp() if view.since else None,
        runtime.cpu_percent if runtime else None,
        runtime.memory_bytes if runtime else None,
        check.latency_s if check else None,
        check.p95_s if check else None,
        lowest_uptime(view),
        runtime.restarts if runtime else None,
        str(view.reason),
    )


def service_search(view: ServiceView) -> SafeText:
    """Return what a filter looks at: names, verdict, state, reason."""
    place = view.runtime.name if view.runtime else ""
    name = f"{view.spec.id.system}/{view.spec.id.service}"
    return clean(f"{name} {view.verdict} {view.state} {view.reason} {view.because} {place}")


def lowest_uptime(view: ServiceView) -> float | None:
    """Return the uptime of the worst check of a service, percent."""
    shares = [check.uptime_percent for check in view.checks if check.uptime_percent is not None]
    return min(shares, default=None)


def _plain(text: str) -> Line:
    return (span(text, Tone.DIM if text == MISSING else Tone.PLAIN),)


def _restarts(view: ServiceView) -> Line:
    count = view.runtime.restarts if view.runtime else None
    if count is None:
        return (span(MISSING, Tone.DIM),)
    return (Span(clean(str(count)), Tone.DEGRADED if count else Tone.DIM, bool(count)),)


def check_cells(view: CheckView, now: datetime, strip: Line) -> tuple[Line, ...]:
    """Return a check's cells in the order of `CHECK_COLUMNS` (the pane's)."""
    status = view.status
    code = status.result.http_status if status else None
    since = status.since if status else None
    return (
        verdict_line(view.verdict, loading=status is None and view.state == "loading"),
        line(span(view.spec.id.check, bold=True)),
        _state(view),
        _plain(MISSING if code is None else str(code)),
        _plain(latency_text(view.latency_s)),
        _plain(latency_text(view.p50_s)),
        _plain(latency_text(view.p95_s)),
        _plain(latency_text(view.p99_s)),
        _plain(uptime_text(view.uptime_percent)),
        _plain(since_text(since, now)),
        next_line(view, now),
        strip,
        line(span(view.reason)),
    )


def _state(view: CheckView) -> Line:
    return (span(view.state, Tone.DEGRADED if view.is_stale else Tone.PLAIN),)


def next_line(view: CheckView, now: datetime) -> Line:
    """Return when a check is looked at next: seconds to go, or since when it is overdue."""
    if view.status is None or view.status.next_at is None:
        return (span(MISSING, Tone.DIM),)
    seconds = (view.status.next_at - now).total_seconds()
    if seconds > -view.spec.timeout_s:
        return (span(f"{max(0, int(seconds))} s", Tone.DIM),)
    return (span(f"{int(-seconds)} s late", Tone.DEGRADED),)


def check_sort(view: CheckView) -> Sort:
    """Return what each cell of a check sorts by."""
    status = view.status
    next_at = status.next_at if status else None
    return (
        float(view.verdict.rank),
        view.spec.id.check,
        view.state,
        float(status.result.http_status) if status and status.result.http_status else None,
        view.latency_s,
        view.p50_s,
        view.p95_s,
        view.p99_s,
        view.uptime_percent,
        -status.since.timestamp() if status else None,
        next_at.timestamp() if next_at else None,
        None,
        str(view.reason),
    )


def check_search(view: CheckView) -> SafeText:
    """Return what a filter looks at in a check."""
    return clean(f"{view.spec.id.check} {view.verdict} {view.state} {view.reason}")
