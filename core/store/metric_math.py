"""Arithmetic on samples: rates, ratios, quantiles. Pure; None where the truth is not known."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from core.model.metric import Sample

_Where = Callable[[Mapping[str, str]], bool]


def total(samples: Iterable[Sample], name: str, where: _Where | None = None) -> float | None:
    """Return the sum of all samples of a name whose labels match; None when there is none."""
    found = [
        one.value
        for one in samples
        if one.key.name == name and (where is None or where(dict(one.key.labels)))
    ]
    return sum(found) if found else None


def rate_per_s(points: tuple[tuple[datetime, float], ...]) -> float | None:
    """Return the rise of a counter per second over its points, resets taken as restarts at 0."""
    if len(points) < 2:
        return None
    elapsed = (points[-1][0] - points[0][0]).total_seconds()
    if elapsed <= 0:
        return None
    rise = 0.0
    for (_, before), (_, after) in itertools.pairwise(points):
        rise += after - before if after >= before else after
    return rise / elapsed


def ratio(part: float | None, whole: float | None) -> float | None:
    """Return part of whole; None when either is not known or the whole is nothing."""
    return None if part is None or not whole else part / whole


def used_share(used: float | None, limit: float | None) -> float | None:
    """Return the used share of a limit; None for a limit of 0, which means "no limit"."""
    return ratio(used, limit)


def _label(sample: Sample, name: str) -> str:
    return next((value for key, value in sample.key.labels if key == name), "")


def quantile(samples: Iterable[Sample], name: str, share: float) -> tuple[float, float] | None:
    """Return the bounds of the bucket in which a quantile lies, summed over all label sets.

    Args:
        samples: One scrape.
        name: Histogram name without `_bucket`.
        share: 0.95 for p95.
    """
    sums: dict[float, float] = {}
    for sample in samples:
        if sample.key.name == f"{name}_bucket":
            bound = float(_label(sample, "le") or "inf")
            sums[bound] = sums.get(bound, 0.0) + sample.value
    bounds = sorted(sums)
    if not bounds or sums[bounds[-1]] <= 0:
        return None
    wanted = share * sums[bounds[-1]]
    below = 0.0
    for bound in bounds:
        if sums[bound] >= wanted:
            return below, bound
        below = bound
    return None
