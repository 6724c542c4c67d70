"""Waits until a followed log may have changed: told by the kernel, or by looking now and then."""

import os
import select
import stat
import threading
from collections.abc import Iterable
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.inotify import FILE_MASK, FOLDER_MASK, Inotify
from core.logs.files.mounts import read_remote_devices

POLL_S = 0.25
"""Between two looks where the kernel does not tell."""
_MAX_WATCHES = 1024


class Waiter:
    """One for all followed logs of a reader. `wait` is for one thread, `wake` for any."""

    def __init__(self, *, may_watch: bool = True) -> None:
        """Open what it takes; `may_watch=False`: look now and then, as on a network disk."""
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._inotify: Inotify | None = None
        self._watches: dict[int, int] = {}
        self._paths: tuple[str, ...] = ()
        self._is_prompt = False
        self._remote: frozenset[int] = frozenset()
        self._lock = threading.Lock()
        self._is_closed = False
        if may_watch:
            with suppress(LogUnreadableError):
                self._inotify = Inotify()
                self._remote = read_remote_devices()

    @property
    def is_prompt(self) -> bool:
        """Whether the kernel tells of every change of what is watched."""
        return self._is_prompt

    def watch(self, paths: Iterable[str]) -> bool:
        """Watch these files and folders, and no others. What is absent is waited for above it.

        True: something is watched that was not, so it may have changed before; poll once more.
        """
        self._paths = tuple(dict.fromkeys(_nearest(path) for path in paths))
        if self._inotify is None:
            self._is_prompt = not self._paths
            return False
        found = [_watch(self._inotify, path) for path in self._paths[:_MAX_WATCHES]]
        watches = dict(filter(None, found))
        for number in self._watches.keys() - watches.keys():
            self._inotify.remove(number)
        self._is_prompt = (
            None not in found
            and len(self._paths) <= _MAX_WATCHES
            and self._remote.isdisjoint(watches.values())
        )
        has_new = bool(watches.keys() - self._watches.keys())
        self._watches = watches
        return has_new

    def wait(self, timeout_s: float) -> bool:
        """Wait until something happened or somebody woke us; False: neither within `timeout_s`.

        Where the kernel does not tell, True comes every quarter of a second at the latest.
        """
        poller = select.poll()
        poller.register(self._wake_read, select.POLLIN)
        if self._inotify is not None:
            poller.register(self._inotify.fileno(), select.POLLIN)
        limit_s = timeout_s if self._is_prompt else min(timeout_s, POLL_S)
        poller.poll(max(0.0, limit_s) * 1000)
        has_happened = self._inotify is not None and self._inotify.drain()
        return self._drain_wakes() or has_happened or (not self._is_prompt and bool(self._paths))

    def _drain_wakes(self) -> bool:
        with suppress(BlockingIOError):
            return bool(os.read(self._wake_read, 4096))
        return False

    def wake(self) -> None:
        """End the wait from any thread."""
        with self._lock, suppress(BlockingIOError):  # full: it wakes already
            if not self._is_closed:
                os.write(self._wake_write, b"w")

    def close(self) -> None:
        """Close everything; nobody may wait any more."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            os.close(self._wake_write)
        os.close(self._wake_read)
        if self._inotify is not None:
            self._inotify.close()


def _watch(inotify: Inotify, path: str) -> tuple[int, int] | None:
    """Return a watch's number and the device that its file is on, or None."""
    try:
        seen = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    number = inotify.add(path, FOLDER_MASK if stat.S_ISDIR(seen.st_mode) else FILE_MASK)
    return None if number is None else (number, seen.st_dev)


def _nearest(path: str) -> str:
    """Return a path, or the nearest folder above it that exists."""
    while not os.path.lexists(path):
        above = os.path.dirname(path)  # noqa: PTH120
        if above in ("", path):
            return above or "."
        path = above
    return path
