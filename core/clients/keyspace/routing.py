"""Finds out what an address leads to, when it is first asked."""

import asyncio
from collections.abc import Sequence

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.cluster import Cluster
from core.clients.keyspace.pace import Pacer
from core.clients.keyspace.places import Place, Places
from core.clients.keyspace.route import OneServer, Route, Sentinels
from core.clients.keyspace.wire import Reply, Wire
from core.clients.redis_errors import RedisSaid

_IS_CLUSTER = b"cluster_enabled:1"
_UNSAID = frozenset({"NOPERM", "ERR"})
"""INFO is not allowed, or was renamed: it may still be asked for keys."""


class Routing:
    """Asks one server, the one that sentinels name, or the nodes of a cluster.

    A plain address may be that of a cluster's node: it is asked, once.
    """

    def __init__(self, places: Places, pace: Pacer, timeout_s: float) -> None:
        """Connect nowhere yet."""
        self._places, self._pace, self._timeout_s = places, pace, timeout_s
        self._route: Route | None = None
        self._lock = asyncio.Lock()

    async def ask(self, calls: Sequence[Call]) -> list[Reply]:
        """Ask whoever has the keys."""
        replies = await (await self._found()).ask(calls)
        if not isinstance(self._route, Cluster) and any(map(_is_moved, replies)):
            # It did not tell that it is a cluster's node: INFO is not allowed.
            return await (await self._take(self._cluster())).ask(calls)
        return replies

    async def ask_each(self, calls: Sequence[Call]) -> list[list[Reply]]:
        """Ask every node."""
        return await (await self._found()).ask_each(calls)

    async def ask_node(self, node: int, calls: Sequence[Call]) -> list[Reply]:
        """Ask one node."""
        return await (await self._found()).ask_node(node, calls)

    async def node_count(self) -> int:
        """Return how many nodes have keys."""
        return await (await self._found()).node_count()

    async def has_all_keys(self) -> bool:
        """Return whether it is no cluster."""
        return await (await self._found()).has_all_keys()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._route is not None:
            await self._route.aclose()

    async def place_of(self, key: bytes) -> Place:
        """Return the server that has a key."""
        route = await self._found()
        if isinstance(route, Cluster):
            return await route.place_of(key)
        if self._places.sentinel_service:
            return await Sentinels(self._places, self._pace).find()
        return self._places.seeds[0]

    async def _found(self) -> Route:
        async with self._lock:
            return self._route or await self._find()

    async def _find(self) -> Route:
        if self._places.sentinel_service:
            find = Sentinels(self._places, self._pace).find
            wire = Wire(find, self._pace, self._timeout_s, must_lead=True)
            return await self._take(OneServer(wire))
        if self._places.is_cluster:
            return await self._take(self._cluster())
        plain = OneServer(self._wire(self._places.seeds[0]))
        try:
            (info,) = await plain.ask([Call("INFO", "cluster")])
        except BaseException:
            await plain.aclose()
            raise
        if isinstance(info, bytes) and _IS_CLUSTER in info:
            await plain.aclose()
            return await self._take(self._cluster())
        if isinstance(info, RedisSaid) and info.code not in _UNSAID:
            await plain.aclose()
            raise info
        return await self._take(plain)

    async def _take(self, route: Route) -> Route:
        old, self._route = self._route, route
        if old is not None and old is not route:
            await old.aclose()
        return route

    def _wire(self, place: Place) -> Wire:
        return Wire(place.find, self._pace, self._timeout_s)

    def _cluster(self) -> Cluster:
        return Cluster(self._places.seeds, self._wire)


def _is_moved(reply: Reply) -> bool:
    return isinstance(reply, RedisSaid) and reply.code == "MOVED"
