"""Which server is asked for what: one, the one that sentinels name, or a node of a cluster."""

from collections.abc import Sequence
from typing import Protocol

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.pace import Pace
from core.clients.keyspace.places import Place
from core.clients.keyspace.wire import Reply, Wire


class Route(Protocol):
    """Finds the server for a call."""

    async def ask(self, calls: Sequence[Call]) -> list[Reply]:
        """Return the replies in the order of the calls, whoever gave them."""
        ...

    async def ask_each(self, calls: Sequence[Call]) -> list[list[Reply]]:
        """Return every node's replies; a server that is no cluster is one node."""
        ...

    async def ask_node(self, node: int, calls: Sequence[Call]) -> list[Reply]:
        """Return the replies of one node."""
        ...

    async def node_count(self) -> int:
        """Return how many nodes have keys."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class OneServer:
    """There is one server."""

    def __init__(self, place: Place, pace: Pace, timeout_s: float) -> None:
        """Connect nowhere yet."""
        self._wire = Wire(place, pace, timeout_s)

    @property
    def dial_count(self) -> int:
        """How often it was dialled."""
        return self._wire.dial_count

    async def ask(self, calls: Sequence[Call]) -> list[Reply]:
        """Ask the server."""
        return await self._wire.ask(calls)

    async def ask_each(self, calls: Sequence[Call]) -> list[list[Reply]]:
        """Ask the server."""
        return [await self._wire.ask(calls)]

    async def ask_node(self, node: int, calls: Sequence[Call]) -> list[Reply]:
        """Ask the server."""
        return await self._wire.ask(calls)

    async def node_count(self) -> int:
        """One."""
        return 1

    async def aclose(self) -> None:
        """Close the connection."""
        await self._wire.aclose()
