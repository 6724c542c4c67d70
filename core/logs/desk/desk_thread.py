"""Gives the desk a thread: orders in, pictures out, asleep while nothing happens."""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.desk import Desk
from core.logs.desk.housekeeping import House, Housekeeping
from core.logs.desk.keeping_thread import KeepingThread
from core.logs.desk.orders import Hold, Keep, Newer, Older, Order
from core.logs.files.waiter import Waiter
from core.model.log import LogMark
from core.model.log_view import LogPicture, SavedLogQuery
from core.model.text import SafeText, clean

BROKEN = clean("reading logs has stopped: a bug; the console has written it down")

_PATIENT = (Hold, Newer, Older, LogMark)
"""Orders for which nothing is broken off."""
_PAINTED_WITHIN_S = 0.15
"""So long what was asked for is given to be painted, before counting takes the processor."""
_IDLE_S = 1.0
"""A look at least so often: states of logs that have no path to watch."""


class DeskThread:
    """The desk in a thread of its own. All methods are for any thread, and none blocks.

    Args:
        titles: As the desk's.
        open_log: As the desk's; called in the thread.
        now_s: Seconds since 1970.
        tell: Called, in any thread, whenever the picture has changed.
        saved: As the desk's.
        house: Looks at the files that logs are kept in; called in a thread of its own.
    """

    def __init__(
        self,
        titles: Mapping[str, SafeText],
        open_log: Callable[[str], OpenedLog],
        now_s: Callable[[], float],
        tell: Callable[[], None],
        saved: tuple[SavedLogQuery, ...] = (),
        house: House | None = None,
    ) -> None:
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._urgent = 0
        self._lock = threading.Lock()
        self._tell = tell
        self._is_stopping = threading.Event()
        self._goes_on = threading.Event()
        """An answer is in sight, or something is to be done that does not wait for that."""
        self._waiter = Waiter()
        self._desk = Desk(titles, open_log, now_s, self._is_interrupted, self._take, saved)
        self._keeping = KeepingThread(house or Housekeeping(), now_s, self._retell)
        self.picture = self._of_logs = self._desk.picture
        self._thread = threading.Thread(target=self._work, name="qd-logs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def send(self, order: Order | Keep) -> None:
        """Ask for something; orders are carried out in turn, those for files beside the others."""
        if isinstance(order, Keep):
            self._keeping.send(order)
            return
        with self._lock:
            self._urgent += not isinstance(order, _PATIENT)
            self._orders.put(order)
        self._goes_on.set()
        self._waiter.wake()

    def painted(self, picture: LogPicture) -> None:
        """A picture is in sight. Counting, which waited so as not to delay it, goes on."""
        if picture.rows is self.picture.rows:
            self._goes_on.set()

    def wake(self) -> None:
        """Look at the logs now: one that has no file to watch has something new."""
        self._waiter.wake()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop working and close the logs; tell whether that worked in time."""
        self._is_stopping.set()
        self._keeping.stop(0)
        self._goes_on.set()
        self._waiter.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return self._keeping.stop(timeout_s) and not self._thread.is_alive()

    def _is_interrupted(self) -> bool:
        return self._is_stopping.is_set() or self._urgent > 0

    def _take(self, picture: LogPicture) -> None:
        with self._lock:
            self._of_logs = picture
            self.picture = replace(picture, keeping=self._keeping.found)
        self._tell()

    def _retell(self) -> None:
        """Show what is known of files with the last picture of logs; for any thread."""
        with self._lock:
            self.picture = replace(self._of_logs, keeping=self._keeping.found)
        self._tell()

    def _next_order(self) -> Order | None:
        with self._lock:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return None
            self._urgent -= not isinstance(order, _PATIENT)
            return order

    def _work(self) -> None:
        is_asked_to_end = False
        try:
            self._carry_on()
            is_asked_to_end = True
        finally:
            # A bug goes on to whoever writes crashes down; nobody shall wait for rows meanwhile.
            if not is_asked_to_end:
                self._take(replace(self._desk.picture, is_broken=True, busy="", problem=BROKEN))
            self._desk.close()
            self._waiter.close()

    def _carry_on(self) -> None:
        desk, waiter, has_answered = self._desk, self._waiter, False
        while not self._is_stopping.is_set():
            order = self._next_order()
            if order is not None:
                self._goes_on.clear()
                desk.carry_out(order)
                waiter.watch(desk.watched_paths)
                has_answered = True
            has_more = desk.look()
            if desk.has_work:
                if has_answered and self._orders.empty():
                    self._goes_on.wait(_PAINTED_WITHIN_S)
                    has_answered = False
                else:
                    desk.step()
            elif not has_more and self._orders.empty():
                if waiter.watch(desk.watched_paths):
                    continue
                waiter.wait(_IDLE_S)
