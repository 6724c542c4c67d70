"""Gives housekeeping a thread: a large folder is listed while logs are followed."""

import threading
from collections.abc import Callable

from core.logs.desk.housekeeping import House, Keeping
from core.logs.desk.orders import Keep
from core.model.log_keeping import LogKeeping
from core.model.text import clean

BROKEN = clean("looking at files has stopped: a bug; the console has written it down")


class KeepingThread:
    """Looks at files in a thread that is there while it looks. All methods are for any thread.

    Args:
        house: Looks at files; called in the thread.
        now_s: Seconds since 1970.
        tell: Called, in any thread, whenever `found` is another.
    """

    def __init__(self, house: House, now_s: Callable[[], float], tell: Callable[[], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._is_stopping = threading.Event()
        self._order: Keep | None = None
        """What is to be done next: of several orders the last one counts."""
        self._is_wanted = False
        self._keeping = Keeping(house, now_s, self._is_interrupted, tell)
        self._thread: threading.Thread | None = None

    @property
    def found(self) -> LogKeeping | None:
        """Return what is known; None: nobody asks. Who stops asking waits for no look to end."""
        return (self._keeping.found or LogKeeping()) if self._is_wanted else None

    def send(self, order: Keep) -> None:
        """Ask for a look, or for none; a look that runs is broken off for it."""
        with self._lock:
            self._is_wanted, self._order = order.is_wanted, order
            if self._thread is None and not self._is_stopping.is_set():
                self._begin()
        self._tell()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; tell whether that worked in time."""
        self._is_stopping.set()
        thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._work, name="qd-log-files", daemon=True)
        self._thread.start()

    def _is_interrupted(self) -> bool:
        return self._is_stopping.is_set() or self._order is not None

    def _next_order(self) -> Keep | None:
        with self._lock:
            order, self._order = self._order, None
            if order is None or self._is_stopping.is_set():
                self._thread = None
                return None
            return order

    def _work(self) -> None:
        has_ended = False
        try:
            while (order := self._next_order()) is not None:
                self._keeping.carry_out(order)
            has_ended = True
        finally:
            # A bug goes on to whoever writes crashes down; the next order finds a new thread.
            if not has_ended:
                self._keeping.give_up(BROKEN)
                with self._lock:
                    self._thread = None
                    if self._order is not None and not self._is_stopping.is_set():
                        self._begin()
