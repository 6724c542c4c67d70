"""Finds the key file that a server really reads: by its process's folder and variables. Blocking.

A relative path depends on where the server was started; only its process tells.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.clients.clock import Clock
from core.clients.pidfile import read_pidfile
from core.clients.process_match import find_roots, is_match
from core.clients.processes import ProcessFact, ProcessReader, read_place
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import PlainProcess, RunsAs, SystemdUnit

_MAX_ENVIRON = 256 * 1024


@dataclass(frozen=True, slots=True)
class ServerFile:
    """What a server's process says of the file that it reads."""

    path: str | None
    """Absolute; None: nobody can tell, `why` says why."""
    why: SafeText = EMPTY
    """Or how it was found: `pid 4711 runs in /srv/app`."""


class ServerFinder:
    """Looks for the process of a service, and asks it where its file is.

    Args:
        clock: Shared reads of the process table are told apart by it.
    """

    def __init__(self, clock: Clock) -> None:
        self._reader = ProcessReader(clock)

    def find(self, runs_as: RunsAs | None, path: str, variable: str) -> ServerFile:
        """Return the file that a service reads as what the configuration calls `path`."""
        if not isinstance(runs_as, PlainProcess | SystemdUnit):
            how = (
                "how its server runs is not configured"
                if runs_as is None
                else ("its server runs in a container, whose folders are its own")
            )
            return ServerFile(None, clean(how))
        found = self._processes(runs_as)
        if len(found) != 1:
            count = (
                "no process of its server runs"
                if not found
                else (f"{len(found)} processes may be its server")
            )
            return ServerFile(None, clean(count))
        return read_by(found[0].pid, path, variable)

    def _processes(self, runs_as: PlainProcess | SystemdUnit) -> tuple[ProcessFact, ...]:
        facts = self._reader.read()
        if isinstance(runs_as, SystemdUnit):
            return find_roots(fact for fact in facts if _is_of_unit(fact.pid, runs_as.unit))
        if runs_as.pidfile and (pid := read_pidfile(runs_as.pidfile).pid) is not None:
            return tuple(fact for fact in facts if fact.pid == pid)
        matches = [
            fact
            for fact in facts
            if fact.pid != os.getpid() and is_match(runs_as.command, fact.argv)
        ]
        roots = find_roots(matches)
        return (
            roots
            if len(roots) < 2
            else tuple(
                root for root in roots if not runs_as.cwd or read_place(root.pid).cwd == runs_as.cwd
            )
        )


def read_by(
    pid: int,
    path: str,
    variable: str,
    read_environ: Callable[[int], bytes] | None = None,
) -> ServerFile:
    """Return the file that a process reads as what the configuration calls `path`."""
    place = read_place(pid)
    if place.cwd is None:
        return ServerFile(None, clean(f"the folder of pid {pid} may not be seen by this user"))
    if place.is_same_namespace is False:
        return ServerFile(None, clean(f"pid {pid} runs in a container, whose folders are its own"))
    where = clean(f"pid {pid} runs in {place.cwd}")
    try:
        set_to = _variable((read_environ or _environ)(pid), variable) if variable else None
    except OSError:
        return ServerFile(None, clean(f"{where}; its variables may not be seen by this user"))
    if set_to:
        return ServerFile(str(Path(place.cwd) / set_to), clean(f"{where} with {variable} set"))
    found = Path(place.cwd) / Path(path).name
    if not found.exists():
        return ServerFile(None, clean(f"{where}, where there is no {found.name}"))
    return ServerFile(str(found), where)


def _environ(pid: int) -> bytes:
    with Path(f"/proc/{pid}/environ").open("rb") as file:
        return file.read(_MAX_ENVIRON)


def _variable(environ: bytes, name: str) -> str | None:
    """Return one variable; nothing else of an environment is kept."""
    begin = name.encode() + b"="
    for one in environ.split(b"\0"):
        if one.startswith(begin):
            return os.fsdecode(one[len(begin) :])
    return None


def _is_of_unit(pid: int, unit: str) -> bool:
    name = unit if "." in unit else f"{unit}.service"
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "replace")
    except OSError:
        return False
    return any(name in line.split("/") for line in groups.splitlines())
