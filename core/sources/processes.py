"""Services that are plain processes: found by pidfile first, else by exact command words."""

import os
from dataclasses import dataclass

from core.clients.clock import Clock
from core.clients.host import HostReader
from core.clients.process_match import find_family, find_roots, is_match
from core.clients.processes import ProcessFact
from core.model.events import Event, RuntimeObserved
from core.model.runtime_state import RuntimeState
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import PlainProcess, ServiceSpec
from core.model.verdict import Verdict

_Facts = tuple[ProcessFact, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    roots: _Facts
    """Processes that are the service; more than one means it cannot be told which."""
    remark: SafeText = EMPTY
    """What was odd on the way, such as a stale pidfile."""
    is_odd: bool = False
    """True: the remark is a fault by itself."""


def _describe(place: PlainProcess) -> str:
    return " ".join(place.command) or place.pidfile or "process"


def judge_process(place: PlainProcess, found: Found, facts: _Facts) -> tuple[Verdict, str, str]:
    """Return verdict, state word and reason for what was found."""
    remark = f"; {found.remark}" if found.remark else ""
    if not found.roots:
        return Verdict.DOWN, "not running", f"no process runs {_describe(place)}{remark}"
    root = found.roots[0]
    if root.state in {"zombie", "dead"}:
        return Verdict.DOWN, root.state, f"pid {root.pid} has ended; its parent has not noticed"
    if root.state in {"stopped", "traced"}:
        return Verdict.DOWN, root.state, f"pid {root.pid} is stopped and does nothing"
    if len(found.roots) > 1:
        pids = ", ".join(str(fact.pid) for fact in found.roots[:8])
        return (
            Verdict.OK,
            f"running ×{len(found.roots)}",
            f"{len(found.roots)} processes match ({pids}); a pidfile or cwd tells them apart",
        )
    workers = len(find_family(root, facts)) - 1
    with_workers = f" with {workers} children" if workers else ""
    verdict = Verdict.DEGRADED if found.is_odd else Verdict.OK
    return verdict, "running", f"pid {root.pid}{with_workers}{remark}"


def fingerprint_of(fact: ProcessFact) -> SafeText:
    """Return the identity of one run: pid and start in kernel ticks."""
    return clean(f"{fact.pid}@{fact.start_ticks}")


class ServiceProcessSource:
    """Looks for every plain process of the configuration every 5 s in one read of the table."""

    name = "service processes"
    every_s = 5.0
    deadline_s = 8.0

    def __init__(self, services: tuple[ServiceSpec, ...], host: HostReader, clock: Clock) -> None:
        """Take the services to look for; those that are not plain processes are left out."""
        self._places = tuple(
            (spec.id, spec.runs_as) for spec in services if isinstance(spec.runs_as, PlainProcess)
        )
        self._host = host
        self._clock = clock

    async def look(self) -> tuple[Event, ...]:
        """Return one runtime state per service.

        Raises:
            ClientTimeout: the kernel did not answer.
        """
        facts = await self._host.read_processes()
        events: list[Event] = []
        for service, place in self._places:
            found = await self._find(place, facts)
            state = self._state(place, found, facts)
            events.append(RuntimeObserved(service, state))
        return tuple(events)

    async def _find(self, place: PlainProcess, facts: _Facts) -> Found:
        """Search by pidfile, then by command."""
        remark, is_odd = EMPTY, False
        if place.pidfile:
            pidfile = await self._host.read_pidfile(place.pidfile)
            named = next((fact for fact in facts if fact.pid == pidfile.pid), None)
            if named and (not place.command or is_match(place.command, named.argv)):
                return Found((named,))
            remark, is_odd = pidfile.note, pidfile.pid is not None
            if pidfile.pid is not None:
                now = f"is now {named.name}" if named else "is gone"
                remark = clean(f"stale pidfile {place.pidfile}: pid {pidfile.pid} {now}")
        return Found(await self._search(place, facts), remark, is_odd)

    async def _search(self, place: PlainProcess, facts: _Facts) -> _Facts:
        matches = [
            fact for fact in facts if fact.pid != os.getpid() and is_match(place.command, fact.argv)
        ]
        kept: list[ProcessFact] = []
        for root in find_roots(matches):
            seen = await self._host.read_place(root.pid)
            is_elsewhere = seen.cwd is not None and seen.cwd.rstrip("/") != place.cwd.rstrip("/")
            if seen.is_same_namespace is False or (place.cwd and is_elsewhere):
                continue
            kept.append(root)
        return tuple(kept)

    def _state(self, place: PlainProcess, found: Found, facts: _Facts) -> RuntimeState:
        verdict, word, reason = judge_process(place, found, facts)
        root = found.roots[0] if found.roots else None
        family = find_family(root, facts) if root else ()
        cpu = [fact.cpu_percent for fact in family if fact.cpu_percent is not None]
        return RuntimeState(
            kind="process",
            name=root.name if root else clean(_describe(place)),
            state=clean(word),
            verdict=verdict,
            reason=clean(reason),
            observed_at=self._clock.now(),
            started_at=root.started_at if root else None,
            pid=root.pid if root else None,
            cpu_percent=sum(cpu) if cpu else None,
            memory_bytes=sum(fact.memory_bytes for fact in family) if family else None,
            fingerprint=fingerprint_of(root) if root else None,
        )
