"""A Redis-compatible server behind the port `Keyspace`: standalone, by Sentinel, or a cluster."""

from core.clients.clock import Clock
from core.clients.redis_address import RedisAddress


class ServerKeyspace:
    """One server, dialled when first asked and again when it broke.

    Args:
        address: Where it is.
        clock: For pacing and skew.
        commands_per_s: Never more from us.
    """

    def __init__(self, address: RedisAddress, clock: Clock, commands_per_s: float = 200.0) -> None:
        self._address, self._clock, self._commands_per_s = address, clock, commands_per_s
