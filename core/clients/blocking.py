"""Runs calls that may hang in a daemon thread of their own, each with a deadline.

A thread stuck in a dead disk or a frozen engine is named, never awaited, and never keeps the
process from ending: that is why this is not an executor (its threads are joined at exit).
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

from core.clients.clock import Clock
from core.errors import ClientTimeout

_T = TypeVar("_T")


class _Job(Generic[_T]):
    """One call and the future that waits for it. As a context it hands an error to the waiter."""

    def __init__(self, call: Callable[[], _T]) -> None:
        self.call = call
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[_T] = self._loop.create_future()

    def run(self, over: Callable[[], None]) -> None:
        """Run the call in the worker's thread and settle the future in the loop's.

        `over` is called before that: whoever waits may ask again at once, and find it free.
        """
        with self:
            try:
                result = self.call()
            finally:
                over()
            self._settle(lambda: self.future.set_result(result))

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            caught = error
            self._settle(lambda: self.future.set_exception(caught))
        return True

    def _settle(self, settle: Callable[[], None]) -> None:
        def unless_abandoned() -> None:
            if not self.future.done():
                settle()

        with suppress(RuntimeError):  # the loop has closed: nobody waits any more
            self._loop.call_soon_threadsafe(unless_abandoned)


class BlockingWorker:
    """One daemon thread that runs blocking calls in order."""

    def __init__(self, name: str, clock: Clock) -> None:
        """Name the thread after what it talks to; it starts with the first call."""
        self._name = name
        self._clock = clock
        self._jobs: SimpleQueue[_Job[object] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy_since: float | None = None

    async def run(self, call: Callable[[], _T], deadline_s: float) -> _T:
        """Return what `call` returns, or raise what it raises.

        Raises:
            ClientTimeout: no result within `deadline_s`, or an earlier call is still stuck.
        """
        since = self._busy_since
        stuck_s = 0.0 if since is None else self._clock.monotonic() - since
        if stuck_s > deadline_s:
            raise ClientTimeout(f"{self._name}: an earlier call is stuck since {stuck_s:.0f} s")
        self._start()
        job = _Job(call)
        self._jobs.put(job)  # type: ignore[arg-type]  # the queue does not care what jobs return
        try:
            async with asyncio.timeout(deadline_s):
                return await job.future
        except TimeoutError:
            raise ClientTimeout(f"{self._name}: no answer within {deadline_s:g} s") from None

    def close(self) -> None:
        """Let the thread end after the call it is in."""
        self._jobs.put(None)
        self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            self._jobs = SimpleQueue()
            self._thread = threading.Thread(
                target=self._work, args=(self._jobs,), name=f"qd-{self._name}", daemon=True
            )
            self._thread.start()

    def _work(self, jobs: "SimpleQueue[_Job[object] | None]") -> None:
        while (job := jobs.get()) is not None:
            if job.future.cancelled():
                continue
            self._busy_since = self._clock.monotonic()
            job.run(self._be_free)

    def _be_free(self) -> None:
        self._busy_since = None
