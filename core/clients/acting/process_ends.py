"""Ends processes by handle: TERM, a grace, KILL. Blocking."""

import os
import select
import signal
import time
from contextlib import ExitStack, suppress

from core.clients.acting.process_ids import ProcessId, is_running, open_process
from core.errors import ClientDenied, ClientTimeout


def end(ones: tuple[ProcessId, ...], grace_s: float, kill_s: float) -> tuple[ProcessId, ...]:
    """End all of them, or none if one is not ours to end; return those that needed KILL.

    Raises:
        ClientDenied: one belongs to somebody else; no signal was sent to any.
        ClientTimeout: one survives even KILL for `kill_s`.
    """
    with ExitStack() as stack:
        handles: dict[int, ProcessId] = {}
        for one in ones:
            handle = open_process(one)
            if handle is not None:
                stack.callback(os.close, handle)
                handles[handle] = one
        for handle, one in handles.items():
            _signal(handle, one, 0)
        for handle, one in handles.items():
            _signal(handle, one, signal.SIGTERM)
        stubborn = _wait(handles, grace_s)
        for handle, one in stubborn.items():
            _signal(handle, one, signal.SIGKILL)
        stuck = _wait(stubborn, kill_s)
    if stuck:
        pids = ", ".join(str(one.pid) for one in stuck.values())
        raise ClientTimeout(f"pid {pids} does not end even by KILL: it hangs in the kernel")
    return tuple(stubborn.values())


def _signal(handle: int, one: ProcessId, number: int) -> None:
    try:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
    except PermissionError as error:
        raise ClientDenied(
            f"pid {one.pid} belongs to another user; act as that user or as root"
        ) from error


def _wait(handles: dict[int, ProcessId], wait_s: float) -> dict[int, ProcessId]:
    """Return those that still live after the time; a handle can be read once its process ends."""
    poll, left = select.poll(), dict(handles)
    for handle in handles:
        poll.register(handle, select.POLLIN)
    end_s = time.monotonic() + wait_s
    while left and (rest_s := end_s - time.monotonic()) > 0:
        for handle, _ in poll.poll(rest_s * 1000):
            poll.unregister(handle)
            del left[handle]
    return {handle: one for handle, one in left.items() if is_running(one)}
