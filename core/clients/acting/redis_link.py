"""Asks the servers of a configuration, in a cluster the node that has the key. Never twice."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from core.clients.acting.redis_call import ASK_S, Talk, Word, sound, talk
from core.clients.acting.redis_where import moved_to, where
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientGarbled

_T = TypeVar("_T")


class RedisLink:
    """The servers of a configuration, each asked over a connection of its own for every call."""

    def __init__(self, addresses: Mapping[str, RedisAddress]) -> None:
        """Take the addresses by `system/service`; connect nowhere yet."""
        self._addresses = addresses

    async def ask(self, server: str, *words: Word) -> object:
        """Send one command, once, and return its answer."""
        return await self.converse(server, lambda one: one.ask(*words))

    async def ask_each(self, server: str, commands: Sequence[Sequence[Word]]) -> list[object]:
        """Send several in one round trip and return their answers; the first error is raised."""

        async def call(one: Talk) -> list[object]:
            return sound(await one.all(commands))

        return await self.converse(server, call)

    async def ask_at_once(self, server: str, commands: Sequence[Sequence[Word]]) -> list[object]:
        """The same, with nobody else's commands in between; all of them or none."""

        async def call(one: Talk) -> list[object]:
            answers = sound(await one.all([("MULTI",), *commands, ("EXEC",)]))
            done = answers[-1]
            if not isinstance(done, list):
                raise ClientGarbled("EXEC was answered with something else than a list")
            return sound(done)  # pyright: ignore[reportUnknownArgumentType]

        return await self.converse(server, call)

    async def converse(
        self, server: str, call: Callable[[Talk], Awaitable[_T]], deadline_s: float = ASK_S
    ) -> _T:
        """Connect, ask, close. What `call` asks first must be of the key that all of it is about.

        Raises:
            RedisSaid: the server refused; nothing was done.
            ClientError: whether anything was done is not known.
        """
        try:
            async with talk(self._addresses, server, deadline_s) as one:
                return await call(one)
        except RedisSaid as error:
            if error.code != "MOVED":
                raise
            # It says where the key is, and has done nothing.
            moved = moved_to(await where(self._addresses[server]), str(error))
        async with talk({server: moved}, server, deadline_s) as one:
            return await call(one)
