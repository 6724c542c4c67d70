"""Where most records lie in time: a few wild times shall not press all others into one bar. Pure.

A clock that was not set (1970), one that ran ahead (2099) or a number that was read as a time is
one record of thousands, and a chart over all of them would show nothing else. What lies outside is
left out of the chart alone: it is counted and told, and nothing else ever asks this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GAP_S = 86_400.0
"""Nothing is left out across less: a night without records is no wild time."""
PRESSED = 9.0
"""Only across a gap so many times the span of the rest, which would be pressed into a tenth."""
SHARE = 20
"""At most one in so many records is left out …"""
FEW, OF_FEW = 2, 8
"""… or so many, of at least so many records."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place between two moments, behind or before which few records lie."""

    at: int
    """Number of the first moment behind it."""
    gap_s: float
    count: int
    is_low: bool


def bulk_of(moments: Sequence[tuple[float, int]]) -> tuple[int, int]:
    """Return which moments the bulk is: the number of its first, and one past its last.

    Args:
        moments: Seconds since 1970, ascending, each with its number of records.
    """
    total = sum(count for _, count in moments)
    left = max(total // SHARE, FEW if total >= OF_FEW else 0)
    begin, end = 0, len(moments)
    while cuts := _cuts(moments, begin, end, left):
        for cut in cuts:
            left -= cut.count
            begin, end = (cut.at, end) if cut.is_low else (begin, cut.at)
    return begin, end


def _cuts(moments: Sequence[tuple[float, int]], begin: int, end: int, left: int) -> list[_Cut]:
    """Return where an end, or both, can be left out; the widest gap counts first."""
    low = _widest(moments, begin, end, left, is_low=True)
    high = _widest(moments, begin, end, left, is_low=False)
    cuts = sorted((one for one in (low, high) if one is not None), key=lambda one: -one.gap_s)
    if len(cuts) > 1 and (cuts[0].count + cuts[1].count > left or _overlap(cuts)):
        first = cuts[0]
        rest = left - first.count
        bounds = (first.at, end) if first.is_low else (begin, first.at)
        other = _widest(moments, *bounds, rest, is_low=not first.is_low)
        cuts = [first, *([other] if other is not None else [])]
    while cuts and not _are_worth_it(moments, begin, end, cuts):
        cuts.pop()
    return cuts


def _overlap(cuts: Sequence[_Cut]) -> bool:
    low, high = (cuts[0], cuts[1]) if cuts[0].is_low else (cuts[1], cuts[0])
    return low.at >= high.at


def _widest(
    moments: Sequence[tuple[float, int]], begin: int, end: int, left: int, *, is_low: bool
) -> _Cut | None:
    """Return the widest gap with at most `left` records on its outer side."""
    best, count = None, 0
    places = range(begin + 1, end) if is_low else range(end - 1, begin, -1)
    for at in places:
        count += moments[at - 1 if is_low else at][1]
        if count > left:
            break
        gap_s = moments[at][0] - moments[at - 1][0]
        if gap_s >= GAP_S and (best is None or gap_s > best.gap_s):
            best = _Cut(at, gap_s, count, is_low)
    return best


def _are_worth_it(
    moments: Sequence[tuple[float, int]], begin: int, end: int, cuts: Sequence[_Cut]
) -> bool:
    """Say whether all these gaps are wide, measured by what would be left."""
    for cut in cuts:
        begin, end = (cut.at, end) if cut.is_low else (begin, cut.at)
    span_s = moments[end - 1][0] - moments[begin][0]
    return all(cut.gap_s >= PRESSED * span_s for cut in cuts)
