"""Which server is asked for what: one that has all keys, or (`cluster`) a node of several."""

from collections.abc import Sequence
from typing import Protocol

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.pace import Pacer
from core.clients.keyspace.places import Place, Places
from core.clients.keyspace.wire import Reply, Wire
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientMissing

_SENTINEL_S = 0.5
"""For one sentinel; the others must have their turn before the call's deadline."""


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

    async def has_all_keys(self) -> bool:
        """Return whether one server has all keys, so that one command may be about many."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


class OneServer:
    """One server has all keys."""

    def __init__(self, wire: Wire) -> None:
        """Take the wire to it."""
        self._wire = wire

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

    async def has_all_keys(self) -> bool:
        """It has."""
        return True

    async def aclose(self) -> None:
        """Close the connection."""
        await self._wire.aclose()


class Sentinels:
    """Asked where a server is before each dialling: after a failover it is somewhere else."""

    def __init__(self, places: Places, pace: Pacer) -> None:
        """Connect nowhere yet."""
        self._places, self._pace = places, pace

    async def find(self) -> Place:
        """Return where the master is.

        Raises:
            ClientError: no sentinel says.
        """
        problem: ClientError | None = None
        for sentinel in self._places.seeds:
            try:
                return await self._ask(sentinel)
            except ClientError as error:
                problem = problem or naming(error, sentinel)
        raise problem or ClientMissing("the address names no sentinel")

    async def _ask(self, sentinel: Place) -> Place:
        """Ask one; it may have no password, or that of the server."""
        try:
            return await self._ask_as(sentinel, sentinel.without_user())
        except RedisSaid as error:
            if error.code != "NOAUTH" or sentinel.password is None:
                raise
        return await self._ask_as(sentinel, sentinel)

    async def _ask_as(self, sentinel: Place, place: Place) -> Place:
        service = self._places.sentinel_service
        wire = Wire(place.find, self._pace, _SENTINEL_S)
        try:
            (reply,) = await wire.ask([Call("SENTINEL GET-MASTER-ADDR-BY-NAME", service)])
        finally:
            await wire.aclose()
        if isinstance(reply, ClientError):
            raise reply
        match reply:
            case [bytes() as host, bytes() as port] if port.isdigit():
                found = sentinel.at(host.decode("ascii", "replace"), int(port))
                return found.in_database(self._places.database)
            case _:
                raise ClientMissing(f"the sentinel knows no server {service!r}")


def naming(error: ClientError, place: Place) -> ClientError:
    """Return the error with the server that it is about; an answer of a server stays its own."""
    if isinstance(error, RedisSaid):
        return error
    return type(error)(f"{place.name}: {error}")
