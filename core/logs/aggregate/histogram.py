"""Records over time, by level, in buckets of a width that people read: 10 s, 5 min, 1 h."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.logs.aggregate.bulk import bulk_of
from core.model.log import LogLevel, LogRecord

WIDTHS_S = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 31_449_600,
    314_496_000, 3_144_960_000,
)  # fmt: skip
"""Each is a part of a later one; the last are 1, 4, 52, 520 and 5,200 weeks."""
MAX_BUCKETS = 4096
"""Kept while the span is not known; beyond, two buckets become one of the next width."""

_Counts = dict[int, Counter[LogLevel | None]]
_Window = tuple[float | None, float | None]
_WIDTHS = len(WIDTHS_S)
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
class Outside:
    """Records with a time so far from all others that no bucket is made for them."""

    before: int = 0
    after: int = 0
    first_s: float | None = None
    """Of those before, the earliest; seconds since 1970."""
    last_s: float | None = None
    """Of those after, the latest."""

    @property
    def count(self) -> int:
        """All of them."""
        return self.before + self.after


@dataclass(frozen=True, slots=True)
class Histogram:
    """Buckets of one width, oldest first, empty ones between them included."""

    width_s: float
    buckets: tuple[Bucket, ...]
    timeless: int
    """Records without a time; they are in no bucket."""
    outside: Outside = Outside()
    """Records with a wild time; they are in no bucket either."""


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
        self._counts: _Counts = {}
        self._timeless = 0
        self._first_s, self._last_s = math.inf, -math.inf

    def add(self, record: LogRecord) -> None:
        """Count one record into its bucket."""
        at_s = record.time_s
        if at_s is None or not -_LATEST_S < at_s < _LATEST_S:
            self._timeless += 1
            return
        self._first_s, self._last_s = min(at_s, self._first_s), max(at_s, self._last_s)
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
        """Return the buckets over the window asked for, else over the bulk of the records.

        What is kept stays as fine as it is: what the bulk is may change with the next record.
        """
        if not self._counts:
            return Histogram(WIDTHS_S[self._width_at], (), self._timeless)
        kept, outside = self._inside()
        low, high = min(kept), max(kept)
        width_at, factor = self._width_at, 1
        first, last = _ends(low, high, width_at, self._window)
        while last - first > self._wanted and width_at + 1 < _WIDTHS:
            width_at, step = _wider(width_at)
            factor *= step
            first, last = _ends(low // factor, high // factor, width_at, self._window)
        kept, width_s = _merged(kept, factor), WIDTHS_S[width_at]
        return Histogram(
            width_s,
            tuple(
                Bucket(index * width_s, dict(kept.get(index, {})))
                for index in range(first, last + 1)
            ),
            self._timeless,
            outside,
        )

    @property
    def _window(self) -> _Window:
        return self._since_s, self._until_s

    def _inside(self) -> tuple[_Counts, Outside]:
        """Return what is kept of the bulk, and what is known of the rest.

        An end that was asked for is where somebody wants to look: nothing is left out there.
        """
        width_s, indexes = WIDTHS_S[self._width_at], sorted(self._counts)
        begin, end = bulk_of([(at * width_s, self._counts[at].total()) for at in indexes])
        begin = begin if self._since_s is None else 0
        end = end if self._until_s is None else len(indexes)
        before, after = indexes[:begin], indexes[end:]
        if not before and not after:
            return self._counts, Outside()
        return {at: self._counts[at] for at in indexes[begin:end]}, Outside(
            sum(self._counts[at].total() for at in before),
            sum(self._counts[at].total() for at in after),
            self._first_s if before else None,
            self._last_s if after else None,
        )

    def _widen(self) -> None:
        self._width_at, factor = _wider(self._width_at)
        self._counts = _merged(self._counts, factor)


def _ends(first: int, last: int, width_at: int, window: _Window) -> tuple[int, int]:
    (since_s, until_s), width_s = window, WIDTHS_S[width_at]
    if since_s is not None:
        first = min(first, math.floor(since_s / width_s))
    if until_s is not None:
        last = max(last, math.ceil(until_s / width_s) - 1)
    return first, last


def _wider(width_at: int) -> tuple[int, int]:
    """Return the next width of which this one is a part, and how often: no record is split."""
    width_s, at = WIDTHS_S[width_at], width_at + 1
    while not _divides(width_s, WIDTHS_S[at]):
        at += 1
    return at, round(WIDTHS_S[at] / width_s)


def _merged(counts: _Counts, factor: int) -> _Counts:
    if factor == 1:
        return counts
    merged: _Counts = {}
    # For every record that comes, over thousands of buckets: `Counter.update` takes ten times as
    # long.
    for index, found in counts.items():
        into = merged.get(index // factor)
        if into is None:
            into = merged[index // factor] = Counter()
        for level, count in found.items():
            into[level] = into.get(level, 0) + count
    return merged


def _divides(narrow_s: float, wide_s: float) -> bool:
    return abs(wide_s / narrow_s - round(wide_s / narrow_s)) < 1e-9
