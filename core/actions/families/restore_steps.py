"""Steps of a restore: put beside, carry over, exchange, tidy up. Each is seen from names alone.

Beside what lives, `.NAME.TOKEN.new` holds the restored one, then the old one; `.NAME.TOKEN.id` says
which inode is the restored one, so that whoever looks knows whether they were exchanged.
"""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.backups.manifest import Manifest, ManifestError
from core.actions.families.backups_checking import problem_with
from core.actions.families.backups_sets import control_of, own_of, read_manifest
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work, digest
from core.clients.acting.backup_places import Place, PlaceKind
from core.clients.acting.backups import Putting
from core.errors import ClientError, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean

_NOTHING = PlaceKind.NOTHING


def beside(live: str, token: str, what: str) -> str:
    """Return a name beside what lives: `new`, `id` or `full`."""
    folder, _, name = live.rpartition("/")
    return f"{folder}/.{name}.{token}.{what}"


async def read_id(ports: Ports, live: str, token: str) -> int | None:
    """Return the inode of the restored one; None: it was not noted, or no longer."""
    try:
        raw = await ports.files.read(beside(live, token, "id"), 64)
    except ClientMissing:
        return None
    return int(raw) if raw.isdigit() else None


async def guard_copy(ports: Ports, copy: str, sha256: str, form: str, host: str) -> None:
    """Refuse a backup that is not whole, or not the one that was planned with.

    Raises:
        StepFailedError: so it is; nothing was changed.
    """
    manifest = await _manifest(ports, copy)
    if manifest is not None and manifest.host != host:
        raise StepFailedError(f"{clean(copy)} was made on {clean(manifest.host, 80)}")
    if problem := await problem_with(ports, copy, form, manifest):
        raise StepFailedError(problem)
    if (await control_of(ports).digest(copy)).sha256 != sha256:
        raise StepFailedError(f"{clean(copy)} is another file than was planned")


async def remove_note(ports: Ports, path: str, token: str) -> None:
    """Remove a note of ours with what a cut-off creation of it left."""
    try:
        await ports.files.clear_temporary(path, token)
        await ports.files.remove(path, digest(await ports.files.read(path, 64)))
    except ClientMissing:
        return


@part
@dataclass(frozen=True, slots=True)
class PutBeside:
    """The backup, proven once more, is put beside what lives. Nothing living changes."""

    kind: ClassVar[str] = "restore.put"
    can_undo: ClassVar[bool] = True

    copy: str
    sha256: str
    form: str
    live: str
    inside: str | None
    """For an archive the member that belongs there; None: the copy is the file itself."""
    token: str
    mode: int
    uid: int
    gid: int
    host: str
    """Where its manifest has to say that it was made."""

    @property
    def staged(self) -> str:
        """Where it is put."""
        return beside(self.live, self.token, "new")

    async def observe(self, ports: Ports) -> Seen:
        """It is there whole, or there is nothing of it."""
        control = control_of(ports)
        part_left = await control.place(f"{self.staged}.part")
        staged = await control.place(self.staged)
        noted = await read_id(ports, self.live, self.token)
        if part_left.kind is _NOTHING and staged.kind is _NOTHING and noted is None:
            return Seen(Sight.BEFORE, SafeText("nothing is put beside it"))
        if part_left.kind is _NOTHING and staged.kind is not _NOTHING and noted is not None:
            return Seen(Sight.AFTER, clean(f"{self.staged} is whole"))
        return Seen(Sight.NEITHER, clean(f"{self.staged} was cut off half-way"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing living is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Prove the backup, put it, note which it is."""
        control = control_of(ports)
        await self.undo(ports, work)
        await guard_copy(ports, self.copy, self.sha256, self.form, self.host)
        work.say(clean(f"{self.copy} was read as a whole and is good"))
        owner = (self.uid, self.gid)
        await control.put(Putting(self.copy, self.live, self.staged, self.inside, self.mode, owner))
        inode = (await control.place(self.staged)).inode
        note = beside(self.live, self.token, "id")
        await ports.files.create(note, str(inode).encode(), 0o600, self.token)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove what was put; what lived before is never taken for it."""
        control = control_of(ports)
        noted = await read_id(ports, self.live, self.token)
        staged = await control.place(self.staged)
        if noted is not None and staged.kind is not _NOTHING and staged.inode != noted:
            raise StepFailedError(f"{clean(self.staged)} is what lived before; it is kept")
        await control.remove(f"{self.staged}.part")
        await control.remove(self.staged)
        await remove_note(ports, beside(self.live, self.token, "full"), self.token)
        await remove_note(ports, beside(self.live, self.token, "id"), self.token)


async def _manifest(ports: Ports, path: str) -> Manifest | None:
    try:
        return await read_manifest(ports, path)
    except ManifestError as error:
        raise StepFailedError(f"{clean(path)}: {error}") from error


@part
@dataclass(frozen=True, slots=True)
class CarryOver:
    """What only lives here is copied into what was put beside, so that the exchange keeps it."""

    kind: ClassVar[str] = "restore.carry"
    can_undo: ClassVar[bool] = True

    live: str
    token: str
    pattern: str
    """The set's target: its own backups always stay."""
    is_all: bool

    async def observe(self, ports: Ports) -> Seen:
        """A note says when it is complete."""
        note = await control_of(ports).place(beside(self.live, self.token, "full"))
        if note.kind is _NOTHING:
            return Seen(Sight.BEFORE, SafeText("not complete"))
        return Seen(Sight.AFTER, SafeText("complete"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing living is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Copy, then note it. Done twice it copies nothing twice."""
        staged = beside(self.live, self.token, "new")
        count = await control_of(ports).carry_over(
            self.live, staged, own_of(self.pattern), self.is_all
        )
        work.say(clean(f"{count} files that the backup does not have are kept"))
        note = beside(self.live, self.token, "full")
        await ports.files.create(note, b"1", 0o600, self.token)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Forget that it was complete; the copies go with what was put."""
        await remove_note(ports, beside(self.live, self.token, "full"), self.token)


@part
@dataclass(frozen=True, slots=True)
class Exchange:
    """The restored one takes the name, and the old one its place beside."""

    kind: ClassVar[str] = "restore.exchange"
    can_undo: ClassVar[bool] = True

    live: str
    token: str
    had_live: bool
    was_inode: int
    folds: bool
    """A SQLite database whose journals have to be brought into it first."""

    @property
    def staged(self) -> str:
        """The other name."""
        return beside(self.live, self.token, "new")

    async def observe(self, ports: Ports) -> Seen:
        """Which of the two has the name; a swap that was cut off names where the old one is."""
        control = control_of(ports)
        aside = await control.place(f"{self.staged}.old")
        live, staged = await control.place(self.live), await control.place(self.staged)
        noted = await read_id(ports, self.live, self.token)
        if aside.kind is not _NOTHING:
            return Seen(Sight.NEITHER, clean(f"cut off between names: the old one is {aside.path}"))
        if live.kind is _NOTHING and self.had_live:
            return Seen(Sight.NEITHER, clean(f"nothing is at {self.live}; see {self.staged}"))
        if self._is_exchanged(live, staged, noted):
            return Seen(Sight.AFTER, clean(f"the restored one is {self.live}"))
        return Seen(Sight.BEFORE, clean(f"the old one is {self.live}"))

    def _is_exchanged(self, live: Place, staged: Place, noted: int | None) -> bool:
        if live.kind is _NOTHING:
            return False
        if staged.kind is not _NOTHING:
            return noted is not None and staged.inode != noted
        # Tidied up already, or nothing was put yet: the inode of the plan tells them apart.
        return live.inode != self.was_inode if self.had_live else noted is not None

    async def save(self, ports: Ports, work: Work) -> None:
        """The old one itself stays beside until everything is proven."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Exchange the names at once."""
        control = control_of(ports)
        live, staged = await control.place(self.live), await control.place(self.staged)
        noted = await read_id(ports, self.live, self.token)
        if staged.kind is _NOTHING or staged.inode != noted:
            raise StepFailedError(f"{clean(self.staged)} is not what was put there")
        if (live.kind is not _NOTHING) != self.had_live:
            state = "something is" if live.kind is not _NOTHING else "nothing is"
            raise StepFailedError(f"{state} at {clean(self.live)} by now")
        if self.folds:
            await control.fold_sqlite(self.live)
        await control.swap(self.staged, self.live)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Give the old one its name again, from wherever it is."""
        seen = await self.observe(ports)
        if seen.sight is not Sight.BEFORE:
            await control_of(ports).swap_back(self.staged, self.live, self.had_live)


@part
@dataclass(frozen=True, slots=True)
class RemoveOld(BareStep):
    """The old one and our notes go, once everything was proven."""

    kind: ClassVar[str] = "restore.tidy"

    live: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Nothing of ours is beside it."""
        control = control_of(ports)
        for what in ("new", "full", "id"):
            path = beside(self.live, self.token, what)
            if (await control.place(path)).kind is not _NOTHING:
                return Seen(Sight.BEFORE, clean(f"{path} is there"))
        return Seen(Sight.AFTER, SafeText("nothing is left beside it"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove the old one, never the restored one; the note that tells them apart last."""
        control = control_of(ports)
        staged = await control.place(beside(self.live, self.token, "new"))
        noted = await read_id(ports, self.live, self.token)
        if staged.kind is not _NOTHING:
            if noted is None or staged.inode == noted:
                raise StepFailedError(f"{clean(staged.path)} is not the old one; it stays")
            await control.remove(staged.path)
        await remove_note(ports, beside(self.live, self.token, "full"), self.token)
        await remove_note(ports, beside(self.live, self.token, "id"), self.token)


@part
@dataclass(frozen=True, slots=True)
class Restored:
    """Every member of the backup is where it belongs, with its bytes."""

    kind: ClassVar[str] = "restore.restored"

    live: str
    copy: str
    inside: str | None
    """The archive's member that belongs there; None: the copy is the file itself."""
    sha256: str
    """Of the copy."""
    is_used: bool
    """A service runs on it again, and may have written to it."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Hash what is there."""
        control = control_of(ports)
        other: list[str] = []
        expected = await self._expected(ports)
        for name, sha256 in expected:
            path = f"{self.live}/{name}" if name else self.live
            try:
                if (await control.digest(path)).sha256 != sha256:
                    other.append(path)
            except ClientError as error:
                return Proven(Proof.FAILED, clean(str(error)))
        if not other:
            what = "it is" if len(expected) == 1 else f"{len(expected)} files are"
            return Proven(Proof.VERIFIED, clean(f"{what} as in the backup"))
        count = f"{len(other)} of {len(expected)} files"
        text = clean(f"{count} were written to since, such as {other[0]}")
        return Proven(Proof.VERIFIED if self.is_used else Proof.UNVERIFIED, text)

    async def _expected(self, ports: Ports) -> list[tuple[str, str]]:
        if self.inside is None:
            return [("", self.sha256)]
        return [
            (name, one.sha256)
            for one in await control_of(ports).entries(self.copy)
            if not one.is_folder and (name := below(one.name, self.inside)) is not None
        ]


def below(name: str, inside: str) -> str | None:
    """Return a member's name below another one; empty: it is that one; None: it is elsewhere."""
    if not inside:
        return name
    if name == inside:
        return ""
    return name[len(inside) + 1 :] if name.startswith(f"{inside}/") else None
