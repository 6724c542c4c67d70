"""The desk's thread: wishes from any thread, one picture for many changes, an end in time."""

import threading
from collections.abc import Callable

import pytest

from core.clients.clock import SystemClock
from core.clients.keyspace.port import Keyspace
from core.model.redis_spec import RedisSpec
from core.model.redis_view import RedisWish, Streams, Watch
from core.redis.desk import RedisDesk
from core.redis.desk_thread import RedisDeskThread
from tests.unit.core.redis.test_desk import SERVER, FakeKeyspace

STREAMS = Watch(frozenset({"streams"}))
WAIT_S = 90.0


class Book:
    """Tells that it was looked at; may fail as no book should."""

    def __init__(self, looked: threading.Event, *, is_broken: bool) -> None:
        self._looked, self._is_broken = looked, is_broken
        self.view = Streams(SERVER)

    async def look(self, keyspace: Keyspace) -> None:
        self._looked.set()
        if self._is_broken:
            raise RuntimeError("a bug")

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Nothing."""


def made(*, is_broken: bool = False) -> tuple[RedisDeskThread, threading.Event, threading.Event]:
    looked, told = threading.Event(), threading.Event()
    keyspace = FakeKeyspace()

    def make_desk(tell: Callable[[], None]) -> RedisDesk:
        return RedisDesk(
            (RedisSpec(SERVER),),
            lambda _spec: keyspace,  # type: ignore[arg-type, return-value]
            lambda _spec, _topic, _tell: Book(looked, is_broken=is_broken),  # type: ignore[arg-type, return-value]
            SystemClock(),
            tell,
        )

    return RedisDeskThread(make_desk, told.set), looked, told


def test_a_wish_before_the_start_is_carried_out_and_the_end_is_in_time() -> None:
    thread, looked, told = made()
    thread.send(STREAMS)
    thread.start()
    assert looked.wait(WAIT_S)
    assert told.wait(WAIT_S)
    assert thread.stop(WAIT_S)
    assert thread.picture.streams_of(SERVER) is not None
    thread.send(STREAMS)  # nobody is there any more


def test_it_may_be_stopped_before_it_began() -> None:
    thread, looked, _ = made()
    assert thread.stop(WAIT_S)
    thread.start()
    assert thread.stop(WAIT_S)
    assert not looked.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_is_left_to_who_writes_crashes_down_and_nobody_waits() -> None:
    thread, _, told = made(is_broken=True)
    thread.send(STREAMS)
    thread.start()
    assert told.wait(WAIT_S)
    assert thread.stop(WAIT_S)
    assert thread.picture.is_broken
