"""Percentiles, average and extremes of a numeric field, in bounded memory.

Exact, by nearest rank, as long as no more values came than are kept. Beyond that DDSketch (Masson,
Rim and Lee, 2019): buckets whose bounds grow by a factor, so that a percentile is never off by more
than a share of itself. Count, average and extremes stay exact.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

EXACT_VALUES = 100_000
"""How many values are kept as they are: 0.8 MB of floats in a list of pointers, twice at most."""
RELATIVE_ERROR = 0.005
"""The share by which a percentile from the sketch may be off."""
SHARES = (0.5, 0.9, 0.95, 0.99)

_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GROWTH = math.log(_GROWTH)
_LEAST = 1e-9
_MOST = 1e18
"""Values outside count as 0 and as the limit; within there are at most 6,300 buckets a sign."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile."""

    share: float
    value: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the values of a field amount to, in the unit that was asked for."""

    count: int
    without: int
    """Records that matched and have no number in the field."""
    minimum: float | None
    average: float | None
    """None too where the sum is beyond all numbers."""
    maximum: float | None
    percentiles: tuple[Percentile, ...]
    """Empty without values."""
    relative_error: float
    """The share by which a percentile may be off: 0, or `RELATIVE_ERROR` when there were many."""


class DistributionOf:
    """Takes values; says what they amount to."""

    def __init__(self, exact_values: int = EXACT_VALUES) -> None:
        self._exact_values = exact_values
        self._values: list[float] | None = []
        self._buckets: Counter[int] = Counter()
        self._count = 0
        self._without = 0
        self._sum = 0.0
        self._lost = 0.0
        self._minimum = math.inf
        self._maximum = -math.inf

    def add(self, value: float | None) -> None:
        """Take the number of one record; None, NaN and infinity count as none."""
        if value is None or not math.isfinite(value):
            self._without += 1
            return
        value = float(value)
        self._count += 1
        self._minimum = min(self._minimum, value)
        self._maximum = max(self._maximum, value)
        self._add_to_sum(value)
        if self._values is None:
            self._buckets[_bucket(value)] += 1
            return
        self._values.append(value)
        if len(self._values) > self._exact_values:
            self._sketch()

    def result(self, shares: Sequence[float] = SHARES) -> Distribution:
        """Return the figures of all values so far.

        Args:
            shares: The percentiles wanted, 0.95 for p95.
        """
        if not self._count:
            return Distribution(0, self._without, None, None, None, (), 0.0)
        if self._values is not None:
            self._values.sort()
            found = [self._values[_rank(share, self._count) - 1] for share in shares]
        else:
            found = self._sketched(shares)
        return Distribution(
            self._count,
            self._without,
            self._minimum,
            self._average(),
            self._maximum,
            tuple(Percentile(share, value) for share, value in zip(shares, found, strict=True)),
            0.0 if self._values is not None else RELATIVE_ERROR,
        )

    def _average(self) -> float | None:
        mean = (self._sum + self._lost) / self._count
        if not math.isfinite(mean):
            return None
        return min(max(mean, self._minimum), self._maximum)

    def _add_to_sum(self, value: float) -> None:
        """Add as Neumaier does, so that a million small values beside a large one still count."""
        total = self._sum + value
        if abs(self._sum) >= abs(value):
            self._lost += (self._sum - total) + value
        else:
            self._lost += (value - total) + self._sum
        self._sum = total

    def _sketch(self) -> None:
        if self._values is not None:
            self._buckets.update(_bucket(value) for value in self._values)
            self._values = None

    def _sketched(self, shares: Sequence[float]) -> list[float]:
        ordered = sorted(self._buckets.items())
        found: list[float] = []
        for share in shares:
            wanted, seen = _rank(share, self._count), 0
            for bucket, count in ordered:
                seen += count
                if seen >= wanted:
                    found.append(min(max(_value(bucket), self._minimum), self._maximum))
                    break
        return found


def _rank(share: float, count: int) -> int:
    """Return the nearest rank, from 1. In fractions: 0.95 of 20 is 19, not 19.000000000000004."""
    exact = Fraction(share).limit_denominator(1_000_000) * count
    return min(max(1, math.ceil(exact)), count)


def _bucket(value: float) -> int:
    """Return the bucket of a value: 0 for next to nothing, negative for negative values."""
    size = min(abs(value), _MOST)
    if size < _LEAST:
        return 0
    bucket = math.ceil(math.log(size / _LEAST) / _LOG_GROWTH) + 1
    return bucket if value > 0 else -bucket


def _value(bucket: int) -> float:
    if bucket == 0:
        return 0.0
    size = _LEAST * math.exp(_LOG_GROWTH * (abs(bucket) - 1)) * 2 / (1 + _GROWTH)
    return size if bucket > 0 else -size
