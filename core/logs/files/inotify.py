"""The kernel's word that files changed: three functions of libc, through ctypes.

No library: inotify_simple and its kin are these same calls in ctypes, watchfiles brings a Rust
runtime of 1.5 MB with threads of its own, and none of them can watch a file that is already open.
"""

import ctypes
import os
from functools import cache

from core.errors import LogUnreadableError

_MODIFY, _ATTRIB, _MOVED_FROM, _MOVED_TO = 0x2, 0x4, 0x40, 0x80
_CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_ONLYDIR = 0x01000000
FILE_MASK = _MODIFY | _ATTRIB | _DELETE_SELF | _MOVE_SELF
FOLDER_MASK = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLYDIR
_READ_BYTES = 64 * 1024


@cache
def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.inotify_add_watch.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]
        libc.inotify_rm_watch.argtypes = [ctypes.c_int, ctypes.c_int]
        libc.inotify_init1.argtypes = [ctypes.c_int]
    except (OSError, AttributeError):  # no Linux
        return None
    return libc


class Inotify:
    """One inotify instance: paths in, a descriptor that becomes readable out."""

    def __init__(self) -> None:
        """Open an instance.

        Raises:
            LogUnreadableError: there is no inotify here, or no instance left for this user.
        """
        libc = _libc()
        if libc is None:
            raise LogUnreadableError("this system has no inotify")
        self._libc = libc
        self._fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise LogUnreadableError(f"no inotify: {os.strerror(ctypes.get_errno())}")

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def add(self, path: str, mask: int) -> int | None:
        """Watch a path; return the watch's number, the same for the same file, or None."""
        number = self._libc.inotify_add_watch(self._fd, os.fsencode(path), mask)
        return number if number >= 0 else None

    def remove(self, number: int) -> None:
        """End a watch; one that ended with its file is no error."""
        self._libc.inotify_rm_watch(self._fd, number)

    def drain(self) -> bool:
        """Take what happened; return whether anything did."""
        has_any = False
        while True:
            try:
                has_any = bool(os.read(self._fd, _READ_BYTES)) or has_any
            except OSError:  # nothing left
                return has_any

    def close(self) -> None:
        """End all watches."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
