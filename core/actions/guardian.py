"""A process of its own that starts a service again when nobody else does.

`python -m core.actions.guardian ORDER PID TICKS`: it ends when the order is taken back. When the
process PID is gone before that, or the time is over, it does what the order says, until it is seen
done. It needs no configuration: that may have been changed, or broken, in the meantime.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from core.actions.guard_order import GuardOrder, alive_of, done_of, parse_order, run_bytes
from core.actions.part import Sight, Step, thaw
from core.actions.ports import Ports
from core.actions.work import Kept, digest
from core.clients.acting.commands import LocalActing
from core.clients.acting.engine_docker import DockerControl
from core.clients.acting.files import LocalFiles
from core.clients.acting.git_local import LocalGit
from core.clients.acting.processes import LocalProcesses, ProcessId
from core.clients.acting.units import SystemctlControl
from core.clients.clock import Clock, SystemClock
from core.clients.command import LocalCommands
from core.clients.process_runs import own_run
from core.errors import ActionError, ClientError, ClientMissing, StepFailedError
from core.model.check import CheckResult
from core.model.text import SafeText, clean

_LOOK_EVERY_S = 0.5
_TRIES = 30
_LONGEST_PAUSE_S = 30.0
_STEP_S = 220.0
"""systemd takes its time."""


@dataclass(slots=True)
class Guardian:
    """One order, carried out when it has to be."""

    path: str
    order: GuardOrder
    ports: Ports
    ward: ProcessId
    """The process that should do it by itself."""
    now: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: do not wait any longer."""

    async def watch(self) -> bool:
        """Wait; return whether it had to be done."""
        say(f"guardian: pid {own_run().pid} watches pid {self.ward.pid}")
        while not await self._is_over():
            if await self._is_needed():
                await self._start()
                return True
            try:
                await asyncio.wait_for(self.now.wait(), _LOOK_EVERY_S)
            except TimeoutError:
                continue
        return False

    async def _is_over(self) -> bool:
        """Tell whether the order was taken back: by word, or by having been removed."""
        is_done = await self._has(done_of(self.path), unsure=False)
        return is_done or not await self._has(self.path, unsure=True)

    async def _has(self, path: str, *, unsure: bool) -> bool:
        try:
            await self.ports.files.facts(path)
        except ClientMissing:
            return False
        except ClientError:
            return unsure
        return True

    async def _is_needed(self) -> bool:
        now_s = self.ports.clock.monotonic()
        if self.now.is_set() or now_s >= self.order.latest_s:
            return True
        is_alive = await self.ports.processes.is_running(self.ward)
        if not is_alive:
            say(f"guardian: pid {self.ward.pid} is gone")
        return not is_alive

    async def _start(self) -> None:
        for part in self.order.starts:
            await self._see_to(thaw(part))

    async def _see_to(self, step: Step) -> None:
        """Do one step until it is seen done."""
        work, pause_s = GuardianWork(self.order.action_id), 1.0
        for _ in range(_TRIES):
            try:
                async with asyncio.timeout(_STEP_S):
                    seen = await step.observe(self.ports)
                    if seen.sight is Sight.AFTER:
                        say(f"guardian: {seen.text}")
                        return
                    await step.apply(self.ports, work)
                continue
            except (ActionError, ClientError, TimeoutError) as error:
                say(f"guardian: {error or 'it took too long'}")
            await self.ports.clock.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
        say("guardian: it could not be started again; a person has to")


class GuardianWork:
    """What a start needs of an action's place: only a voice."""

    def __init__(self, action_id: str) -> None:
        self.action_id = action_id
        self.folder = Path("/")
        self.output = Path("/dev/null")

    def say(self, text: SafeText) -> None:
        """Show one line."""
        say(f"guardian: {text}")

    def keep(self, name: str, data: bytes) -> Kept:
        """Keep nothing: what is started again needs no copy.

        Raises:
            StepFailedError: always.
        """
        raise StepFailedError("a guardian keeps no copies")

    def kept(self, name: str) -> bytes:
        """Return no copy.

        Raises:
            StepFailedError: always.
        """
        raise StepFailedError("a guardian keeps no copies")

    def has(self, name: str) -> bool:
        """Tell that there is none."""
        return False

    def is_told_to_stop(self) -> bool:
        """Tell that nobody does: what it starts has to run."""
        return False


def say(text: str) -> None:
    """Print one line: it goes to the action's output."""
    print(clean(text), flush=True)  # noqa: T201 - this process's only voice


async def _look(check: str) -> CheckResult:
    raise ActionError(f"a guardian looks at no checks, not at {check} either")


def ports_of(docker_url: str, clock: Clock) -> Ports:
    """Return what it takes to start units, containers and processes."""
    return Ports(
        clock=clock,
        files=LocalFiles(clock),
        commands=LocalActing(clock),
        units=SystemctlControl(LocalCommands()),
        engine=DockerControl(docker_url, clock),
        processes=LocalProcesses(clock),
        look=_look,
        git=LocalGit(LocalActing(clock)),
    )


def load_parts() -> None:
    """Have the steps known that start services."""
    import_module("core.actions.families.services")


async def _guard(path: str, ward: ProcessId) -> None:
    load_parts()
    clock = SystemClock()
    try:
        order = parse_order(await LocalFiles(clock).read(path))
    except ClientMissing:
        say("guardian: the order was taken back")
        return
    guardian = Guardian(path, order, ports_of(order.docker_url, clock), ward)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, guardian.now.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    us = own_run()
    who = run_bytes(ProcessId(us.pid, us.start_ticks))
    await guardian.ports.files.create(alive_of(path), who, 0o600, order.action_id)
    if not await guardian.watch():
        await guardian.ports.files.remove(alive_of(path), digest(who))


def main() -> None:
    """Guard."""
    path, pid, ticks = sys.argv[1:]
    asyncio.run(_guard(path, ProcessId(int(pid), int(ticks))))


if __name__ == "__main__":
    main()
