"""How outside ends the console: hang-up, termination, interrupt.

Python runs `signal.signal` handlers even while the main thread is blocked on a terminal that does
not read; asyncio's handlers never run then. So the handler only asks the loop, and arms a timer
that ends the process whatever happens (ADR 0011).
"""

import asyncio
import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from tui.terminal import is_gone

LAST_RESORT_S = 2.0
"""A console that has not left by then is stuck in its terminal."""
LAST_RESORT_GONE_S = 0.5
"""The same, for a terminal that is gone: there is nothing left to restore."""
_AS_FOUND = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l"
    b"\x1b[?2004l\x1b[?2048l\x1b[?7h\x1b[<u\x1b[r\x1b[0m\x1b[?1049l\x1b[?25h"
)
"""No mouse, no reports, lines wrap, no keys in long form, no region, the other screen, a cursor."""
ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


def exit_code_of(number: int) -> int:
    """Return the exit status that a shell expects after a signal."""
    return 128 + number


def end_on_signals(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """From now on end through `leave(exit code)` in the loop, or without it after 2 s.

    To be called before the terminal is changed: as it is now it is left in the second case.
    """
    settings = _settings_of(0)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        code = exit_code_of(number)
        arm_last_resort(code, LAST_RESORT_GONE_S if is_gone() else LAST_RESORT_S, settings)
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


def arm_last_resort(code: int, after_s: float, settings: list[Any] | None = None) -> None:
    """End the process after a while, even if its main thread hangs.

    Args:
        code: The exit status.
        after_s: Seconds from now.
        settings: The terminal's, as `termios` has them. None: there is no terminal.
    """

    def end() -> None:
        if settings is not None:
            _restore(0, settings)
        os._exit(code)

    timer = threading.Timer(after_s, end)
    timer.name = "qd-last-resort"
    timer.daemon = True
    timer.start()


def _settings_of(fileno: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(fileno)
    except termios.error:
        return None


def _restore(fileno: int, settings: list[Any]) -> None:
    """Give the terminal back without waiting for it: whether it takes that is its own affair."""
    with suppress(OSError, termios.error):
        termios.tcsetattr(fileno, termios.TCSANOW, settings)
        # A description of its own: what others do with the terminal blocks as before.
        how = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        os.write(os.open(os.ttyname(fileno), how), _AS_FOUND)
