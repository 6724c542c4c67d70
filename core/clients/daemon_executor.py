"""The executor of the runtime's loop: name look-ups that hang must not keep the process.

The standard executor's threads are joined when the interpreter ends, so one dead name server would
hold the console open after the person has left. These threads are daemons.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

LIMIT = 16
"""Calls that run at the same time; more of them wait their turn."""


class DaemonExecutor(ThreadPoolExecutor):
    """Runs each call in a daemon thread, at most `LIMIT` at once."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)  # asyncio asks for this class; its threads are never used
        self._gate = threading.BoundedSemaphore(LIMIT)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """Start a call in a thread of its own and return its future."""
        future: Future[_T] = Future()
        thread = threading.Thread(
            target=self._run, args=(future, lambda: fn(*args, **kwargs)), daemon=True
        )
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Return at once: nothing waits for a call that hangs."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)

    def _run(self, future: "Future[_T]", call: Callable[[], _T]) -> None:
        with self._gate:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - handed on to the waiter, not swallowed
                future.set_exception(error)
