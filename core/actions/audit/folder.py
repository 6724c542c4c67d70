"""The log's folder: opened once, everything in it named below its descriptor, one writer a time."""

import fcntl
import os
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.actions.audit.names import Segment, segments_of
from core.errors import AuditBroken, AuditError
from core.model.text import clean

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOREIGN_WRITERS = stat.S_IWGRP | stat.S_IWOTH


class AuditFolder:
    """A folder that only we write to."""

    def __init__(self, path: Path, *, is_for_reading: bool = False) -> None:
        """Open it; for reading also one that others can write to, such as a copy.

        Raises:
            AuditError: it is not there, or cannot be trusted.
        """
        self.path = path
        try:
            self.file = os.open(path, _FOLDER_FLAGS)
        except OSError as error:
            raise AuditError(
                f"the audit folder {clean(str(path))} cannot be opened: {error.strerror}"
            ) from error
        if is_for_reading:
            return
        try:
            self._check_trust()
        except AuditError:
            self.close()
            raise

    def _check_trust(self) -> None:
        seen = os.fstat(self.file)
        if seen.st_uid not in {0, os.geteuid()}:
            raise AuditError(f"the audit folder {self.path} belongs to uid {seen.st_uid}; chown it")
        if seen.st_mode & _FOREIGN_WRITERS:
            raise AuditError(
                f"others may write to the audit folder {self.path}; chmod 0750 {self.path}"
            )

    def check(self) -> None:
        """Raise AuditError unless the path still leads to this folder, and only we write to it."""
        try:
            seen, own = os.stat(self.path, follow_symlinks=False), os.fstat(self.file)  # noqa: PTH116
        except OSError as error:
            raise AuditBroken(
                f"the audit folder {self.path} is gone: {error.strerror}; put it back, or override"
            ) from error
        if (seen.st_dev, seen.st_ino) != (own.st_dev, own.st_ino):
            raise AuditBroken(
                f"another folder stands at {self.path}; put the audit log back, or override"
            )
        self._check_trust()

    def close(self) -> None:
        """Let go of it."""
        os.close(self.file)

    @contextmanager
    def locked(self, deadline_s: float) -> Generator[None]:
        """Be the only writer on this host. The lock is on the folder: no lock file can be removed.

        Raises:
            AuditError: somebody else has held it for `deadline_s` seconds.
        """
        try:
            own = os.open(".", _FOLDER_FLAGS, dir_fd=self.file)
        except OSError as error:
            raise AuditError(
                f"the audit folder {self.path} cannot be locked: {error.strerror}"
            ) from error
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _wait(own, deadline_s)
        except OSError as error:
            os.close(own)
            raise AuditError(
                f"the audit folder {self.path} cannot be locked: {error.strerror}"
            ) from error
        try:
            yield
        finally:
            os.close(own)

    def segments(self) -> tuple[Segment, ...]:
        """Return the log's files, oldest first.

        Raises:
            AuditError: the folder cannot be listed.
        """
        try:
            return segments_of(os.listdir(self.file))  # noqa: PTH208 - by descriptor
        except OSError as error:
            raise AuditError(
                f"the audit folder {self.path} cannot be listed: {error.strerror}"
            ) from error

    def open(self, name: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
        """Return a descriptor of a regular file with one name, without following or waiting.

        Raises:
            OSError: it cannot be opened, or is something else.
        """
        file = os.open(name, flags | _LOOK_FLAGS, mode, dir_fd=self.file)
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode) or seen.st_nlink > 1:
            os.close(file)
            what = "has a second name" if stat.S_ISREG(seen.st_mode) else "is no regular file"
            raise OSError(0, f"{name} {what}")
        return file

    def look(self, name: str) -> os.stat_result | None:
        """Return what stands at a name, a link itself, or None."""
        try:
            return os.stat(name, dir_fd=self.file, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def read(self, name: str, most_bytes: int) -> bytes:
        """Return the first bytes of a small file of ours.

        Raises:
            OSError: it cannot be read.
        """
        file = self.open(name)
        try:
            return os.read(file, most_bytes)
        finally:
            os.close(file)

    def remove(self, name: str) -> None:
        """Remove a file.

        Raises:
            OSError: it cannot be removed.
        """
        os.unlink(name, dir_fd=self.file)


def _wait(file: int, deadline_s: float) -> None:
    """Wait in the kernel's queue, which is fair, no longer than a deadline; closes on failure."""
    mutex, ready = threading.Lock(), threading.Event()
    is_given_up = False

    def take() -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
        with mutex:
            ready.set()
            if is_given_up:
                os.close(file)

    threading.Thread(target=take, name="qd-audit-lock", daemon=True).start()
    if ready.wait(deadline_s):
        return
    with mutex:
        if ready.is_set():
            return
        is_given_up = True
    raise AuditError(f"another process has held the audit log for {deadline_s:g} s")
