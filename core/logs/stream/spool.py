"""A stream kept in a ring on disk: the log of a container, the journal, a pipe.

One writer feeds bytes, several readers read them back. When the ring is full the oldest whole lines
are dropped and counted. The file has no name, so a crash leaves nothing behind.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import replace

from core.errors import LogUnreadableError
from core.logs.segment import Segment
from core.logs.stream.followed import Growth, LogChange
from core.logs.stream.private_file import open_private_file
from core.model.follow import FollowState, FollowWord
from core.model.log import LogPosition, Seam, SeamKind
from core.model.text import clean

SPOOL_BYTES = 64 * 1024 * 1024
_MIN_BYTES = 64 * 1024
_DROP_PART = 64
"""The ring gives up a 64th of its room at once, so that dropping is rare."""


class _Ring:
    """Bytes by their place in the stream, the last `capacity_bytes` of them on disk."""

    def __init__(self, name: str, capacity_bytes: int, folder: str) -> None:
        self._fd = open_private_file(folder)
        self._capacity = max(_MIN_BYTES, capacity_bytes)
        self._readers = 0
        self._is_closed = False
        self.lock = threading.Lock()
        self.number = 0
        self.name = name
        self.begin_byte = 0
        self.end_byte = 0
        self.dropped_lines = 0
        self.dropped_bytes = 0

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return bytes of the stream.

        Raises:
            LogUnreadableError: they were dropped, or the spool was closed.
        """
        with self.lock:
            if self._is_closed:
                raise LogUnreadableError(f"{clean(self.name)}: its spool was closed")
            self._readers += 1
            end = min(self.end_byte, offset_byte + size_bytes)
        try:
            data = self._read(offset_byte, end)
        except OSError as error:
            raise LogUnreadableError(f"{clean(self.name)}: {error.strerror}") from error
        finally:
            with self.lock:
                self._readers -= 1
                self._close_when_idle()
        # The writer moves the beginning before it writes over it, so this look comes in time.
        if offset_byte < self.begin_byte:
            raise LogUnreadableError(f"{clean(self.name)}: dropped, the spool is full")
        return data

    def _read(self, begin: int, end: int) -> bytes:
        parts: list[bytes] = []
        while begin < end:
            at = begin % self._capacity
            part = os.pread(self._fd, min(end - begin, self._capacity - at), at)
            if not part:
                break
            parts.append(part)
            begin += len(part)
        return b"".join(parts)

    def append(self, data: bytes) -> int:
        """Keep bytes, dropping the oldest; return how many of them could be kept."""
        view = memoryview(data)
        kept = 0
        while kept < len(view) and not self._is_closed:
            piece = view[kept : kept + self._capacity // 4]
            self._make_room(len(piece))
            at = self.end_byte % self._capacity
            try:
                written = os.pwrite(self._fd, piece[: self._capacity - at], at)
            except OSError:  # the disk is full: told as skipped, once there is room again
                break
            with self.lock:
                self.end_byte += written
            kept += written
        return kept

    def _make_room(self, size: int) -> None:
        surplus = self.end_byte + size - self.begin_byte - self._capacity
        if surplus <= 0:
            return
        surplus = max(surplus, self._capacity // _DROP_PART)
        old = self._read(self.begin_byte, min(self.begin_byte + surplus, self.end_byte))
        keep_from = old.rfind(b"\n") + 1 or len(old)  # a line longer than that is torn
        if keep_from < surplus and keep_from < len(old):
            rest = self._read(self.begin_byte + len(old), self.end_byte)
            keep_from = len(old) + (rest.find(b"\n") + 1 or len(rest))
            old += rest[: keep_from - len(old)]
        with self.lock:
            self.dropped_lines += old.count(b"\n", 0, keep_from)
            self.dropped_bytes += keep_from
            self.begin_byte += keep_from

    def close(self) -> None:
        with self.lock:
            self._is_closed = True
            self._close_when_idle()

    def _close_when_idle(self) -> None:
        if self._is_closed and self._readers == 0 and self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Spool:
    """A followed log that one thread feeds, by `feed`, `mark`, `tell` and `end_past`.

    The rest is for any thread.
    """

    def __init__(
        self,
        source: str,
        capacity_bytes: int = SPOOL_BYTES,
        *,
        folder: str = "",
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the ring's file. `on_change` is called by the feeding thread after each change.

        Raises:
            LogUnreadableError: there is no room for a file.
        """
        self._ring = _Ring(source, capacity_bytes, folder)
        self._on_change = on_change
        self._state = FollowState(FollowWord.WAITING, has_past=False)
        self._lock = threading.Lock()
        self._told_byte = 0
        self._told_drop: tuple[int, int] = (0, 0)
        self._skipped_bytes = 0
        self._marks: list[tuple[LogPosition, SeamKind, str]] = []

    @property
    def source(self) -> str:
        """The configured log, as `system/service/log`."""
        return self._ring.name

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The one segment of the ring."""
        return (self._ring,)

    @property
    def state(self) -> FollowState:
        """How it stands, as its adapter says."""
        return self._state

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """None: it calls `on_change`."""
        return ()

    @property
    def dropped_lines(self) -> int:
        """Lines that had to make room, since the beginning."""
        return self._ring.dropped_lines

    @property
    def dropped_bytes(self) -> int:
        """Bytes that had to make room, since the beginning."""
        return self._ring.dropped_bytes

    def feed(self, data: bytes) -> None:
        """Add bytes at the end; the oldest make room. What the disk cannot take is counted."""
        kept = self._ring.append(data)
        if kept < len(data):
            with self._lock:
                self._skipped_bytes += len(data) - kept
        self._on_change()

    def mark(self, kind: SeamKind, note: str) -> None:
        """Note a seam at the end as it is now."""
        with self._lock:
            self._marks.append((LogPosition(0, self._ring.end_byte), kind, note))
        self._on_change()

    def tell(self, word: FollowWord, note: str = "") -> None:
        """Say how it stands."""
        self._state = FollowState(word, clean(note), self._state.has_past)
        self._on_change()

    def end_past(self) -> None:
        """Say that all that had been written before was fed."""
        self._state = replace(self._state, has_past=True)
        self._on_change()

    def poll(self, now_s: float) -> LogChange:
        """Return what was fed since the last poll, what was dropped, and the seams."""
        with self._lock:
            ring, begin = self._ring, self._told_byte
            with ring.lock:
                end, drop = ring.end_byte, (ring.dropped_lines, ring.dropped_bytes)
                position = LogPosition(0, ring.begin_byte)
            grown = (Growth(0, begin),) if end > begin else ()
            seams = [
                Seam(self.source, at, kind, clean(note), now_s) for at, kind, note in self._marks
            ]
            if drop != self._told_drop:
                lines, size = drop[0] - self._told_drop[0], drop[1] - self._told_drop[1]
                note = f"{lines} lines ({size} bytes) dropped: the spool is full"
                seams.append(Seam(self.source, position, SeamKind.SKIPPED, clean(note), now_s))
            if self._skipped_bytes:
                note = f"{self._skipped_bytes} bytes not kept: no room on the disk"
                at = LogPosition(0, end)
                seams.append(Seam(self.source, at, SeamKind.SKIPPED, clean(note), now_s))
            self._told_byte, self._told_drop, self._skipped_bytes = end, drop, 0
            self._marks.clear()
            return LogChange(grown, tuple(seams))

    def close(self) -> None:
        """Give the room back; reading raises from now on."""
        self._ring.close()
