"""Turns a blocking stream into an asynchronous one: a daemon thread reads, the loop consumes."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Protocol, TypeVar

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_MAX_WAITING = 1000


class ClosableStream(Protocol[_T_co]):
    """A blocking iterator that another thread can end."""

    def __iter__(self) -> Iterator[_T_co]:
        """Iterate, blocking."""
        ...

    def close(self) -> None:
        """End the iteration from another thread."""
        ...


class _Pump:
    """Shared between the reading thread and the loop. As a context it carries an error over."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.items: asyncio.Queue[object] = asyncio.Queue(_MAX_WAITING)
        self.is_closed = False
        self.stream: ClosableStream[object] | None = None

    def hand_over(self, item: object) -> None:
        """Give one item to the loop; the oldest is dropped when nobody takes them."""

        def put() -> None:
            if self.items.full():
                self.items.get_nowait()
            self.items.put_nowait(item)

        with suppress(RuntimeError):  # the loop has closed: nobody waits any more
            self._loop.call_soon_threadsafe(put)

    def __enter__(self) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.hand_over(_End(error))
        return True


class _End:
    """The last item: the stream is over, with an error or without."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _read(pump: _Pump, open_stream: Callable[[], ClosableStream[object]]) -> None:
    with pump:
        stream = open_stream()
        pump.stream = stream
        if pump.is_closed:
            stream.close()
            return
        for item in stream:
            pump.hand_over(item)
            if pump.is_closed:
                return


async def follow_in_thread(
    name: str, open_stream: Callable[[], ClosableStream[_T]]
) -> AsyncGenerator[_T, None]:
    """Yield what a blocking stream yields, until it ends; closing this closes the stream.

    Raises:
        Exception: whatever opening or reading raised.
    """
    pump = _Pump()
    thread = threading.Thread(
        target=_read, args=(pump, open_stream), name=f"qd-{name}", daemon=True
    )
    thread.start()
    try:
        while not isinstance(item := await pump.items.get(), _End):
            yield item  # pyright: ignore[reportReturnType] - the queue also carries `_End`
        if item.error is not None:
            raise item.error
    finally:
        pump.is_closed = True
        if pump.stream is not None:
            pump.stream.close()
