"""Takes a service away for a while, with a guardian that brings it back whatever happens."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from core.actions.guard_order import GuardOrder, alive_of, done_of, order_bytes, parse_run
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin, prepare_folder
from core.actions.verdicts.judged import good
from core.actions.work import Work, digest
from core.clients.acting.processes import ProcessId
from core.errors import ActionError, ClientMissing, StepFailedError
from core.model.action import Part
from core.model.text import SafeText, clean

_ANSWERS_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.2
_TRACE_EVERY_S = 2.0
_CHECK_S = 5.0
_MODE = 0o600


async def _guardian_of(ports: Ports, order: str) -> ProcessId | None:
    """Return the guardian that has answered; None: none has."""
    try:
        return parse_run(await ports.files.read(alive_of(order)))
    except ClientMissing:
        return None


async def _release(ports: Ports, order: str, work: Work) -> None:
    """Tell a guardian that it is not needed, wait until it is gone, and leave nothing of it.

    Raises:
        StepFailedError: it does not go.
    """
    try:
        await ports.files.facts(order)
    except ClientMissing:
        pass
    else:
        await ports.files.clear_temporary(done_of(order), work.action_id)
        if not await _is_there(ports, done_of(order)):
            await ports.files.create(done_of(order), b"done", _MODE, work.action_id)
        guardian = await _guardian_of(ports, order)
        until_s = ports.clock.monotonic() + _ANSWERS_WITHIN_S
        while guardian is not None and await ports.processes.is_running(guardian):
            if ports.clock.monotonic() >= until_s:
                raise StepFailedError(f"the guardian, pid {guardian.pid}, does not go")
            await ports.clock.sleep(_LOOK_EVERY_S)
    for path in (alive_of(order), order, done_of(order)):
        await _remove(ports, path, work)


async def _is_there(ports: Ports, path: str) -> bool:
    try:
        await ports.files.facts(path)
    except ClientMissing:
        return False
    return True


async def _remove(ports: Ports, path: str, work: Work) -> None:
    try:
        await ports.files.clear_temporary(path, work.action_id)
        await ports.files.remove(path, digest(await ports.files.read(path)))
    except ClientMissing:
        return


@part
@dataclass(frozen=True, slots=True)
class ArmGuardian(BareStep):
    """Starts a process that brings the service back when nobody else does."""

    kind: ClassVar[str] = "guardian.arm"
    can_undo: ClassVar[bool] = True
    order: str
    starts: tuple[tuple[str, str], ...]
    """Kind and arguments of the steps that start the service."""
    lasts_s: float
    """The action is over by then."""
    docker_url: str = ""

    async def observe(self, ports: Ports) -> Seen:
        """See whether the guardian is there."""
        if not await _is_there(ports, self.order):
            return Seen(Sight.BEFORE, SafeText("no guardian"))
        guardian = await _guardian_of(ports, self.order)
        if guardian is None:
            return Seen(Sight.NEITHER, SafeText("a guardian was called and has not answered"))
        if await ports.processes.is_running(guardian):
            return Seen(Sight.AFTER, clean(f"guardian pid {guardian.pid} watches"))
        return Seen(Sight.NEITHER, clean(f"guardian pid {guardian.pid} is gone"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Start it, and wait until it answers."""
        if ports.guards is None:
            raise ActionError("nothing here can start a guardian")
        now_s = ports.clock.monotonic()
        order = GuardOrder(
            work.action_id, tuple(Part(kind, arguments) for kind, arguments in self.starts),
            now_s + self.lasts_s, self.docker_url,
        )  # fmt: skip
        await prepare_folder(ports, self.order)
        await ports.files.clear_temporary(self.order, work.action_id)
        await ports.files.create(self.order, order_bytes(order), _MODE, work.action_id)
        name = f"guardian-{work.action_id.lower()}"
        await ports.guards.start(self.order, str(work.output), name)
        while (await self.observe(ports)).sight is not Sight.AFTER:
            if ports.clock.monotonic() - now_s > _ANSWERS_WITHIN_S:
                raise StepFailedError("the guardian does not answer: nothing has been stopped")
            await ports.clock.sleep(_LOOK_EVERY_S)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Have it go."""
        await _release(ports, self.order, work)


@part
@dataclass(frozen=True, slots=True)
class ReleaseGuardian(BareStep):
    """Has the guardian go, once the service is proven to run."""

    kind: ClassVar[str] = "guardian.release"
    order: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is gone."""
        is_there = await _is_there(ports, self.order)
        text = clean("the guardian is there" if is_there else "no guardian")
        return Seen(Sight.BEFORE if is_there else Sight.AFTER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Have it go."""
        await _release(ports, self.order, work)


@part
@dataclass(frozen=True, slots=True)
class StayAway(TriedStep):
    """Leaves a service away for a while, and tells what others say of it."""

    kind: ClassVar[str] = "chaos.stay_away"
    seconds: float
    checks: tuple[str, ...]
    """`system/service/check` of the service and of those that need it."""
    result: str

    async def apply(self, ports: Ports, work: Work) -> None:
        """Wait, and look."""
        await begin(ports, self.result, work)
        begin_s = ports.clock.monotonic()
        trace: dict[str, list[str]] = {name: [] for name in self.checks}
        while (passed_s := ports.clock.monotonic() - begin_s) < self.seconds:
            states = await asyncio.gather(*(_state(ports, name) for name in self.checks))
            for name, state in zip(self.checks, states, strict=True):
                if not trace[name] or not trace[name][-1].startswith(f"{state} "):
                    trace[name].append(f"{state} after {passed_s:.0f} s")
                    work.say(clean(f"{name}: {state} after {passed_s:.0f} s"))
            left_s = self.seconds - (ports.clock.monotonic() - begin_s)
            await ports.clock.sleep(max(0.0, min(_TRACE_EVERY_S, left_s)))
        told = "; ".join(f"{name}: {', '.join(states)}" for name, states in trace.items())
        await self.end(
            ports, work,
            good(f"away for {self.seconds:.0f} s; {told}".rstrip("; "), ("away_s", self.seconds)),
        )  # fmt: skip


async def _state(ports: Ports, check: str) -> str:
    try:
        async with asyncio.timeout(_CHECK_S):
            return (await ports.look(check)).state
    except (ActionError, TimeoutError):
        return "not looked at"
