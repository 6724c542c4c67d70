"""A blocking stream becomes an asynchronous one that ends when either side wants."""

import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from core.clients.thread_stream import follow_in_thread


class Tape:
    """A blocking stream: plays its items, then waits until it is closed, or ends."""

    def __init__(self, *items: int, is_endless: bool = False) -> None:
        self.items = items
        self.is_endless = is_endless
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[int]:
        yield from self.items
        if self.is_endless:
            self.closed.wait(30)

    def close(self) -> None:
        self.closed.set()


async def test_items_arrive_in_order_and_the_end_is_the_end() -> None:
    async with aclosing(follow_in_thread("tape", lambda: Tape(1, 2, 3))) as stream:
        assert [item async for item in stream] == [1, 2, 3]


async def test_an_error_while_opening_reaches_the_reader() -> None:
    def refuse() -> Tape:
        raise ConnectionRefusedError("nobody")

    async with aclosing(follow_in_thread("tape", refuse)) as stream:
        with pytest.raises(ConnectionRefusedError, match="nobody"):
            await anext(stream)


async def test_closing_ends_a_stream_that_is_silent() -> None:
    tape = Tape(1, is_endless=True)
    async with aclosing(follow_in_thread("tape", lambda: tape)) as stream:
        assert await anext(stream) == 1
        reader = next(thread for thread in threading.enumerate() if thread.name == "qd-tape")
    assert tape.closed.is_set()
    reader.join(30)
    assert not reader.is_alive()


async def test_a_reader_that_lags_loses_the_oldest_not_the_newest() -> None:
    async with aclosing(follow_in_thread("tape", lambda: Tape(*range(3000)))) as stream:
        kept = [item async for item in stream]
    assert len(kept) <= 3000
    assert kept[-1] == 2999
