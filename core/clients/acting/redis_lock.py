"""Keys of a Redis-compatible server that stand for locks: the port `LockServers` and its adapter.

A key lives for a while and is kept alive by who holds it. Only who knows its value may keep it or
give it back, both in one step of the server: what is compared is what is changed.
"""

from typing import Protocol

from core.clients.acting.redis_link import RedisLink
from core.errors import ClientGarbled

_TRIES = 3
"""A lock may lapse between being refused and being read."""
_KEEP = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "return redis.call('PEXPIRE', KEYS[1], ARGV[2])"
)
_TAKE_OVER = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1"
)
_GIVE_BACK = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])"
)


class LockServers(Protocol):
    """What locks between hosts need of servers. Every call raises `ClientError`."""

    async def take(self, server: str, key: str, value: bytes, lives_ms: int) -> bytes | None:
        """Take a lock; return None, or the value of who has it."""
        ...

    async def take_over(
        self, server: str, key: str, found: bytes, value: bytes, lives_ms: int
    ) -> bool:
        """Put our value in the place of `found`, if that still stands there; tell whether."""
        ...

    async def keep(self, server: str, key: str, value: bytes, lives_ms: int) -> bool:
        """Let a lock live on from now; False: it is not ours any more."""
        ...

    async def give_back(self, server: str, key: str, value: bytes) -> bool:
        """Remove a lock; False: it was not ours any more, and was left alone."""
        ...

    async def holder(self, server: str, key: str) -> bytes | None:
        """Return the value of who has a lock; None: nobody."""
        ...


class RedisLocks:
    """Locks on the servers of a configuration."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def take(self, server: str, key: str, value: bytes, lives_ms: int) -> bytes | None:
        """Take a lock; return None, or the value of who has it."""
        for _ in range(_TRIES):
            if await self._link.ask(server, "SET", key, value, "NX", "PX", lives_ms) is not None:
                return None
            if (found := await self.holder(server, key)) is not None:
                return found
        raise ClientGarbled("a lock is refused, and nobody has it")

    async def take_over(
        self, server: str, key: str, found: bytes, value: bytes, lives_ms: int
    ) -> bool:
        """Put our value in the place of `found`, if that still stands there; tell whether."""
        return await self._compared(server, _TAKE_OVER, key, found, value, lives_ms)

    async def keep(self, server: str, key: str, value: bytes, lives_ms: int) -> bool:
        """Let a lock live on from now; False: it is not ours any more."""
        return await self._compared(server, _KEEP, key, value, lives_ms)

    async def give_back(self, server: str, key: str, value: bytes) -> bool:
        """Remove a lock; False: it was not ours any more, and was left alone."""
        return await self._compared(server, _GIVE_BACK, key, value)

    async def holder(self, server: str, key: str) -> bytes | None:
        """Return the value of who has a lock; None: nobody."""
        return _value(await self._link.ask(server, "GET", key))

    async def _compared(
        self, server: str, script: str, key: str, *arguments: str | bytes | int
    ) -> bool:
        return await self._link.ask(server, "EVAL", script, 1, key, *arguments) == 1


def _value(answer: object) -> bytes | None:
    if answer is not None and not isinstance(answer, bytes):
        raise ClientGarbled("a lock's key was answered with something else than its value")
    return answer
