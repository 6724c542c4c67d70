"""Rate limits with what the log of the service that refuses tells: rejections by client."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.limit import Limits, Rejections
from core.model.redis_spec import LimitSpec
from core.model.redis_view import RedisWish
from core.redis.limits.rejections import with_rejections
from core.redis.topic import Book

EVERY_S = 10.0


class RejectionLogs(Protocol):
    """What reads the logs of services. Calls block; they are made in a thread."""

    def read(self, service: str) -> Rejections:
        """Return what the logs of `system/service` tell now."""
        ...

    def close(self) -> None:
        """Let go of the logs."""
        ...


class LoggedLimits:
    """A book of limits beside which logs are read.

    Args:
        book: The limits.
        specs: What is configured, with the services that refuse.
        open_logs: Makes what reads their logs; called in a thread, once the limits are known.
        clock: Time.
    """

    def __init__(
        self,
        book: Book,
        specs: tuple[LimitSpec, ...],
        open_logs: Callable[[], RejectionLogs],
        clock: Clock,
    ) -> None:
        self._book, self._specs, self._open_logs, self._clock = book, specs, open_logs, clock
        self._logs: RejectionLogs | None = None
        self._services = tuple(dict.fromkeys(one.service for one in specs if one.service))
        self._told: dict[str, Rejections] = {}
        self._due_s = 0.0

    @property
    def view(self) -> object:
        """The limits, with what the logs tell."""
        view = self._book.view
        return with_rejections(view, self._specs, self._told) if isinstance(view, Limits) else view

    async def look(self, keyspace: Keyspace) -> None:
        """Look at the server, and from time to time at the logs."""
        await self._book.look(keyspace)
        now_s = self._clock.monotonic()
        if now_s >= self._due_s:
            self._due_s = now_s + EVERY_S
            for service in self._services:
                self._told[service] = await asyncio.to_thread(self._read, service)

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """As the book."""
        await self._book.carry_out(keyspace, wish)

    async def aclose(self) -> None:
        """Let go of the logs."""
        if self._logs is not None:
            await asyncio.to_thread(self._logs.close)

    def _read(self, service: str) -> Rejections:
        if self._logs is None:
            self._logs = self._open_logs()
        return self._logs.read(service)
