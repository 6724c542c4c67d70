"""The most frequent values of a field, with when each was first and last seen, in bounded memory.

Exact while there are no more distinct values than are kept. Beyond that Space-Saving (Metwally,
Agrawal and El Abbadi, 2005): a new value takes the place of the rarest and inherits its count as a
possible excess, so that whatever is frequent is always among those kept, and every count is known
to be at least `count - excess`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heapreplace

from core.model.log import LogRecord
from core.model.text import SafeText

KEPT_VALUES = 10_000


@dataclass(frozen=True, slots=True)
class TopValue:
    """One value of a field."""

    value: SafeText
    count: int
    excess: int
    """By how much `count` may be too high; 0 where it is exact."""
    first_s: float | None
    """Seconds since 1970, of the earliest record seen with it; None when none had a time."""
    last_s: float | None


@dataclass(frozen=True, slots=True)
class Tops:
    """The most frequent values, most frequent first."""

    values: tuple[TopValue, ...]
    distinct: int
    """How many different values there were; see `is_exact`."""
    total: int
    """Records that had a value."""
    others: int
    """Records whose value is not among `values`; at most, where counts are not exact."""
    without: int
    """Records that matched and have no such field."""
    is_exact: bool
    """False: more different values came than are kept. Counts are then at most `count`, at least
    `count - excess`, and `distinct` is "at least"."""


@dataclass(slots=True)
class _Tally:
    count: int = 0
    excess: int = 0
    first_s: float | None = None
    last_s: float | None = None


class TopsOf:
    """Takes records; says which values of a field are most frequent."""

    def __init__(
        self,
        values_of: Callable[[LogRecord], tuple[SafeText, ...]],
        kept_values: int = KEPT_VALUES,
    ) -> None:
        self._values_of = values_of
        self._kept_values = kept_values
        self._tallies: dict[SafeText, _Tally] = {}
        self._heap: list[tuple[int, SafeText]] = []
        self._total = 0
        self._without = 0
        self._is_exact = True

    def add(self, record: LogRecord) -> None:
        """Count the values of one record; each part of a list counts."""
        values = self._values_of(record)
        if not values:
            self._without += 1
            return
        self._total += 1
        for value in dict.fromkeys(values):
            tally = self._tallies.get(value) or self._admit(value)
            tally.count += 1
            at_s = record.time_s
            if at_s is not None:
                tally.first_s = at_s if tally.first_s is None else min(tally.first_s, at_s)
                tally.last_s = at_s if tally.last_s is None else max(tally.last_s, at_s)

    def result(self, limit: int) -> Tops:
        """Return the `limit` most frequent values; equals are in order of their text."""
        ordered = sorted(self._tallies.items(), key=lambda pair: (-pair[1].count, pair[0]))
        shown = ordered[: max(0, limit)]
        return Tops(
            tuple(
                TopValue(value, one.count, one.excess, one.first_s, one.last_s)
                for value, one in shown
            ),
            len(self._tallies),
            self._total,
            max(0, self._total - sum(one.count for _, one in shown)),
            self._without,
            self._is_exact,
        )

    def _admit(self, value: SafeText) -> _Tally:
        tally = _Tally()
        if len(self._tallies) >= self._kept_values:
            tally.count = tally.excess = self._evict(value)
        elif not self._is_exact:
            self._heap.append((0, value))
        self._tallies[value] = tally
        return tally

    def _evict(self, newcomer: SafeText) -> int:
        """Drop the rarest value and return its count; counts in the heap may lag, never lead."""
        if self._is_exact:
            self._is_exact = False
            self._heap = [(one.count, value) for value, one in self._tallies.items()]
            heapify(self._heap)
        while True:
            noted, value = self._heap[0]
            count = self._tallies[value].count
            if count == noted:
                heapreplace(self._heap, (count, newcomer))
                del self._tallies[value]
                return count
            heapreplace(self._heap, (count, value))
