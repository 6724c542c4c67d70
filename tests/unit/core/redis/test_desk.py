"""The desk looks only at what is watched, serves a person at once, and survives what fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from core.clients.keyspace.port import Keyspace
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientRefused
from core.model.limit import Limits
from core.model.redis_key import KeyName
from core.model.redis_server import OwnLoad
from core.model.redis_spec import RedisSpec
from core.model.redis_view import (
    Cancel,
    LookNow,
    RedisWish,
    Scan,
    ShowEntries,
    Streams,
    Watch,
)
from core.model.stream import Progress
from core.redis.desk import RedisDesk
from tests.fakes.clock import FakeClock, settle

SERVER = "shop/redis"
STREAMS = Watch(frozenset({"streams"}))


class FakeKeyspace:
    load = OwnLoad(1, 0.0, 200.0)

    def __init__(self) -> None:
        self.is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


class FakeBook:
    """Counts looks; fails as told; a wish waits until it is let go."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.looks = 0
        self.error: ClientError | None = None
        self.carried: list[RedisWish] = []
        self.cancelled = 0
        self.go = asyncio.Event()

    @property
    def view(self) -> object:
        if self.topic == "limits":
            return Limits(SERVER, (), 0, 0, Progress(0, 0, is_complete=True, elapsed_s=0.0))
        return Streams(SERVER)

    async def look(self, keyspace: Keyspace) -> None:
        self.looks += 1
        if self.error is not None:
            raise self.error

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        self.carried.append(wish)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.books: dict[str, FakeBook] = {}
        self.keyspace = FakeKeyspace()
        self.told = 0
        specs = (RedisSpec(SERVER),)
        self.desk = RedisDesk(specs, self.open, self.book, self.clock, self.tell)

    def open(self, _spec: RedisSpec) -> Keyspace:
        return self.keyspace  # type: ignore[return-value]  # the desk only closes it

    def book(self, _spec: RedisSpec, topic: str, _tell: Callable[[], None]) -> FakeBook:
        return self.books.setdefault(topic, FakeBook(topic))

    def tell(self) -> None:
        self.told += 1


@asynccontextmanager
async def running() -> AsyncIterator[World]:
    world = World()
    task = asyncio.ensure_future(world.desk.run())
    await settle()
    try:
        yield world
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_nothing_is_asked_before_somebody_watches_and_after() -> None:
    async with running() as world:
        await world.clock.advance(60)
        assert world.books == {}
        world.desk.carry_out(STREAMS)
        await world.clock.advance(11)
        looks = world.books["streams"].looks
        assert looks == 3
        world.desk.carry_out(Watch(frozenset()))
        await world.clock.advance(60)
        assert world.books["streams"].looks == looks
    assert world.keyspace.is_closed


async def test_topics_are_looked_at_at_their_own_pace() -> None:
    async with running() as world:
        world.desk.carry_out(Watch(frozenset({"circuits", "limits"})))
        await world.clock.advance(10.5)
        assert (world.books["circuits"].looks, world.books["limits"].looks) == (6, 3)
        assert world.desk.picture().limits[0].server == SERVER


async def test_a_server_that_fails_is_named_and_asked_less_often_until_it_answers() -> None:
    async with running() as world:
        world.desk.carry_out(STREAMS)
        await settle()
        book = world.books["streams"]
        book.error = RedisSaid("NOAUTH", "Authentication required.")
        await world.clock.advance(5.1)
        trouble = world.desk.picture().servers[0].trouble
        assert trouble is not None
        assert trouble.word == "NOAUTH"
        before = book.looks
        await world.clock.advance(120)
        assert book.looks - before <= 7  # 2, 4, 8, 16, 30, 30, 30 s
        book.error = None
        world.desk.carry_out(LookNow())
        await settle()
        assert world.desk.picture().servers[0].trouble is None


async def test_a_failure_counts_as_an_answer() -> None:
    async with running() as world:
        assert not world.desk.picture().is_read
        world.book(RedisSpec(SERVER), "streams", world.tell).error = ClientRefused("refused")
        world.desk.carry_out(STREAMS)
        await settle()
        assert world.desk.picture().is_read


async def test_a_newer_wish_ends_the_older_one_of_its_topic_only() -> None:
    async with running() as world:
        entries = ShowEntries(SERVER, KeyName(b"events"))
        for wish in (Scan(SERVER, "limits"), entries, entries):
            world.desk.carry_out(wish)
            await settle()
        assert world.books["streams"].cancelled == 1
        assert world.books["limits"].cancelled == 0
        world.desk.carry_out(Cancel(SERVER))
        await settle()
        assert (world.books["streams"].cancelled, world.books["limits"].cancelled) == (2, 1)


async def test_a_wish_that_fails_names_the_trouble_and_the_desk_goes_on() -> None:
    async with running() as world:
        world.desk.carry_out(STREAMS)
        await settle()
        world.books["streams"].go.set()
        world.desk.carry_out(ShowEntries(SERVER, KeyName(b"events")))
        world.desk.carry_out(ShowEntries("nobody/redis", KeyName(b"events")))
        await settle()
        assert len(world.books["streams"].carried) == 1
        looks = world.books["streams"].looks
        await world.clock.advance(6)
        assert world.books["streams"].looks == looks + 1
