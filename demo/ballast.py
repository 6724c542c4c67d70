"""A process's own use of the machine, and memory that it really takes while a fault asks for it."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_STEP_BYTES = 25 * 1024 * 1024
_MAX_STEPS = 6
_STEP_EVERY_S = 0.3
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Ballast:
    """Grows by 25 MB at a time up to 150 MB while asked for, and lets go when not."""

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        self._is_wanted = is_wanted
        self._held: list[bytearray] = []
        self._last = (time.monotonic(), time.process_time())

    def start(self) -> None:
        """Follow the fault in a thread of its own."""
        threading.Thread(target=self._follow, daemon=True).start()

    def usage(self) -> dict[str, object]:
        """Return `resource_usage` as the report has it."""
        return {
            "memory_mb": round(_resident_bytes() / 1024 / 1024, 1),
            "cpu_percent": self._cpu_percent(),
            "open_files": len(list(Path("/proc/self/fd").iterdir())),
            "connections": max(0, threading.active_count() - 2),
        }

    def _follow(self) -> None:
        while True:
            if not self._is_wanted():
                self._held.clear()
            elif len(self._held) < _MAX_STEPS:
                # Written to, so that it is resident and not only promised.
                self._held.append(bytearray(b"\x01") * _STEP_BYTES)
            time.sleep(_STEP_EVERY_S)

    def _cpu_percent(self) -> float:
        wall, cpu = time.monotonic(), time.process_time()
        before_wall, before_cpu = self._last
        self._last = (wall, cpu)
        span = max(wall - before_wall, 0.001)
        return round((cpu - before_cpu) / span * 100, 1)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
