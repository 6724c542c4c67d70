"""Connects to the first of several addresses that answers (RFC 8305)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress

import httpcore

Connect = Callable[[str], Awaitable[httpcore.AsyncNetworkStream]]
"""Address to connection. Raises `httpcore.ConnectError` or `httpcore.ConnectTimeout`."""

_STAGGER_S = 0.25
"""An address that does not answer holds up the next no longer."""


async def first_of(addresses: Sequence[str], connect: Connect) -> httpcore.AsyncNetworkStream:
    """Return the first connection that is made; the others are given up and closed.

    Raises:
        httpcore.ConnectError, httpcore.ConnectTimeout: that of the first attempt to fail, when
            all have failed.
    """
    if len(addresses) == 1:
        return await connect(addresses[0])
    race = _Race(connect)
    async with AsyncExitStack() as undo:
        undo.push_async_callback(race.aclose)
        await race.run(addresses)
        return race.take()


class _Race:
    """The attempts at one host."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._attempts: list[asyncio.Task[None]] = []
        self._made: list[httpcore.AsyncNetworkStream] = []
        self._faults: list[Exception] = []

    async def run(self, addresses: Sequence[str]) -> None:
        """Try the addresses in turn until one answers; each has a quarter second to itself."""
        async with asyncio.TaskGroup() as group:
            for address in addresses:
                is_over = asyncio.Event()
                self._attempts.append(group.create_task(self._attempt(address, is_over)))
                with suppress(TimeoutError):
                    async with asyncio.timeout(_STAGGER_S):
                        await is_over.wait()
                if self._made:
                    break

    async def _attempt(self, address: str, is_over: asyncio.Event) -> None:
        try:
            self._made.append(await self._connect(address))
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            self._faults.append(error)
        else:
            for other in self._attempts:
                if other is not asyncio.current_task():
                    other.cancel()
        finally:
            is_over.set()

    def take(self) -> httpcore.AsyncNetworkStream:
        """Return the winner, which the caller then owns."""
        if not self._made:
            raise self._faults[0]
        return self._made.pop(0)

    async def aclose(self) -> None:
        """Close what was made and not taken."""
        for stream in self._made:
            await stream.aclose()
