"""One conversation with a Redis-compatible server: a connection of its own, nothing sent twice."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, cast

from redis import exceptions
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.clients.acting.redis_where import moved_to, where
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid, code_of, translate
from core.errors import ClientError, ClientGarbled, ClientMissing, ClientTimeout
from core.model.text import clean

ASK_S = 10.0
_LEAVE_S = 1.0
Word = str | bytes | int


class _Wire(Protocol):
    """What we use of redis-py, whose own annotations are mostly unknown to a strict checker."""

    async def connect(self) -> None: ...
    def pack_commands(self, commands: Iterable[Sequence[Word]]) -> Iterable[bytes]: ...
    async def send_packed_command(self, command: Iterable[bytes], check_health: bool) -> None: ...
    async def read_response(self, disable_decoding: bool) -> object: ...
    async def disconnect(self, nowait: bool) -> None: ...


class Talk:
    """Commands and their raw answers: bytes, whole numbers, lists, None."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def ask(self, *words: Word) -> object:
        """Send one command, once, and return its answer.

        Raises:
            RedisSaid: the server answered with an error.
        """
        [answer] = await self.all([words])
        if isinstance(answer, RedisSaid):
            raise answer
        return answer

    async def all(self, calls: Sequence[Sequence[Word]]) -> list[object]:
        """Send commands in one go; an error of one of them stands in its answer's place."""
        if not calls:
            return []
        await self._wire.send_packed_command(self._wire.pack_commands(calls), check_health=False)
        return [await self._answer() for _ in calls]

    def following(self, hop: "Callable[[str], Awaitable[Talk]]") -> "Talk":
        """Return the same conversation, going on where a key has moved to."""
        return Following(self._wire, hop)

    async def _answer(self) -> object:
        try:
            return _said(await self._wire.read_response(disable_decoding=True))
        except exceptions.ResponseError as error:
            return RedisSaid(*code_of(error))


class Following(Talk):
    """The same, with what another node of a cluster has asked there: for calls of one key each.

    A node that answers MOVED has done nothing, so nothing is sent twice. Never for what belongs
    together in a transaction: part of it would be done elsewhere, outside of it.
    """

    def __init__(self, wire: _Wire, hop: Callable[[str], Awaitable[Talk]]) -> None:
        super().__init__(wire)
        self._hop = hop
        self._nodes: dict[str, Talk] = {}

    async def all(self, calls: Sequence[Sequence[Word]]) -> list[object]:
        """Send commands in one go, and those that moved to the node that has their key."""
        answers = await super().all(calls)
        moved: dict[str, list[int]] = {}
        for at, answer in enumerate(answers):
            if isinstance(answer, RedisSaid) and answer.code == "MOVED":
                moved.setdefault(str(answer).rpartition(" ")[2], []).append(at)
        for node, places in moved.items():
            if node not in self._nodes:
                self._nodes[node] = await self._hop(node)
            found = await self._nodes[node].all([calls[at] for at in places])
            for at, answer in zip(places, found, strict=True):
                answers[at] = answer
        return answers


def _said(answer: object) -> object:
    """Return an answer with the errors inside it (those of EXEC) turned into ours."""
    if isinstance(answer, exceptions.ResponseError):
        return RedisSaid(*code_of(answer))
    if isinstance(answer, list):
        return [_said(one) for one in cast("list[object]", answer)]
    return answer


def _wire(address: RedisAddress, deadline_s: float) -> _Wire:
    url = address.url.reveal()
    tls = {"ssl_ca_certs": address.ca_file} if address.ca_file and url.startswith("rediss") else {}
    try:
        pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            url,
            protocol=2,
            driver_info=None,
            socket_timeout=deadline_s,
            socket_connect_timeout=ASK_S,
            # What changes something is never sent twice: its answer may be what was lost.
            retry=Retry(NoBackoff(), 0),
            **tls,
        )
        return cast("_Wire", pool.make_connection())  # pyright: ignore[reportUnknownMemberType]
    except (ValueError, TypeError) as error:
        raise ClientError("not a redis URL: use redis://, rediss:// or unix://") from error


@asynccontextmanager
async def talk(
    addresses: Mapping[str, RedisAddress],
    server: str,
    deadline_s: float = ASK_S,
    database: int | None = None,
) -> AsyncGenerator[Talk]:
    """Yield a conversation with a server, its errors turned into ours.

    `database`: another than the address names.

    Raises:
        ClientError: nobody answers, or not in time; what was sent may have been done.
    """
    address = addresses.get(server)
    if address is None:
        raise ClientMissing(f"the configuration has no Redis {clean(server)}")
    wire = _wire(await where(address), deadline_s)
    try:
        async with asyncio.timeout(deadline_s):
            await wire.connect()
            one = Talk(wire)
            if database is not None:
                await one.ask("SELECT", database)
            yield one
    except TimeoutError:
        raise ClientTimeout(f"no answer within {deadline_s:g} s") from None
    except (exceptions.RedisError, OSError) as error:
        raise translate(error) from error
    finally:
        await _close(wire)


@asynccontextmanager
async def follow(
    addresses: Mapping[str, RedisAddress],
    server: str,
    deadline_s: float = ASK_S,
    database: int | None = None,
) -> AsyncGenerator[Talk]:
    """Yield a conversation with a server and the nodes of its cluster; raises as `talk`."""
    async with AsyncExitStack() as stack:

        async def hop(node: str) -> Talk:
            there = moved_to(await where(addresses[server]), node)
            return await stack.enter_async_context(talk({server: there}, server, deadline_s))

        async with talk(addresses, server, deadline_s, database) as one:
            yield one.following(hop)


async def _close(wire: _Wire) -> None:
    """Close a connection; TLS takes leave of the other side, which may not listen any more."""
    try:
        async with asyncio.timeout(_LEAVE_S):
            await wire.disconnect(nowait=False)
    except (TimeoutError, exceptions.RedisError, OSError):
        await wire.disconnect(nowait=True)


def sound(answers: list[object]) -> list[object]:
    """Return the answers; the first error among them is raised."""
    for one in answers:
        if isinstance(one, RedisSaid):
            raise one
    return answers


def whole(answer: object) -> int:
    """Return an answer that is a number.

    Raises:
        ClientGarbled: it is none.
        RedisSaid: it is an error.
    """
    if isinstance(answer, RedisSaid):
        raise answer
    if isinstance(answer, int):
        return answer
    if isinstance(answer, bytes) and answer.isdigit():
        return int(answer)
    raise ClientGarbled("the server answered with something else than a number")


def listed(answer: object) -> list[object]:
    """Return an answer that is a list.

    Raises:
        ClientGarbled: it is none.
        RedisSaid: it is an error.
    """
    if isinstance(answer, RedisSaid):
        raise answer
    if isinstance(answer, list):
        return cast("list[object]", answer)
    raise ClientGarbled("the server answered with something else than a list")


def raw(answer: object) -> bytes:
    """Return an answer that is text.

    Raises:
        ClientGarbled: it is none.
        RedisSaid: it is an error.
    """
    if isinstance(answer, RedisSaid):
        raise answer
    if isinstance(answer, bytes):
        return answer
    raise ClientGarbled("the server answered with something else than text")
