"""Plain processes: found by pidfile or exact command, signalled by handle, never by name."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.clients.acting import process_ends, process_start
from core.clients.acting.commands import ACTION
from core.clients.acting.process_ids import ProcessId, is_running
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.pidfile import read_pidfile
from core.clients.process_match import find_roots, is_match
from core.clients.processes import ProcessFact, ProcessReader, read_place
from core.clients.sockets import read_ports
from core.model.text import SafeText, clean


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process that matched."""

    id: ProcessId
    argv: tuple[SafeText, ...]
    user: SafeText
    ports: tuple[int, ...]
    """It listens there."""


class ProcessControl(Protocol):
    """What steps need of processes."""

    async def find(
        self, command: tuple[str, ...], cwd: str, pidfile: str
    ) -> tuple[ProcessView, ...]:
        """Return what runs: by pidfile, else by exact words of argv in order; never ours."""
        ...

    async def of_action(self, action_id: str) -> tuple[ProcessView, ...]:
        """Return what an action has run and that still runs, whether or not its executor lives."""
        ...

    async def is_running(self, one: ProcessId) -> bool:
        """Tell whether exactly this run lives."""
        ...

    async def end(self, ones: tuple[ProcessId, ...], grace_s: float) -> tuple[ProcessId, ...]:
        """TERM, then KILL after the grace, by pidfd; return those that needed KILL.

        Raises:
            ClientDenied: one belongs to somebody else.
            ClientTimeout: one survives even KILL (uninterruptible).
        """
        ...

    async def start(
        self, argv: tuple[str, ...], cwd: str, env: tuple[tuple[str, str], ...], log: str
    ) -> ProcessId:
        """Start in a session of its own, output appended to `log`; it outlives us.

        Raises:
            ClientMissing, ClientDenied: it could not be started.
        """
        ...

    async def listening(self, ports: tuple[int, ...]) -> dict[int, SafeText]:
        """Return who holds which of these ports."""
        ...


_DEADLINE_S = 20.0
_KILL_S = 5.0
"""Nothing survives KILL so long, unless the kernel itself is stuck."""


class LocalProcesses:
    """Finds, ends and starts processes of this machine."""

    def __init__(self, clock: Clock) -> None:
        """Look at nothing yet."""
        self._clock = clock
        self._worker = BlockingWorker("processes", clock)

    async def find(
        self, command: tuple[str, ...], cwd: str, pidfile: str
    ) -> tuple[ProcessView, ...]:
        """Return what runs: by pidfile, else by exact words of argv in order."""
        return await self._worker.run(
            lambda: _find(self._clock, command, cwd, pidfile), _DEADLINE_S
        )

    async def of_action(self, action_id: str) -> tuple[ProcessView, ...]:
        """Return what an action has run and that still runs; of others' nothing is known."""
        return await self._worker.run(lambda: _of_action(self._clock, action_id), _DEADLINE_S)

    async def is_running(self, one: ProcessId) -> bool:
        """Tell whether exactly this run lives; one that nobody has buried yet does not."""
        return await self._worker.run(lambda: is_running(one), _DEADLINE_S)

    async def end(self, ones: tuple[ProcessId, ...], grace_s: float) -> tuple[ProcessId, ...]:
        """TERM, then KILL after the grace."""
        return await self._worker.run(
            lambda: process_ends.end(ones, grace_s, _KILL_S), grace_s + _KILL_S + _DEADLINE_S
        )

    async def start(
        self, argv: tuple[str, ...], cwd: str, env: tuple[tuple[str, str], ...], log: str
    ) -> ProcessId:
        """Start in a session of its own, output appended to `log`."""
        return await self._worker.run(
            lambda: process_start.start(argv, cwd, dict(env), log), _DEADLINE_S
        )

    async def listening(self, ports: tuple[int, ...]) -> dict[int, SafeText]:
        """Return who holds which of these ports."""
        return await self._worker.run(lambda: _holders(ports), _DEADLINE_S)

    def close(self) -> None:
        """Let the thread end."""
        self._worker.close()


def _holders(ports: tuple[int, ...]) -> dict[int, SafeText]:
    holders: dict[int, SafeText] = {}
    for one in read_ports():
        if one.port in ports and one.protocol.startswith("tcp"):
            pid = f"pid {one.pid}, " if one.pid is not None else ""
            holders.setdefault(one.port, clean(f"{pid}{one.process}"))
    return holders


def _find(
    clock: Clock, command: tuple[str, ...], cwd: str, pidfile: str
) -> tuple[ProcessView, ...]:
    facts = {fact.pid: fact for fact in ProcessReader(clock).read()}
    ours = _ancestry(facts)
    live = {
        pid: fact
        for pid, fact in facts.items()
        if pid not in ours and fact.state not in {"zombie", "dead"}
    }
    named = _named(pidfile, command, live) if pidfile else None
    if named:
        return _views((named,))
    matches = [fact for fact in live.values() if is_match(command, fact.argv)]
    return _views(tuple(fact for fact in find_roots(matches) if _is_at(fact.pid, cwd)))


def _of_action(clock: Clock, action_id: str) -> tuple[ProcessView, ...]:
    mark = f"{ACTION}={action_id}".encode()
    facts = ProcessReader(clock).read()
    return _views(find_roots(one for one in facts if mark in _variables(one.pid)))


def _variables(pid: int) -> list[bytes]:
    """Return the environment that a process was started with; nothing of one that is not ours."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _ancestry(facts: dict[int, ProcessFact]) -> frozenset[int]:
    """Return ourselves and everything above us: none of it is ever the service."""
    pid, ours = os.getpid(), set[int]()
    while pid and pid not in ours:
        ours.add(pid)
        pid = facts[pid].parent_pid if pid in facts else 0
    return frozenset(ours)


def _named(
    pidfile: str, command: tuple[str, ...], live: dict[int, ProcessFact]
) -> ProcessFact | None:
    """Return the process of a pidfile; None: it is stale, its pid may be another's by now."""
    pid = read_pidfile(pidfile).pid
    fact = live.get(pid) if pid is not None else None
    if fact is None:
        return None
    if command:
        return fact if is_match(command, fact.argv) else None
    return fact if _is_older(fact, pidfile) else None


def _is_older(fact: ProcessFact, pidfile: str) -> bool:
    """Return whether a process was there when its pidfile was written."""
    try:
        written_s = os.stat(pidfile).st_mtime  # noqa: PTH116
    except OSError:
        return False
    return fact.started_at.timestamp() <= written_s + _SLACK_S


_SLACK_S = 2.0
"""A start time is known to a tick, counted from a boot time that is known to a second."""


def _is_at(pid: int, cwd: str) -> bool:
    """Return whether a process is of this machine's own namespace and runs in the folder."""
    seen = read_place(pid)
    is_there = seen.cwd is not None and seen.cwd.rstrip("/") == cwd.rstrip("/")
    return seen.is_same_namespace is not False and (is_there or not cwd)


def _views(facts: tuple[ProcessFact, ...]) -> tuple[ProcessView, ...]:
    sockets = read_ports() if facts else ()
    return tuple(
        ProcessView(
            id=ProcessId(fact.pid, fact.start_ticks),
            argv=fact.argv,
            user=fact.user,
            ports=tuple(sorted({one.port for one in sockets if one.pid == fact.pid})),
        )
        for fact in facts
    )
