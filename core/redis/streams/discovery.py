"""Finds streams that nobody named: SCAN in small steps, within a budget, resumed where it stood."""

from collections.abc import Callable

from core.clients.clock import Clock
from core.clients.keyspace.port import SCAN_COUNT, SCAN_START, Keyspace
from core.clients.redis_errors import RedisSaid
from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText, clean

MOST_FOUND = 1000
"""So many streams are listed; a server with more says so."""
AGAIN_S = 60.0
"""After a complete pass the next one begins so much later."""


class Discovery:
    """One pass after the other over all keys of a server.

    Args:
        clock: For budgets.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._place = SCAN_START
        self._steps = 0
        self._total: int | None = None
        self._took_s = 0.0
        self._ended_at_s: float | None = None
        self._seen: set[KeyName] = set()
        self.found: frozenset[KeyName] = frozenset()
        """Streams of the last complete pass and of this one."""
        self.progress: Progress | None = None
        """None: it has not begun."""

    def is_due(self) -> bool:
        """Tell whether a pass is under way, or the last one is old."""
        ended_s = self._ended_at_s
        return ended_s is None or self._clock.monotonic() - ended_s >= AGAIN_S

    def begin(self) -> None:
        """Start from the first key again; what was found stays until the end."""
        self._place, self._steps, self._total, self._took_s = SCAN_START, 0, None, 0.0
        self._seen, self._ended_at_s = set(), None

    async def go_on(
        self, keyspace: Keyspace, budget_s: float, steps: int, tell: Callable[[], None]
    ) -> None:
        """Scan on for so long and so many steps at most.

        Raises:
            ClientError: the server cannot be asked.
        """
        if self._ended_at_s is not None:
            self.begin()
        if self._total is None:
            _, self._total = await keyspace.info()
        began_s = self._clock.monotonic()
        earlier_s = self._took_s
        for _ in range(steps):
            try:
                self._place, keys = await keyspace.scan(self._place, kind="stream")
            except RedisSaid as error:
                self._end(f"the server refuses to scan: {error}")
                return
            self._steps += 1
            self._seen |= set(keys)
            self.found |= set(keys)
            self._took_s = earlier_s + self._clock.monotonic() - began_s
            if self._place.is_done or len(self._seen) > MOST_FOUND:
                self._end("" if self._place.is_done else f"more than {MOST_FOUND:,} streams")
                return
            self._show(EMPTY, is_complete=False)
            tell()
            if self._clock.monotonic() - began_s >= budget_s:
                return

    def _end(self, why: str) -> None:
        is_complete = not why
        if is_complete:
            self.found = frozenset(self._seen)
        self._ended_at_s = self._clock.monotonic()
        self._show(clean(why), is_complete=is_complete)

    def _show(self, stopped: SafeText, *, is_complete: bool) -> None:
        looked_at = self._steps * SCAN_COUNT
        if self._total is not None:
            looked_at = self._total if is_complete else min(looked_at, self._total)
        self.progress = Progress(looked_at, self._total, is_complete, self._took_s, stopped)
