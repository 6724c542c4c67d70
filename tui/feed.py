"""When to push: a few times a second, at once when it has been quiet, never for nothing."""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable

PUSH_GAP_S = 0.4
"""The design allows ten pushes a second. Two or three show the same to a person, and cost an idle
console less; keys do not wait for a push."""


class Feed:
    """Gathers the runtime's changes, told from its own thread, into few calls in the screen's loop.

    Args:
        push: Called in the loop that `attach` was called in.
    """

    def __init__(self, push: Callable[[], None]) -> None:
        self._push = push
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: contextvars.Context | None = None
        self._is_told = False
        self._next_at = 0.0

    def attach(self) -> None:
        """Begin to push, in the running loop and the present context."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()

    def detach(self) -> None:
        """Push no more."""
        self._loop = None

    def tell(self) -> None:
        """Say that there is something new. Any thread may call it, as often as it likes."""
        loop = self._loop
        if self._is_told or loop is None:
            return
        self._is_told = True
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody looks any more
            loop.call_soon_threadsafe(self._plan, context=self._context)

    def _plan(self) -> None:
        loop = self._loop
        if loop is None:
            return
        wait_s = self._next_at - loop.time()
        if wait_s <= 0:
            self._deliver()
        else:
            loop.call_later(wait_s, self._deliver, context=self._context)

    def _deliver(self) -> None:
        loop = self._loop
        if loop is None:
            return
        # Before the push: what changes while it runs must be told again.
        self._is_told = False
        self._next_at = loop.time() + PUSH_GAP_S
        self._push()
