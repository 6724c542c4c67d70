"""Points in time brought to a fixed number of equal slices, for charts. Pure.

Slices are aligned to whole multiples of their length, so that a chart moves by one dot when time
moves by one slice and does not shimmer in between.
"""

import math
from collections.abc import Iterable
from datetime import datetime

from core.model.check import Probe
from core.model.verdict import Verdict

Points = Iterable[tuple[datetime, float | None]]


def slice_s(window_s: float, slices: int) -> int:
    """Return the shortest slice in whole seconds with which `slices` reach over the window."""
    return max(1, math.ceil(window_s / max(1, slices)))


def resample(
    points: Points, slices: int, step_s: int, now: datetime, carry_s: float = 0.0
) -> tuple[float | None, ...]:
    """Return the mean of the points in each slice, oldest first; None where there is none.

    Args:
        points: Oldest first.
        slices: How many to return; the last one holds `now`.
        step_s: Length of a slice, seconds.
        now: The present moment.
        carry_s: How long a value speaks for the slices after it: the interval of the readings.
    """
    last = int(now.timestamp()) // step_s
    sums = [0.0] * slices
    counts = [0] * slices
    for at, value in points:
        index = int(at.timestamp()) // step_s - last + slices - 1
        if value is not None and 0 <= index < slices:
            sums[index] += value
            counts[index] += 1
    values: list[float | None] = []
    carried: float | None = None
    room = 0.0
    for total, count in zip(sums, counts, strict=True):
        if count:
            carried, room = total / count, carry_s
            values.append(carried)
            continue
        values.append(carried if room > 0 else None)
        room -= step_s
    return tuple(values)


def worst_per_slice(
    probes: Iterable[Probe], slices: int, step_s: int, now: datetime, carry_s: float
) -> tuple[Verdict | None, ...]:
    """Return the worst verdict in each slice, oldest first; None where nothing was probed.

    Args:
        probes: Newest first: older ones than the first slice are not looked at.
        slices: How many to return; the last one holds `now`.
        step_s: Length of a slice, seconds.
        now: The present moment.
        carry_s: How long a verdict speaks for the slices after it.
    """
    last = int(now.timestamp()) // step_s
    found: list[Verdict | None] = [None] * slices
    for probe in probes:
        index = int(probe.at.timestamp()) // step_s - last + slices - 1
        if index < 0:
            break
        index = min(index, slices - 1)
        known = found[index]
        if known is None or probe.verdict.rank > known.rank:
            found[index] = probe.verdict
    return _carried(found, step_s, carry_s)


def _carried(
    found: list[Verdict | None], step_s: int, carry_s: float
) -> tuple[Verdict | None, ...]:
    carried: Verdict | None = None
    room = 0.0
    filled: list[Verdict | None] = []
    for one in found:
        if one is not None:
            carried, room = one, carry_s
            filled.append(one)
            continue
        filled.append(carried if room > 0 else None)
        room -= step_s
    return tuple(filled)
