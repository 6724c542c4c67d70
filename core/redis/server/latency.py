"""Round trips to a server, sampled for a while: its figures, and those of `redis-cli --latency`."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.redis_server import LatencyWindow

MOST_WINDOWS = 60
"""Kept, and sampled for one wish."""
_GAP_S = 0.05
"""Between pings: as much as a person sees, and a tenth of what the server does not notice."""
_CALM_S = 0.5
_LEAST_S, _MOST_S = 0.1, 60.0
_RAW = re.compile(
    r"(?P<min>\d+(?:\.\d+)?)\s+(?P<max>\d+(?:\.\d+)?)\s+(?P<avg>\d+(?:\.\d+)?)\s+(?P<count>\d+)"
)


def parse_latency(text: str) -> LatencyWindow | None:
    """Return what a piped `redis-cli --latency` prints: `min max avg samples`; None: it is not it.

    Of several lines (`--latency-history`) the last counts.
    """
    lines = [found for line in text.splitlines() if (found := _RAW.match(line.strip()))]
    if not lines:
        return None
    last = lines[-1]
    return LatencyWindow(
        age_s=0.0,
        count=int(last["count"]),
        min_ms=float(last["min"]),
        avg_ms=float(last["avg"]),
        max_ms=float(last["max"]),
    )


def window_of(pings_s: Sequence[float], age_s: float = 0.0) -> LatencyWindow:
    """Return the figures of at least one ping."""
    total_s = sum(pings_s)
    return LatencyWindow(
        age_s=age_s,
        count=len(pings_s),
        min_ms=min(pings_s) * 1000,
        avg_ms=total_s * 1000 / len(pings_s),
        max_ms=max(pings_s) * 1000,
    )


async def sample_windows(
    keyspace: Keyspace, clock: Clock, windows: int, window_s: float
) -> AsyncIterator[LatencyWindow]:
    """Yield a window as each ends: bounded in number, in length and in pings a second.

    Raises:
        ClientError: a ping was not answered.
    """
    # What was just read may still hold our commands back: that wait is ours, not the server's.
    await clock.sleep(_CALM_S)
    length_s = min(max(window_s, _LEAST_S), _MOST_S)
    for _ in range(min(max(windows, 1), MOST_WINDOWS)):
        pings_s: list[float] = []
        ends_s = clock.monotonic() + length_s
        while not pings_s or clock.monotonic() < ends_s:
            pings_s.append(await keyspace.ping_s())
            await clock.sleep(_GAP_S)
            await asyncio.sleep(0)
        yield window_of(pings_s)
