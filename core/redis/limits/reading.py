"""What one record amounts to, before it is known whose it is."""

from dataclasses import dataclass

from core.model.limit import LimitShape
from core.model.text import EMPTY, SafeText

AHEAD_S = 5.0
"""Clocks that differ by less are in step."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a limit allows; None: not known."""

    capacity: float | None
    refill_per_s: float | None

    @property
    def window_s(self) -> float | None:
        """The span in which the capacity is allowed once."""
        if self.capacity is None or not self.refill_per_s:
            return None
        return self.capacity / self.refill_per_s


@dataclass(frozen=True, slots=True)
class Reading:
    """A record's figures; the names are those of `LimitRow`."""

    shape: LimitShape
    terms: Terms
    tokens_stored: SafeText = EMPTY
    tokens_now: float | None = None
    last_seen_age_s: float | None = None
    retry_after_s: float | None = None
    is_limited: bool | None = None
    was_exhausted: bool | None = None
    problem: SafeText = EMPTY
    note: SafeText = EMPTY
