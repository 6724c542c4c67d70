"""Backups that a command of the system makes: run, found by the pattern, proven like the others."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import DraftStep
from core.actions.backups.manifest import Manifest, Member, as_bytes, manifest_path
from core.actions.backups.names import places_of
from core.actions.families.backups_checking import problem_with
from core.actions.families.backups_sets import control_of, read_manifest
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.backup_places import Place
from core.clients.acting.commands import Order
from core.errors import ActionError, ClientError, StepFailedError
from core.model.action import Proof
from core.model.operation import BackupSpec, CommandSpec
from core.model.text import SafeText, clean


@part
@dataclass(frozen=True, slots=True)
class RunBackupCommand(BareStep):
    """A command writes a new file where the set says; it gets a manifest of ours."""

    kind: ClassVar[str] = "backups.command"

    system: str
    set: str
    argv: tuple[str, ...]
    cwd: str
    pattern: str
    ok_exits: tuple[int, ...]
    deadline_s: float
    token: str

    @property
    def form(self) -> str:
        """How its copies are rehearsed."""
        name = self.pattern.rpartition("/")[2]
        if name.endswith((".json",)):
            return "json"
        is_archive = ".tar" in name or name.endswith((".tgz", ".tzst", ".txz"))
        return "archive" if is_archive else "file"

    async def observe(self, ports: Ports) -> Seen:
        """A copy with a manifest of this plan is there, or not."""
        place = await self.made(ports)
        if place is None:
            return Seen(Sight.BEFORE, SafeText("there is no copy of this plan"))
        return Seen(Sight.AFTER, clean(f"{place.path}: {place.size_bytes} bytes and a manifest"))

    async def made(self, ports: Ports) -> Place | None:
        """Return the file that this plan's run made."""
        for one in reversed(await self._found(ports)):
            try:
                manifest = await read_manifest(ports, one.path)
            except (ActionError, ClientError):
                continue
            if manifest is not None and manifest.plan == self.token:
                return one
        return None

    async def apply(self, ports: Ports, work: Work) -> None:
        """Run it, find what is new, rehearse that, and write its manifest."""
        before = {(one.path, one.inode, one.mtime_ns) for one in await self._found(ports)}
        order = Order(
            self.argv, self.deadline_s, self.cwd, output=work.output, ok_exits=self.ok_exits
        )
        ran = await ports.commands.run(order)
        new = [
            one
            for one in await self._found(ports)
            if (one.path, one.inode, one.mtime_ns) not in before
        ]
        if len(new) != 1:
            raise StepFailedError(
                f"{clean(self.argv[0])} ended with {ran.exit_code}, and {len(new)} new files are"
                f" where the set says ({clean(self.pattern)}): one is wanted"
            )
        if problem := await problem_with(ports, new[0].path, self.form, None):
            raise StepFailedError(problem)
        await self._sign(ports, new[0])

    async def _found(self, ports: Ports) -> tuple[Place, ...]:
        places = places_of(self.pattern)
        return await control_of(ports).find(places.root, places.levels)

    async def _sign(self, ports: Ports, place: Place) -> None:
        control = control_of(ports)
        copied = await control.digest(place.path)
        name = place.path.rpartition("/")[2]
        manifest = Manifest(
            made_at_s=round(ports.clock.now().timestamp(), 3),
            host=control.host(),
            system=self.system,
            set=self.set,
            kind=self.form,
            plan=self.token,
            file=name,
            size_bytes=copied.size_bytes,
            sha256=copied.sha256,
            mtime_ns=place.mtime_ns,
            sources=(),
            members=await self._members(ports, place, copied.sha256),
            tools=((self.argv[0], ""),),
        )
        await ports.files.create(manifest_path(place.path), as_bytes(manifest), 0o600, self.token)

    async def _members(self, ports: Ports, place: Place, sha256: str) -> tuple[Member, ...]:
        if self.form != "archive":
            return (Member(place.path.rpartition("/")[2], place.size_bytes, sha256),)
        return tuple(
            Member(one.name, one.size_bytes, one.sha256, one.mode, one.uid, one.gid)
            for one in await control_of(ports).entries(place.path)
            if not one.is_folder
        )


@part
@dataclass(frozen=True, slots=True)
class CommandMade:
    """What a command made can be read as a whole, again."""

    kind: ClassVar[str] = "backups.command_made"

    pattern: str
    token: str
    form: str

    @classmethod
    def of(cls, step: RunBackupCommand) -> "CommandMade":
        """Return the proof of a step."""
        return cls(step.pattern, step.token, step.form)

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Find it by its manifest, and read it."""
        looking = RunBackupCommand("", "", (), "", self.pattern, (), 0.0, self.token)
        place = await looking.made(ports)
        if place is None:
            return Proven(Proof.FAILED, SafeText("there is no copy of this plan"))
        manifest = await read_manifest(ports, place.path)
        problem = await problem_with(ports, place.path, self.form, manifest)
        if problem:
            return Proven(Proof.FAILED, problem)
        return Proven(Proof.VERIFIED, clean(f"{place.path}: read again and rehearsed"))


def command_step(system: str, spec: BackupSpec, command: CommandSpec, token: str) -> DraftStep:
    """Return the step of a set that a command makes."""
    if command.inputs or command.inside:
        raise ActionError(
            f"{system}: the command {command.name!r} needs inputs or a container; a backup's"
            " command runs by itself"
        )
    ok_exits = command.judge.exit if command.judge else (0,)
    words = " ".join(command.argv)
    return DraftStep(
        clean(f"run {words} for {spec.title or spec.name}"),
        RunBackupCommand(
            system, spec.name, command.argv, command.cwd, spec.target,
            ok_exits, command.timeout_s, token,
        ),
        deadline_s=command.timeout_s + 3600.0,
    )  # fmt: skip
