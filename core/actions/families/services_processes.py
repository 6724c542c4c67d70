"""Restart, start and stop of plain processes: the exact ones, never by a pattern of a name."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.evidence import ProcessRuns
from core.actions.families.services_draft import (
    AT_ONCE,
    RESTART,
    START,
    STOP,
    Manner,
    ServiceDraft,
    actual_verb,
    dependents_line,
    health,
    held_ports,
    passed,
    ports_of_checks,
    refused,
    stop_flight,
    warning,
)
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import ProcessTrait
from core.actions.work import Work
from core.clients.acting.processes import ProcessId, ProcessView
from core.errors import ClientError, ClientMissing, StepFailedError
from core.model.action import Preflight, Proof, Target
from core.model.text import SafeText, clean
from core.model.topology import PlainProcess, ServiceSpec

_GRACE_S = 10.0
_DEADLINE_S = 60.0
_APPEAR_S = 15.0
"""A starter such as `npm run` takes a while until the service itself runs."""
_LOOK_EVERY_S = 0.2


def _pids(views: tuple[ProcessView, ...]) -> str:
    return ", ".join(f"pid {one.id.pid}" for one in views) or "no process"


@part
@dataclass(frozen=True, slots=True)
class EndProcesses(BareStep):
    """Ends the runs that were seen, and none that came since."""

    kind: ClassVar[str] = "process.end"
    can_undo: ClassVar[bool] = True
    runs: tuple[tuple[int, int], ...]
    """Pid and start ticks."""
    command: tuple[str, ...]
    cwd: str
    pidfile: str
    start: tuple[str, ...]
    """What undo starts; empty: nobody knows how."""
    log: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether the service runs at all."""
        alive = [one for one in self._ids() if await ports.processes.is_running(one)]
        others = await ports.processes.find(self.command, self.cwd, self.pidfile)
        if not alive and not others:
            return Seen(Sight.AFTER, SafeText("no process of it runs"))
        is_whole = len(alive) == len(self.runs) or (not alive and others)
        pids = sorted({one.pid for one in alive} | {view.id.pid for view in others})
        text = clean(f"pid {', '.join(map(str, pids))} runs")
        return Seen(Sight.BEFORE if is_whole else Sight.NEITHER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """TERM, and KILL for what does not heed it."""
        killed = await ports.processes.end(self._ids(), _GRACE_S)
        if killed:
            pids = ", ".join(str(one.pid) for one in killed)
            work.say(clean(f"pid {pids} did not end within {_GRACE_S:.0f} s and was killed"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Start it again, where none of it runs."""
        if await ports.processes.find(self.command, self.cwd, self.pidfile):
            return
        if not self.start:
            raise StepFailedError("how it is started is not configured (runs_as.process.start)")
        step = StartProcess(self.command, self.cwd, self.pidfile, self.start, self.log)
        await step.apply(ports, work)  # which waits until it is seen to run

    def _ids(self) -> tuple[ProcessId, ...]:
        return tuple(ProcessId(pid, ticks) for pid, ticks in self.runs)


@part
@dataclass(frozen=True, slots=True)
class StartProcess(BareStep):
    """Starts the service in a session of its own."""

    kind: ClassVar[str] = "process.start"
    can_undo: ClassVar[bool] = True
    command: tuple[str, ...]
    cwd: str
    pidfile: str
    start: tuple[str, ...]
    log: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether a process of it runs."""
        found = await ports.processes.find(self.command, self.cwd, self.pidfile)
        return Seen(Sight.AFTER if found else Sight.BEFORE, clean(f"{_pids(found)} runs"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Start it, unless one runs."""
        if await ports.processes.find(self.command, self.cwd, self.pidfile):
            return
        one = await ports.processes.start(self.start, self.cwd, (), self.log)
        work.say(clean(f"started as pid {one.pid}"))
        until_s = ports.clock.monotonic() + _APPEAR_S
        # Seen once is not enough: one that ends at once is there for a moment.
        was_seen = False
        while True:
            is_seen = bool(await ports.processes.find(self.command, self.cwd, self.pidfile))
            if is_seen and was_seen:
                return
            was_seen = is_seen
            if not is_seen:
                await self._assert_may_appear(ports, one, until_s)
            await ports.clock.sleep(_LOOK_EVERY_S)

    async def _assert_may_appear(self, ports: Ports, one: ProcessId, until_s: float) -> None:
        if not await ports.processes.is_running(one):
            seen = f"; read {self.log}" if self.log else ""
            raise StepFailedError(f"pid {one.pid} ended at once{clean(seen)}")
        if ports.clock.monotonic() >= until_s:
            words = " ".join(self.command) or self.pidfile
            raise StepFailedError(
                f"pid {one.pid} runs, but nothing that is {clean(words)!r} came of it within"
                f" {_APPEAR_S:.0f} s"
            )

    async def undo(self, ports: Ports, work: Work) -> None:
        """End what runs: before this step nothing did."""
        found = await ports.processes.find(self.command, self.cwd, self.pidfile)
        await ports.processes.end(tuple(view.id for view in found), _GRACE_S)


@part
@dataclass(frozen=True, slots=True)
class ProcessStaysEnded:
    """Nothing starts the service again."""

    kind: ClassVar[str] = "evidence.process_stays_ended"
    command: tuple[str, ...]
    cwd: str
    pidfile: str
    ports: tuple[int, ...] = ()
    """It listened there."""
    over_s: float = 3.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at once and again after a while, also at its ports."""
        for pause_s in (0.0, self.over_s):
            await ports.clock.sleep(pause_s)
            if found := await ports.processes.find(self.command, self.cwd, self.pidfile):
                return Proven(Proof.FAILED, clean(f"something has it run: {_pids(found)}"))
        holders = await ports.processes.listening(self.ports)
        if holders:
            held = ", ".join(f"port {port}: {who}" for port, who in sorted(holders.items()))
            return Proven(Proof.FAILED, clean(f"its ports are still held: {held}"))
        return Proven(Proof.VERIFIED, SafeText("no process of it runs"))


async def process_draft(
    site: Site, service: ServiceSpec, runs: PlainProcess, verb: str, manner: Manner = AT_ONCE
) -> ServiceDraft:
    """Return what it takes to restart, start or stop a plain process."""
    name = str(service.id.service)
    target = Target("process", f"{service.id.system}/{name}", clean(f"process of {name}"))
    try:
        found = await site.ports.processes.find(runs.command, runs.cwd, runs.pidfile)
    except ClientError as error:
        return refused(target, verb, stop_flight("process", str(error)))
    verb, about = actual_verb(verb, is_running=bool(found))
    checks, now = await health(site, service)
    held = tuple(sorted({port for one in found for port in one.ports}))
    return ServiceDraft(
        title=clean(f"{verb} {name} ({_pids(found)})" if found else f"{verb} {name}"),
        verb=verb,
        targets=(target,),
        steps=_steps(name, found, runs, verb, manner),
        traits=(DraftTrait(target.title, ProcessTrait(runs.command, runs.cwd, runs.pidfile)),),
        proofs=_proofs(found, runs, verb, held, checks),
        radius=(*_radius(found), *(dependents_line(site, service) if verb != START else ())),
        preflight=(
            *((about,) if about else ()),
            *_flights(site, found, runs, verb),
            *(await _port_flights(site, service, runs, held) if verb == START else ()),
            *now,
        ),
        downtime=_downtime(verb),
        way_back=_way_back(runs, verb),
        estimate_s=15.0 if verb != STOP else 5.0,
        stops=0 if verb == START else 1,
    )


def _argv(runs: PlainProcess) -> tuple[str, ...]:
    return runs.start or runs.command


def _flights(
    site: Site, found: tuple[ProcessView, ...], runs: PlainProcess, verb: str
) -> tuple[Preflight, ...]:
    flights = [passed("process", f"{one.id.pid}: {' '.join(one.argv)}") for one in found]
    if len(found) > 1:
        flights.append(warning("several", f"{len(found)} processes are it: all of them are meant"))
    if verb == STOP:
        return tuple(flights)
    argv = _argv(runs)
    if not argv:
        text = "how it is started is not configured"
        return (*flights, stop_flight("start", text, "set runs_as.process.start"))
    try:
        program = site.ports.commands.which(argv[0])
    except ClientError as error:
        flights.append(_which_flight(error, argv[0], runs.cwd))
    else:
        flights.append(passed("program", f"{' '.join((program, *argv[1:]))} in {runs.cwd or '/'}"))
    if not runs.log:
        text = "no log is configured: what it prints is lost"
        flights.append(warning("log", text, "set runs_as.process.log"))
    return tuple(flights)


def _which_flight(error: ClientError, program: str, cwd: str) -> Preflight:
    """Return what is wrong with a program; one named from its own folder is looked at there."""
    if isinstance(error, ClientMissing) and "/" in program and not program.startswith("/"):
        return warning("program", f"{program} is looked for in {cwd}")
    return stop_flight("program", str(error), "install it, or name its whole path")


async def _port_flights(
    site: Site, service: ServiceSpec, runs: PlainProcess, held: tuple[int, ...]
) -> tuple[Preflight, ...]:
    """Look at the ports that it will want: certain are those that its own command names."""
    named = {int(word) for word in _argv(runs) if word.isdigit()}
    wanted = {port for port in (*ports_of_checks(service), *named) if 0 < port < 65536} - set(held)
    certain = tuple(sorted(wanted & named & set(ports_of_checks(service))))
    others = tuple(sorted(set(ports_of_checks(service)) & wanted - set(certain)))
    return (
        *await held_ports(site, certain, is_certain=True),
        *await held_ports(site, others, is_certain=False),
    )


def _steps(
    name: str, found: tuple[ProcessView, ...], runs: PlainProcess, verb: str, manner: Manner
) -> tuple[DraftStep, ...]:
    end = EndProcesses(
        tuple((one.id.pid, one.id.start_ticks) for one in found),
        runs.command, runs.cwd, runs.pidfile, _argv(runs), runs.log,
    )  # fmt: skip
    begin = StartProcess(runs.command, runs.cwd, runs.pidfile, _argv(runs), runs.log)
    ending = DraftStep(
        clean(f"end {_pids(found)} of {name}"), end, _DEADLINE_S,
        is_irreversible=verb == RESTART and not manner.is_split, undo=SafeText("it is started"),
    )  # fmt: skip
    starting = DraftStep(
        clean(f"start {name}: {' '.join(_argv(runs))}"), begin, _DEADLINE_S,
        undo=SafeText("it is ended"),
    )  # fmt: skip
    return {STOP: (ending,), START: (starting,), RESTART: (ending, starting)}[verb]


def _proofs(
    found: tuple[ProcessView, ...],
    runs: PlainProcess,
    verb: str,
    held: tuple[int, ...],
    checks: tuple[DraftProof, ...],
) -> tuple[DraftProof, ...]:
    if verb == STOP:
        gone = ProcessStaysEnded(runs.command, runs.cwd, runs.pidfile, held)
        return (DraftProof(SafeText("it stays ended, its ports are free"), gone),)
    was = tuple((one.id.pid, one.id.start_ticks) for one in found)
    new = ProcessRuns(runs.command, runs.cwd, runs.pidfile, was)
    return (DraftProof(SafeText("a new process of it lives on"), new), *checks)


def _radius(found: tuple[ProcessView, ...]) -> tuple[SafeText, ...]:
    if not found:
        return ()
    return tuple(
        clean(
            f"pid {one.id.pid} of {one.user}: {' '.join(one.argv)}"
            + (f", listens on {', '.join(map(str, one.ports))}" if one.ports else "")
        )
        for one in found
    )


def _downtime(verb: str) -> SafeText:
    if verb == RESTART:
        return clean(f"up to {_GRACE_S:.0f} s to end, then until it answers again")
    return SafeText("until it is started again") if verb == STOP else SafeText("")


def _way_back(runs: PlainProcess, verb: str) -> SafeText:
    if verb == START:
        return SafeText("it is ended again, when it does not prove to work")
    if not _argv(runs):
        return SafeText("none: how it is started is not configured")
    return clean(f"it is started again: {' '.join(_argv(runs))}")
