"""Sources that do what a test's script says."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from core.model.events import Event
from core.sources.base import Emit
from tests.fakes.world import observed

Step = Callable[[], Awaitable[tuple[Event, ...]]]


class ScriptedSource:
    """Does one step per look; the last step repeats. Counts its looks."""

    def __init__(
        self, name: str, *steps: Step, every_s: float = 10.0, deadline_s: float = 5.0
    ) -> None:
        self.name = name
        self.every_s = every_s
        self.deadline_s = deadline_s
        self.looks = 0
        self.is_closed = False
        self._steps = steps or (sees(name),)

    async def look(self) -> tuple[Event, ...]:
        step = self._steps[min(self.looks, len(self._steps) - 1)]
        self.looks += 1
        return await step()

    async def aclose(self) -> None:
        self.is_closed = True


class ScriptedStream:
    """Does one step per start of the stream; the last step repeats. Counts its starts."""

    def __init__(self, name: str, *steps: Callable[[Emit], Awaitable[None]]) -> None:
        self.name = name
        self.starts = 0
        self._steps = steps

    async def follow(self, emit: Emit) -> None:
        step = self._steps[min(self.starts, len(self._steps) - 1)]
        self.starts += 1
        await step(emit)


def sees(service: str) -> Step:
    """Return a step that observes a healthy service."""

    async def step() -> tuple[Event, ...]:
        return (observed(service),)

    return step


def raises(error: BaseException) -> Step:
    """Return a step that fails."""

    async def step() -> NoReturn:
        raise error

    return step


async def hangs() -> NoReturn:
    """Never end."""
    await asyncio.Event().wait()
    raise AssertionError


def emits(*events: Event, then: Callable[[], Awaitable[None]]) -> Callable[[Emit], Awaitable[None]]:
    """Return a stream that emits events and then does something, such as hang or break."""

    async def step(emit: Emit) -> None:
        for event in events:
            emit(event)
        await then()

    return step
