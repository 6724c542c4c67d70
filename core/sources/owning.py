"""A source that also closes the client it shares with others, when the runtime ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.model.events import Event
from core.sources.base import PolledSource


@dataclass(frozen=True, slots=True)
class OwningSource:
    """Looks exactly as `source` does; `close` is awaited once, after the last look of all."""

    source: PolledSource
    close: Callable[[], Awaitable[None]]

    @property
    def name(self) -> str:
        """The name of the source."""
        return self.source.name

    @property
    def every_s(self) -> float:
        """The interval of the source."""
        return self.source.every_s

    @property
    def deadline_s(self) -> float:
        """The deadline of the source."""
        return self.source.deadline_s

    async def look(self) -> tuple[Event, ...]:
        """Look once.

        Raises:
            ClientError: as the source does.
        """
        return await self.source.look()

    async def aclose(self) -> None:
        """Close what is shared."""
        await self.close()
