"""Lets every source look a single time: what a command prints is not watched on."""

import asyncio
from collections.abc import Sequence

from core.clients.clock import Clock
from core.model.events import Event, SourceReported
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import clean
from core.runtime import LookFailed, close_all, guarded
from core.sources.base import Emit, FollowedSource, PolledSource, Source
from core.store.reducer import reduce_all

FOLLOW_QUIET_S = 0.25
"""`look_once` takes a followed source as done when it has been silent this long after an event."""
FOLLOW_LIMIT_S = 3.0
"""`look_once` waits at most this long for the first events of a followed source."""


async def look_once(sources: Sequence[Source], clock: Clock) -> Snapshot:
    """Let every source look once, all at the same time, then close them.

    A followed source is followed until it falls silent. What could not look is in
    `Snapshot.sources` with the reason.
    """
    events: list[Event] = []
    try:
        async with asyncio.TaskGroup() as group:
            for source in sources:
                group.create_task(_first_look(source, clock, events.append), name=source.name)
    finally:
        await close_all(sources)
    return reduce_all(EMPTY_SNAPSHOT, events)


async def _first_look(source: Source, clock: Clock, emit: Emit) -> None:
    try:
        if isinstance(source, PolledSource):
            events = await guarded(_bounded_look(source))
            for event in events:
                emit(event)
        else:
            await guarded(_follow_until_quiet(source, emit))
    except LookFailed as failed:
        emit(SourceReported(source.name, clock.now(), False, failed.reason, None))


async def _bounded_look(source: PolledSource) -> tuple[Event, ...]:
    try:
        async with asyncio.timeout(source.deadline_s):
            return await source.look()
    except TimeoutError as error:
        raise LookFailed(clean(f"no answer within {source.deadline_s:g} s")) from error


async def _follow_until_quiet(source: FollowedSource, emit: Emit) -> None:
    """Follow until the first events came and no more followed, or the limit is reached."""
    loop = asyncio.get_running_loop()
    count, latest_s = 0, loop.time() + FOLLOW_LIMIT_S
    try:
        async with asyncio.timeout_at(latest_s) as limit:

            def emit_and_wait_on(event: Event) -> None:
                nonlocal count
                count += 1
                emit(event)
                # One that is never silent, such as a restart loop, has had its time all the same.
                limit.reschedule(min(latest_s, loop.time() + FOLLOW_QUIET_S))

            await source.follow(emit_and_wait_on)
    except TimeoutError as error:
        if not count:
            raise LookFailed(clean(f"no answer within {FOLLOW_LIMIT_S:g} s")) from error
