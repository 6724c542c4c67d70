"""Steps on log files: packed, removed, archived, copied. Each knows its file by its stamp."""

import json
from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work, digest
from core.clients.acting.bulk_folders import Stamp
from core.errors import ClientGarbled, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean

Known = tuple[int, int, int, int]
"""Device, inode, size in bytes, last change in ns since 1970: what a file was."""


def known_of(stamp: Stamp) -> Known:
    """Return a stamp as parts hold it."""
    return (stamp.device, stamp.inode, stamp.size_bytes, stamp.modified_ns)


async def _known(ports: Ports, path: str) -> Known | None:
    (stamp,) = await ports.files.stamps((path,))
    return known_of(stamp) if stamp else None


async def _guard(ports: Ports, path: str, known: Known) -> None:
    found = await _known(ports, path)
    if found != known:
        what = "is gone" if found is None else "was written to or replaced"
        raise StepFailedError(f"{clean(path)} {what} since the plan; it is left alone")


async def _packed(ports: Ports, path: str) -> str:
    """Return the hash of what a packed file holds; empty: there is none, or it is not whole."""
    try:
        return await ports.files.unpacked_sha256(path)
    except (ClientMissing, ClientGarbled):
        return ""


@part
@dataclass(frozen=True, slots=True)
class FilesTrait:
    """Which files they are, and that none was written to."""

    kind: ClassVar[str] = "trait.files"
    paths: tuple[str, ...]

    async def read(self, ports: Ports) -> SafeText:
        """Return count, bytes and a hash of all stamps."""
        stamps = await ports.files.stamps(self.paths)
        rows = [known_of(one) if one else None for one in stamps]
        total = sum(one.size_bytes for one in stamps if one)
        there = sum(one is not None for one in stamps)
        listing = digest(json.dumps([self.paths, rows]).encode())
        return clean(f"{there} files, {total} bytes, stamps {listing[:16]}")


@part
@dataclass(frozen=True, slots=True)
class PackLog(BareStep):
    """Packs a log into a file beside it; the log itself stays."""

    kind: ClassVar[str] = "log.pack"
    can_undo: ClassVar[bool] = True
    path: str
    to: str
    known: Known

    async def observe(self, ports: Ports) -> Seen:
        """Unpack what is there, and compare."""
        found = await _known(ports, self.path)
        if found is None and await _packed(ports, self.to):
            return Seen(Sight.AFTER, clean(f"{self.to} is whole, {self.path} is removed already"))
        if found != self.known:
            return Seen(Sight.NEITHER, clean(f"{self.path} is not as it was"))
        if await _known(ports, self.to) is None:
            return Seen(Sight.BEFORE, clean(f"there is no {self.to}"))
        if await _packed(ports, self.to) == (await ports.files.facts(self.path)).sha256:
            return Seen(Sight.AFTER, clean(f"{self.to} unpacks to the same bytes"))
        return Seen(Sight.NEITHER, clean(f"{self.to} is something else"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Pack it, and read it back."""
        await ports.files.clear_temporary(self.to, work.action_id)
        await _guard(ports, self.path, self.known)
        sha = (await ports.files.facts(self.path)).sha256
        if await _packed(ports, self.to) != sha:
            await ports.files.pack(self.path, self.to, sha, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove the packed one, while the log itself is there with the same bytes."""
        await ports.files.clear_temporary(self.to, work.action_id)
        if await _known(ports, self.to) is None:
            return
        if await _known(ports, self.path) is None:
            raise StepFailedError(f"{clean(self.path)} is removed already; gunzip {clean(self.to)}")
        facts = await ports.files.facts(self.path)
        if await _packed(ports, self.to) != facts.sha256:
            raise StepFailedError(
                f"{clean(self.path)} and {clean(self.to)} do not hold the same; both are kept"
            )
        await ports.files.remove(self.to, (await ports.files.facts(self.to)).sha256)


@part
@dataclass(frozen=True, slots=True)
class RemovePacked(BareStep):
    """Removes a log whose packed twin holds the same bytes."""

    kind: ClassVar[str] = "log.remove_packed"
    path: str
    to: str
    known: Known

    async def observe(self, ports: Ports) -> Seen:
        """See whether the log is gone and its twin is there."""
        found = await _known(ports, self.path)
        if found is not None:
            sight = Sight.BEFORE if found == self.known else Sight.NEITHER
            return Seen(sight, clean(f"{self.path} is there"))
        is_packed = await _known(ports, self.to) is not None
        return Seen(
            Sight.AFTER if is_packed else Sight.NEITHER,
            clean(f"{self.path} is gone, {self.to} is {'there' if is_packed else 'gone too'}"),
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Compare once more, then remove it."""
        if await _known(ports, self.path) is None:
            return
        await _guard(ports, self.path, self.known)
        facts = await ports.files.facts(self.path)
        if await _packed(ports, self.to) != facts.sha256:
            raise StepFailedError(f"{clean(self.to)} does not hold it any more; it is left alone")
        await ports.files.remove(self.path, facts.sha256)


@part
@dataclass(frozen=True, slots=True)
class DeleteLog(BareStep):
    """Deletes a log for good."""

    kind: ClassVar[str] = "log.delete"
    path: str
    known: Known

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is gone."""
        found = await _known(ports, self.path)
        if found is None:
            return Seen(Sight.AFTER, clean(f"{self.path} is gone"))
        sight = Sight.BEFORE if found == self.known else Sight.NEITHER
        return Seen(sight, clean(f"{self.path} is there"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Delete it, if nobody has touched it."""
        if await _known(ports, self.path) is None:
            return
        await _guard(ports, self.path, self.known)
        await ports.files.remove(self.path, (await ports.files.facts(self.path)).sha256)


@part
@dataclass(frozen=True, slots=True)
class ArchiveLogs(BareStep):
    """Puts logs into one new archive; the logs themselves stay."""

    kind: ClassVar[str] = "log.archive"
    can_undo: ClassVar[bool] = True
    to: str
    files: tuple[tuple[str, str, Known], ...]
    """Path, name inside, what it was."""

    async def observe(self, ports: Ports) -> Seen:
        """Read the archive and compare what is inside by name and size."""
        if await _known(ports, self.to) is None:
            return Seen(Sight.BEFORE, clean(f"there is no {self.to}"))
        try:
            found = {one.name: one.size_bytes for one in await ports.files.members(self.to)}
        except ClientGarbled as error:
            return Seen(Sight.NEITHER, clean(str(error)))
        wanted = {inside: known[2] for _, inside, known in self.files}
        sight = Sight.AFTER if found == wanted else Sight.NEITHER
        return Seen(sight, clean(f"{self.to} holds {len(found)} files"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Hash each, put them together, read the archive back."""
        await ports.files.clear_temporary(self.to, work.action_id)
        if (await self.observe(ports)).sight is Sight.AFTER:
            return
        members: list[tuple[str, str, str]] = []
        for path, inside, known in self.files:
            await _guard(ports, path, known)
            members.append((path, inside, (await ports.files.facts(path)).sha256))
        await ports.files.put_together(tuple(members), self.to, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove the archive, if it is the one that was made."""
        await ports.files.clear_temporary(self.to, work.action_id)
        seen = await self.observe(ports)
        if seen.sight is Sight.NEITHER:
            raise StepFailedError(f"{seen.text}: it is not the one that was made")
        if seen.sight is Sight.AFTER:
            await ports.files.remove(self.to, (await ports.files.facts(self.to)).sha256)


@part
@dataclass(frozen=True, slots=True)
class CopyLog(BareStep):
    """Copies a log that is written to, as far as it goes."""

    kind: ClassVar[str] = "log.copy"
    can_undo: ClassVar[bool] = True
    path: str
    to: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether the copy is there: it appears whole, and in nobody's place."""
        found = await _known(ports, self.to)
        if found is None:
            return Seen(Sight.BEFORE, clean(f"there is no {self.to}"))
        return Seen(Sight.AFTER, clean(f"{self.to} is there, {found[2]} bytes"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Copy it, and read the copy back."""
        await ports.files.clear_temporary(self.to, work.action_id)
        if await _known(ports, self.to) is None:
            await ports.files.copy(self.path, self.to, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove the copy."""
        await ports.files.clear_temporary(self.to, work.action_id)
        if await _known(ports, self.to) is not None:
            await ports.files.remove(self.to, (await ports.files.facts(self.to)).sha256)


@part
@dataclass(frozen=True, slots=True)
class ArchiveHolds:
    """An archive holds the very bytes of the logs that are still there."""

    kind: ClassVar[str] = "evidence.archive_holds"
    to: str
    files: tuple[tuple[str, str], ...]
    """Path, name inside."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Hash both sides."""
        inside = {one.name: one.sha256 for one in await ports.files.members(self.to)}
        for path, name in self.files:
            if inside.get(name) != (await ports.files.facts(path)).sha256:
                return Proven(Proof.FAILED, clean(f"{path} is not in it as it is on the disk"))
        return Proven(Proof.VERIFIED, clean(f"{len(inside)} files, every byte compared"))


@part
@dataclass(frozen=True, slots=True)
class FilesStay:
    """What was not meant is there as it was."""

    kind: ClassVar[str] = "evidence.files_stay"
    gone: tuple[str, ...]
    kept: tuple[tuple[str, int], ...]
    """Path and inode."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at both lists."""
        left = [one for one in await ports.files.stamps(self.gone) if one]
        if left:
            return Proven(Proof.FAILED, clean(f"{len(left)} of {len(self.gone)} are still there"))
        now = await ports.files.stamps(tuple(path for path, _ in self.kept))
        lost = [path for (path, _), one in zip(self.kept, now, strict=True) if one is None]
        if lost:
            # Not ours: no step names it. A rotation, or a runbook's cron job, did it meanwhile.
            text = f"{len(lost)} others are gone too, such as {lost[0]}: not by this action"
            return Proven(Proof.UNVERIFIED, clean(text))
        return Proven(Proof.VERIFIED, clean(f"{len(self.gone)} gone, {len(self.kept)} others stay"))
