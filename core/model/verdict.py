"""The four verdicts and how they combine: worst wins."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check concluded."""

    OK = "ok"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    DOWN = "down"

    @property
    def rank(self) -> int:
        """0 for ok up to 3 for down."""
        return _RANK[self]


_RANK = {Verdict.OK: 0, Verdict.UNKNOWN: 1, Verdict.DEGRADED: 2, Verdict.DOWN: 3}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; `unknown` when there is none (nothing seen is not ok)."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.UNKNOWN)
