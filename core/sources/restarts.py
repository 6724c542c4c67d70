"""Remembers restart counters, so that a crash loop is seen also while it happens to be up."""

from collections import deque
from datetime import datetime

_WINDOW_S = 180.0
LOOP_RESTARTS = 2
"""So many restarts within the window are a crash loop …"""
_SETTLED_S = 30.0
"""… until the service has been up for so long."""


def is_crash_loop(recent_restarts: int, started_at: datetime | None, now: datetime) -> bool:
    """Return whether a service that is up just now is only between two crashes."""
    if recent_restarts < LOOP_RESTARTS:
        return False
    return started_at is None or (now - started_at).total_seconds() < _SETTLED_S


class RestartWatch:
    """Counts restarts within the last three minutes, by name."""

    def __init__(self, window_s: float = _WINDOW_S) -> None:
        """Remember nothing yet."""
        self._window_s = window_s
        self._seen: dict[str, deque[tuple[float, int]]] = {}

    def count(self, name: str, now_s: float, restarts: int | None) -> int:
        """Take a counter's value now and return by how much it grew within the window.

        A counter that went back belongs to a new run and starts anew.
        """
        if restarts is None:
            return 0
        seen = self._seen.setdefault(name, deque())
        if seen and restarts < seen[-1][1]:
            seen.clear()
        while len(seen) > 1 and now_s - seen[1][0] >= self._window_s:
            seen.popleft()
        if not seen or seen[-1][1] != restarts:
            seen.append((now_s, restarts))
        if now_s - seen[-1][0] >= self._window_s:
            return 0
        return restarts - seen[0][1]
