"""A Redis-compatible server as checks see it: the port `RedisReader` and its adapter.

What the server answers comes back cleaned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.pace import Unpaced
from core.clients.keyspace.places import read_places
from core.clients.keyspace.replies import checked
from core.clients.keyspace.routing import Routing
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.clients.redis_info import parse_info
from core.errors import ClientError
from core.model.secret import Secret
from core.model.text import SafeText, clean

_SECTIONS = ("server", "clients", "memory", "persistence", "stats", "replication")


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """One look at a server."""

    info: Mapping[str, SafeText]
    """INFO fields by name; empty when we may not ask."""
    keys: int | None
    """Keys in the selected database; None when we may not ask."""
    denied: SafeText
    """What we may not ask; empty when nothing was refused."""


class RedisReader(Protocol):
    """What the sources need of a server."""

    async def ping(self) -> None:
        """Return when the server answers PONG."""
        ...

    async def read_facts(self) -> RedisFacts:
        """Return what INFO and DBSIZE say."""
        ...

    async def read_user(self) -> SafeText:
        """Return the name of the ACL user we are."""
        ...

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command; None: the server cannot tell."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class RedisServer:
    """One server, or one cluster, dialled when first needed and again when it broke."""

    def __init__(self, url: Secret, timeout_s: float, ca_file: str | None = None) -> None:
        """Take an address with its credentials; connect nowhere yet.

        Raises:
            ClientError: the URL is none that a connection can be made from.
        """
        places = read_places(RedisAddress(url, ca_file))
        self._routing = Routing(places, Unpaced(), timeout_s)

    async def ping(self) -> None:
        """Return when the server answers PONG; of a cluster, when every master does.

        Raises:
            ClientError: it does not; `RedisSaid` where it answered with an error of its own.
        """
        for replies in await self._routing.ask_each([Call("PING")]):
            checked(replies[0])

    async def read_facts(self) -> RedisFacts:
        """Return what INFO and DBSIZE say; what is refused to us is named, not raised.

        Raises:
            ClientError: the connection broke, or nothing came back in time.
        """
        calls = [*(Call("INFO", section) for section in _SECTIONS), Call("DBSIZE")]
        answers = await self._routing.ask(calls)
        info: dict[str, SafeText] = {}
        denied = ""
        for answer in answers:
            if isinstance(answer, ClientError):
                denied = denied or str(answer)
            elif isinstance(answer, bytes):
                info |= parse_info(answer)
        size = answers[-1]
        keys = size if isinstance(size, int) else None
        return RedisFacts(MappingProxyType(info), keys, clean(denied))

    async def read_user(self) -> SafeText:
        """Return the name of the ACL user we are.

        Raises:
            ClientError: the server is too old (before 6) or refuses to say.
        """
        answer = await self._ask("ACL WHOAMI")
        return clean(answer) if isinstance(answer, bytes | str) else clean("?")

    async def may(self, command: str, *arguments: str) -> bool | None:
        """Return whether our user may run a command; None: the server cannot tell (before 7).

        Raises:
            ClientError: the connection broke, or nothing came back in time.
        """
        try:
            answer = await self._ask("ACL DRYRUN", await self.read_user(), command, *arguments)
        except RedisSaid:
            return None
        return answer in {b"OK", "OK"}

    async def aclose(self) -> None:
        """Close the connection."""
        await self._routing.aclose()

    async def _ask(self, command: str, *arguments: str) -> object:
        (answer,) = await self._routing.ask([Call(command, *arguments)])
        return checked(answer)
