"""Metric series as rows and as a chart: counters as rates, gauges as they are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import isfinite

from core.model.ids import ServiceId
from core.model.metric import MetricKind, MetricsState, Series
from core.model.text import EMPTY, SafeText, clean
from core.model.views import Picture
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bounds_of, braille_chart, trendline
from widgets.present.durations import duration_text, since_text
from widgets.present.fitting import cut, rule, spread, width_of, with_axis, wrap
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, plural, value_text
from widgets.present.resample import resample, slice_s

TREND_CELLS = 12
BOUNDS_CELLS = 17
"""Two numbers of millions with what is between them."""
_AXIS_CELLS = 11
_STALE_POINTS = 4
_WINDOW_S = 1800

_SHORT = {
    Absence.LOADING: "loading…",
    Absence.NONE: "no data",
    Absence.UNREACHABLE: "unreachable",
    Absence.NOT_EXPOSED: "not exposed",
}
"""In the place of a value, where a column is narrow."""

Sort = tuple[float | str | None, ...]


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """One line of the metrics browser: a series, or a name that has none and why."""

    service: ServiceId
    name: SafeText
    labels: SafeText
    series: Series | None
    absence: Absence = Absence.NONE
    why: SafeText = EMPTY
    """Instead of a value: `no data`, `not exposed by this build`, `unreachable: …`."""

    @property
    def key(self) -> str:
        """Identity of the row."""
        return f"{self.service} {self.name} {self.labels}"


def metric_entries(picture: Picture) -> tuple[MetricEntry, ...]:
    """Return the series of all services, and what is expected or declared and has none."""
    entries: list[MetricEntry] = []
    for system in picture.topology.systems:
        for service in system.services:
            if service.metrics is None:
                continue
            state = picture.snapshot.metrics.get(service.id)
            entries += _entries(service.id, state)
    return tuple(entries)


def _entries(service: ServiceId, state: MetricsState | None) -> list[MetricEntry]:
    if state is None:
        return [_without(service, "metrics", Absence.LOADING, Absence.LOADING.value)]
    scrape = state.scrape
    entries: list[MetricEntry] = []
    if scrape.state != "ok":
        is_absent = scrape.state in {"not exposed", "not metrics"}
        absence = Absence.NOT_EXPOSED if is_absent else Absence.UNREACHABLE
        entries.append(_without(service, "metrics", absence, f"{absence.value}: {scrape.reason}"))
    entries += [MetricEntry(service, one.key.name, labels_text(one), one) for one in state.series]
    entries += [
        _without(service, str(family.name), Absence.NONE, "no data")
        for family in scrape.families
        if not family.samples
    ]
    entries += [
        _without(service, str(name), Absence.NOT_EXPOSED, Absence.NOT_EXPOSED.value)
        for name in state.missing
    ]
    return entries


def _without(service: ServiceId, name: str, absence: Absence, why: str) -> MetricEntry:
    return MetricEntry(service, clean(name), clean(""), None, absence, clean(why))


def labels_text(series: Series) -> SafeText:
    """Return a series' labels: `method="GET", status="2xx"`."""
    return clean(", ".join(f'{name}="{value}"' for name, value in series.key.labels))


def is_counted(series: Series) -> bool:
    """Tell whether only the rate means something: counters, and the counting parts of others."""
    if series.kind is MetricKind.COUNTER:
        return True
    name = str(series.key.name)
    return series.kind in {MetricKind.HISTOGRAM, MetricKind.SUMMARY} and name.endswith(
        ("_count", "_sum", "_bucket")
    )


def drawn_values(series: Series) -> tuple[float | None, ...]:
    """Return what is drawn: values, or per-second rates where only those mean something.

    A counter that fell was reset: the rate there is not known, never negative.
    """
    return tuple(value for _, value in drawn_points(series))


def drawn_points(series: Series) -> tuple[tuple[datetime, float | None], ...]:
    """Return what is drawn, with its moments."""
    if not is_counted(series):
        return tuple(series.points)
    rates: list[tuple[datetime, float | None]] = []
    for (before_at, before), (at, value) in pairwise(series.points):
        seconds = (at - before_at).total_seconds()
        is_known = seconds > 0 and value >= before
        rates.append((at, (value - before) / seconds if is_known else None))
    return tuple(rates)


def current_text(series: Series) -> str:
    """Return the value now: `12.3/s` for a counter, the value for a gauge."""
    values = drawn_values(series)
    if is_counted(series):
        return f"{value_text(values[-1])}/s" if values and values[-1] is not None else MISSING
    return value_text(values[-1]) if values else MISSING


def metric_cells(entry: MetricEntry) -> tuple[Line, ...]:
    """Return service, name, labels, kind, value, trend, and between which bounds it is drawn."""
    where = line(span(f"{entry.service.system}/", Tone.DIM), span(entry.service.service))
    name = line(span(entry.name, bold=entry.series is not None))
    series = entry.series
    if series is None:
        tone = Tone.DEGRADED if entry.absence is Absence.UNREACHABLE else Tone.DIM
        short = line(span(_SHORT[entry.absence], tone))
        return (where, name, line(span(entry.why, tone)), (), short, (), ())
    values = drawn_values(series)[-TREND_CELLS:]
    trend = trendline(values, TREND_CELLS, Tone.LABEL) if values else ()
    return (
        where,
        name,
        line(span(entry.labels, Tone.DIM)),
        line(span(series.kind.value, Tone.DIM)),
        line(span(current_text(series))),
        trend,
        line(span(_bounds_text(values), Tone.DIM)),
    )


def _bounds_text(values: Sequence[float | None]) -> str:
    """Return what the bottom and the top of a trend stand for: `0.25…12`, `1.00 M +7`."""
    bounds = bounds_of(values)
    if bounds is None:
        return ""
    low, high = (value_text(bound) for bound in bounds)
    if bounds[0] == bounds[1]:
        return "steady"
    return f"{low}…{high}" if low != high else f"{low} +{value_text(bounds[1] - bounds[0])}"


def metric_sort(entry: MetricEntry) -> Sort:
    """Return what each cell sorts by."""
    value = None
    if entry.series is not None:
        values = drawn_values(entry.series)
        value = values[-1] if values else None
    kind = entry.series.kind.value if entry.series else None
    service = f"{entry.service.system}/{entry.service.service}"
    return (service, str(entry.name), str(entry.labels), kind, value, value, value)


def metric_search(entry: MetricEntry) -> SafeText:
    """Return what a filter looks at."""
    service = f"{entry.service.system}/{entry.service.service}"
    return clean(f"{service} {entry.name} {entry.labels} {entry.why}")


def metric_chart(
    entry: MetricEntry | None,
    picture: Picture,
    width: int,
    height: int,
    *,
    is_focused: bool = False,
) -> tuple[Line, ...]:
    """Return the selected series drawn over time, or why there is nothing to draw."""
    if entry is None:
        head = rule("Metric", width, is_focused=is_focused)
        return (head, absence_line(Absence.NONE, "series selected"))
    where = f"{entry.service.system}/{entry.service.service}"
    if entry.series is None:
        head = rule(str(entry.name), width, where, is_focused=is_focused)
        return (head, *wrap(str(entry.why), width, 2, Tone.DIM))
    series = entry.series
    lines: list[Line] = [rule(str(entry.name), width, where, is_focused=is_focused)]
    lines.append(_caption(series, entry, width, picture.now))
    lines += wrap(_help(entry, picture), width, 1, Tone.DIM)
    cells = max(10, width - _AXIS_CELLS)
    step_s, carry_s = slice_s(_WINDOW_S, 2 * cells), _interval_s(series)
    values = resample(drawn_points(series), 2 * cells, step_s, picture.now, carry_s)
    known = [value for value in values if value is not None and isfinite(value)]
    rows = height - len(lines)
    if not known or rows < 2:
        return (*lines, absence_line(Absence.LOADING, "", "a rate needs two reads"))
    low, high = min(0.0, *known), max(known)
    high = high if high > low else low + 1.0
    drawn = braille_chart(values, cells, rows, low, high, Tone.ACCENT)
    return (*lines, *with_axis(drawn, value_text(high), value_text(low), _AXIS_CELLS))


def _interval_s(series: Series) -> float:
    """Return how long one reading speaks for: twice the usual time between two."""
    points = series.points[-_STALE_POINTS:]
    if len(points) < 2:
        return 60.0
    return 2 * (points[-1][0] - points[0][0]).total_seconds() / (len(points) - 1)


def _caption(series: Series, entry: MetricEntry, width: int, now: datetime) -> Line:
    """Return the value now, the raw value of a counter, the labels, and how old it is."""
    at = series.points[-1][0]
    raw = f"  (counter at {value_text(series.points[-1][1])})" if is_counted(series) else ""
    head = (Span(span(current_text(series)).text, Tone.ACCENT, True), span(raw, Tone.DIM))
    labels = span(f"  {entry.labels}", Tone.DIM)
    spanned = duration_text((at - series.points[0][0]).total_seconds())
    note = f"{plural(len(series.points), 'read')} over {spanned}, last {since_text(at, now)} ago"
    told = (*head, labels)
    if width_of(told) + len(note) + 2 <= width:
        return spread(told, line(span(note, Tone.DIM)), width)
    return cut((*head, span(f"  {note}", Tone.DIM)), width)


def _help(entry: MetricEntry, picture: Picture) -> str:
    state = picture.snapshot.metrics.get(entry.service)
    if state is None:
        return ""
    name = str(entry.name)
    for family in state.scrape.families:
        if name == family.name or name.startswith(f"{family.name}_"):
            return str(family.help)
    return ""


def missing_note(picture: Picture) -> Line:
    """Return how many expected names no build exposes: shown above the browser."""
    missing = sum(len(state.missing) for state in picture.snapshot.metrics.values())
    if not missing:
        return ()
    text = f"{plural(missing, 'name')} of the runbooks {Absence.NOT_EXPOSED.value}"
    return cut((span(text, Tone.DIM),), 200)
