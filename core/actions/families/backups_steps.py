"""Steps of backups: make a copy and prove it, remove one; and what they look at."""

import re
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import ClassVar

from core.actions.backups.manifest import (
    Manifest,
    ManifestError,
    Member,
    as_bytes,
    manifest_path,
)
from core.actions.backups.names import is_of
from core.actions.families.backups_checking import problem_with, rehearse
from core.actions.families.backups_postgres import Postgres, database_of
from core.actions.families.backups_redis import Snapshot, Taken, copy_snapshot, pulled_folder
from core.actions.families.backups_sets import control_of, own_of, read_manifest
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work, digest
from core.clients.acting.backup_copies import Copied
from core.clients.acting.backup_places import Place, PlaceKind
from core.clients.archive.entries import Entry
from core.errors import ClientError, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean


@part
@dataclass(frozen=True, slots=True)
class MakeBackup:
    """One copy with its manifest, rehearsed before it gets its name."""

    kind: ClassVar[str] = "backups.make"
    can_undo: ClassVar[bool] = True

    system: str
    set: str
    form: str
    """`file`, `json`, `archive`, `sqlite`, `postgres`, `redis`."""
    sources: tuple[tuple[str, str], ...]
    """Path and name within an archive; for postgres the database and nothing, for redis the path
    as the server sees it and nothing."""
    path: str
    pattern: str
    """The set's target, by which its own backups are known and left out."""
    mode: int
    token: str
    """Known to this plan alone: what is there with it is ours."""
    env_files: tuple[str, ...] = ()
    server: str = ""
    """For redis: `system/service`, the run that was planned with, and where it runs; empty: it
    does not run, and its file is copied as it is."""
    run_id: str = ""
    container: str = ""

    @property
    def snapshot(self) -> Snapshot | None:
        """Where the snapshot is that it has saved first; None: it copies what is there."""
        if not self.server:
            return None
        return Snapshot(self.server, self.run_id, self.sources[0][0], self.container)

    @property
    def part(self) -> str:
        """Where it is until it is whole."""
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/.{name}.{self.token}.part"

    async def observe(self, ports: Ports) -> Seen:
        """The copy and its manifest are there, or neither is."""
        control = control_of(ports)
        parts = (self.part, pulled_folder(self.part))
        if any([(await control.place(one)).kind is not PlaceKind.NOTHING for one in parts]):
            return Seen(Sight.NEITHER, clean(f"a copy that was cut off is at {self.part}"))
        place = await control.place(self.path)
        manifest = await _manifest_or_none(ports, self.path)
        is_ours = manifest is not None and manifest.plan == self.token
        if place.kind is PlaceKind.NOTHING:
            if manifest is None and not await self._has_manifest(ports):
                return Seen(Sight.BEFORE, SafeText("nothing is there"))
            return Seen(Sight.NEITHER, clean(f"only a manifest is there, no {self.path}"))
        if is_ours and manifest is not None and place.size_bytes == manifest.size_bytes:
            return Seen(Sight.AFTER, clean(f"{place.size_bytes} bytes and a manifest"))
        return Seen(Sight.NEITHER, clean(f"something that is not of this plan is at {self.path}"))

    async def _has_manifest(self, ports: Ports) -> bool:
        place = await control_of(ports).place(manifest_path(self.path))
        return place.kind is not PlaceKind.NOTHING

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is changed that was there."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Copy, rehearse, write the manifest, and give the copy its name last."""
        control = control_of(ports)
        await self.undo(ports, work)
        await control.make_folder(self.path.rpartition("/")[0])
        try:
            taken = await self._copy(ports, work)
            copied = taken.copied
            _guard_same(await rehearse(ports, self.part, self.form), copied.entries)
            manifest = await self._manifest(ports, taken)
            await ports.files.create(
                manifest_path(self.path), as_bytes(manifest), self.mode, self.token
            )
            await control.publish(self.part, self.path, self.mode)
        except (ClientError, StepFailedError) as error:
            await self.undo(ports, work)
            raise StepFailedError(f"{self.system}/{self.set}: {error}") from error
        left = f", {len(copied.left_out)} links and others left out" if copied.left_out else ""
        work.say(
            clean(f"{self.path}: {copied.size_bytes} bytes, files: {len(manifest.members)}{left}")
        )

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove what has our token, the copy before its manifest."""
        control = control_of(ports)
        await control.remove(self.part)
        await control.remove(pulled_folder(self.part))
        await _clear_temporary(ports, manifest_path(self.path), self.token)
        manifest = await _manifest_or_none(ports, self.path)
        if manifest is None or manifest.plan != self.token:
            return
        await control.remove(self.path)
        await ports.files.remove(manifest_path(self.path), digest(as_bytes(manifest)))

    async def _copy(self, ports: Ports, work: Work) -> Taken:
        control, source = control_of(ports), self.sources[0][0]
        if self.snapshot is not None:
            return await copy_snapshot(ports, self.snapshot, self.part, work)
        match self.form:
            case "archive":
                own = own_of(self.pattern)
                return Taken(await control.pack(self.sources, self.part, self._named_as, own))
            case "sqlite":
                return Taken(await control.copy_sqlite(source, self.part))
            case "postgres":
                return await self._dump(ports, source)
            case _:
                return Taken(await control.copy_file(source, self.part))

    @property
    def _named_as(self) -> str:
        """The name that tells how an archive is packed: the copy's own, or its set's."""
        is_usual = is_of(self.pattern, self.path)
        return self.path if is_usual else self.pattern

    async def _dump(self, ports: Ports, source: str) -> Taken:
        server = Postgres(ports, await database_of(ports, source, self.env_files))
        # The file first, so that it is private from its first byte on.
        await ports.files.create(self.part, b"", 0o600, self.token)
        await server.dump(self.part)
        tools = (("pg_dump", await server.version()),)
        return Taken(await control_of(ports).digest(self.part), tools)

    async def _manifest(self, ports: Ports, taken: Taken) -> Manifest:
        control, copied = control_of(ports), taken.copied
        place = await control.place(self.part)
        return Manifest(
            made_at_s=round(ports.clock.now().timestamp(), 3),
            host=control.host(),
            system=self.system,
            set=self.set,
            kind=self.form,
            plan=self.token,
            file=self.path.rpartition("/")[2],
            size_bytes=copied.size_bytes,
            sha256=copied.sha256,
            mtime_ns=place.mtime_ns,
            sources=tuple(path for path, _ in self.sources),
            members=await self._members(ports, copied),
            left_out=copied.left_out,
            tools=(("quarterdeck", version("quarterdeck")), *taken.tools),
            keys=taken.keys,
        )

    async def _members(self, ports: Ports, copied: Copied) -> tuple[Member, ...]:
        if self.form == "archive":
            return tuple(
                Member(one.name, one.size_bytes, one.sha256, one.mode, one.uid, one.gid)
                for one in copied.entries
                if not one.is_folder
            )
        source = self.sources[0][0]
        one = Member(_plain(source), copied.size_bytes, copied.sha256)
        if self.form in ("postgres", "redis"):
            return (one,)
        place = await control_of(ports).place(source)
        return (replace(one, mode=place.mode & 0o777, uid=place.uid, gid=place.gid),)


def _guard_same(found: tuple[Entry, ...], packed: tuple[Entry, ...]) -> None:
    if found != packed:
        raise StepFailedError("the archive lists other members than were packed")


def _plain(source: str) -> str:
    """Return the last word of a path or URL, which has no secret in it."""
    return re.split("[/?]", source.partition("?")[0].rstrip("/"))[-1] or "it"


async def _manifest_or_none(ports: Ports, path: str) -> Manifest | None:
    try:
        return await read_manifest(ports, path)
    except (ManifestError, ClientError):
        return None


async def _clear_temporary(ports: Ports, path: str, token: str) -> None:
    try:
        await ports.files.clear_temporary(path, token)
    except ClientMissing:
        return


@part
@dataclass(frozen=True, slots=True)
class RemoveBackup(BareStep):
    """One file less: a backup past its term, or its manifest."""

    kind: ClassVar[str] = "backups.remove"

    path: str
    size_bytes: int
    mtime_ns: int
    inode: int

    async def observe(self, ports: Ports) -> Seen:
        """It is there as it was planned, or it is gone."""
        place = await control_of(ports).place(self.path)
        if place.kind is PlaceKind.NOTHING:
            return Seen(Sight.AFTER, SafeText("it is gone"))
        sight = Sight.BEFORE if self._is(place) else Sight.NEITHER
        return Seen(sight, place_text(place))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove exactly the planned file."""
        control = control_of(ports)
        place = await control.place(self.path)
        if place.kind is PlaceKind.NOTHING:
            return
        if not self._is(place):
            raise StepFailedError(f"{clean(self.path)} is another file by now; it stays")
        await control.remove(self.path)

    def _is(self, place: Place) -> bool:
        return place.kind is PlaceKind.FILE and (
            (place.size_bytes, place.mtime_ns, place.inode)
            == (self.size_bytes, self.mtime_ns, self.inode)
        )


@part
@dataclass(frozen=True, slots=True)
class VerifyBackup:
    """A backup is read again as a whole. Nothing changes, so there is nothing to undo."""

    kind: ClassVar[str] = "backups.verify"
    can_undo: ClassVar[bool] = True

    path: str
    form: str

    async def observe(self, ports: Ports) -> Seen:
        """It is good, or not."""
        problem = await proven_problem(ports, self.path, self.form)
        if problem:
            return Seen(Sight.BEFORE, problem)
        return Seen(Sight.AFTER, SafeText("read as a whole, it is as its manifest says"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Say what was found; `observe` decides."""
        work.say(clean(f"reading {self.path}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Nothing was changed."""


@part
@dataclass(frozen=True, slots=True)
class BackupProven:
    """A backup, read again as a whole, is what its manifest says."""

    kind: ClassVar[str] = "backups.proven"

    path: str
    form: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it."""
        problem = await proven_problem(ports, self.path, self.form)
        if problem:
            return Proven(Proof.FAILED, problem)
        is_redis = self.form == "redis"
        if is_redis and not (await control_of(ports).rdb_facts(self.path)).is_checksummed:
            text = "read again; the server writes no checksum, so what it wrote is not proven"
            return Proven(Proof.UNVERIFIED, clean(text))
        return Proven(Proof.VERIFIED, SafeText("read again and rehearsed"))


async def proven_problem(ports: Ports, path: str, form: str) -> SafeText:
    """Return what is wrong with a copy that ought to have a manifest; empty: nothing."""
    try:
        manifest = await read_manifest(ports, path)
    except (ManifestError, ClientError) as error:
        return clean(f"{path}: {error}")
    if manifest is None:
        rehearsed = await problem_with(ports, path, form, None)
        return rehearsed or SafeText("it can be read, but no manifest says whether it is whole")
    return await problem_with(ports, path, form, manifest)


@part
@dataclass(frozen=True, slots=True)
class PlaceTrait:
    """What is at a path, without reading it."""

    kind: ClassVar[str] = "trait.place"

    path: str

    async def read(self, ports: Ports) -> SafeText:
        """Return kind, size, inode and time."""
        return place_text(await control_of(ports).place(self.path))


def place_text(place: Place) -> SafeText:
    """Return a place in words that differ when it differs."""
    if place.kind is not PlaceKind.FILE:
        return clean(place.kind if not place.inode else f"{place.kind}, inode {place.inode}")
    return clean(f"{place.size_bytes} bytes, inode {place.inode}, written at {place.mtime_ns} ns")
