"""How outside ends the console: hang-up, termination, interrupt.

Python runs `signal.signal` handlers even while the main thread is blocked on a terminal that does
not read; asyncio's handlers never run then. So the handler only asks the loop, and arms a timer
that ends the process whatever happens (ADR 0011).
"""

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable
from types import FrameType

from tui.terminal import is_gone

LAST_RESORT_S = 2.0
"""A console that has not left by then is stuck in its terminal."""
LAST_RESORT_GONE_S = 0.5
"""The same, for a terminal that is gone: there is nothing left to restore."""
ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def exit_code_of(number: int) -> int:
    """Return the exit status that a shell expects after a signal."""
    return 128 + number


def end_on_signals(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """From now on end through `leave(exit code)` in the loop, or without it after 2 s."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        code = exit_code_of(number)
        arm_last_resort(code, LAST_RESORT_GONE_S if is_gone() else LAST_RESORT_S)
        if not loop.is_closed():
            loop.call_soon_threadsafe(leave, code)

    for one in ENDING:
        signal.signal(one, on_signal)
    if os.isatty(0):
        hang_up_with(0)


def hang_up_with(fileno: int) -> None:
    """Take the terminal's hang-up for our own SIGHUP.

    The kernel tells only the leader of the session, and that may be a `make` or a wrapper that
    keeps it to itself.
    """

    def watch() -> None:
        poll = select.poll()
        poll.register(fileno, 0)  # hang-up and error are reported unasked
        poll.poll()
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=watch, name="qd-hang-up", daemon=True).start()


def arm_last_resort(code: int, after_s: float) -> None:
    """End the process after a while, even if its main thread hangs."""
    timer = threading.Timer(after_s, os._exit, (code,))
    timer.name = "qd-last-resort"
    timer.daemon = True
    timer.start()
