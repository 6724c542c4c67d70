"""Figures over the probes that history keeps. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.model.check import Probe
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ProbeFigures:
    """What a window of probes amounts to; None: no probe (or no answer) in it."""

    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    uptime_percent: float | None
    """Share of the probes that were ok or degraded, 0 to 100."""


def figures_of(history: Sequence[Probe]) -> ProbeFigures:
    """Return percentiles of the latencies that were measured, and uptime over all probes."""
    if not history:
        return ProbeFigures(None, None, None, None)
    verdicts = [probe.verdict for probe in history]
    up = verdicts.count(Verdict.OK) + verdicts.count(Verdict.DEGRADED)
    ordered = sorted([probe.latency_s for probe in history if probe.latency_s is not None])
    return ProbeFigures(
        percentile(ordered, 0.50),
        percentile(ordered, 0.95),
        percentile(ordered, 0.99),
        100.0 * up / len(history),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile of values in ascending order; None without values."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
