"""When to push: news at once, everything else with the tick of the clock, never for nothing."""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable

from core.model.snapshot import Snapshot

PUSH_GAP_S = 0.1
"""The design allows ten pushes a second. News is rare; a latency that moved by a millisecond waits
for the tick, once a second, because that costs an idle console a third and tells a person as much.
"""

_SPARED = 4.0
"""A quarter of the loop's time at most goes into pushes that follow each other."""
_MOST_GAP_S = 0.5
_ANSWERS = 3
"""A person's wish changes the picture about so often before it is answered."""


def is_news(shown: Snapshot | None, now: Snapshot) -> bool:
    """Tell whether a person should see `now` at once: a verdict changed, or something appeared."""
    if shown is None:
        return True
    if shown is now:
        return False
    return (
        shown.timeline is not now.timeline
        or len(shown.checks) != len(now.checks)
        or len(shown.runtimes) != len(now.runtimes)
        or len(shown.metrics) != len(now.metrics)
        or _is_first_look(shown, now)
    )


def _is_first_look(shown: Snapshot, now: Snapshot) -> bool:
    """Tell whether a part of the machine was seen for the first time."""
    before, after = shown.host, now.host
    return any(
        one is None and other is not None
        for one, other in (
            (before.sample, after.sample),
            (before.processes_at, after.processes_at),
            (before.ports_at, after.ports_at),
            (before.folders_at, after.folders_at),
        )
    )


class Feed:
    """Gathers the runtime's news, told from its own thread, into few calls in the screen's loop.

    Args:
        push: Called in the loop that `attach` was called in.
        has_news: Whether the present snapshot is worth a push of its own. Any thread calls it.
        gap_s: The least time between two pushes.
    """

    def __init__(
        self,
        push: Callable[[], None],
        has_news: Callable[[], bool],
        gap_s: float = PUSH_GAP_S,
    ) -> None:
        self._push = push
        self._has_news = has_news
        self._gap_s = self._least_gap_s = gap_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context: contextvars.Context | None = None
        self._is_told = False
        self._next_at = 0.0
        self._unpaced = 0

    def hurry(self) -> None:
        """A person waits: hold none of the next few pushes back."""
        self._unpaced = _ANSWERS

    def spare(self, cost_s: float) -> None:
        """Push less often while a push costs much, so that keys find the loop free."""
        self._gap_s = min(max(self._least_gap_s, _SPARED * cost_s), _MOST_GAP_S)

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
        if self._is_told or loop is None or not self._has_news():
            return
        self._is_told = True
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody looks any more
            loop.call_soon_threadsafe(self._plan, context=self._context)

    def _plan(self) -> None:
        loop = self._loop
        if loop is None:
            return
        wait_s = self._next_at - loop.time()
        if wait_s <= 0 or self._unpaced:
            self._unpaced = max(0, self._unpaced - 1)
            self._deliver()
        else:
            loop.call_later(wait_s, self._deliver, context=self._context)

    def _deliver(self) -> None:
        loop = self._loop
        if loop is None:
            return
        # Before the push: what changes while it runs must be told again.
        self._is_told = False
        self._next_at = loop.time() + self._gap_s
        self._push()
