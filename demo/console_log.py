"""What a process prints: appended to the log it was redirected to, and kept bounded."""

import contextlib
import os
import shutil
import stat
import threading
from pathlib import Path

MAX_BYTES = 8 * 1024 * 1024


class Printed:
    """Standard output as a log; at 8 MiB copied to `NAME.1` and emptied, as logrotate does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print one record, whole, also when it has several lines."""
        with self._lock, contextlib.suppress(OSError):
            os.write(1, f"{text}\n".encode("utf-8", "replace"))
            facts = os.fstat(1)
            if stat.S_ISREG(facts.st_mode) and facts.st_size > MAX_BYTES:
                shutil.copyfile(self._path, f"{self._path}.1")
                os.ftruncate(1, 0)

    def started(self, pid: int, port: int) -> None:
        """Print what uvicorn prints when it starts."""
        self.say(
            f"INFO:     Started server process [{pid}]\n"
            "INFO:     Waiting for application startup.\n"
            "INFO:     Application startup complete.\n"
            f"INFO:     Uvicorn running on http://127.0.0.1:{port} (Press CTRL+C to quit)"
        )

    def ended(self, pid: int) -> None:
        """Print what uvicorn prints when it is told to end."""
        self.say(
            "INFO:     Shutting down\n"
            "INFO:     Waiting for application shutdown.\n"
            "INFO:     Application shutdown complete.\n"
            f"INFO:     Finished server process [{pid}]"
        )


class Appended:
    """A log file that the process writes itself; rotated to `.1` … by size; `keep` 0: never."""

    def __init__(self, path: Path, keep: int = 5) -> None:
        self._path = path
        self._keep = keep
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Append one record."""
        with self._lock, contextlib.suppress(OSError):
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")
                size = file.tell()
            if size > MAX_BYTES and self._keep:
                for number in range(self._keep, 0, -1):
                    newer = f"{self._path}.{number - 1}" if number > 1 else str(self._path)
                    with contextlib.suppress(FileNotFoundError):
                        Path(newer).replace(f"{self._path}.{number}")
