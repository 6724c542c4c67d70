"""Breakers with what their service's log says of them: changes that nobody saw, and the reasons."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.circuit import Circuit, Circuits, Transition
from core.model.redis_view import RedisWish
from core.model.text import SafeText
from core.redis.circuits.history import MOST_TRANSITIONS
from core.redis.circuits.log_lines import transitions_from_log
from core.redis.topic import Book

EVERY_S = 10.0
_SAME_S = 3.0
"""The log's clock and the record's may differ by so much for one change."""

ReadLines = Callable[[str], tuple[SafeText, ...]]
"""Returns the last log lines of `system/service`; blocks, called in a thread."""


class LoggedCircuits:
    """A book of circuits whose history the logs complete.

    Args:
        book: The circuits.
        services: Services that call through a breaker: `system/service`.
        read_lines: Reads their logs.
        clock: Time.
    """

    def __init__(
        self, book: Book, services: frozenset[str], read_lines: ReadLines, clock: Clock
    ) -> None:
        self._book, self._services = book, services
        self._read_lines, self._clock = read_lines, clock
        self._told: dict[str, tuple[Transition, ...]] = {}
        self._due_s = 0.0

    @property
    def view(self) -> object:
        """The circuits, with what the logs tell."""
        view = self._book.view
        return with_log(view, self._told) if isinstance(view, Circuits) else view

    async def look(self, keyspace: Keyspace) -> None:
        """Look at the server, and from time to time at the logs."""
        await self._book.look(keyspace)
        now_s = self._clock.monotonic()
        if now_s >= self._due_s:
            self._due_s = now_s + EVERY_S
            for service in self._services:
                lines = await asyncio.to_thread(self._read_lines, service)
                self._told[service] = transitions_from_log(lines)

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """As the book."""
        await self._book.carry_out(keyspace, wish)


def with_log(circuits: Circuits, told: dict[str, tuple[Transition, ...]]) -> Circuits:
    """Return circuits whose history has what the logs of their services tell.

    Of a service that calls through several breakers no line says which one is meant.
    """
    callers = [row.service for row in circuits.rows]
    return replace(
        circuits,
        rows=tuple(
            _with_changes(row, told.get(row.service, ()))
            if callers.count(row.service) == 1
            else row
            for row in circuits.rows
        ),
    )


def _with_changes(row: Circuit, told: tuple[Transition, ...]) -> Circuit:
    seen = [_explained(one, told) for one in row.history]
    missed = [one for one in told if not any(_is_same(one, other) for other in row.history)]
    both = sorted((*seen, *missed), key=lambda one: one.time_s)
    return replace(row, history=tuple(both[-MOST_TRANSITIONS:]))


def _explained(change: Transition, told: tuple[Transition, ...]) -> Transition:
    same = next((one for one in told if one.reason and _is_same(one, change)), None)
    return change if same is None or change.reason else replace(change, reason=same.reason)


def _is_same(one: Transition, other: Transition) -> bool:
    return one.after is other.after and abs(one.time_s - other.time_s) <= _SAME_S
