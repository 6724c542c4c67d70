"""The desk in a thread of its own: a server that hangs never holds up the screen."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from core.model.redis_view import RedisPicture, RedisWish
from core.redis.desk import RedisDesk

MakeRedisDesk = Callable[[Callable[[], None]], RedisDesk]
"""Called in the thread, with its loop running; gets what is told of changes."""


class RedisDeskThread:
    """Looks at servers while somebody watches. All methods are for any thread, and none blocks.

    Args:
        make_desk: Makes the desk.
        tell: Called in the thread whenever `picture` may be another.
    """

    def __init__(self, make_desk: MakeRedisDesk, tell: Callable[[], None]) -> None:
        self._make_desk, self._told = make_desk, tell
        self._lock = threading.Lock()
        self._early: list[RedisWish] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._desk: RedisDesk | None = None
        self._main: asyncio.Task[None] | None = None
        self._is_telling = False
        self._is_stopping = False
        self.picture = RedisPicture()
        """What is known now; replaced, never changed."""
        self._thread = threading.Thread(target=self._work, name="qd-redis", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def send(self, wish: RedisWish) -> None:
        """Ask for something; wishes are begun in turn."""
        with self._lock:
            if self._loop is None or self._desk is None:
                self._early.append(wish)
                return
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                self._loop.call_soon_threadsafe(self._desk.carry_out, wish)

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop working; tell whether that worked in time."""
        with self._lock:
            self._is_stopping = True
            if self._loop is not None and self._main is not None:
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._main.cancel)
        if not self._thread.is_alive():
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        is_asked_to_end = False
        try:
            with suppress(asyncio.CancelledError):
                asyncio.run(self._run())
            is_asked_to_end = self._is_stopping
        finally:
            # A bug goes on to whoever writes crashes down; nobody shall wait for news meanwhile.
            if not is_asked_to_end:
                self.picture = replace(self.picture, is_broken=True)
                self._told()

    async def _run(self) -> None:
        desk = self._make_desk(self._tell)
        with self._lock:
            self._loop, self._desk = asyncio.get_running_loop(), desk
            self._main = asyncio.current_task()
            early, self._early = self._early, []
            if self._is_stopping:
                return
        for wish in early:
            desk.carry_out(wish)
        await desk.run()

    def _tell(self) -> None:
        """Make one picture of all that changes in one turn of the loop."""
        if not self._is_telling and self._loop is not None:
            self._is_telling = True
            self._loop.call_soon(self._show)

    def _show(self) -> None:
        self._is_telling = False
        if self._desk is not None:
            self.picture = self._desk.picture()
            self._told()
