"""Figures over the records that were found: as tables for a person, as one JSON document. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.log_lines import moment_of
from cli.output import aligned
from core.logs.aggregate.counts import Counts, CountsOf, Ratio
from core.logs.aggregate.histogram import Histogram, HistogramOf, Outside
from core.logs.aggregate.percentiles import Distribution, DistributionOf
from core.logs.aggregate.tops import Tops, TopsOf
from core.logs.aggregate.values import number, texts
from core.model.log import LogLevel, LogRecord

FORMAT = 1
_BUCKETS = 60
_BAR_COLUMNS = 40
_MAX_NAMES = 5_000
_MOST_PLAIN = 1e15
"""Numbers beyond are written with an exponent: one of 300 digits pushes all others away."""
NO_LEVEL = "none"


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """Which figures are asked for."""

    count_by: tuple[str, ...] = ()
    percentiles: tuple[str, ...] = ()
    has_histogram: bool = False
    has_counts: bool = False
    top: int = 50
    """Values shown of each field that is counted by."""

    @property
    def is_any(self) -> bool:
        """Whether figures are asked for instead of records."""
        return bool(self.count_by or self.percentiles or self.has_histogram or self.has_counts)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one pass."""

    counts: Counts
    tops: tuple[tuple[str, Tops], ...]
    distributions: tuple[tuple[str, Distribution], ...]
    histogram: Histogram | None
    field_names: frozenset[str]
    """Of all records that were counted, up to a bound."""

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Fields that were asked for and that no record has."""
        empty = [field for field, tops in self.tops if not tops.total]
        return (*empty, *(field for field, one in self.distributions if not one.count))


class FiguresOf:
    """Takes records; says the figures that were asked for."""

    def __init__(
        self, request: FigureRequest, since_s: float | None, until_s: float | None
    ) -> None:
        self._request = request
        self._counts = CountsOf(since_s, until_s)
        self._tops = [(field, TopsOf(texts(field))) for field in request.count_by]
        self._numbers = [(field, number(field), DistributionOf()) for field in request.percentiles]
        self._histogram = HistogramOf(_BUCKETS, since_s, until_s) if request.has_histogram else None
        self._names: set[str] = set()

    def add(self, record: LogRecord) -> None:
        """Count one record."""
        self._counts.add(record)
        for _, tops in self._tops:
            tops.add(record)
        for _, value_of, values in self._numbers:
            values.add(value_of(record))
        if self._histogram is not None:
            self._histogram.add(record)
        if len(self._names) < _MAX_NAMES:
            self._names.update(record.fields)

    def result(self) -> Figures:
        """Return the figures so far."""
        return Figures(
            self._counts.result(),
            tuple((field, tops.result(self._request.top)) for field, tops in self._tops),
            tuple((field, values.result()) for field, _, values in self._numbers),
            self._histogram.result() if self._histogram is not None else None,
            frozenset(self._names),
        )


def as_document(figures: Figures, logs: Sequence[str], query: str) -> dict[str, object]:
    """Return the JSON document."""
    return {
        "format": FORMAT,
        "logs": list(logs),
        "query": query,
        "counts": _counts_json(figures.counts),
        "count_by": [_tops_json(field, tops) for field, tops in figures.tops],
        "percentiles": [_distribution_json(field, one) for field, one in figures.distributions],
        "histogram": _histogram_json(figures.histogram) if figures.histogram else None,
    }


def _counts_json(counts: Counts) -> dict[str, object]:
    return {
        "records": counts.total,
        "errors": _ratio_json(counts.errors),
        "by_level": _levels(counts.by_level),
        "without_time": counts.timeless,
        "first": moment_of(counts.first_s),
        "last": moment_of(counts.last_s),
        "window_s": counts.window_s,
        "per_s": counts.per_s,
    }


def _ratio_json(ratio: Ratio) -> dict[str, object]:
    return {"part": ratio.part, "whole": ratio.whole, "percent": ratio.percent}


def _levels(by_level: Mapping[LogLevel | None, int]) -> dict[str, int]:
    ordered = sorted(by_level, key=lambda level: -1 if level is None else level, reverse=True)
    return {_word(level): by_level[level] for level in ordered if by_level[level]}


def _word(level: LogLevel | None) -> str:
    return NO_LEVEL if level is None else level.word


def _tops_json(field: str, tops: Tops) -> dict[str, object]:
    return {
        "field": field,
        "records": tops.total,
        "without": tops.without,
        "distinct": tops.distinct,
        "others": tops.others,
        "is_exact": tops.is_exact,
        "values": [
            {
                "value": one.value,
                "count": one.count,
                "excess": one.excess,
                "first": moment_of(one.first_s),
                "last": moment_of(one.last_s),
            }
            for one in tops.values
        ],
    }


def _distribution_json(field: str, one: Distribution) -> dict[str, object]:
    return {
        "field": field,
        "records": one.count,
        "without": one.without,
        "minimum": one.minimum,
        "average": one.average,
        "maximum": one.maximum,
        **{_percentile_name(each.share): each.value for each in one.percentiles},
        "relative_error": one.relative_error,
    }


def _percentile_name(share: float) -> str:
    return f"p{share * 100:g}"


def _histogram_json(histogram: Histogram) -> dict[str, object]:
    return {
        "width_s": histogram.width_s,
        "without_time": histogram.timeless,
        "outside": {
            "before": histogram.outside.before,
            "after": histogram.outside.after,
            "first": moment_of(histogram.outside.first_s),
            "last": moment_of(histogram.outside.last_s),
        },
        "buckets": [
            {
                "begin": moment_of(bucket.begin_s),
                "count": bucket.count,
                "by_level": _levels(bucket.by_level),
            }
            for bucket in histogram.buckets
        ],
    }


def as_lines(figures: Figures) -> list[str]:
    """Return the figures for a person."""
    lines = _count_lines(figures.counts)
    for field, tops in figures.tops:
        lines += ["", *_top_lines(field, tops)]
    if figures.distributions:
        lines += ["", *_distribution_lines(figures.distributions)]
    if figures.histogram is not None:
        lines += ["", *_histogram_lines(figures.histogram)]
    return lines


def _count_lines(counts: Counts) -> list[str]:
    levels = ", ".join(f"{word} {count}" for word, count in _levels(counts.by_level).items())
    rows = [("records", str(counts.total)), ("errors", ratio_words(counts.errors))]
    if levels:
        rows.append(("levels", levels))
    if counts.first_s is not None:
        rows.append(("time", f"{moment_of(counts.first_s)} to {moment_of(counts.last_s)}"))
    if counts.timeless:
        rows.append(("without a time", str(counts.timeless)))
    if counts.per_min is not None:
        rows.append(("rate", f"{counts.per_min:.4g} a minute"))
    return aligned(rows)


def ratio_words(ratio: Ratio) -> str:
    """Return a ratio with both its numbers: `4 of 60 (6.67 %)`."""
    share = "" if ratio.percent is None else f" ({ratio.percent:.2f} %)"
    return f"{ratio.part} of {ratio.whole}{share}"


def _top_lines(field: str, tops: Tops) -> list[str]:
    least = "" if tops.is_exact else "at least "
    whole = tops.total + tops.without
    head = f"by {field}: {tops.total} of {whole} records have it, {least}{tops.distinct} different"
    rows = [("count", "share", "first seen", "last seen", field)]
    for one in tops.values:
        count = f"{one.count}" if not one.excess else f"{one.count - one.excess} to {one.count}"
        share = f"{100 * one.count / tops.total:.2f} %"
        first, last = moment_of(one.first_s) or "-", moment_of(one.last_s) or "-"
        rows.append((count, share, first, last, one.value))
    lines = [head]
    if tops.values:
        lines += [f"  {line}" for line in aligned(rows)]
    if tops.others:
        most = "" if tops.is_exact else "at most "
        lines.append(f"  and {most}{tops.others} records with other values")
    return lines


def _distribution_lines(found: Sequence[tuple[str, Distribution]]) -> list[str]:
    names = ("p50", "p90", "p95", "p99")
    rows: list[tuple[str, ...]] = [
        ("field", "records", "without", "minimum", "average", *names, "maximum")
    ]
    for field, one in found:
        values = {_percentile_name(each.share): each.value for each in one.percentiles}
        rows.append(
            (
                field,
                str(one.count),
                str(one.without),
                _figure(one.minimum),
                _figure(one.average),
                *(_figure(values.get(name)) for name in names),
                _figure(one.maximum),
            )
        )
    lines = aligned(rows)
    if any(one.relative_error for _, one in found):
        lines.append("percentiles of more than 100000 values may be off by 0.5 %")
    return lines


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= _MOST_PLAIN:
        return f"{value:.4g}"
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _histogram_lines(histogram: Histogram) -> list[str]:
    if not histogram.buckets:
        return [f"no record has a time ({histogram.timeless} without one)"]
    most = max(bucket.count for bucket in histogram.buckets)
    rows = [("from", "records", "errors", "")]
    for bucket in histogram.buckets:
        errors = sum(
            count for level, count in bucket.by_level.items() if level and level >= LogLevel.ERROR
        )
        bar = (
            "█" * max(bool(bucket.count), round(_BAR_COLUMNS * bucket.count / most)) if most else ""
        )
        rows.append((moment_of(bucket.begin_s) or "-", str(bucket.count), str(errors), bar))
    lines = [f"each line is {_span(histogram.width_s)}", *aligned(rows)]
    return [*lines, *_outside_lines(histogram.outside)]


def _outside_lines(outside: Outside) -> list[str]:
    """Return what the lines leave out, for its time is far from that of all others."""
    lines: list[str] = []
    if outside.before:
        lines.append(f"outside: {outside.before} before, from {moment_of(outside.first_s)} on")
    if outside.after:
        lines.append(f"outside: {outside.after} after, until {moment_of(outside.last_s)}")
    return lines


def _span(width_s: float) -> str:
    for unit, size_s in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        if width_s >= size_s:
            return f"{width_s / size_s:g} {unit}"
    return f"{width_s * 1000:g} ms"
