"""The Redis-compatible servers of a configuration, by the service they are."""

from collections.abc import Mapping

from core.clients.redis_address import RedisAddress
from core.errors import ClientMissing
from core.model.check import CheckKind, CheckSpec
from core.model.redis_spec import RedisSpec
from core.model.secret import Secret
from core.model.topology import Topology


def redis_checks(topology: Topology) -> dict[str, CheckSpec]:
    """Return the check that has each server's address, by `system/service`."""
    found: dict[str, CheckSpec] = {}
    for system in topology.systems:
        for service in system.services:
            for check in service.checks:
                if check.kind is CheckKind.REDIS:
                    found.setdefault(f"{system.name}/{service.id.service}", check)
    return found


def redis_addresses(topology: Topology) -> dict[str, RedisAddress]:
    """Return how each server is reached, by `system/service`."""
    return {
        name: RedisAddress(check.secret or Secret(check.url), check.ca_file)
        for name, check in redis_checks(topology).items()
    }


def address_of(addresses: Mapping[str, RedisAddress], server: str) -> RedisAddress:
    """Return how a server is reached.

    Raises:
        ClientMissing: nobody says where it is.
    """
    found = addresses.get(server)
    if found is None:
        raise ClientMissing(f"{server} has no check of kind redis, which would say where it is")
    return found


def cap_of(topology: Topology, server: str) -> float:
    """Return how many commands a second a view may send to a server."""
    found = (spec for system in topology.systems for spec in system.redis if spec.server == server)
    return next(found, RedisSpec(server)).commands_per_s
