"""One run of one process, and whether it lives. Blocking."""

import os
from dataclasses import dataclass

from core.clients.proc_stat import Stat, parse_stat

_STAT_BYTES = 1024
_ENDED = frozenset("ZXx")


@dataclass(frozen=True, slots=True, order=True)
class ProcessId:
    """One run of one process; a reused pid is another."""

    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat."""


def read_stat(pid: int) -> Stat | None:
    """Return what the kernel says of a pid now; None: there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return parse_stat(file.read(_STAT_BYTES))
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_running(one: ProcessId) -> bool:
    """Tell whether exactly this run lives; one that has ended and waits for its parent does not."""
    stat = read_stat(one.pid)
    return stat is not None and stat.start_ticks == one.start_ticks and stat.state not in _ENDED


def open_process(one: ProcessId) -> int | None:
    """Return a handle on exactly this run; None: it has ended."""
    try:
        handle = os.pidfd_open(one.pid)
    except ProcessLookupError:
        return None
    # Looked at after the handle was taken: from here on the pid cannot become another's.
    if is_running(one):
        return handle
    os.close(handle)
    return None
