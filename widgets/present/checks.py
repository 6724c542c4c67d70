"""One check in full: what it asks, what came, why that is its verdict, and its past. Pure."""

from datetime import datetime

from core.model.check import CheckResult, CheckSpec, Condition
from core.model.verdict import Verdict
from core.model.views import CheckView
from widgets.present.chart import braille_chart, strip
from widgets.present.details import detail_lines
from widgets.present.durations import clock_text, duration_text, since_text, until_text
from widgets.present.fitting import cut, cut_text, fit, rule, with_axis, wrap
from widgets.present.line import BLANK, Line, Tone, line, span, tone_of
from widgets.present.numbers import latency_text, uptime_text, value_text
from widgets.present.resample import resample, slice_s, worst_per_slice
from widgets.present.services import label
from widgets.present.verdicts import sign, verdict_line

_CHART_ROWS = 6
_AXIS_CELLS = 8


def history_strip(view: CheckView, cells: int) -> Line:
    """Return the verdicts of the last probes, oldest first."""
    if view.status is None:
        return ()
    return strip(tuple(probe.verdict for probe in view.status.history[-cells:]), cells)


def check_lines(view: CheckView, width: int, now: datetime) -> tuple[Line, ...]:
    """Return everything known of one check, for lines of `width` cells."""
    is_loading = view.status is None and view.state == "loading"
    name = f"{view.spec.id.service.system}/{view.spec.id.service.service}/{view.spec.id.check}"
    title = (*verdict_line(view.verdict, loading=is_loading), span("  "), span(name, bold=True))
    lines: list[Line] = [cut(title, width)]
    lines += wrap(view.reason, width, 4)
    lines += [BLANK, *(cut(one, width) for one in _asked(view.spec))]
    if view.status is None:
        lines += [BLANK, line(span("No answer yet." if is_loading else view.state, Tone.DIM))]
        return tuple(lines)
    lines += [cut(one, width) for one in _answered(view, now)]
    lines += _evidence(view.status.result, width)
    lines += [BLANK, *_past(view, width)]
    if view.status.result.detail is not None:
        lines += [BLANK, *detail_lines(view.status.result.detail, width, now)]
    return tuple(lines)


def _asked(spec: CheckSpec) -> tuple[Line, ...]:
    """Return what is probed and how."""
    how = f"  every {duration_text(spec.every_s)}, deadline {duration_text(spec.timeout_s)}"
    lines = [
        label("asks", f"{spec.method} " if spec.url.startswith("http") else "", spec.url),
        label("kind", spec.kind.value, span(how, Tone.DIM)),
    ]
    if spec.expect.conditions:
        told = " and ".join(_condition_text(one) for one in spec.expect.conditions)
        lines.append(label("expects", told))
    if spec.note:
        lines.append(label("proves", span(spec.note, Tone.DIM)))
    return tuple(lines)


def _condition_text(condition: Condition) -> str:
    value = condition.value
    told = value_text(value) if isinstance(value, float) else str(value)
    return f"{condition.path} {condition.operator} {told}"


def _answered(view: CheckView, now: datetime) -> tuple[Line, ...]:
    """Return what came and how long it took."""
    if view.status is None:
        return ()
    result = view.status.result
    code = "no HTTP answer" if result.http_status is None else f"HTTP {result.http_status}"
    age = f"  observed {since_text(result.observed_at, now)} ago"
    stale = span("  STALE", Tone.DEGRADED, bold=True) if view.is_stale else span("")
    times = (
        f"now {latency_text(view.latency_s)}  p50 {latency_text(view.p50_s)}"
        f"  p95 {latency_text(view.p95_s)}  p99 {latency_text(view.p99_s)}"
    )
    since = f"{clock_text(view.status.since, now)}, {since_text(view.status.since, now)} ago"
    return (
        label("state", view.state, span(f"  {code}", Tone.DIM), span(age, Tone.DIM), stale),
        label("latency", times),
        label("since", since),
        label("next", until_text(view.status.next_at, now)),
    )


def _evidence(result: CheckResult, width: int) -> list[Line]:
    """Return conditions, components and facts of an answer."""
    lines: list[Line] = []
    if result.conditions:
        lines += [BLANK, rule("Conditions", width)]
        for one in result.conditions:
            held = "holds" if one.verdict is Verdict.OK else "FAILED"
            text = (
                sign(one.verdict),
                span(f" {one.text}"),
                span(f"   is {one.actual}", tone_of(one.verdict)),
                span(f"   {held}", tone_of(one.verdict), bold=held == "FAILED"),
            )
            lines.append(cut(text, width))
    if result.components:
        lines += [BLANK, rule("Inside the body", width)]
        lines += component_lines(result, width)
    if result.facts:
        lines += [BLANK, rule("Facts", width)]
        cells = min(28, max(len(name) for name, _ in result.facts) + 2)
        for name, text in result.facts:
            head = (span(cut_text(name, cells - 1), Tone.LABEL),)
            lines.append(cut((*fit(head, cells), span(text)), width))
    return lines


def component_lines(result: CheckResult, width: int) -> list[Line]:
    """Return the sub-checks of a body, one line each."""
    cells = min(28, max((len(one.name) for one in result.components), default=0) + 2)
    return [
        cut((sign(one.verdict), span(" "), *fit((span(one.name),), cells), span(one.text)), width)
        for one in result.components
    ]


def _past(view: CheckView, width: int) -> list[Line]:
    """Return the history: uptime, verdict strip, latency over time with an axis."""
    if view.status is None or not view.status.history:
        return []
    history = view.status.history
    span_s = (history[-1].at - history[0].at).total_seconds()
    note = f"{len(history)} probes over {duration_text(span_s)}"
    cells = max(10, width - _AXIS_CELLS)
    lines = [rule(f"Past: {uptime_text(view.uptime_percent)} up", width, note)]
    step_s = slice_s(span_s, 2 * cells)
    newest, every_s = history[-1].at, view.spec.every_s
    verdicts = worst_per_slice(reversed(history), cells, 2 * step_s, newest, every_s)
    lines.append((span("verdict ".rjust(_AXIS_CELLS), Tone.DIM), *strip(verdicts, cells)))
    points = ((probe.at, probe.latency_s) for probe in history)
    values = resample(points, 2 * cells, step_s, newest, every_s)
    top = max((value for value in values if value is not None), default=0.0)
    if top <= 0:
        return lines
    drawn = braille_chart(values, cells, _CHART_ROWS, 0.0, top, Tone.ACCENT)
    return lines + with_axis(drawn, latency_text(top), "0 ms", _AXIS_CELLS)
