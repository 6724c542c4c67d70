"""Reads the process table. Blocking.

On Linux one `read` of /proc/PID/stat per process gives all that changes; what hardly changes
(owner, command line) is read when a process is first seen. That is a seventh of psutil's cost,
which is used elsewhere.
"""

import pwd
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.clients.clock import Clock
from core.clients.proc_stat import STATE_WORDS, Stat, read_stats
from core.model.masking import mask_words
from core.model.text import EMPTY, SafeText, clean

_SHARE_S = 0.9
_ARGV_BYTES = 16 * 1024
_ARGV_WORDS = 512
_REFRESH_READS = 20
"""A process may rename itself: its command line is read again after so many reads."""


@dataclass(frozen=True, slots=True)
class ProcessFact:
    """One process as read. Identity is pid with start time, since pids are reused."""

    pid: int
    parent_pid: int
    start_ticks: int
    """Kernel ticks from boot to start: exact where `started_at` may shift with the clock."""
    started_at: datetime
    name: SafeText
    argv: tuple[SafeText, ...]
    """Secrets in it are masked. Empty: a kernel thread, a zombie, or not ours to see."""
    user: SafeText
    state: str
    """`running`, `sleeping`, `disk sleep`, `stopped`, `zombie`, …"""
    cpu_percent: float | None
    """100 is one core; None until seen twice."""
    memory_bytes: int
    threads: int


@dataclass(frozen=True, slots=True)
class ProcessPlace:
    """Where a process runs. None: we lack the right to see it, or it has ended."""

    cwd: SafeText | None
    is_same_namespace: bool | None
    """False: it lives in a container (another pid namespace)."""


@dataclass(slots=True)
class _Known:
    """What is remembered of a process between reads."""

    name: str
    user: SafeText
    argv: tuple[SafeText, ...]
    reads: int


def read_argv(pid: int) -> tuple[SafeText, ...]:
    """Return the command line with secrets masked; empty when there is none to see."""
    try:
        words = psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return ()
    kept = tuple(word[:_ARGV_BYTES] for word in words[:_ARGV_WORDS])
    return tuple(clean(word) for word in mask_words(kept))


def read_place(pid: int) -> ProcessPlace:
    """Return where a process runs, as far as our rights go."""
    cwd, is_same = None, None
    with suppress(psutil.Error, OSError):
        cwd = clean(psutil.Process(pid).cwd())
    with suppress(OSError):
        is_same = Path(f"/proc/{pid}/ns/pid").readlink() == Path("/proc/self/ns/pid").readlink()
    return ProcessPlace(cwd, is_same)


def _read_user(pid: int) -> SafeText:
    try:
        uid = psutil.Process(pid).uids().real
    except (psutil.Error, OSError):
        return EMPTY
    try:
        return clean(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return clean(str(uid))


class ProcessReader:
    """Remembers the last read: CPU is a difference, and close reads are shared."""

    def __init__(self, clock: Clock) -> None:
        """Read nothing yet."""
        self._clock = clock
        self._boot_s = psutil.boot_time()
        self._known: dict[tuple[int, int], _Known] = {}
        self._cpu: dict[tuple[int, int], float] = {}
        self._read_at = 0.0
        self._facts: tuple[ProcessFact, ...] = ()

    def read(self) -> tuple[ProcessFact, ...]:
        """Return every process we may see, unordered; those that vanish meanwhile are skipped."""
        now = self._clock.monotonic()
        span_s = now - self._read_at
        if self._facts and span_s < _SHARE_S:
            return self._facts
        stats = {(stat.pid, stat.start_ticks): stat for stat in read_stats()}
        known = {key: self._recall(key, stat) for key, stat in stats.items()}
        self._facts = tuple(self._fact(stat, known[key], span_s) for key, stat in stats.items())
        self._known, self._read_at = known, now
        self._cpu = {key: stat.cpu_s for key, stat in stats.items()}
        return self._facts

    def _recall(self, key: tuple[int, int], stat: Stat) -> _Known:
        known = self._known.get(key)
        if known is None:
            return _Known(stat.name, _read_user(stat.pid), read_argv(stat.pid), 0)
        known.reads += 1
        if known.name != stat.name or known.reads % _REFRESH_READS == 0:
            return _Known(stat.name, _read_user(stat.pid), read_argv(stat.pid), 0)
        return known

    def _fact(self, stat: Stat, known: _Known, span_s: float) -> ProcessFact:
        before = self._cpu.get((stat.pid, stat.start_ticks))
        return ProcessFact(
            pid=stat.pid,
            parent_pid=stat.parent_pid,
            start_ticks=stat.start_ticks,
            started_at=datetime.fromtimestamp(self._boot_s + stat.started_s, UTC),
            name=clean(stat.name),
            argv=known.argv,
            user=known.user,
            state=STATE_WORDS.get(stat.state, stat.state),
            cpu_percent=None if before is None else 100 * max(0.0, stat.cpu_s - before) / span_s,
            memory_bytes=stat.memory_bytes,
            threads=stat.threads,
        )
