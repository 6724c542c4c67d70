"""What follows a changed file: its check, which may refuse it, and its reload."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.actions.families.files_steps import Change, put_back, see
from core.actions.judging import Judged, judge
from core.actions.part import BareStep, Proven, Seen, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.commands import Order
from core.errors import ActionError, ClientError, StepFailedError
from core.model.action import Proof
from core.model.operation import JudgeSpec
from core.model.text import clean


@dataclass(frozen=True, slots=True)
class _Say:
    """A command and how its result is told."""

    argv: tuple[str, ...]
    cwd: str
    deadline_s: float
    rule: JudgeSpec

    async def ask(self, ports: Ports, output: Path | None) -> Judged:
        """Run it, and return how that is to be read."""
        order = Order(self.argv, self.deadline_s, self.cwd, output=output)
        return judge(self.rule, await ports.commands.run(order), self.argv)


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
        rule = JudgeSpec(self.exits, self.says, self.never)
        judged = await _Say(self.argv, self.cwd, self.deadline_s, rule).ask(ports, work.output)
        if judged.is_good is False:
            raise StepFailedError(f"{clean(' '.join(self.argv))}: {judged.text}")

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
        rule = JudgeSpec(self.exits, self.says, self.never)
        judged = await _Say(self.argv, self.cwd, self.deadline_s, rule).ask(ports, None)
        proof = {True: Proof.VERIFIED, False: Proof.FAILED, None: Proof.UNVERIFIED}[judged.is_good]
        return Proven(proof, judged.text)
