"""A crew of threads that works ahead, a little, and delivers in order."""

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import wait
from typing import Generic, TypeVar

from core.clients.daemon_executor import DaemonExecutor

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

_CANCEL_EVERY_S = 0.02
_LEAVE_WITHIN_S = 0.2


class Crew(Generic[_Task, _Result]):
    """Does tasks in daemon threads: at most `ahead` are begun and not yet taken."""

    def __init__(
        self,
        work: Callable[[_Task], _Result],
        tasks: Sequence[_Task],
        threads: int = 2,
        ahead: int = 4,
    ) -> None:
        self._work = work
        self._tasks = tasks
        self._threads = max(1, min(threads, len(tasks)))
        self._ahead = max(1, ahead)
        self._changed = threading.Condition()
        self._results: dict[int, _Result] = {}
        self._begun = self._taken = self._left = 0
        self._is_over = False

    def results(self, cancelled: Callable[[], bool]) -> Generator[_Result, None, None]:
        """Yield the results in the order of the tasks; end early when cancelled.

        Raises:
            Exception: what a task raised, after the results of those before it.
        """
        if not self._tasks:
            return
        executor = DaemonExecutor()
        threads = [executor.submit(self._run) for _ in range(self._threads)]
        try:
            for number in range(len(self._tasks)):
                while not self._is_settled(number):
                    if cancelled():
                        return
                if cancelled():
                    return
                if number not in self._results:
                    for thread in threads:
                        thread.result()
                yield self._take(number)
        finally:
            self._end()
            wait(threads, _LEAVE_WITHIN_S)

    def _is_settled(self, number: int) -> bool:
        """Wait a moment for a result; also true when nobody is left to bring it."""
        with self._changed:
            if number not in self._results and self._left < self._threads:
                self._changed.wait(_CANCEL_EVERY_S)
            return number in self._results or self._left == self._threads

    def _take(self, number: int) -> _Result:
        with self._changed:
            self._taken = number + 1
            self._changed.notify_all()
            return self._results.pop(number)

    def _end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _next(self) -> int | None:
        with self._changed:
            while not self._is_over and self._begun - self._taken >= self._ahead:
                self._changed.wait()
            if self._is_over or self._begun == len(self._tasks):
                return None
            self._begun += 1
            return self._begun - 1

    def _run(self) -> None:
        is_done = False
        try:
            while (number := self._next()) is not None:
                result = self._work(self._tasks[number])
                with self._changed:
                    self._results[number] = result
                    self._changed.notify_all()
            is_done = True
        finally:
            with self._changed:
                self._left += 1
                self._is_over = self._is_over or not is_done
                self._changed.notify_all()
