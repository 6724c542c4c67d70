"""The server's clock between two looks at it."""

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace


class ServerTime:
    """Asks for TIME once a look and counts on by our own steady clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: tuple[float, float] | None = None

    async def ask(self, keyspace: Keyspace) -> None:
        """Ask the server."""
        now_s = await keyspace.now_s()
        self._asked = (now_s, self._clock.monotonic())

    @property
    def now_s(self) -> float:
        """Seconds since 1970 by the server; 0 before it was asked."""
        if self._asked is None:
            return 0.0
        said_s, at_s = self._asked
        return said_s + self._clock.monotonic() - at_s
