"""A plain log file that may grow, be cut, be renamed or vanish while it is read.

What it is called proves nothing: a file is known by device and inode, and that its bytes are still
the ones that were seen by two fingerprints, of its first bytes and of the last ones known. They
are looked at again after each read, so that bytes of a file that was cut and written anew are
never taken for the old ones.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum

from core.errors import LogUnreadableError
from core.logs.files.opening import Identity, LogMovedError, OpenedFile, OpenRule, open_log
from core.model.text import clean

HEAD_BYTES = 512
_ANCHOR_BYTES = 128


class Look(StrEnum):
    """What a look at a file found."""

    SAME = "same"
    GROWN = "grown"
    CUT = "cut"
    """It is shorter, or other bytes stand where known ones stood."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The fingerprints of a file whose first `end_byte` bytes are known."""

    end_byte: int = 0
    head: bytes = b""
    anchor: bytes = b""
    """The last bytes before `end_byte`."""

    @property
    def is_telling(self) -> bool:
        """Whether a whole line is known: half of one may begin like that of any other file."""
        return b"\n" in self.head or len(self.head) == HEAD_BYTES

    def fit(self, opened: OpenedFile) -> bool:
        """Return whether a file still begins with what is known."""
        anchor_at = self.end_byte - len(self.anchor)
        return (
            opened.read(0, len(self.head)) == self.head
            and opened.read(anchor_at, len(self.anchor)) == self.anchor
        )


def read_marks(opened: OpenedFile, end_byte: int) -> Marks:
    """Take the fingerprints of a file's first `end_byte` bytes."""
    anchor_at = max(0, end_byte - _ANCHOR_BYTES)
    return Marks(
        end_byte,
        opened.read(0, min(end_byte, HEAD_BYTES)),
        opened.read(anchor_at, end_byte - anchor_at),
    )


class OpenFiles:
    """Keeps a bounded number of files open: those that are held, and those read last."""

    def __init__(self, rule: OpenRule, max_idle: int = 4) -> None:
        """Take the rule that each file must meet; `max_idle` are kept beside the held ones."""
        self._rule = rule
        self._max_idle = max_idle
        self._opened: OrderedDict[Identity, OpenedFile] = OrderedDict()
        self._held: set[Identity] = set()
        self._lock = threading.Lock()

    def open(self, path: str) -> OpenedFile:
        """Open what a path names now; it is kept under its identity.

        Raises:
            LogMissingError: there is no such file.
            LogUnreadableError: it may not be read, or the rule refuses it; says why.
        """
        opened = open_log(path, self._rule)
        with self._lock:
            known = self._opened.setdefault(opened.identity, opened)
        if known is not opened:
            opened.close()
        return known

    def get(self, path: str, identity: Identity) -> OpenedFile:
        """Return an open file by what it is; `path` is where it was seen last.

        Raises:
            LogUnreadableError: it is not there any more.
        """
        with self._lock:
            known = self._opened.get(identity)
            if known is not None:
                self._opened.move_to_end(identity)
                return known
        opened = self.open(path)
        self._trim()
        if opened.identity != identity:
            raise LogMovedError(f"{clean(path)} is another file now")
        return opened

    def hold(self, identity: Identity) -> None:
        """Keep a file open until it is released."""
        with self._lock:
            self._held.add(identity)

    def release(self, identity: Identity) -> None:
        """Let a file be closed when others are read."""
        with self._lock:
            self._held.discard(identity)
        self._trim()

    def forget(self, identity: Identity) -> None:
        """Close a file."""
        with self._lock:
            self._held.discard(identity)
            opened = self._opened.pop(identity, None)
        if opened is not None:
            opened.close()

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            waiting = list(self._opened.values())
            self._opened.clear()
            self._held.clear()
        for opened in waiting:
            opened.close()

    def _trim(self) -> None:
        with self._lock:
            idle = [identity for identity in self._opened if identity not in self._held]
            surplus = [self._opened.pop(identity) for identity in idle[: -self._max_idle]]
        for opened in surplus:
            opened.close()


class PlainFile:
    """The bytes of one plain file, as far as they were seen."""

    def __init__(self, files: OpenFiles, path: str, identity: Identity, marks: Marks) -> None:
        """Take what is known; marks without fingerprints (a listing's size) are filled in later."""
        self._files = files
        self._marks = marks
        self.stamp: tuple[int, int] = (-1, -1)
        """Size and time of writing when it was looked at last."""
        self.path = path
        self.identity = identity
        self.begin_byte = 0

    @property
    def end_byte(self) -> int:
        """One past the last byte seen."""
        return self._marks.end_byte

    @property
    def marks(self) -> Marks:
        """Its fingerprints."""
        return self._marks

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return bytes that were seen, and nothing else.

        Raises:
            LogUnreadableError: they cannot be had any more.
        """
        opened, marks = self._opened(), self._marks
        data = opened.read(offset_byte, min(size_bytes, max(0, marks.end_byte - offset_byte)))
        if opened.stat().st_size < marks.end_byte or not marks.fit(opened):
            raise LogUnreadableError(f"{clean(self.path)} was cut while it was read")
        return data

    def look(self) -> Look:
        """See whether it has grown or was cut. Cheap when nothing has happened.

        Raises:
            LogUnreadableError: it is not there any more.
        """
        opened = self._opened()
        seen = opened.stat()
        stamp = (seen.st_size, seen.st_mtime_ns)
        if stamp == self.stamp:
            return Look.SAME
        if seen.st_size < self.end_byte or not self._marks.fit(opened):
            return Look.CUT
        grown = read_marks(opened, seen.st_size)
        # It may have been cut and written anew while we looked; then the old marks do not fit now.
        if opened.stat().st_size < seen.st_size or not self._marks.fit(opened):
            return Look.CUT
        has_grown = seen.st_size > self.end_byte
        self.stamp, self._marks = stamp, grown
        return Look.GROWN if has_grown else Look.SAME

    def check(self) -> None:
        """See whether it can be opened and is as it was.

        Raises:
            LogUnreadableError: it cannot, or is not.
        """
        self._opened()

    def give_up(self) -> None:
        """Count it as empty: it may not be read."""
        self._marks = Marks()

    def skip_hole(self) -> None:
        """Begin at the first data: a writer that does not append leaves a hole when it is cut."""
        self.begin_byte = min(self._opened().first_data_byte(), self.end_byte)

    @property
    def is_deleted(self) -> bool:
        """Whether it has no name any more, and only lives because it is open."""
        try:
            return self._opened().stat().st_nlink == 0
        except LogUnreadableError:
            return True

    @property
    def modified_ns(self) -> int:
        """When it was written last, as far as was seen; nanoseconds since 1970."""
        return self.stamp[1]

    def _opened(self) -> OpenedFile:
        opened = self._files.get(self.path, self.identity)
        if self._marks.end_byte and not self._marks.head:
            if opened.stat().st_size < self._marks.end_byte:
                raise LogUnreadableError(f"{clean(self.path)} is shorter than it was")
            self._marks = read_marks(opened, self._marks.end_byte)
        return opened
