"""Finds the files that processes have open for writing. Blocking."""

import os
import stat
from contextlib import suppress

_FLAGS = "flags:"


def read_written_files() -> frozenset[tuple[int, int]] | None:
    """Return device and inode of each; None: other users' processes are not ours to see."""
    if os.geteuid() != 0:
        return None
    found: set[tuple[int, int]] = set()
    for pid in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if pid.isdigit():
            with suppress(OSError):  # it has ended
                found |= _of_process(pid)
    return frozenset(found)


def _of_process(pid: str) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for number in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
        with suppress(OSError):  # closed meanwhile
            seen = os.stat(f"/proc/{pid}/fd/{number}")  # noqa: PTH116
            if stat.S_ISREG(seen.st_mode) and _is_for_writing(pid, number):
                found.add((seen.st_dev, seen.st_ino))
    return found


def _is_for_writing(pid: str, number: str) -> bool:
    with open(f"/proc/{pid}/fdinfo/{number}", encoding="ascii", errors="replace") as file:  # noqa: PTH123
        for line in file:
            if line.startswith(_FLAGS):
                return int(line.removeprefix(_FLAGS), 8) & os.O_ACCMODE != os.O_RDONLY
    return False
