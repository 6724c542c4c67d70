"""Holds our own commands to a number per second, and counts them."""

import asyncio
from collections import deque
from typing import Protocol

from core.clients.clock import Clock
from core.model.redis_server import OwnLoad

WINDOW_S = 10.0
SERVER_SHARE = 0.1
"""Of a server's time a scan takes at most this, for a view."""
_MOST_REST_S = 0.25
_ALIKE = 8
_BURST_S = 0.25
"""So much of a second's commands may go at once."""


class Pacer(Protocol):
    """Told of every command before it is sent."""

    @property
    def most_at_once(self) -> int:
        """How many commands may be sent in one go."""
        ...

    async def take(self, count: int) -> None:
        """Wait until so many commands may be sent."""
        ...

    def count(self, count: int) -> None:
        """Count commands that are sent whatever the pace."""
        ...


class Unpaced:
    """For who asks little: a check, an examination."""

    most_at_once = 64

    async def take(self, count: int) -> None:
        """Never wait."""

    def count(self, count: int) -> None:
        """Count nothing."""


class Rests:
    """Lets what keeps a server busy take no more than a share of its time.

    How long the server itself took is a round trip less the shortest one of all, which is the way.
    """

    def __init__(self, clock: Clock, share: float = SERVER_SHARE) -> None:
        """Know no round trip yet: all of the first one counts."""
        self._clock, self._share = clock, share
        self._way_s: float | None = None
        self._until_s = 0.0
        self._alike_s: deque[float] = deque(maxlen=_ALIKE)

    async def wait(self) -> float:
        """Rest what is left to rest; return for how long it was, seconds."""
        left_s = self._until_s - self._clock.monotonic()
        if left_s <= 0:
            return 0.0
        await self._clock.sleep(left_s)
        return left_s

    def note_small(self, took_s: float) -> None:
        """Learn how long the way is from what costs the server nothing."""
        self._way_s = took_s if self._way_s is None else min(self._way_s, took_s)

    def note_large(self, took_s: float) -> None:
        """Plan a rest after something that cost the server its time."""
        self._rest_after(max(0.0, took_s - (self._way_s or 0.0)))

    def note_alike(self, took_s: float, count: int) -> None:
        """Plan a rest after `count` things that cost about the same each, time after time.

        What keeps us waiting only adds to a round trip: the shortest of the last is the truest.
        """
        self._alike_s.append(max(0.0, took_s - (self._way_s or 0.0)) / count)
        self._rest_after(min(self._alike_s) * count)

    def _rest_after(self, busy_s: float) -> None:
        rest_s = min(_MOST_REST_S, busy_s * (1 / self._share - 1))
        self._until_s = self._clock.monotonic() + rest_s


class Pace:
    """A bucket that fills with `commands_per_s`; who finds too little in it waits."""

    def __init__(self, clock: Clock, commands_per_s: float) -> None:
        """Begin with a full bucket."""
        self._clock, self._rate = clock, max(commands_per_s, 1.0)
        self._burst = max(self._rate * _BURST_S, 1.0)
        self._level, self._filled_at = self._burst, clock.monotonic()
        self._lock = asyncio.Lock()
        self._total, self._waited_s = 0, 0.0
        self._recent: deque[tuple[float, int]] = deque()

    @property
    def most_at_once(self) -> int:
        """How many commands may be taken in one go without emptying the bucket twice."""
        return max(1, int(self._burst))

    async def take(self, count: int) -> None:
        """Wait until so many commands may be sent. Callers are served in their order."""
        async with self._lock:
            self._fill()
            lack_s = (count - self._level) / self._rate
            if count > 0 and lack_s > 0 and self._level < self._burst:
                began = self._clock.monotonic()
                await self._clock.sleep(min(lack_s, (self._burst - self._level) / self._rate))
                self._waited_s += self._clock.monotonic() - began
                self._fill()
            self._level -= count
            self.count(count)

    def count(self, count: int) -> None:
        """Count commands that are sent whatever the pace, such as those of dialling."""
        self._total += count
        now = self._clock.monotonic()
        self._recent.append((now, count))
        while self._recent and self._recent[0][0] <= now - WINDOW_S:
            self._recent.popleft()

    def hold(self, seconds: float) -> None:
        """Count time that was rested."""
        self._waited_s += seconds

    def load(self) -> OwnLoad:
        """Return what we cost: all commands, and those of the last ten seconds."""
        since = self._clock.monotonic() - WINDOW_S
        recent = sum(count for at, count in self._recent if at > since)
        return OwnLoad(self._total, recent / WINDOW_S, self._rate, self._waited_s)

    def _fill(self) -> None:
        now = self._clock.monotonic()
        self._level = min(self._burst, self._level + (now - self._filled_at) * self._rate)
        self._filled_at = now
