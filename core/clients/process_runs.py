"""One run of one process: pid, start ticks and boot, so that a reused pid is another."""

import os
from pathlib import Path

from core.clients.proc_stat import parse_stat
from core.model.action_state import ProcessRun

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_DEAD = frozenset("ZX")


def read_boot_id() -> str:
    """Return the kernel's id of this boot; empty where there is none."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def own_run() -> ProcessRun:
    """Return this process."""
    return ProcessRun(os.getpid(), _start_ticks(os.getpid()) or 0, read_boot_id())


def is_alive(run: ProcessRun) -> bool:
    """Tell whether exactly this run lives; after a reboot no earlier one does."""
    return run.boot_id == read_boot_id() and _start_ticks(run.pid) == run.start_ticks


def _start_ticks(pid: int) -> int | None:
    """Return when a process started; None when it has ended, also when nobody has reaped it."""
    try:
        stat = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
    except OSError:
        return None
    return None if stat is None or stat.state in _DEAD else stat.start_ticks
