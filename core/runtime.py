"""Runs the sources and keeps the snapshot; `core.once` looks a single time.

Invariants: one source, whatever it does, neither ends nor slows another; every failure is recorded
as `SourceReported` and followed by another try; cancellation always passes.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, runtime_checkable

from core.clients.clock import Clock
from core.clients.daemon_executor import DaemonExecutor
from core.model.events import CheckObserved, Event, SourceReported
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import EMPTY, SafeText, clean
from core.sources.base import FollowedSource, PolledSource, Source
from core.sources.fault import reason_of
from core.sources.pacing import backoff_s, first_offsets_s, second_gap_s, usual_gap_s
from core.store.reducer import reduce_all

PROVEN_AFTER_S = 1.0
"""A stream works again when it has emitted and not broken for this long."""
STEADY_AFTER_S = 10.0
"""A followed source that ran this long starts its backoff anew."""
CLOSE_LIMIT_S = 0.5
"""Closing the clients takes at most this long."""

_T = TypeVar("_T")


@runtime_checkable
class ClosableSource(Protocol):
    """A source that holds connections until the runtime ends."""

    async def aclose(self) -> None:
        """Close them."""
        ...


class LookFailed(Exception):
    """A look or a stream ended without an observation."""

    def __init__(self, reason: SafeText) -> None:
        super().__init__(reason)
        self.reason = reason


class Runtime:
    """Runs sources in one loop until cancelled.

    Args:
        sources: Looked at from `run` on; their names must be unique.
        clock: All waiting and all stamps.
        on_change: Called in the loop's thread after the snapshot changed, once per loop turn.
        dice: Jitter; tests pass a seeded one.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        clock: Clock,
        on_change: Callable[[], None] | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._on_change = on_change
        self._dice = dice or random.Random()  # noqa: S311 - jitter, not a secret
        self._snapshot = EMPTY_SNAPSHOT
        self._pending: list[Event] = []
        self._naps: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    @property
    def snapshot(self) -> Snapshot:
        """What is known now. A frozen value: any thread may read it."""
        return self._snapshot

    async def run(self) -> None:
        """Run all sources until cancelled, then close what they hold."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        offsets_s = first_offsets_s(len(self._sources))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.Event().wait(), name="until cancelled")
                for index, source in enumerate(self._sources):
                    group.create_task(
                        self._supervise(source, index, offsets_s[index]), name=source.name
                    )
        finally:
            self._apply_pending()
            await close_all(self._sources)

    def refresh_now(self) -> None:
        """Make every waiting source look at once. Call it in the loop's thread."""
        for nap in tuple(self._naps):
            nap.cancel()

    async def _supervise(self, source: Source, index: int, offset_s: float) -> None:
        if isinstance(source, PolledSource):
            await self._poll(source, index, offset_s)
        else:
            await self._keep_following(source, offset_s)

    async def _poll(self, source: PolledSource, index: int, offset_s: float) -> None:
        """Look again and again: the first time soon, the second anywhere in the interval."""
        await self._rest(offset_s)
        gap_s = second_gap_s(index, source.every_s)
        failures = 0
        while True:
            started = self._clock.monotonic()
            try:
                events = await guarded(self._one_look(source, gap_s))
            except LookFailed as failed:
                failures += 1
                gap_s = backoff_s(failures, source.every_s, self._dice)
                self._report_failure(source.name, failed.reason, gap_s)
                started = self._clock.monotonic()
            else:
                failures = 0
                self._take(events)
                self._report_working(source.name)
            spent_s = self._clock.monotonic() - started
            await self._rest(max(gap_s - spent_s, 0.0), spread_s=offset_s)
            gap_s = usual_gap_s(source.every_s, self._dice)

    async def _one_look(self, source: PolledSource, gap_s: float) -> tuple[Event, ...]:
        next_at = self._clock.now() + timedelta(seconds=gap_s)
        try:
            async with asyncio.timeout(source.deadline_s):
                events = await source.look()
        except TimeoutError as error:
            text = clean(f"no answer within {source.deadline_s:g} s")
            raise LookFailed(text) from error
        return tuple(_with_next(event, next_at) for event in events)

    async def _keep_following(self, source: FollowedSource, offset_s: float) -> None:
        """Follow, and follow again whenever the stream ends or breaks."""
        await self._rest(offset_s)
        failures = 0
        while True:
            started = self._clock.monotonic()
            reason = await self._follow(source)
            if self._clock.monotonic() - started >= STEADY_AFTER_S:
                failures = 0
            failures += 1
            delay_s = backoff_s(failures, 1.0, self._dice)
            self._report_failure(source.name, reason, delay_s)
            await self._rest(delay_s, spread_s=offset_s)

    async def _follow(self, source: FollowedSource) -> SafeText:
        """Follow until the stream ends or breaks, and return why."""
        emitted = asyncio.Event()

        def take(event: Event) -> None:
            self._take((event,))
            emitted.set()

        def emit(event: Event) -> None:
            if threading.get_ident() == self._thread:
                take(event)
            elif self._loop is not None:
                self._loop.call_soon_threadsafe(take, event)

        reason = SafeText("the stream ended")
        async with asyncio.TaskGroup() as group:
            proof = group.create_task(self._report_when_proven(source.name, emitted))
            try:
                await guarded(source.follow(emit))
            except LookFailed as failed:
                reason = failed.reason
            proof.cancel()
        return reason

    async def _report_when_proven(self, name: str, emitted: asyncio.Event) -> None:
        await emitted.wait()
        await self._clock.sleep(PROVEN_AFTER_S)
        self._report_working(name)

    async def _rest(self, seconds: float, spread_s: float = 0.0) -> None:
        """Wait; when `refresh_now` cuts it short, wait `spread_s` so that not all look at once."""
        async with asyncio.TaskGroup() as group:
            nap = group.create_task(self._clock.sleep(seconds))
            self._naps.add(nap)
            nap.add_done_callback(self._naps.discard)
        if nap.cancelled() and spread_s:
            await self._clock.sleep(spread_s)

    def _report_failure(self, name: str, reason: SafeText, delay_s: float) -> None:
        now = self._clock.now()
        retry_at = now + timedelta(seconds=delay_s)
        self._take((SourceReported(name, now, False, reason, retry_at),))

    def _report_working(self, name: str) -> None:
        """Record that a source works, if that is news."""
        known = self._latest_report(name)
        if known is None or not known.is_working:
            self._take((SourceReported(name, self._clock.now(), True, EMPTY, None),))

    def _latest_report(self, name: str) -> SourceReported | None:
        for event in reversed(self._pending):
            if isinstance(event, SourceReported) and event.source == name:
                return event
        return self._snapshot.sources.get(name)

    def _take(self, events: Iterable[Event]) -> None:
        """Queue events; all of one loop turn are reduced together."""
        if not self._pending and self._loop is not None:
            self._loop.call_soon(self._apply_pending)
        self._pending.extend(events)

    def _apply_pending(self) -> None:
        if not self._pending:
            return
        events, self._pending = self._pending, []
        self._snapshot = reduce_all(self._snapshot, events)
        if self._on_change is not None:
            self._on_change()


class RuntimeThread:
    """A runtime in a thread and loop of its own, so that no screen ever waits for the world.

    Args:
        sources: The sources, or what builds them; a builder is called in the new thread, so that
            the libraries that clients need are imported beside the first painting, not before it.
        clock: All waiting and all stamps.
        on_change: Called in the runtime's thread after the snapshot changed.
    """

    def __init__(
        self,
        sources: Sequence[Source] | Callable[[], Sequence[Source]],
        clock: Clock,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._on_change = on_change
        self._thread = threading.Thread(target=self._work, name="qd-runtime", daemon=True)
        self._runtime: Runtime | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = threading.Event()
        self._failure = EMPTY_SNAPSHOT

    @property
    def snapshot(self) -> Snapshot:
        """What is known now. Any thread may read it."""
        return self._failure if self._runtime is None else self._runtime.snapshot

    def start(self) -> None:
        """Start the thread and return at once."""
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End all sources. Return whether the thread ended in time; it never keeps the process."""
        self._is_stopping.set()
        self._in_loop(self._cancel)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def refresh_now(self) -> None:
        """Make every source look at once. Any thread may call it."""
        if self._runtime is not None:
            self._in_loop(self._runtime.refresh_now)

    def _in_loop(self, call: Callable[[], None]) -> None:
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has closed: nothing left to do
            self._loop.call_soon_threadsafe(call)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _work(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._session())

    async def _session(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(DaemonExecutor())
        self._task = asyncio.current_task()
        if self._is_stopping.is_set():
            return
        try:
            sources = self._sources() if callable(self._sources) else self._sources
            self._runtime = Runtime(sources, self._clock, self._on_change)
            await self._runtime.run()
        except Exception as error:
            self._record(error)

    def _record(self, error: Exception) -> None:
        """Show on the screens that nothing is looked at any more, and why."""
        report = SourceReported("runtime", self._clock.now(), False, reason_of(error), None)
        self._failure = reduce_all(self.snapshot, (report,))
        self._runtime = None
        if self._on_change is not None:
            self._on_change()


async def close_all(sources: Iterable[Source]) -> None:
    """Close the sources that hold connections; what does not close in time is left behind."""
    for source in sources:
        if isinstance(source, ClosableSource):
            with contextlib.suppress(LookFailed, TimeoutError):
                async with asyncio.timeout(CLOSE_LIMIT_S):
                    await guarded(source.aclose())


async def guarded(work: Awaitable[_T]) -> _T:
    """Await a source's own code.

    Raises:
        LookFailed: Whatever it raised, told in one line; only our own cancellation passes.
    """
    try:
        return await work
    except LookFailed:
        raise
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise LookFailed(SafeText("its own task was cancelled from within")) from None
    except Exception as error:
        raise LookFailed(reason_of(error)) from error


def _with_next(event: Event, next_at: datetime) -> Event:
    return replace(event, next_at=next_at) if isinstance(event, CheckObserved) else event
