"""What a compose project was before a plan, and whether its services run afterwards."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import DraftProof
from core.actions.families.compose_look import Member, before_of, members, told
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.model.action import Proof
from core.model.text import SafeText, clean

_LOOK_EVERY_S = 1.0


@part
@dataclass(frozen=True, slots=True)
class ComposeRuns:
    """Every service's containers run, stay the same runs, and object to nothing."""

    kind: ClassVar[str] = "evidence.compose_runs"
    project: str
    services: tuple[str, ...]
    times: int = 3
    over_s: float = 10.0
    within_s: float = 120.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until all are up and their own health checks agree, then whether it stays so."""
        until_s = ports.clock.monotonic() + self.within_s
        while self._problem(found := await members(ports, self.project, self.services)):
            if ports.clock.monotonic() >= until_s:
                return Proven(Proof.FAILED, clean(self._problem(found)))
            await ports.clock.sleep(_LOOK_EVERY_S)
        first = sorted(before_of(found))
        for _ in range(self.times - 1):
            await ports.clock.sleep(self.over_s / max(1, self.times - 1))
            found = await members(ports, self.project, self.services)
            if problem := self._problem(found):
                return Proven(Proof.FAILED, clean(problem))
            if sorted(before_of(found)) != first or any(one.facts.restarts for one in found):
                return Proven(Proof.FAILED, clean(f"restart loop: {told(found)}"))
        return Proven(Proof.VERIFIED, told(found))

    def _problem(self, found: tuple[Member, ...]) -> str:
        missing = sorted(set(self.services) - {one.service for one in found})
        if missing:
            return f"no container of {', '.join(missing)}"
        ailing = [
            one
            for one in found
            if not (one.is_up or one.is_finished) or one.facts.health in {"starting", "unhealthy"}
        ]
        return f"not up: {told(tuple(ailing))}" if ailing else ""


@part
@dataclass(frozen=True, slots=True)
class ComposeIs:
    """Which containers a project has, and which runs of them."""

    kind: ClassVar[str] = "trait.compose_project"
    project: str
    services: tuple[str, ...]

    async def read(self, ports: Ports) -> SafeText:
        """Return ids and starts."""
        found = await members(ports, self.project, self.services)
        runs = ", ".join(f"{name} {one[:12]} {start}" for name, one, start in before_of(found))
        return clean(runs or "no container")


@part
@dataclass(frozen=True, slots=True)
class ComposeStays:
    """None of the services runs, or none has a container, and it stays so."""

    kind: ClassVar[str] = "evidence.compose_stays"
    project: str
    services: tuple[str, ...]
    is_gone: bool
    over_s: float = 3.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at once and again after a while."""
        found: tuple[Member, ...] = ()
        for pause_s in (0.0, self.over_s):
            await ports.clock.sleep(pause_s)
            found = await members(ports, self.project, self.services)
            if found if self.is_gone else any(one.is_up for one in found):
                return Proven(Proof.FAILED, clean(f"something brings them back: {told(found)}"))
        return Proven(Proof.VERIFIED, told(found))


def stays(project: str, services: tuple[str, ...], *, is_gone: bool) -> DraftProof:
    """Return the proof that services stay stopped, or gone."""
    title = SafeText("they stay gone") if is_gone else SafeText("they stay stopped")
    return DraftProof(title, ComposeStays(project, services, is_gone))
