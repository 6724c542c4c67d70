"""One connection to one server, dialled when first asked and again when it broke."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from redis import exceptions

from core.clients.keyspace.allowed import Call
from core.clients.keyspace.connection import Connection, is_hello_refused, make_connection
from core.clients.keyspace.pace import Pacer
from core.clients.keyspace.places import Place
from core.clients.redis_errors import RedisSaid, translate
from core.errors import ClientRefused, ClientTimeout

_NAME = (b"CLIENT", b"SETNAME", b"quarterdeck")
_ASKING = (b"ASKING",)
_NOBODY = "this user"
_ROLE = Call("ROLE")
_DIAL_COMMANDS = 2
_MOST_AT_ONCE = 64
"""Commands in one go: other clients are served between."""

Reply = object
"""What redis-py made of an answer: bytes, int, float, None, list, dict; or a `RedisSaid`."""


class Wire:
    """Asks one server.

    Args:
        find: Says where it is, each time that it is dialled.
        pace: Shared by all wires of one keyspace.
        timeout_s: For finding, dialling and one round trip together.
        must_lead: Whether a replica is the wrong server.
    """

    def __init__(
        self,
        find: Callable[[], Awaitable[Place]],
        pace: Pacer,
        timeout_s: float,
        *,
        must_lead: bool = False,
    ) -> None:
        self._find, self._pace, self._timeout_s = find, pace, timeout_s
        self._must_lead = must_lead
        self._connection: Connection | None = None
        self._protocol = 3
        self._user = ""
        self._stage = ""
        """Of dialling; empty: it is done."""
        self._lock = asyncio.Lock()

    async def ask(self, calls: Sequence[Call], *, is_asking: bool = False) -> list[Reply]:
        """Return the replies in order; what the server refused is a `RedisSaid` among them.

        Raises:
            ClientError: no answer in time, or the way is broken.
        """
        size = min(_MOST_AT_ONCE, self._pace.most_at_once)
        replies: list[Reply] = []
        for at in range(0, len(calls), size):
            some = calls[at : at + size]
            await self._pace.take(len(some))
            async with self._lock:
                replies += await self._ask_again_if_stale(some, is_asking)
        return replies

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _ask_again_if_stale(self, calls: Sequence[Call], is_asking: bool) -> list[Reply]:
        """A server that was restarted has closed our idle connection: dial once more."""
        is_old = self._connection is not None
        try:
            return await self._within(calls, is_asking)
        except ClientRefused:
            if not is_old:
                raise
        return await self._within(calls, is_asking)

    async def _within(self, calls: Sequence[Call], is_asking: bool) -> list[Reply]:
        is_done = False
        try:
            async with asyncio.timeout(self._timeout_s):
                replies = await self._round_trip(calls, is_asking)
            is_done = True
        except TimeoutError:
            raise ClientTimeout(f"no answer within {self._timeout_s:g} s{self._stage}") from None
        except (exceptions.RedisError, OSError, ValueError) as error:
            raise translate(error) from error
        finally:
            if not is_done:  # what still comes would be taken for the answer to the next question
                await self.aclose()
        return replies

    async def _round_trip(self, calls: Sequence[Call], is_asking: bool) -> list[Reply]:
        connection = self._connection
        if connection is None:
            connection = self._connection = await self._dial()
        words = [call.words for call in calls]
        if is_asking:
            words = [pair for call in words for pair in (_ASKING, call)]
            self._pace.count(len(calls))
        await connection.send_packed_command(connection.pack_commands(words), check_health=False)
        replies = [await self._read(connection) for _ in words]
        return replies[1::2] if is_asking else replies

    async def _read(self, connection: Connection) -> Reply:
        if connection.bounded is not None:
            connection.bounded.passed_bytes = 0
        try:
            return await connection.read_response(disable_decoding=True)
        except exceptions.ResponseError as error:
            said = translate(error)
            if not isinstance(said, RedisSaid):
                raise said from error
            return self._naming_us(said)

    def _naming_us(self, said: RedisSaid) -> RedisSaid:
        """Return a refusal with our name in it, as servers from 7.2 on give it."""
        if said.code != "NOPERM" or not said.text.startswith(_NOBODY):
            return said
        return RedisSaid(said.code, f"User {self._user}{said.text.removeprefix(_NOBODY)}")

    async def _dial(self) -> Connection:
        place = await self._find()
        try:
            return await self._dial_as(place, self._protocol)
        except exceptions.RedisError as error:
            if self._protocol == 2 or not is_hello_refused(error):
                raise
        self._protocol = 2
        return await self._dial_as(place, self._protocol)

    async def _dial_as(self, place: Place, protocol: int) -> Connection:
        connection = make_connection(place, protocol)
        self._user = place.user or "default"
        self._stage = " to the TLS handshake" if place.is_tls else " to a greeting"
        self._pace.count(_DIAL_COMMANDS)
        try:
            await connection.connect()
            words = [_NAME, *((_ROLE.words,) if self._must_lead else ())]
            packed = connection.pack_commands(words)
            await connection.send_packed_command(packed, check_health=False)
            # A server that refuses the name, or to tell its role, is asked all the same.
            *_, role = [await self._read(connection) for _ in words]
            _refuse_replica(place, role)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._stage = ""
        return connection


def _refuse_replica(place: Place, role: Reply) -> None:
    if isinstance(role, list) and role[:1] == [b"slave"]:
        raise RedisSaid("FAILOVER", f"{place.name} is named as the master and is a replica")
