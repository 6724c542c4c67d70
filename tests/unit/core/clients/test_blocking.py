"""Blocking calls have deadlines; a stuck one is named and holds up nobody for ever."""

import asyncio
import threading

import pytest

from core.clients.blocking import BlockingWorker
from core.clients.clock import SystemClock
from core.errors import ClientTimeout
from tests.fakes.clock import FakeClock


async def test_a_call_returns_its_result() -> None:
    worker = BlockingWorker("disk", SystemClock())
    assert await worker.run(lambda: 42, 30.0) == 42
    worker.close()


async def test_calls_run_in_one_daemon_thread_off_the_loop() -> None:
    worker = BlockingWorker("disk", SystemClock())
    threads = {await worker.run(threading.current_thread, 30.0) for _ in range(3)}
    assert [(thread.name, thread.daemon) for thread in threads] == [("qd-disk", True)]
    worker.close()


async def test_an_error_reaches_the_caller() -> None:
    worker = BlockingWorker("disk", SystemClock())

    def fail() -> None:
        raise FileNotFoundError("gone")

    with pytest.raises(FileNotFoundError, match="gone"):
        await worker.run(fail, 30.0)
    assert await worker.run(lambda: "still here", 30.0) == "still here"
    worker.close()


async def test_a_stuck_call_is_named_and_later_calls_fail_at_once() -> None:
    clock, begun, release = FakeClock(), threading.Event(), threading.Event()
    worker = BlockingWorker("disk", clock)

    def hang() -> bool:
        begun.set()
        return release.wait(30)

    stuck = asyncio.ensure_future(worker.run(hang, 60.0))
    assert await asyncio.to_thread(begun.wait, 30)
    with pytest.raises(ClientTimeout, match=r"disk: no answer within 0\.05 s"):
        await worker.run(lambda: 1, 0.05)
    await clock.advance(100)
    with pytest.raises(ClientTimeout, match="disk: an earlier call is stuck since 100 s"):
        await worker.run(lambda: 1, 50.0)
    release.set()
    assert await stuck
    assert await worker.run(lambda: "recovered", 30.0) == "recovered"
    worker.close()


async def test_a_cancelled_wait_does_not_disturb_the_next() -> None:
    worker = BlockingWorker("disk", SystemClock())
    release = threading.Event()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(worker.run(release.wait, 30.0))
        await asyncio.sleep(0)
        waiting.cancel()
    release.set()
    assert await worker.run(lambda: 1, 30.0) == 1
    worker.close()


async def test_a_closed_worker_starts_again_when_it_is_needed() -> None:
    worker = BlockingWorker("disk", SystemClock())
    await worker.run(lambda: 1, 30.0)
    worker.close()
    assert await worker.run(lambda: 2, 30.0) == 2
    worker.close()


class LeapingClock(SystemClock):
    """A clock that can be put forward."""

    ahead_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


async def test_whoever_has_waited_for_a_long_call_may_ask_again_at_once() -> None:
    """Its thread may not have come round yet: that is no call that is stuck."""
    clock = LeapingClock()
    worker = BlockingWorker("disk", clock)

    def long() -> int:
        clock.ahead_s += 100
        return 1

    for _ in range(500):
        assert await worker.run(long, 50.0) == 1
    worker.close()
