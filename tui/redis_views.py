"""The composition root of the Redis views: keyspaces and books of what is configured."""

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.redis_spec import RedisSpec
from core.model.topology import Topology
from core.redis.servers import redis_addresses


def redis_specs(topology: Topology) -> tuple[RedisSpec, ...]:
    """Return every server with what is kept in it."""
    return tuple(spec for system in topology.systems for spec in system.redis)


def keyspace_of(topology: Topology, spec: RedisSpec, clock: Clock) -> Keyspace:
    """Return the way to a server; nothing is connected yet.

    Raises:
        ClientError: its address is none that a connection can be made from.
    """
    from core.clients.keyspace.server import ServerKeyspace

    return ServerKeyspace(redis_addresses(topology)[spec.server], clock, spec.commands_per_s)
