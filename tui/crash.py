"""What a bug leaves: one line for the person, a private file for us, no values in either."""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO

import platformdirs

from core.clients.crash_file import tell_crash

_WRITER = "textual-output"
"""Textual's thread that writes; it dies of a terminal that hung up, which is no bug."""


class CrashLog:
    """Remembers the first crash and writes every one to its private file.

    Args:
        tell: Writes an error to a file and returns the line for the person.
    """

    def __init__(self, tell: Callable[[BaseException], str] = tell_crash) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._seen: set[int] = set()
        self.line = ""
        """What to print once the terminal is sane; empty: nothing crashed."""

    def record(self, error: BaseException) -> None:
        """Write an error down. Any thread may call it; the first line is kept."""
        with self._lock:
            if id(error) in self._seen:
                return
            self._seen.add(id(error))
            line = self._tell(error)
            self.line = self.line or line

    def take_hooks(self) -> None:
        """Catch what nobody catches, in any thread."""
        sys.excepthook = self._on_uncaught
        threading.excepthook = self._on_thread

    def _on_uncaught(
        self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        self.record(error)
        print(f"quarterdeck: {self.line}", file=sys.__stderr__)

    def _on_thread(self, hook: threading.ExceptHookArgs) -> None:
        is_hang_up = isinstance(hook.exc_value, OSError) and (
            hook.thread is not None and hook.thread.name == _WRITER
        )
        if hook.exc_value is not None and not is_hang_up:
            self.record(hook.exc_value)


class FaultFile:
    """Where the interpreter itself writes when it dies; removed again when it did not."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._file: TextIO | None = None

    def open(self) -> None:
        """Open the private file; a place that cannot be written to is no reason not to start."""
        folder = Path(platformdirs.user_state_dir("quarterdeck")) / "crashes"
        path = folder / f"fault-{os.getpid()}.txt"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError:
            return
        self._path = path
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        faulthandler.enable(self._file)

    def close(self) -> None:
        """Close the file, and remove it when nothing was written."""
        if self._file is None or self._path is None:
            return
        faulthandler.disable()
        self._file.close()
        if self._path.stat().st_size == 0:
            self._path.unlink()
