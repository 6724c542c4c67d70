"""How many, how often, how serious: counts and rates over the records' own time. Pure.

Invariant: time is the records' time, never the clock's; a record without one is counted as such
and takes part in no rate.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from core.model.log import LogLevel, LogRecord


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole, both kept, so that 4 of 60 never becomes 6 %."""

    part: int
    whole: int

    @property
    def exact(self) -> Fraction | None:
        """The ratio; None of nothing."""
        return Fraction(self.part, self.whole) if self.whole else None

    @property
    def percent(self) -> float | None:
        """The ratio in hundredths; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a set of records amounts to."""

    total: int
    by_level: Mapping[LogLevel | None, int]
    """None: records whose level is not known."""
    timeless: int
    """Records without a time."""
    first_s: float | None
    """Time of the earliest record, seconds since 1970."""
    last_s: float | None
    window_s: float | None
    """What rates are per: the window asked for, else the span from first to last record."""

    @property
    def errors(self) -> Ratio:
        """Records of level error and above, of all."""
        found = sum(
            count
            for level, count in self.by_level.items()
            if level is not None and level >= LogLevel.ERROR
        )
        return Ratio(found, self.total)

    @property
    def per_s(self) -> float | None:
        """Records that have a time, a second; None where there is no span to divide by."""
        return (self.total - self.timeless) / self.window_s if self.window_s else None

    @property
    def per_min(self) -> float | None:
        """Records that have a time, a minute."""
        return None if self.per_s is None else 60 * self.per_s


class CountsOf:
    """Takes records; says how many, of which levels, over which time."""

    def __init__(self, since_s: float | None = None, until_s: float | None = None) -> None:
        self._since_s = since_s
        self._until_s = until_s
        self._by_level: Counter[LogLevel | None] = Counter()
        self._timeless = 0
        self._first_s: float | None = None
        self._last_s: float | None = None

    def add(self, record: LogRecord) -> None:
        """Count one record."""
        self._by_level[record.level] += 1
        at_s = record.time_s
        if at_s is None:
            self._timeless += 1
        elif self._first_s is None or self._last_s is None:
            self._first_s = self._last_s = at_s
        elif at_s < self._first_s:
            self._first_s = at_s
        elif at_s > self._last_s:
            self._last_s = at_s

    def result(self) -> Counts:
        """Return the counts so far."""
        begin_s = self._first_s if self._since_s is None else self._since_s
        end_s = self._last_s if self._until_s is None else self._until_s
        has_span = begin_s is not None and end_s is not None and end_s > begin_s
        return Counts(
            self._by_level.total(),
            dict(self._by_level),
            self._timeless,
            self._first_s,
            self._last_s,
            end_s - begin_s if has_span and begin_s is not None and end_s is not None else None,
        )


def merge(one: Counts, other: Counts) -> Counts:
    """Return the counts of two sets of records of the same window that share none."""
    firsts = [each.first_s for each in (one, other) if each.first_s is not None]
    lasts = [each.last_s for each in (one, other) if each.last_s is not None]
    windows = [each.window_s for each in (one, other) if each.window_s is not None]
    span_s = max(lasts) - min(firsts) if firsts else 0.0
    return Counts(
        one.total + other.total,
        dict(Counter(one.by_level) + Counter(other.by_level)),
        one.timeless + other.timeless,
        min(firsts, default=None),
        max(lasts, default=None),
        max([*windows, span_s]) or None,
    )
