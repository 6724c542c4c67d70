"""Rates from one look to the next; what cannot be compared has none. Pure."""

from collections.abc import Sequence

from core.model.stream import StreamSample

SAMPLES = 360
"""Half an hour of looks, 5 s apart."""
_WINDOW_S = 60.0
_LEAST_S = 0.5
"""Looks closer together tell nothing."""


def rate_in_per_s(history: Sequence[StreamSample]) -> float | None:
    """Return entries added per second in the last minute; None: too few looks, or begun anew.

    A server that counts what was ever added is asked for that: trimming does not change it. On
    an older one the length tells as long as it grows.
    """
    if not history:
        return None
    new = history[-1]
    figures = [
        (one.at_s, one.length if new.entries_added is None else one.entries_added)
        for one in history
        if (one.entries_added is None) == (new.entries_added is None)
    ]
    return rate_per_s([(at_s, figure) for at_s, figure in figures if figure is not None])


def rate_per_s(figures: Sequence[tuple[float, int]]) -> float | None:
    """Return the rise per second of a figure that only grows, over the last minute.

    Args:
        figures: Monotonic time and figure, oldest first. Where it falls it began anew (a restart,
            a stream made again, a group set back): what was before does not count.
    """
    if not figures:
        return None
    begin = len(figures) - 1
    while begin and figures[begin - 1][1] <= figures[begin][1]:
        if figures[-1][0] - figures[begin - 1][0] > _WINDOW_S:
            break
        begin -= 1
    span_s = figures[-1][0] - figures[begin][0]
    if span_s < _LEAST_S:
        return None
    return (figures[-1][1] - figures[begin][1]) / span_s
