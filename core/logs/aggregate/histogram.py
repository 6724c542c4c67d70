"""Records over time, by level, in buckets of a width that people read: 10 s, 5 min, 1 h."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.log import LogLevel, LogRecord

WIDTHS_S = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 31_449_600,
    314_496_000, 3_144_960_000,
)  # fmt: skip
"""Each is a part of a later one; the last are 1, 4, 52, 520 and 5,200 weeks."""
MAX_BUCKETS = 4096
"""Kept while the span is not known; beyond, two buckets become one of the next width."""

_LATEST_S = 1e12
"""Some thirty thousand years; beyond it is no time."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stretch of time that begins at `begin_s`, seconds since 1970."""

    begin_s: float
    by_level: Mapping[LogLevel | None, int]

    @property
    def count(self) -> int:
        """Records in it."""
        return sum(self.by_level.values())


@dataclass(frozen=True, slots=True)
class Histogram:
    """Buckets of one width, oldest first, empty ones between them included."""

    width_s: float
    buckets: tuple[Bucket, ...]
    timeless: int
    """Records without a time; they are in no bucket."""


def width_for(span_s: float, buckets: int) -> float:
    """Return the narrowest width with which a span fits into so many buckets."""
    wanted = span_s / max(1, buckets)
    return next((width for width in WIDTHS_S if width >= wanted), WIDTHS_S[-1])


class HistogramOf:
    """Takes records in any order; says how many fell when."""

    def __init__(
        self, buckets: int, since_s: float | None = None, until_s: float | None = None
    ) -> None:
        self._wanted = max(1, min(buckets, MAX_BUCKETS // 2))
        self._since_s = since_s
        self._until_s = until_s
        self._width_at = 0
        if since_s is not None and until_s is not None and until_s > since_s:
            self._width_at = WIDTHS_S.index(width_for(until_s - since_s, self._wanted))
        self._counts: dict[int, Counter[LogLevel | None]] = {}
        self._timeless = 0

    def add(self, record: LogRecord) -> None:
        """Count one record into its bucket."""
        at_s = record.time_s
        if at_s is None or not -_LATEST_S < at_s < _LATEST_S:
            self._timeless += 1
            return
        index = math.floor(at_s / WIDTHS_S[self._width_at])
        counts = self._counts.get(index)
        if counts is None:
            counts = self._counts[index] = Counter()
            counts[record.level] += 1
            while len(self._counts) > MAX_BUCKETS and self._width_at + 1 < len(WIDTHS_S):
                self._widen()
            return
        counts[record.level] += 1

    def result(self) -> Histogram:
        """Return the buckets from the first to the last record, or over the window asked for."""
        if not self._counts:
            return Histogram(WIDTHS_S[self._width_at], (), self._timeless)
        while self._span_in_buckets() > self._wanted + 1 and self._width_at + 1 < len(WIDTHS_S):
            self._widen()
        width_s = WIDTHS_S[self._width_at]
        first, last = self._ends()
        return Histogram(
            width_s,
            tuple(
                Bucket(index * width_s, dict(self._counts.get(index, {})))
                for index in range(first, last + 1)
            ),
            self._timeless,
        )

    def _ends(self) -> tuple[int, int]:
        width_s = WIDTHS_S[self._width_at]
        first, last = min(self._counts), max(self._counts)
        if self._since_s is not None:
            first = min(first, math.floor(self._since_s / width_s))
        if self._until_s is not None:
            last = max(last, math.ceil(self._until_s / width_s) - 1)
        return first, last

    def _span_in_buckets(self) -> int:
        first, last = self._ends()
        return last - first + 1

    def _widen(self) -> None:
        """Go to the next width of which the present one is a part, so that no record is split."""
        width_s = WIDTHS_S[self._width_at]
        at = self._width_at + 1
        while not _divides(width_s, WIDTHS_S[at]):
            at += 1
        factor = round(WIDTHS_S[at] / width_s)
        merged: dict[int, Counter[LogLevel | None]] = {}
        for index, counts in self._counts.items():
            merged.setdefault(index // factor, Counter()).update(counts)
        self._counts = merged
        self._width_at = at


def _divides(narrow_s: float, wide_s: float) -> bool:
    return abs(wide_s / narrow_s - round(wide_s / narrow_s)) < 1e-9
