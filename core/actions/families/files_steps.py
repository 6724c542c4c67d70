"""Steps that change one file each, and what they share: see, put back, tell half from whole."""

import re
from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work, digest
from core.clients.acting.files import FileFacts
from core.errors import ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.env_text import remove_variable, set_variable
from core.model.text import SafeText, clean

FILE = "file:"
"""A value that begins so is read from that file: secrets never stand in a plan."""
Change = tuple[str, str, str, str]
"""Path, hash before (empty: absent), hash after, name of the copies that are kept of it."""
_LOOKS_AT_S = (0.0, 0.5, 1.5)
"""Another program that rewrites the file does so soon."""


def copy_name(path: str) -> str:
    """Return the name under which a file's bytes are kept; another path's is another."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", path.rpartition("/")[2])[:60].lstrip(".")
    return f"{plain or 'file'}-{digest(path.encode('utf-8', 'surrogateescape'))[:8]}"


async def facts_of(ports: Ports, path: str) -> FileFacts | None:
    """Return a file as it is; None: there is none."""
    try:
        return await ports.files.facts(path)
    except ClientMissing:
        return None


def hash_of(facts: FileFacts | None) -> str:
    """Return the hash of a file; empty: there is none."""
    return facts.sha256 if facts else ""


async def see(ports: Ports, changes: tuple[Change, ...]) -> Seen:
    """Tell by the bytes whether files are all as before, or all as after."""
    found = [hash_of(await facts_of(ports, path)) for path, *_ in changes]
    names = ", ".join(path for path, *_ in changes)
    if all(sha == after for sha, (_, _, after, _) in zip(found, changes, strict=True)):
        return Seen(Sight.AFTER, clean(f"{names} is as planned"))
    if all(sha == before for sha, (_, before, _, _) in zip(found, changes, strict=True)):
        return Seen(Sight.BEFORE, clean(f"{names} is as it was"))
    shas = ", ".join(sha[:12] or "absent" for sha in found)
    return Seen(Sight.NEITHER, clean(f"{names} is neither as it was nor as planned: {shas}"))


def is_half(found: bytes, old: bytes, new: bytes) -> bool:
    """Return whether bytes are what a kill leaves of writing `new` over `old` in place. Pure."""
    same = next(
        (at for at, (one, other) in enumerate(zip(found, new, strict=False)) if one != other),
        min(len(found), len(new)),
    )
    return found[same:] == old[same:]


async def put_back(ports: Ports, work: Work, change: Change) -> None:
    """Give a file its old bytes; harmless where it has them.

    Raises:
        StepFailedError: somebody else has changed it; it is left alone.
    """
    path, before, after, name = change
    await ports.files.clear_temporary(path, work.action_id)
    facts = await facts_of(ports, path)
    found = hash_of(facts)
    if found == before:
        return
    if not before and found == after:
        await ports.files.remove(path, after)
        return
    old = work.kept(f"{name}.old") if before else b""
    is_ours = found == after
    if not is_ours and facts is not None and facts.is_mounted:
        is_ours = is_half(await ports.files.read(path), old, work.kept(f"{name}.new"))
    if not is_ours:
        raise StepFailedError(
            f"{clean(path)} was changed by somebody else; it is left alone, and its bytes from"
            f" before are kept in {clean(str(work.folder))}"
        )
    await ports.files.replace(path, old, found, work.action_id)


@part
@dataclass(frozen=True, slots=True)
class EditFile:
    """Changes a file: variables in it, or all of it."""

    kind: ClassVar[str] = "file.edit"
    can_undo: ClassVar[bool] = True
    path: str
    before: str
    """SHA-256."""
    after: str
    values: tuple[tuple[str, str], ...] = ()
    """Variables to set; `file:/path` stands for what is in that file."""
    removed: tuple[str, ...] = ()
    source: str = ""
    """The file that holds all the new bytes."""

    @property
    def change(self) -> Change:
        """Return what is changed, as other steps that follow it need it."""
        return (self.path, self.before, self.after, copy_name(self.path))

    async def observe(self, ports: Ports) -> Seen:
        """Look at the bytes."""
        return await see(ports, (self.change,))

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep the old bytes and the new ones."""
        old = await ports.files.read(self.path)
        if digest(old) != self.before:
            raise StepFailedError(f"{clean(self.path)} has changed since the plan")
        new = await edited(ports, old, self.values, self.removed, self.source)
        if digest(new) != self.after:
            raise StepFailedError("what was handed over has changed since the plan")
        work.keep(f"{copy_name(self.path)}.old", old)
        work.keep(f"{copy_name(self.path)}.new", new)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Put the new bytes in place."""
        await ports.files.clear_temporary(self.path, work.action_id)
        if hash_of(await facts_of(ports, self.path)) == self.after:
            return
        new = work.kept(f"{copy_name(self.path)}.new")
        await ports.files.replace(self.path, new, self.before, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the old bytes back."""
        await put_back(ports, work, self.change)


async def edited(
    ports: Ports,
    old: bytes,
    values: tuple[tuple[str, str], ...],
    removed: tuple[str, ...],
    source: str,
) -> bytes:
    """Return the new bytes of a file.

    Raises:
        ActionError: a value cannot be written.
        ClientError: what was handed over cannot be read.
    """
    data = await ports.files.read(source) if source else old
    for name in removed:
        data = remove_variable(data, name)
    for name, value in values:
        data = set_variable(data, name, await plain_value(ports, value))
    return data


async def plain_value(ports: Ports, value: str) -> str:
    """Return a value, from its file where it is in one; a last line's end does not belong to it."""
    if not value.startswith(FILE):
        return value
    raw = await ports.files.read(value.removeprefix(FILE), 64 * 1024)
    return raw.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")


@part
@dataclass(frozen=True, slots=True)
class CreateFile:
    """Makes a new file of another one's bytes: a dated copy, or a file that was missing."""

    kind: ClassVar[str] = "file.create"
    can_undo: ClassVar[bool] = True
    path: str
    source: str
    sha256: str
    mode: int

    @property
    def change(self) -> Change:
        """Return what is changed, as other steps that follow it need it."""
        return (self.path, "", self.sha256, copy_name(self.path))

    async def observe(self, ports: Ports) -> Seen:
        """Look at the bytes."""
        return await see(ports, (self.change,))

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep the bytes: the source may change."""
        data = await ports.files.read(self.source)
        if digest(data) != self.sha256:
            raise StepFailedError(f"{clean(self.source)} has changed since the plan")
        work.keep(f"{copy_name(self.path)}.new", data)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it."""
        await ports.files.clear_temporary(self.path, work.action_id)
        if hash_of(await facts_of(ports, self.path)) == self.sha256:
            return
        data = work.kept(f"{copy_name(self.path)}.new")
        await ports.files.create(self.path, data, self.mode, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it."""
        await put_back(ports, work, self.change)


@part
@dataclass(frozen=True, slots=True)
class FileHolds:
    """A file holds what was written, and nobody rewrites it at once."""

    kind: ClassVar[str] = "evidence.file_holds"
    path: str
    sha256: str
    looks: tuple[int, ...] = ()
    """Mode, user, group; empty: any."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it again and again for two seconds."""
        for wait_s in _LOOKS_AT_S:
            await ports.clock.sleep(wait_s)
            facts = await facts_of(ports, self.path)
            if facts is None or facts.sha256 != self.sha256:
                gone = "is gone" if facts is None else "was rewritten by another program"
                return Proven(Proof.FAILED, clean(f"{self.path} {gone}"))
            looks = (facts.mode, facts.uid, facts.gid)
            if self.looks and looks != self.looks:
                text = f"{self.path} is {looks[1]}:{looks[2]} {looks[0]:04o} now"
                return Proven(Proof.FAILED, clean(text))
        return Proven(Proof.VERIFIED, clean(f"{self.path} holds what was planned"))


@part
@dataclass(frozen=True, slots=True)
class MakeFolder(BareStep):
    """Makes one folder."""

    kind: ClassVar[str] = "folder.make"
    can_undo: ClassVar[bool] = True
    path: str
    mode: int

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, with its mode."""
        try:
            facts = await ports.files.folder(self.path)
        except ClientMissing:
            return Seen(Sight.BEFORE, clean(f"there is no {self.path}"))
        is_made = facts.mode == self.mode
        sight = Sight.AFTER if is_made else Sight.NEITHER
        return Seen(sight, clean(f"{self.path} is there, {facts.mode:04o}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it."""
        if (await self.observe(ports)).sight is Sight.BEFORE:
            await ports.files.make_folder(self.path, self.mode)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, while it is empty."""
        await ports.files.drop_folder(self.path)


@part
@dataclass(frozen=True, slots=True)
class MoveFolder(BareStep):
    """Gives a folder another name beside its own."""

    kind: ClassVar[str] = "folder.move"
    can_undo: ClassVar[bool] = True
    path: str
    to: str
    inode: int

    async def observe(self, ports: Ports) -> Seen:
        """See which of the two names the folder has."""
        here, there = await self._inode(ports, self.path), await self._inode(ports, self.to)
        if here == self.inode and there is None:
            return Seen(Sight.BEFORE, clean(f"{self.path} is in its place"))
        if here is None and there == self.inode:
            return Seen(Sight.AFTER, clean(f"{self.path} is {self.to} now"))
        return Seen(Sight.NEITHER, SafeText("another folder has one of the two names"))

    async def _inode(self, ports: Ports, path: str) -> int | None:
        try:
            return (await ports.files.folder(path)).inode
        except ClientMissing:
            return None

    async def apply(self, ports: Ports, work: Work) -> None:
        """Rename it."""
        if (await self.observe(ports)).sight is not Sight.AFTER:
            await ports.files.move(self.path, self.to, self.inode)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Give it its name back."""
        if (await self.observe(ports)).sight is not Sight.BEFORE:
            await ports.files.move(self.to, self.path, self.inode)
