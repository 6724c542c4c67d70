"""One server at the desk: its keyspace and books, when each is due, what a person waits for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.errors import ClientError
from core.model.redis_server import ServerView, Trouble
from core.model.redis_spec import RedisSpec
from core.model.redis_view import LookNow, RedisWish, SampleLatency, Scan
from core.redis.topic import Book, ClosableBook
from core.redis.trouble import trouble_of

EVERY_S: Mapping[str, float] = {"streams": 5.0, "limits": 5.0, "circuits": 2.0, "server": 5.0}
"""How often a topic is looked at while somebody watches it."""
_LEAST_GAP_S, _MOST_GAP_S = 2.0, 30.0
"""Between looks at a server that cannot be read; doubled each time."""

OpenKeyspace = Callable[[RedisSpec], Keyspace]
"""Raises ClientError where an address cannot be used."""
MakeBook = Callable[[RedisSpec, str, Callable[[], None]], Book]
"""Makes the book of a topic."""


class Station:
    """Looks at one server, and carries out wishes about it.

    Args:
        spec: The server.
        open_keyspace: Makes the way to it.
        make_book: Makes the book of a topic, when it is first wanted.
        clock: Time.
        tell: Called whenever something to be shown has changed.
    """

    def __init__(
        self,
        spec: RedisSpec,
        open_keyspace: OpenKeyspace,
        make_book: MakeBook,
        clock: Clock,
        tell: Callable[[], None],
    ) -> None:
        self.spec = spec
        self._open, self._make_book, self._clock, self._tell = open_keyspace, make_book, clock, tell
        self._keyspace: Keyspace | None = None
        self._books: dict[str, Book] = {}
        self._due_s: dict[str, float] = {}
        self._topics: frozenset[str] = frozenset()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._early: list[RedisWish] = []
        self._wake = asyncio.Event()
        self._gap_s = 0.0
        self._trouble: Trouble | None = None
        self._looked_at_s: float | None = None
        self.is_read = False
        """Whether it has answered, or failed to, since somebody first watched."""

    def watch(self, topics: frozenset[str]) -> None:
        """Look at these from now on; what is new among them at once."""
        for topic in topics - self._topics:
            self._due_s.pop(topic, None)
        self._topics = topics
        self._wake.set()

    def look_now(self) -> None:
        """Look at everything that is watched, whatever it last said."""
        self._due_s.clear()
        self._gap_s = 0.0
        self._wake.set()

    def wish(self, wish: RedisWish) -> None:
        """Carry out a person's wish; an older one about the same topic ends."""
        if isinstance(wish, LookNow):
            self.look_now()
            return
        topic = topic_of(wish)
        self._end(topic)
        if self._group is None:
            self._early.append(wish)
        else:
            self._tasks[topic] = self._group.create_task(self._carry_out(topic, wish))

    def cancel(self) -> None:
        """End what is read for a person."""
        for topic in tuple(self._tasks):
            self._end(topic)

    async def run(self) -> None:
        """Look whenever something is due, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for wish in self._early:
                    self.wish(wish)
                while True:
                    due = self._next_due()
                    if due is None:
                        await self._sleep()
                    else:
                        await self._look(due)
        finally:
            for book in self._books.values():
                if isinstance(book, ClosableBook):
                    await book.aclose()
            if self._keyspace is not None:
                await self._keyspace.aclose()

    def book(self, topic: str) -> object | None:
        """Return a topic's view; None: nobody has looked at it yet."""
        book = self._books.get(topic)
        return book.view if book else None

    @property
    def server(self) -> ServerView:
        """The server as it is known now."""
        view = self.book("server")
        known = view if isinstance(view, ServerView) else ServerView(self.spec.server)
        load = self._keyspace.load if self._keyspace else None
        return replace(known, trouble=self._trouble, load=load, looked_at_s=self._looked_at_s)

    def _next_due(self) -> str | None:
        now_s = self._clock.monotonic()
        due = {topic: self._due_s.get(topic, now_s) for topic in self._topics}
        ready = [topic for topic, at_s in due.items() if at_s <= now_s]
        return min(ready, key=lambda topic: (due[topic], topic), default=None)

    async def _sleep(self) -> None:
        """Wait until something is due, or somebody wants something."""
        self._wake.clear()
        now_s = self._clock.monotonic()
        rest_s = min((self._due_s.get(one, now_s) - now_s for one in self._topics), default=None)
        waiting: set[asyncio.Future[bool]] = {asyncio.ensure_future(self._woken())}
        if rest_s is not None:
            waiting.add(asyncio.ensure_future(self._until(rest_s)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _woken(self) -> bool:
        return await self._wake.wait()

    async def _until(self, seconds: float) -> bool:
        await self._clock.sleep(max(seconds, 0.01))
        return True

    async def _look(self, topic: str) -> None:
        try:
            await self._book(topic).look(self._way())
        except ClientError as error:
            self._fail(error)
            self._due_s |= dict.fromkeys(self._topics, self._clock.monotonic() + self._gap_s)
        else:
            self._succeed()
            self._due_s[topic] = self._clock.monotonic() + EVERY_S.get(topic, _LEAST_GAP_S)
        self._tell()

    async def _carry_out(self, topic: str, wish: RedisWish) -> None:
        try:
            await self._book(topic).carry_out(self._way(), wish)
        except ClientError as error:
            self._fail(error)
        else:
            self._succeed()
        finally:
            if self._tasks.get(topic) is asyncio.current_task():
                del self._tasks[topic]
            self._tell()

    def _succeed(self) -> None:
        self._trouble, self._gap_s, self.is_read = None, 0.0, True
        self._looked_at_s = self._clock.monotonic()

    def _fail(self, error: ClientError) -> None:
        self._trouble, self.is_read = trouble_of(error), True
        self._gap_s = min(max(self._gap_s * 2, _LEAST_GAP_S), _MOST_GAP_S)

    def _book(self, topic: str) -> Book:
        if topic not in self._books:
            self._books[topic] = self._make_book(self.spec, topic, self._tell)
        return self._books[topic]

    def _way(self) -> Keyspace:
        if self._keyspace is None:
            self._keyspace = self._open(self.spec)
        return self._keyspace

    def _end(self, topic: str) -> None:
        task = self._tasks.pop(topic, None)
        if task is not None:
            task.cancel()


def topic_of(wish: RedisWish) -> str:
    """Return the topic whose book carries a wish out."""
    match wish:
        case Scan(what="census" | "tokens") | SampleLatency():
            return "server"
        case Scan(what=what):
            return what
        case _:
            return "streams"
