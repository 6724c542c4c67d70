"""Second looks that several families need: it runs anew, it stays up, its checks hold."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.runs import RunSight, look_at_run
from core.actions.service_traits import unit_text
from core.actions.work import Work
from core.clients.acting.processes import ProcessView
from core.model.action import Proof
from core.model.check import CheckResult
from core.model.text import SafeText, clean
from core.model.verdict import Verdict

_LOOK_EVERY_S = 0.5
_BAD_LOOK_EVERY_S = 2.0


@part
@dataclass(frozen=True, slots=True)
class CheckHolds:
    """A check is good several times in a row, spread over a while."""

    kind: ClassVar[str] = "evidence.check_holds"
    check: str
    """`system/service/check`."""
    times: int = 3
    over_s: float = 10.0
    """From the first good look to the last."""
    within_s: float = 60.0
    """The good looks have to begin by then."""
    is_degraded_enough: bool = False
    """It was degraded before, so that no more can be asked of it."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it has held, or has not begun to in time."""
        clock = ports.clock
        until_s = clock.monotonic() + self.within_s
        good_since_s, good = 0.0, 0
        while True:
            result = await ports.look(self.check)
            now_s = clock.monotonic()
            if not self._is_good(result):
                good = 0
                if now_s >= until_s:
                    return Proven(Proof.FAILED, _told(result))
                await clock.sleep(min(_BAD_LOOK_EVERY_S, self.within_s / 4))
                continue
            good_since_s = good_since_s if good else now_s
            good += 1
            if good >= self.times and now_s - good_since_s >= self.over_s:
                text = f"{result.state}, {good} times over {now_s - good_since_s:.0f} s"
                return Proven(Proof.VERIFIED, clean(text))
            await clock.sleep(self.over_s / max(1, self.times - 1))

    def _is_good(self, result: CheckResult) -> bool:
        is_degraded = result.verdict is Verdict.DEGRADED
        return result.verdict is Verdict.OK or (is_degraded and self.is_degraded_enough)


def _told(result: CheckResult) -> SafeText:
    return clean(f"{result.verdict.value}: {result.state}: {result.reason}".rstrip(": "))


@part
@dataclass(frozen=True, slots=True)
class NoCheck:
    """Nothing is configured that would tell whether it works."""

    kind: ClassVar[str] = "evidence.no_check"
    service: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Say so."""
        text = f"no check is configured for {clean(self.service)}: whether it works was not seen"
        return Proven(Proof.UNVERIFIED, clean(text))


@part
@dataclass(frozen=True, slots=True)
class UnitRuns:
    """A unit is active in another run than before."""

    kind: ClassVar[str] = "evidence.unit_runs"
    unit: str
    was: str = ""
    """Invocation id before; empty: it did not run."""
    within_s: float = 60.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it does, has failed, or the time is over."""
        until_s = ports.clock.monotonic() + self.within_s
        while True:
            facts = await ports.units.show(self.unit)
            is_new = bool(facts.invocation_id) and facts.invocation_id != self.was
            if facts.active_state == "active" and is_new and not facts.has_job:
                pid = f", pid {facts.main_pid}" if facts.main_pid else ""
                return Proven(Proof.VERIFIED, clean(f"{unit_text(facts)}{pid}"))
            is_final = facts.active_state == "failed" and not facts.has_job
            if is_final or ports.clock.monotonic() >= until_s:
                why = "" if is_new else ", still the run from before"
                return Proven(Proof.FAILED, clean(f"{unit_text(facts)}, {facts.result}{why}"))
            await ports.clock.sleep(_LOOK_EVERY_S)


@part
@dataclass(frozen=True, slots=True)
class ContainerRuns:
    """A container runs since later than before, and its own health check does not object."""

    kind: ClassVar[str] = "evidence.container_runs"
    container: str
    """Id or exact name."""
    was: str = ""
    """Start before, ISO 8601; empty: it did not run."""
    image_id: str = ""
    """What it has to run; empty: whatever it has."""
    within_s: float = 60.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it does, has ended, or the time is over."""
        until_s = ports.clock.monotonic() + self.within_s
        while True:
            seen = await look_at_run(ports, "container", self.container)
            problem = await self._problem(ports, seen)
            if not problem and seen.health != "starting":
                return Proven(Proof.VERIFIED, seen.text)
            if ports.clock.monotonic() >= until_s:
                return Proven(Proof.FAILED, clean(problem or f"{seen.text}, still starting"))
            await ports.clock.sleep(_LOOK_EVERY_S)

    async def _problem(self, ports: Ports, seen: RunSight) -> str:
        if not seen.is_up:
            return f"it does not run: {seen.text}"
        if seen.run <= self.was:
            return f"{seen.text}: not started since"
        if seen.health == "unhealthy":
            return f"{seen.text}: its own health check fails: {seen.detail}"
        if self.image_id and await self._image(ports) != self.image_id:
            return f"{seen.text}: it runs another image"
        return ""

    async def _image(self, ports: Ports) -> str:
        container = await ports.engine.find(self.container)
        return (await ports.engine.make_of(container)).image_id


@part
@dataclass(frozen=True, slots=True)
class ProcessRuns:
    """A process that is the service runs, and it is none of those from before."""

    kind: ClassVar[str] = "evidence.process_runs"
    command: tuple[str, ...]
    cwd: str = ""
    pidfile: str = ""
    was: tuple[tuple[int, int], ...] = ()
    """Pid and start ticks of those from before."""
    over_s: float = 10.0
    """The same one lives so long."""
    within_s: float = 30.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until one runs, then whether the same one lives on."""
        until_s = ports.clock.monotonic() + self.within_s
        while not (found := await self._new(ports)):
            if ports.clock.monotonic() >= until_s:
                return Proven(Proof.FAILED, SafeText("no new process of it was found"))
            await ports.clock.sleep(_LOOK_EVERY_S)
        await ports.clock.sleep(self.over_s)
        ended = [one for one in found if not await ports.processes.is_running(one.id)]
        if len(ended) == len(found):
            pids = ", ".join(str(one.id.pid) for one in ended)
            return Proven(Proof.FAILED, clean(f"pid {pids} ended within {self.over_s:.0f} s"))
        pids = ", ".join(str(one.id.pid) for one in found if one not in ended)
        return Proven(Proof.VERIFIED, clean(f"pid {pids}, alive after {self.over_s:.0f} s"))

    async def _new(self, ports: Ports) -> tuple[ProcessView, ...]:
        views = await ports.processes.find(self.command, self.cwd, self.pidfile)
        return tuple(one for one in views if (one.id.pid, one.id.start_ticks) not in self.was)


@part
@dataclass(frozen=True, slots=True)
class NoRestartLoop:
    """The run that is there now goes on, and its manager had not to start it again."""

    kind: ClassVar[str] = "evidence.no_restart_loop"
    manager: str
    """`unit` or `container`."""
    name: str
    times: int = 3
    over_s: float = 10.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look several times; always the same run, never restarted by its manager."""
        first = await look_at_run(ports, self.manager, self.name)
        for turn in range(self.times):
            if turn:
                await ports.clock.sleep(self.over_s / max(1, self.times - 1))
            seen = await look_at_run(ports, self.manager, self.name)
            if not seen.is_up:
                return Proven(Proof.FAILED, clean(f"it does not stay up: {seen.text}"))
            if seen.run != first.run or seen.restarts:
                text = f"restart loop: restarted {seen.restarts} times by itself: {seen.text}"
                return Proven(Proof.FAILED, clean(text))
        return Proven(Proof.VERIFIED, clean(f"the same run over {self.over_s:.0f} s"))


@part
@dataclass(frozen=True, slots=True)
class StaysStopped:
    """Nothing brings it back."""

    kind: ClassVar[str] = "evidence.stays_stopped"
    manager: str
    """`unit` or `container`."""
    name: str
    over_s: float = 3.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at once and again after a while."""
        for pause_s in (0.0, self.over_s):
            await ports.clock.sleep(pause_s)
            seen = await look_at_run(ports, self.manager, self.name)
            if seen.is_up or seen.is_changing:
                return Proven(Proof.FAILED, clean(f"something has it run: {seen.text}"))
        return Proven(Proof.VERIFIED, seen.text)
