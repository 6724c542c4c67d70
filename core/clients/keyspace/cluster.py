"""A cluster: each key has its node. The map of slots is read when it is missing or was wrong."""

import asyncio
from collections.abc import Callable, Sequence

from redis.crc import key_slot

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.places import Place
from core.clients.keyspace.replies import as_int, as_list, checked
from core.clients.keyspace.route import naming
from core.clients.keyspace.wire import Reply, Wire
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientGarbled, ClientRefused, ClientTimeout

_HOPS = 4
"""A key that is sent on more often is being moved to and fro."""
_MAX_NODES = 1000


class Cluster:
    """Asks the nodes that have the keys.

    Args:
        seeds: Some nodes.
        make_wire: Makes the way to a node.
    """

    def __init__(self, seeds: Sequence[Place], make_wire: Callable[[Place], Wire]) -> None:
        self._seeds, self._make_wire = tuple(seeds), make_wire
        self._wires: dict[Place, Wire] = {}
        self._ranges: tuple[tuple[int, int, Place], ...] = ()
        self._nodes: tuple[Place, ...] = ()

    async def ask(self, calls: Sequence[Call]) -> list[Reply]:
        """Ask each call's node; what was sent on is asked there."""
        await self._learn()
        by_node: dict[Place, list[int]] = {}
        for at, call in enumerate(calls):
            by_node.setdefault(self._node_of(call), []).append(at)
        replies: list[Reply] = [None] * len(calls)
        for place, places in by_node.items():
            for at, reply in zip(
                places, await self._ask_at(place, [calls[at] for at in places]), strict=True
            ):
                replies[at] = await self._follow(calls[at], reply)
        return replies

    async def ask_each(self, calls: Sequence[Call]) -> list[list[Reply]]:
        """Ask every master."""
        await self._learn()
        return list(await asyncio.gather(*(self._ask_at(node, calls) for node in self._nodes)))

    async def ask_node(self, node: int, calls: Sequence[Call]) -> list[Reply]:
        """Ask the master of the n-th range of slots."""
        await self._learn()
        return await self._ask_at(self._nodes[node % len(self._nodes)], calls)

    async def node_count(self) -> int:
        """Return how many masters have slots."""
        await self._learn()
        return len(self._nodes)

    async def has_all_keys(self) -> bool:
        """None has: keys of one node may still be of several slots."""
        return False

    async def aclose(self) -> None:
        """Close all connections."""
        wires, self._wires = self._wires, {}
        for wire in wires.values():
            await wire.aclose()

    async def place_of(self, key: bytes) -> Place:
        """Return the node that has a key."""
        await self._learn()
        return self._node_of_slot(key_slot(key))

    async def _follow(self, call: Call, reply: Reply) -> Reply:
        """Ask where the key is said to be now."""
        for _ in range(_HOPS):
            if not (isinstance(reply, RedisSaid) and reply.code in {"MOVED", "ASK"}):
                break
            target = self._target(reply)
            if target is None:
                break
            if reply.code == "MOVED":
                self._nodes = ()
            (reply,) = await self._ask_at(target, [call], is_asking=reply.code == "ASK")
        return reply

    def _target(self, said: RedisSaid) -> Place | None:
        """Read `3999 127.0.0.1:6381`; a node that does not know its host leaves it out."""
        host, _, port = said.text.split(" ")[-1].rpartition(":")
        if not port.isdigit():
            return None
        return self._seeds[0].at(host.strip("[]") or self._seeds[0].host, int(port))

    async def _ask_at(
        self, place: Place, calls: Sequence[Call], *, is_asking: bool = False
    ) -> list[Reply]:
        wire = self._wires.get(place)
        if wire is None:
            wire = self._wires[place] = self._make_wire(place)
        try:
            return await wire.ask(calls, is_asking=is_asking)
        except (ClientRefused, ClientTimeout) as error:
            self._nodes = ()  # another node may have taken its slots
            raise naming(error, place) from error

    async def _learn(self) -> None:
        """Read the map of slots from whoever answers."""
        if self._nodes:
            return
        known = list(dict.fromkeys((*self._wires, *self._seeds)))
        problem: ClientError | None = None
        for place in known:
            try:
                (reply,) = await self._ask_at(place, [Call("CLUSTER SLOTS")])
                self._take_map(place, checked(reply))
            except ClientError as error:
                problem = problem or error
            else:
                return
        raise problem or ClientGarbled("the address names no node")

    def _take_map(self, asked: Place, reply: Reply) -> None:
        ranges: list[tuple[int, int, Place]] = []
        for line in as_list(reply)[: _MAX_NODES * 16]:
            first, last, master, *_ = (*as_list(line), None, None, None)
            host, port, *_ = (*as_list(master), None, None)
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else ""
            place = asked.at(name if name not in {"", "?"} else asked.host, as_int(port))
            ranges.append((as_int(first), as_int(last), place))
        ranges.sort(key=lambda one: one[0])
        if not ranges:
            raise RedisSaid("CLUSTERDOWN", "no node of the cluster has slots")
        self._ranges = tuple(ranges)
        # In the order of their slots: a replica that takes over has its master's place in a scan.
        self._nodes = tuple(dict.fromkeys(place for _, _, place in ranges))[:_MAX_NODES]

    def _node_of(self, call: Call) -> Place:
        return self._nodes[0] if call.key is None else self._node_of_slot(key_slot(call.key))

    def _node_of_slot(self, slot: int) -> Place:
        """Nobody has a slot that is not served; any node says so."""
        found = (place for first, last, place in self._ranges if first <= slot <= last)
        return next(found, self._nodes[0])
