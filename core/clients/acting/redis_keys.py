"""Keys and settings of a server, told to change: the port `KeyControl` and its adapter.

Servers are known by the service they are (`shop/redis`), so that no plan holds an address.
"""

from collections.abc import Mapping
from typing import Protocol

from core.clients.redis_address import RedisAddress


class KeyControl(Protocol):
    """What steps need of servers. Every call raises `ClientError`; `RedisSaid` names its state."""


class RedisKeys:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._addresses = addresses
