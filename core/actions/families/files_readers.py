"""Steps that follow a changed file: its check, its reload, and services that read it anew."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.files_steps import Change, put_back, see
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.runs import look_at_run
from core.actions.work import Work
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError, ClientError, StepFailedError
from core.model.action import Proof
from core.model.text import EMPTY, SafeText, clean

MAKE_S = 180.0
"""Compose stops, makes and starts within that; it builds and pulls nothing."""


def problem_of(
    ran: Ran, exits: tuple[int, ...], says: tuple[str, ...], never: tuple[str, ...]
) -> SafeText:
    """Return what is wrong with how a command ended; empty: nothing."""
    text = "\n".join(ran.lines)
    last = ran.lines[-1] if ran.lines else SafeText("it said nothing")
    if ran.exit_code not in exits:
        return clean(f"exit {ran.exit_code}: {last}")
    for words in never:
        if words in text:
            return clean(f"it says {words!r}: {last}")
    for words in says:
        if words not in text:
            return clean(f"it does not say {words!r}: {last}")
    return EMPTY


@part
@dataclass(frozen=True, slots=True)
class CommandOnFiles(BareStep):
    """Runs a command on changed files: a check that may refuse them, or a reload."""

    kind: ClassVar[str] = "file.command"
    can_undo: ClassVar[bool] = True
    changes: tuple[Change, ...]
    argv: tuple[str, ...]
    cwd: str = ""
    deadline_s: float = 60.0
    exits: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    is_needed_back: bool = False
    """A reload: the old files are not in use before it has run again."""

    async def observe(self, ports: Ports) -> Seen:
        """Look at the files; whether they were accepted, the proof finds out again."""
        return await see(ports, self.changes)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Run it; files that it refuses are put back at once, so that a second look shows it."""
        try:
            await self._run(ports, work)
        except (ActionError, ClientError):
            for change in self.changes:
                await put_back(ports, work, change)
            raise

    async def _run(self, ports: Ports, work: Work) -> None:
        order = Order(self.argv, self.deadline_s, self.cwd, output=work.output)
        ran = await ports.commands.run(order)
        if problem := problem_of(ran, self.exits, self.says, self.never):
            raise StepFailedError(f"{clean(' '.join(self.argv))}: {problem}")

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the files back; have them read again where they were read."""
        for change in self.changes:
            await put_back(ports, work, change)
        if self.is_needed_back:
            await self._run(ports, work)


@part
@dataclass(frozen=True, slots=True)
class CommandSays:
    """A command that changes nothing accepts what is there now."""

    kind: ClassVar[str] = "evidence.command_says"
    argv: tuple[str, ...]
    cwd: str = ""
    deadline_s: float = 60.0
    exits: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Run it once."""
        ran = await ports.commands.run(Order(self.argv, self.deadline_s, self.cwd))
        if problem := problem_of(ran, self.exits, self.says, self.never):
            return Proven(Proof.FAILED, problem)
        return Proven(Proof.VERIFIED, SafeText("accepted"))


@part
@dataclass(frozen=True, slots=True)
class MakeAgain(BareStep):
    """Has compose make a service's containers again, so that they get changed files.

    A restart reads neither an env file nor limits again. Undone, the files are put back first: in
    the order of the steps they would be put back after the containers were made.
    """

    kind: ClassVar[str] = "compose.make_again"
    can_undo: ClassVar[bool] = True
    project: str
    service: str
    was: tuple[str, ...]
    """Ids of the containers that are replaced."""
    argv: tuple[str, ...]
    cwd: str
    changes: tuple[Change, ...]

    async def observe(self, ports: Ports) -> Seen:
        """Tell by the containers that are there, and by the files they were made with."""
        found = await ports.engine.find_service(self.project, self.service)
        if set(found) == set(self.was):
            return Seen(Sight.BEFORE, clean(f"{self.service}: not made again: {_short(found)}"))
        sights = [await look_at_run(ports, "container", one) for one in found]
        if not sights or set(found) & set(self.was) or not all(one.is_up for one in sights):
            words = "; ".join(one.text for one in sights) or "no container"
            return Seen(Sight.NEITHER, clean(f"{self.service}: {words}"))
        files = await see(ports, self.changes)
        return Seen(files.sight, clean(f"{self.service}: made again: {_short(found)}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make them again, unless that has happened."""
        if (await self.observe(ports)).sight is not Sight.AFTER:
            await self._make(ports, work)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the files back, and make the containers again where they are others by now."""
        for change in self.changes:
            await put_back(ports, work, change)
        found = await ports.engine.find_service(self.project, self.service)
        sights = [await look_at_run(ports, "container", one) for one in found]
        if set(found) != set(self.was) or not all(one.is_up for one in sights):
            await self._make(ports, work)

    async def _make(self, ports: Ports, work: Work) -> None:
        order = Order(self.argv, MAKE_S, self.cwd, output=work.output)
        if problem := problem_of(await ports.commands.run(order), (0,), (), ()):
            raise StepFailedError(f"compose: {problem}")


def _short(ids: tuple[str, ...]) -> str:
    return ", ".join(one[:12] for one in ids) or "no container"
