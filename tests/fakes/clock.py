"""Time that stands still until a test moves it."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SETTLE_TURNS = 25


class FakeClock:
    """A clock whose sleepers wake only when `advance` reaches their time."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, self._count, future))
        await future

    @property
    def sleeping_s(self) -> list[float]:
        """Seconds until each sleeper would wake."""
        return sorted(at - self._elapsed_s for at, _, future in self._sleepers if not future.done())

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers in order and letting each act before the next."""
        target = self._elapsed_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target + 1e-9:
            at, _, future = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, at)
            if not future.done():
                future.set_result(None)
                await settle()
        self._elapsed_s = target
        await settle()


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(SETTLE_TURNS):
        await asyncio.sleep(0)
