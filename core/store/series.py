"""Folds one scrape into a service's series. Pure; counters are kept raw, rates are for readers."""

from dataclasses import replace
from datetime import timedelta

from core.model.events import MetricsObserved
from core.model.metric import NO_POINTS, MetricsState, Scrape, Series, SeriesKey
from core.model.text import SafeText, clean
from core.store.history import SERIES_PER_SERVICE, SERIES_WINDOW

ABSENT_SERIES_KEPT = timedelta(minutes=30)
"""A series that a scrape no longer shows is kept this long after its last point."""

_ABSENT_STATES = frozenset({"not exposed", "not metrics"})
"""The endpoint answered, and what it answered holds no metric at all."""

_SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_created", "_info")


def fold_scrape(before: MetricsState | None, event: MetricsObserved) -> MetricsState:
    """Return what is known of a service's metrics after one more read.

    A read that failed keeps the series: their points say how old they are.
    """
    scrape = event.scrape
    series = before.series if before else ()
    dropped = 0
    if scrape.samples:
        series, dropped = _grow(series, scrape)
    bare = replace(scrape, samples=(), dropped=scrape.dropped + dropped)
    return MetricsState(bare, series, _missing(before, event))


def _grow(series: tuple[Series, ...], scrape: Scrape) -> tuple[tuple[Series, ...], int]:
    """Return the series with one more point each, and how many series found no room."""
    past: dict[SeriesKey, Series] = {line.key: line for line in series}
    grown: dict[SeriesKey, Series] = {}
    dropped = 0
    for sample in scrape.samples:
        if sample.key in grown:
            continue
        if len(grown) >= SERIES_PER_SERVICE:
            dropped += 1
            continue
        known = past.get(sample.key)
        points = known.points if known and known.kind is sample.kind else NO_POINTS
        points = points.with_newest((scrape.at, sample.value), SERIES_WINDOW)
        grown[sample.key] = Series(sample.key, sample.kind, points)
    oldest = scrape.at - ABSENT_SERIES_KEPT
    for line in series:
        if len(grown) >= SERIES_PER_SERVICE:
            break
        if line.key not in grown and line.points[-1][0] >= oldest:
            grown[line.key] = line
    return tuple(grown.values()), dropped


def _missing(before: MetricsState | None, event: MetricsObserved) -> tuple[SafeText, ...]:
    """Return the expected names that the build does not expose.

    A declared metric without samples is not missing: it has no data. A read that failed proves
    nothing, so what was known stays.
    """
    if event.scrape.state in _ABSENT_STATES:
        return tuple(clean(name) for name in event.known_as)
    if event.scrape.state != "ok":
        return before.missing if before else ()
    exposed: set[str] = {str(family.name) for family in event.scrape.families}
    exposed |= {str(sample.key.name) for sample in event.scrape.samples}
    stems = exposed | {_stem(name) for name in exposed}
    return tuple(
        clean(name) for name in event.known_as if name not in stems and _stem(name) not in stems
    )


def _stem(name: str) -> str:
    """Return a sample's family name: exposition formats add a suffix for each kind."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
