"""The only reader of the clocks. Everything else takes a `Clock`."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as a port, so that tests and pictures can freeze it."""

    def now(self) -> datetime:
        """Return the wall clock, UTC, aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back and go on while the machine sleeps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The real clocks."""

    def now(self) -> datetime:
        """Return the wall clock, UTC, aware."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return CLOCK_BOOTTIME where there is one, else the monotonic clock, seconds."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio  # noqa: PLC0415 - most verbs never wait, and start sooner without it

        await asyncio.sleep(seconds)
