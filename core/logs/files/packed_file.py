"""A packed log file: its bytes are unpacked into a private file when somebody reads them."""

import os
import threading
from collections import OrderedDict
from contextlib import suppress

from core.errors import LogUnreadableError
from core.logs.files.naming import Packing
from core.logs.files.opening import ANY, Identity, LogMissingError, LogMovedError, OpenRule
from core.logs.files.unpacking import PackedPath, Unpacked, UnpackRule, peek, unpack
from core.logs.stream.followed import Cancelled, never
from core.logs.stream.private_file import open_private_file
from core.model.text import EMPTY, SafeText, clean

_TRIES = 3


class Shelf:
    """Keeps a bounded number of unpacked files; the ones used longest ago are let go."""

    def __init__(self, rule: UnpackRule, open_rule: OpenRule = ANY) -> None:
        """Take how much room there is, and the rule that each file must meet."""
        self.rule = rule
        self.open_rule = open_rule
        self.room_files = rule.max_files
        self._used: OrderedDict[Identity, PackedFile] = OrderedDict()
        self._lock = threading.Lock()

    def touch(self, file: "PackedFile") -> None:
        """Note that a file is used, and let others go."""
        with self._lock:
            self._used[file.identity] = file
            self._used.move_to_end(file.identity)
            surplus = list(self._used.values())[: -self.room_files]
            for old in surplus:
                del self._used[old.identity]
        for old in surplus:
            old.release()

    def close(self) -> None:
        """Let all of them go."""
        with self._lock:
            files = list(self._used.values())
            self._used.clear()
        for file in files:
            file.release()


class PackedFile:
    """The bytes of one packed file. `end_byte` is 0 until it has been prepared once."""

    def __init__(
        self,
        shelf: Shelf,
        path: str,
        identity: Identity,
        packing: Packing,
        stamp: tuple[int, int] = (0, 0),
    ) -> None:
        """Take where it is; nothing is opened. `stamp`: its packed size and time of writing."""
        self._shelf = shelf
        self._packing = packing
        self._fd = -1
        self._unpacked: Unpacked | None = None
        self._lock = threading.RLock()
        self.path = path
        self.identity = identity
        self.stamp = stamp
        self.begin_byte = 0

    @property
    def end_byte(self) -> int:
        """One past its last byte, unpacked."""
        return self._unpacked.size_bytes if self._unpacked else 0

    @property
    def note(self) -> SafeText:
        """Why not all of it can be read; empty when it can, or is not known yet."""
        return self._unpacked.note if self._unpacked else EMPTY

    def peek(self, size_bytes: int) -> bytes:
        """Return its first bytes, without unpacking the rest.

        Raises:
            LogUnreadableError: it may not be opened.
        """
        return peek(self._place, size_bytes, self._shelf.open_rule)

    @property
    def _place(self) -> PackedPath:
        return PackedPath(self.path, self.identity, self._packing)

    def prepare(self, cancelled: Cancelled = never) -> bool:
        """Unpack it, unless it is. Blocking, up to seconds.

        What cannot be unpacked counts as empty; the note says why. False: it was cancelled.

        Raises:
            LogUnreadableError: it has another name now; poll the log and ask again.
        """
        with self._lock:
            if self._fd < 0 and not self._unpack(cancelled):
                return False
        self._shelf.touch(self)
        return True

    def _unpack(self, cancelled: Cancelled) -> bool:
        fd, rule = -1, self._shelf.rule
        try:
            fd = open_private_file(rule.folder)
            self._unpacked = unpack(self._place, fd, rule, self._shelf.open_rule, cancelled)
        except (LogMissingError, LogMovedError):
            os.close(fd)
            raise
        except LogUnreadableError as error:
            if fd >= 0:
                os.ftruncate(fd, 0)
            if not cancelled():
                self._unpacked = Unpacked(0, clean(str(error)))
        if cancelled() and fd >= 0:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return unpacked bytes; unpacks it again when it was let go.

        Raises:
            LogUnreadableError: it cannot be opened.
        """
        fd = self._borrow()
        try:
            return os.pread(fd, min(size_bytes, max(0, self.end_byte - offset_byte)), offset_byte)
        except OSError as error:
            raise LogUnreadableError(f"{clean(self.path)}: {error.strerror}") from error
        finally:
            os.close(fd)

    def _borrow(self) -> int:
        for _ in range(_TRIES):  # others may crowd it out again before it is read
            self.prepare()
            with self._lock:
                if self._fd >= 0:
                    return self._duplicate()
        raise LogUnreadableError(f"{clean(self.path)}: {self.note or 'no room to unpack it'}")

    def _duplicate(self) -> int:
        try:
            return os.dup(self._fd)
        except OSError as error:  # this process may open no more files
            raise LogUnreadableError(f"{clean(self.path)}: {error.strerror}") from error

    def release(self) -> None:
        """Give the room back; it can be unpacked again."""
        with self._lock, suppress(OSError):
            if self._fd >= 0:
                os.close(self._fd)
            self._fd = -1
