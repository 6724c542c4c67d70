"""Parses /proc/PID/stat, the one file that says all that changes about a process."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

_PROC = "/proc"
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_STAT_BYTES = 1024

STATE_WORDS = {
    "R": "running", "S": "sleeping", "D": "disk sleep", "T": "stopped", "t": "traced",
    "Z": "zombie", "X": "dead", "x": "dead", "I": "idle", "W": "waking", "P": "parked",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stat:
    """What changes about a process. The name is outside text, not yet cleaned."""

    pid: int
    parent_pid: int
    name: str
    state: str
    """The kernel's letter, or psutil's word."""
    cpu_s: float
    """CPU seconds used since the start, own threads only."""
    start_ticks: int
    started_s: float
    """Seconds from boot to start."""
    memory_bytes: int
    """Resident set."""
    threads: int


def parse_stat(raw: bytes) -> Stat | None:
    """Return the fields of one stat file; None when it is not one.

    The name is in brackets and may itself hold brackets, spaces and newlines: only the last
    closing bracket ends it.
    """
    opening, closing = raw.find(b" ("), raw.rfind(b") ")
    fields = raw[closing + 2 :].split()
    if opening < 1 or closing < opening or len(fields) < 22:
        return None
    return Stat(
        pid=int(raw[:opening]),
        parent_pid=int(fields[1]),
        name=raw[opening + 2 : closing].decode("utf-8", "replace"),
        state=fields[0].decode("ascii", "replace"),
        cpu_s=(int(fields[11]) + int(fields[12])) * _TICK_S,
        start_ticks=int(fields[19]),
        started_s=int(fields[19]) * _TICK_S,
        memory_bytes=int(fields[21]) * _PAGE_BYTES,
        threads=int(fields[17]),
    )


def _read_proc() -> Iterator[Stat]:
    for entry in os.listdir(_PROC):  # noqa: PTH208 - a Path per process costs as much as the read
        if not entry.isdigit():
            continue
        try:
            handle = os.open(f"{_PROC}/{entry}/stat", os.O_RDONLY)
        except OSError:  # it has ended, or hidepid hides it
            continue
        try:
            stat = parse_stat(os.read(handle, _STAT_BYTES))
        except OSError:  # it ended between open and read
            stat = None
        finally:
            os.close(handle)
        if stat is not None:
            yield stat


def _read_psutil() -> Iterator[Stat]:
    boot_s = psutil.boot_time()
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                cpu, started_s = process.cpu_times(), process.create_time() - boot_s
                yield Stat(
                    pid=process.pid,
                    parent_pid=process.ppid(),
                    name=process.name(),
                    state=process.status(),
                    cpu_s=cpu.user + cpu.system,
                    start_ticks=round(started_s * 100),
                    started_s=started_s,
                    memory_bytes=process.memory_info().rss,
                    threads=process.num_threads(),
                )
        except (psutil.Error, OSError):
            continue


def read_stats() -> Iterator[Stat]:
    """Yield every process we may see; psutil where there is no /proc."""
    return _read_proc() if os.path.exists(f"{_PROC}/self/stat") else _read_psutil()  # noqa: PTH110
