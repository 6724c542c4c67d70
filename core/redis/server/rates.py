"""Rates between looks: what counters since the start do not tell. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from core.model.redis_server import ServerSample

WINDOW_S = 300.0
"""How far back a rate reaches that is told as one number."""


def within(history: Sequence[ServerSample], window_s: float = WINDOW_S) -> list[ServerSample]:
    """Return the looks of the last `window_s` seconds."""
    return [one for one in history if history[-1].at_s - one.at_s <= window_s] if history else []


def hit_percent(history: Sequence[ServerSample], window_s: float = WINDOW_S) -> float | None:
    """Return how many lookups of the window found their key; None: there were none."""
    recent = within(history, window_s)
    if len(recent) < 2:
        return None
    first, last = recent[0], recent[-1]
    hits, misses = _grown(first.hits, last.hits), _grown(first.misses, last.misses)
    return share_percent(hits, misses)


def share_percent(hits: int | None, misses: int | None) -> float | None:
    """Return the share of lookups that found their key; None: not told, or there were none."""
    if hits is None or misses is None or hits + misses == 0:
        return None
    return 100 * hits / (hits + misses)


def hit_percents(history: Sequence[ServerSample]) -> tuple[float | None, ...]:
    """Return the hit rate between each look and the one before it."""
    return tuple(
        share_percent(_grown(one.hits, two.hits), _grown(one.misses, two.misses))
        for one, two in pairwise(history)
    )


def evictions_per_s(history: Sequence[ServerSample]) -> tuple[float | None, ...]:
    """Return the keys thrown away per second between each look and the one before it."""
    return tuple(_per_s(one, two) for one, two in pairwise(history))


def evicting_per_s(history: Sequence[ServerSample]) -> float | None:
    """Return the keys thrown away per second at the last look; None: one look knows no rate."""
    return _per_s(history[-2], history[-1]) if len(history) > 1 else None


def _per_s(one: ServerSample, two: ServerSample) -> float | None:
    grown, span_s = _grown(one.evicted_keys, two.evicted_keys), two.at_s - one.at_s
    return None if grown is None or span_s <= 0 else grown / span_s


def _grown(before: int | None, after: int | None) -> int | None:
    """Return how much a counter grew; None: not told, or it was set back (CONFIG RESETSTAT)."""
    return None if before is None or after is None or after < before else after - before
