"""Metrics: one scrape as read, and series with their history."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from struct import Struct

from core.model.ids import ServiceId
from core.model.text import SafeText
from core.model.window import Numbers, Packing, Window, moment


class MetricKind(StrEnum):
    """What arithmetic makes sense."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"
    UNTYPED = "untyped"


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """One series: service, sample name and sorted labels."""

    service: ServiceId
    name: SafeText
    labels: tuple[tuple[SafeText, SafeText], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series."""

    key: SeriesKey
    kind: MetricKind
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """A declared metric. A family without samples is "no data", never 0."""

    name: SafeText
    kind: MetricKind
    help: SafeText
    samples: int


@dataclass(frozen=True, slots=True)
class Scrape:
    """One read of a metrics endpoint."""

    at: datetime
    state: str
    """`ok`, or our word for why there is nothing: `not exposed`, `not metrics`, `timeout`, …"""
    reason: SafeText
    families: tuple[Family, ...] = ()
    samples: tuple[Sample, ...] = ()
    dropped: int = 0
    """Samples beyond the limit, counted and not kept."""


Point = tuple[datetime, float]
"""A value and when it was read."""


def _unpack(numbers: Numbers) -> Point:
    return moment(numbers[0]), numbers[1]


NO_POINTS: Window[Point] = Window(
    Packing(Struct("<dd"), lambda point: (point[0].timestamp(), point[1]), _unpack)
)


@dataclass(frozen=True, slots=True)
class Series:
    """A series with its recent past."""

    key: SeriesKey
    kind: MetricKind
    points: Window[Point]
    """Oldest first, bounded (`core.store.history.SERIES_WINDOW`)."""


@dataclass(frozen=True, slots=True)
class MetricsState:
    """All that is known of one service's metrics."""

    scrape: Scrape
    """The last read, without its samples."""
    series: tuple[Series, ...]
    missing: tuple[SafeText, ...]
    """Names the runbook expects that this build does not expose."""
