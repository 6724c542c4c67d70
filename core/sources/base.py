"""What a source is. The runtime schedules sources; a source only looks.

A source raises nothing but `ClientError`, and that only when it could not look at all: a target
that is down is an observation, not an error.
"""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from core.model.events import Event

Emit = Callable[[Event], None]


@runtime_checkable
class PolledSource(Protocol):
    """Looked at once per interval. The runtime adds jitter, deadline, backoff and freshness."""

    @property
    def name(self) -> str:
        """Unique, stable name, such as `check local/api-gateway/proxy-service/health`."""
        ...

    @property
    def every_s(self) -> float:
        """Seconds between the starts of two looks."""
        ...

    @property
    def deadline_s(self) -> float:
        """Seconds after which one look is cancelled and reported as failed."""
        ...

    async def look(self) -> tuple[Event, ...]:
        """Look once and return what was seen."""
        ...


@runtime_checkable
class FollowedSource(Protocol):
    """Runs for ever and emits as things happen. Ending or raising makes the runtime restart it."""

    @property
    def name(self) -> str:
        """Unique, stable name."""
        ...

    async def follow(self, emit: Emit) -> None:
        """Emit events until cancelled, or until the stream breaks."""
        ...


Source = PolledSource | FollowedSource
