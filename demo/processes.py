"""Processes by identity: pid and start time, so that a reused pid is never taken for ours."""

import contextlib
import ctypes
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PARENT = "QUARTERDECK_DEMO_PARENT"
"""Environment variable: the pid whose death ends this process. Not set by the console."""

_PR_SET_PDEATHSIG = 1
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Identity:
    """One run of one process."""

    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat: clock ticks since boot."""


def identity_of(pid: int) -> Identity | None:
    """Return a live process's identity; None when it has ended, also when nobody has reaped it."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text("latin-1").rpartition(")")[2].split()
    except OSError:
        return None
    # A leader may be a zombie while other threads of it still hold its ports.
    has_ended = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if has_ended else Identity(pid, int(fields[19]))


def argv_of(pid: int) -> tuple[str, ...]:
    """Return the command line; empty when the process has ended."""
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(os.fsdecode(word) for word in raw.rstrip(b"\0").split(b"\0")) if raw else ()


def is_running(identity: Identity) -> bool:
    """Tell whether exactly this run of the process still lives."""
    return identity_of(identity.pid) == identity


def send(identity: Identity, number: signal.Signals) -> None:
    """Send a signal to exactly this run; do nothing when it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        handle = os.pidfd_open(identity.pid)
        try:
            # The handle is fixed to one run: looking after opening it leaves no gap for reuse.
            if is_running(identity):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def wait_until_gone(identity: Identity) -> None:
    """Return when this run has ended."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(identity.pid)
        try:
            if is_running(identity):
                poll = select.poll()
                poll.register(handle, select.POLLIN)
                poll.poll()
        finally:
            os.close(handle)


def end_all(
    identities: Iterable[Identity],
    grace_s: float = 2.0,
    reap: Callable[[], object] = lambda: None,
) -> None:
    """End the processes with TERM, then KILL after the grace; return when all have ended.

    `reap` is called while waiting, for the parent to take the exit codes of its children.
    """
    left = [one for one in identities if is_running(one)]
    for number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 5.0)):
        for identity in left:
            send(identity, number)
        until = time.monotonic() + patience_s
        while left and time.monotonic() < until:
            reap()
            left = [one for one in left if is_running(one)]
            if left:
                time.sleep(0.005)
        if not left:
            return


def die_with_parent() -> None:
    """Ask the kernel to end this process when the thread that started it ends.

    Only what the demo itself starts is bound that way: a service that the console has restarted
    must outlive the process that restarted it. The caretaker ends those.
    """
    parent = os.environ.pop(PARENT, "")
    if not parent:
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        os._exit(0)
