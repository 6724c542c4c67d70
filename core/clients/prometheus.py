"""Parses metrics: Prometheus text, OpenMetrics, and JSON whose numbers become gauges.

prometheus_client's parsers do the reading; the content type and the text decide which of them.
A family that is declared without samples is kept with a count of 0: "no data" is not zero.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_classic
from prometheus_client.samples import Sample as RawSample

from core.clients.http_values import HttpAnswer
from core.clients.json_body import JsonValue, UnusableJson, parse_json
from core.model.ids import ServiceId
from core.model.metric import Family, MetricKind, Sample, Scrape, SeriesKey
from core.model.text import EMPTY, SafeText, clean

_NAME_CHARS = 200
_LABEL_CHARS = 200
_LABELS_MAX = 30
_FAMILIES_MAX = 2000
_JSON_LEAVES_MAX = 500
_KINDS = {
    "counter": MetricKind.COUNTER,
    "gauge": MetricKind.GAUGE,
    "histogram": MetricKind.HISTOGRAM,
    "gaugehistogram": MetricKind.HISTOGRAM,
    "summary": MetricKind.SUMMARY,
    "info": MetricKind.GAUGE,
    "stateset": MetricKind.GAUGE,
}


@dataclass(slots=True)
class _Reading:
    """What has been collected so far."""

    service: ServiceId
    limit: int
    families: list[Family]
    samples: list[Sample]
    dropped: int = 0


def parse_scrape(answer: HttpAnswer, service: ServiceId, at: datetime, limit: int) -> Scrape:
    """Return what a metrics endpoint answered, with our word where it holds no metrics.

    Args:
        answer: Any HTTP answer.
        service: Whose metrics they are.
        at: When they were read.
        limit: Samples kept; more are counted in `dropped`.
    """
    if answer.status in {404, 410}:
        return Scrape(at, "not exposed", clean(f"HTTP {answer.status}: this build exposes none"))
    if not 200 <= answer.status < 300:
        return Scrape(at, f"HTTP {answer.status}", clean(f"HTTP {answer.status}"))
    if answer.is_truncated:
        return Scrape(at, "too large", clean("larger than 1 MiB; not read further"))
    text = answer.body.decode("utf-8", "replace").replace("\r\n", "\n")
    start = text.lstrip()[:1]
    if not start:
        return Scrape(at, "empty", clean("the endpoint answers, with an empty body"))
    if start == "<":
        return Scrape(at, "not metrics", clean("an HTML page, not metrics"))
    if start in {"{", "["}:
        return _json_scrape(answer.body, service, at, limit)
    return _text_scrape(text, answer.content_type, service, at, limit)


def _text_scrape(text: str, media: str, service: ServiceId, at: datetime, limit: int) -> Scrape:
    reading = _Reading(service, limit, [], [])
    is_open = "openmetrics" in media or text.rstrip().endswith("# EOF")
    try:
        for family in _families(text, is_open=is_open):
            _take(reading, family)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        if not reading.samples:
            return Scrape(at, "not metrics", clean(f"not metrics: {error}", 200))
        return _scrape(
            reading, at, "partly read", f"stopped at a line that is not metrics: {error}"
        )
    if not reading.families:
        return Scrape(at, "not metrics", clean("no metric in the body"))
    return _scrape(reading, at, "ok", "")


def _families(text: str, *, is_open: bool) -> Iterator[Metric]:
    """Yield families; text that only looks like OpenMetrics is read as the classic format."""
    if is_open:
        try:
            # Its argument is untyped in the library.
            parsed: list[Metric] = list(openmetrics.text_string_to_metric_families(text))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            yield from parsed
        except ValueError:
            yield from parse_classic(text.removesuffix("# EOF\n"))
    else:
        yield from parse_classic(text)


def _take(reading: _Reading, family: Metric) -> None:
    samples = [one for one in family.samples if not one.name.endswith("_created")]
    if family.samples and not samples:
        return
    if family.name.endswith("_created") and family.type in {"gauge", "unknown"}:
        return
    kind = _KINDS.get(family.type, MetricKind.UNTYPED)
    if len(reading.families) < _FAMILIES_MAX:
        name = clean(_shown_name(family, kind), _NAME_CHARS)
        help_text = clean(family.documentation, 400)
        reading.families.append(Family(name, kind, help_text, len(samples)))
    for sample in samples:
        if len(reading.samples) >= reading.limit:
            reading.dropped += 1
        elif not math.isnan(sample.value):
            reading.samples.append(Sample(_key(reading.service, sample), kind, sample.value))


def _shown_name(family: Metric, kind: MetricKind) -> str:
    """Return the name as a query would say it: the parsers cut `_total` off counters."""
    is_cut = kind is MetricKind.COUNTER and not family.name.endswith("_total")
    named = any(one.name == f"{family.name}_total" for one in family.samples)
    return f"{family.name}_total" if is_cut and (named or not family.samples) else family.name


def _key(service: ServiceId, sample: RawSample) -> SeriesKey:
    labels = sorted(sample.labels.items())[:_LABELS_MAX]
    return SeriesKey(
        service,
        clean(sample.name, _NAME_CHARS),
        tuple((clean(name, _LABEL_CHARS), clean(value, _LABEL_CHARS)) for name, value in labels),
    )


def _scrape(reading: _Reading, at: datetime, state: str, reason: str) -> Scrape:
    return Scrape(
        at,
        state,
        clean(reason, 200) if reason else EMPTY,
        tuple(reading.families),
        tuple(reading.samples),
        reading.dropped,
    )


def _json_scrape(body: bytes, service: ServiceId, at: datetime, limit: int) -> Scrape:
    """Read nested JSON: each number becomes a gauge named by its path (fact 29)."""
    try:
        value = parse_json(body)
    except UnusableJson as error:
        return Scrape(at, "not metrics", clean(f"not metrics: {error}"))
    leaves = list(_leaves(value, ""))[:_JSON_LEAVES_MAX]
    errors = [f"{name}: {text}" for name, text in _errors(value, "")]
    samples = tuple(
        Sample(SeriesKey(service, name), MetricKind.GAUGE, number)
        for name, number in leaves[:limit]
    )
    if not samples and not errors:
        return Scrape(at, "not metrics", clean("no number in the body"))
    families = tuple(Family(one.key.name, MetricKind.GAUGE, EMPTY, 1) for one in samples)
    state = "partly failed" if errors else "ok"
    dropped = max(0, len(leaves) - limit)
    return Scrape(at, state, clean("; ".join(errors), 300), families, samples, dropped)


def _leaves(value: JsonValue, path: str) -> Iterator[tuple[SafeText, float]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        try:
            yield clean(path, _NAME_CHARS), float(value)
        except OverflowError:
            return
    for name, inner in _inside(value):
        yield from _leaves(inner, f"{path}_{name}" if path else name)


def _errors(value: JsonValue, path: str) -> Iterator[tuple[str, SafeText]]:
    for name, inner in _inside(value):
        if name == "error" and isinstance(inner, str):
            yield path or "metrics", clean(inner, 200)
        else:
            yield from _errors(inner, f"{path}_{name}" if path else name)


def _inside(value: JsonValue) -> Iterable[tuple[str, JsonValue]]:
    return value.items() if isinstance(value, dict) else ()
