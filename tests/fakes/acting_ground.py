"""Ground for tests of services' actions: every port in memory, and a short way through a draft."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from core.actions.action import Action, Draft, DraftStep, Site
from core.actions.part import Sight, freeze, thaw
from core.actions.ports import Ports
from core.clients.acting.files import FileControl
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Grade, Proof
from core.model.check import CheckResult
from core.model.operation import OperationsSpec
from core.model.text import SafeText, clean
from core.model.topology import ServiceSpec
from core.model.verdict import Verdict
from tests.fakes.acting_commands import FakeCommands
from tests.fakes.acting_engine import FakeEngineControl
from tests.fakes.acting_files import FakeFiles, FakeWork
from tests.fakes.acting_processes import FakeProcesses
from tests.fakes.acting_units import FakeUnits
from tests.fakes.clock import START
from tests.fakes.world import result, system, topology


class QuickClock:
    """Sleeps take no time and pass at once."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return (START + timedelta(seconds=self.passed_s)).astimezone(UTC)

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        self.passed_s += max(seconds, 0.001)
        await asyncio.sleep(0)


class Untouched:
    """A port that these actions have no business with."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, call: str) -> Any:
        raise AssertionError(f"nobody foresaw {self._name}.{call}")


@dataclass
class Ground:
    """Everything outside, in memory. Checks answer what `checks` says, else ok."""

    units: FakeUnits = field(default_factory=FakeUnits)
    engine: FakeEngineControl = field(default_factory=FakeEngineControl)
    processes: FakeProcesses = field(default_factory=FakeProcesses)
    commands: FakeCommands = field(default_factory=FakeCommands)
    files: FileControl = field(default_factory=FakeFiles)
    clock: QuickClock = field(default_factory=QuickClock)
    checks: dict[str, list[Verdict]] = field(default_factory=dict)
    """Answers in turn; the last one stays."""
    looks: list[str] = field(default_factory=list)

    async def look(self, name: str) -> CheckResult:
        self.looks.append(name)
        answers = self.checks.get(name, [Verdict.OK])
        verdict = answers.pop(0) if len(answers) > 1 else answers[0]
        return result(verdict, "as told")

    @property
    def ports(self) -> Ports:
        given: dict[str, Any] = {
            "clock": self.clock,
            "files": self.files,
            "commands": self.commands,
            "units": self.units,
            "engine": self.engine,
            "processes": self.processes,
            "look": self.look,
        }
        others = {one.name: Untouched(one.name) for one in fields(Ports) if one.name not in given}
        return Ports(**given, **others)

    def site(
        self, *services: ServiceSpec, operations: Mapping[str, OperationsSpec] | None = None
    ) -> Site:
        """Return the shop with these services."""
        return Site(topology(system("shop", *services)), operations or {}, self.ports)


async def drafted(
    actions: tuple[Action, ...], site: Site, action: str, target: str, **inputs: str
) -> Draft:
    """Return the draft of an action."""
    found = next(one for one in actions if one.id == action)
    return await found.draft(site, ActionRequest(action, target, tuple(inputs.items())))


def stops(draft: Draft) -> list[SafeText]:
    """Return what forbids it."""
    return [one.text for one in draft.preflight if one.grade is Grade.STOP]


def warnings(draft: Draft) -> list[SafeText]:
    """Return what a person should read before."""
    return [one.text for one in draft.preflight if one.grade is Grade.WARN]


def stored(part: Any) -> Any:
    """Return a part as it comes back from a stored plan."""
    return thaw(freeze(part))


async def carry_out(draft: Draft, ports: Ports, work: FakeWork | None = None) -> tuple[str, str]:
    """Do what the engine does with a confirmed plan; return how it ended, and why."""
    work = work or FakeWork()
    for one in draft.traits:
        await stored(one.trait).read(ports)
    main = [one for one in draft.steps if not one.is_after_proof]
    for one in main:
        await stored(one.step).save(ports, work)
    done: list[DraftStep] = []
    for one in main:
        problem = await _done(one, ports, work)
        seen = await _observed(one, ports)
        if seen[0] is not Sight.BEFORE:
            done.append(one)
        if seen[0] is not Sight.AFTER:
            return await _back(done, ports, work, problem or f"it shows: {seen[1]}")
    worst, texts = await _proven(draft, ports, work)
    if worst is Proof.FAILED:
        return await _back(done, ports, work, "; ".join(texts))
    for one in draft.steps:
        if one.is_after_proof and (problem := await _done(one, ports, work)):
            texts.append(problem)
    return worst.value, "; ".join(texts)


async def _proven(draft: Draft, ports: Ports, work: FakeWork) -> tuple[Proof, list[str]]:
    worst, texts = Proof.VERIFIED, list[str]()
    for one in draft.proofs:
        proven = await stored(one.evidence).prove(ports, work)
        if proven.proof is not Proof.VERIFIED:
            texts.append(f"{one.title}: {proven.text}")
            worst = proven.proof if worst is not Proof.FAILED else worst
    return worst, texts


async def _done(one: DraftStep, ports: Ports, work: FakeWork) -> str:
    try:
        await stored(one.step).apply(ports, work)
    except (ActionError, ClientError) as error:
        return str(error)
    return ""


async def _observed(one: DraftStep, ports: Ports) -> tuple[Sight, str]:
    try:
        seen = await stored(one.step).observe(ports)
    except (ActionError, ClientError) as error:
        return Sight.NEITHER, str(error)
    return seen.sight, seen.text


async def _back(
    done: list[DraftStep], ports: Ports, work: FakeWork, reason: str
) -> tuple[str, str]:
    if not all(one.step.can_undo and not one.is_irreversible for one in done):
        return "needs_human", reason
    for one in reversed(done):
        await stored(one.step).undo(ports, work)
        sight, text = await _observed(one, ports)
        if sight is not Sight.BEFORE:
            return "needs_human", f"{reason}; undone it shows: {text}"
    return "rolled_back", clean(reason)
