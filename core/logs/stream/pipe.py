"""Feeds a spool from a pipe, such as standard input: `… | quarterdeck logs -`."""

import os
import select
import threading

from core.logs.stream.spool import Spool
from core.model.follow import FollowWord

_READ_BYTES = 256 * 1024
_LOOK_S = 0.5


class PipeFeed:
    """A daemon thread that reads a descriptor to its end."""

    def __init__(self, fd: int, spool: Spool) -> None:
        """Take a descriptor, which stays the caller's; it is not closed."""
        self._fd = fd
        self._spool = spool
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="qd-pipe", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._spool.tell(FollowWord.FOLLOWING)
        self._thread.start()

    def _run(self) -> None:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        try:
            while not self._is_closing.is_set():
                if not poller.poll(_LOOK_S * 1000):
                    continue
                data = os.read(self._fd, _READ_BYTES)
                if not data:
                    self._spool.tell(FollowWord.ENDED, "the pipe has ended")
                    return
                self._spool.feed(data)
        except BlockingIOError:  # another reader of the same pipe was faster
            self._spool.tell(FollowWord.ENDED, "another program reads the same pipe")
        except OSError as error:
            self._spool.tell(FollowWord.REFUSED, f"standard input: {error.strerror}")

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of the pipe; return whether it came in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop reading soon; the thread is a daemon and is not waited for."""
        self._is_closing.set()
