"""One operator per target: a kernel lock that dies with its holder, so that none is ever stale."""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from core.errors import ActionError
from core.model.text import SafeText, clean

_AGAIN_S = 0.01
_TRIES = 5
_LOOKS = 50
"""So many times a lock is tried, and its holder's own words are awaited."""


class TargetLocks:
    """Locks of one executor, taken in the order of their names and held until closed.

    Args:
        folder: 0700, the same for everybody who acts on this machine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[int] = []

    def take(self, names: Iterable[str], holder: Mapping[str, object]) -> None:
        """Take them all or none; `holder` is written into each, for display only.

        Raises:
            ActionError: somebody holds one; the text says who, what and since when.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in sorted(set(names)):
                self._take(name, holder)
        except BaseException:
            self.close()
            raise

    def _take(self, name: str, holder: Mapping[str, object]) -> None:
        path = _path(self._folder, name)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(path, flags, 0o600)
        except OSError as error:
            raise ActionError(f"the lock {path} cannot be opened: {error.strerror}") from error
        if not _is_locked(file):
            said = _said(file)
            os.close(file)  # what stands in it is the holder's
            raise ActionError(f"{clean(name)} is held: {said}")
        self._held.append(file)
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"name": name, **holder}).encode(), 0)

    def close(self) -> None:
        """Give them back."""
        for file in self._held:
            with suppress(OSError):
                os.ftruncate(file, 0)
                os.close(file)
        self._held.clear()


def holder_of(folder: Path, name: str) -> SafeText | None:
    """Return who holds a lock now, in words; None: nobody."""
    try:
        file = os.open(_path(folder, name), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return clean(_said(file))
    finally:
        os.close(file)
    return None


def _path(folder: Path, name: str) -> Path:
    return folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lock"


def _is_locked(file: int) -> bool:
    """Take a lock, and tell whether it is ours: who only looks holds it for a moment as well."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            threading.Event().wait(_AGAIN_S)
        else:
            return True
    return False


def _said(file: int) -> str:
    """Return what a holder wrote about itself; it does that just after it has got the lock."""
    for _ in range(_LOOKS):
        if data := os.pread(file, 4096, 0):
            return _words(data)
        threading.Event().wait(_AGAIN_S)
    return _words(b"")


def _words(data: bytes) -> str:
    try:
        words = cast("dict[str, Any]", json.loads(data))
        return f"{words['actor']} runs {words['title']} ({words['action']}) since {words['since']}"
    except (ValueError, KeyError):
        return "another action is running on it"
