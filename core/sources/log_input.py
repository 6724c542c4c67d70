"""A pipe into this process as a log, read no faster than it is looked at: nothing is dropped."""

import os
import select

from core.logs.stream.followed import LogChange
from core.logs.stream.spool import Spool
from core.logs.stream.spooled_log import SpooledLog
from core.model.follow import FollowWord

_READ_BYTES = 1024 * 1024
_WAIT_MS = 50
"""A look waits so long for something to come."""


class PipedInput(SpooledLog):
    """Reads a descriptor when it is polled, and keeps what came in a spool.

    Args:
        fd: What is read; it stays the caller's.
        source: What the log is called.
    """

    def __init__(self, fd: int, source: str = "-") -> None:
        """Open the spool.

        Raises:
            LogUnreadableError: there is no room for it.
        """
        self._fd = fd
        # Not select(), which refuses every descriptor from 1024 on.
        self._ready = select.poll()
        self._ready.register(fd, select.POLLIN)
        super().__init__(Spool(source))
        self._spool.tell(FollowWord.FOLLOWING)
        self._is_first = True
        self.is_paused = False
        """Set by the reader while it has more to read than it wants to hold."""

    def poll(self, now_s: float) -> LogChange:
        """Read what has come, waiting a twentieth of a second for it."""
        is_over = self.state.word is not FollowWord.FOLLOWING
        if not (self._is_first or self.is_paused or is_over):
            self._read()
        self._is_first = False  # what is there at first counts as new, not as history
        return super().poll(now_s)

    def _read(self) -> None:
        try:
            # A pipe gives 64 KiB at once, however much its writer has.
            wait_ms, left = _WAIT_MS, _READ_BYTES
            while left > 0 and self._ready.poll(wait_ms):
                data = os.read(self._fd, left)
                if not data:
                    self._spool.tell(FollowWord.ENDED, "the pipe has ended")
                    return
                self._spool.feed(data)
                left -= len(data)
                wait_ms = 0
        except OSError as error:
            self._spool.tell(FollowWord.REFUSED, f"standard input: {error.strerror}")
