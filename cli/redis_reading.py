"""One look at every Redis of a configuration, for verbs that print and leave."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.errors import ClientError
from core.model.redis_server import Trouble
from core.model.redis_spec import RedisSpec
from core.model.topology import Topology
from core.redis.trouble import trouble_of
from tui.redis_views import keyspace_of, redis_specs


@dataclass(frozen=True, slots=True)
class Reading:
    """What one server said."""

    spec: RedisSpec
    view: object
    """Of the book that was asked for; None where the server could not be read."""
    trouble: Trouble | None


async def read_each(
    topology: Topology,
    clock: Clock,
    read: Callable[[RedisSpec, Keyspace], Awaitable[object]],
) -> tuple[Reading, ...]:
    """Read every server in turn; one that cannot be read hinders no other."""
    return tuple([await _read(topology, clock, spec, read) for spec in redis_specs(topology)])


async def _read(
    topology: Topology,
    clock: Clock,
    spec: RedisSpec,
    read: Callable[[RedisSpec, Keyspace], Awaitable[object]],
) -> Reading:
    try:
        keyspace = keyspace_of(topology, spec, clock)
    except ClientError as error:
        return Reading(spec, None, trouble_of(error))
    try:
        return Reading(spec, await read(spec, keyspace), None)
    except ClientError as error:
        return Reading(spec, None, trouble_of(error))
    finally:
        await keyspace.aclose()
