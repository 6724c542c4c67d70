"""Steps that discard dead letters: first a file has them, then they go; they can be put back."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.dlq_back import entries_after
from core.actions.families.dlq_look import PUT_BACK
from core.actions.families.stream_claim_steps import id_of
from core.actions.families.stream_entry_steps import from_lines, to_lines
from core.actions.families.stream_look import PART, counted, streams_of
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import prepare_folder
from core.actions.work import Work, digest
from core.clients.keyspace.port import RawEntry
from core.errors import ActionError, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.redis_key import KeyName
from core.model.text import clean

_MODE = 0o600
_LIMIT_BYTES = 256 * 1024 * 1024


async def _there(ports: Ports, server: str, key: str, ids: tuple[str, ...]) -> list[RawEntry]:
    """Return which letters are there."""
    control, found = streams_of(ports), list[RawEntry]()
    for at in range(0, len(ids), PART):
        wanted = [id_of(one) for one in ids[at : at + PART]]
        rows = await control.entries_of(server, KeyName.read(key), wanted)
        found += [one for one in rows if one is not None]
    return found


async def _exported(ports: Ports, path: str) -> dict[str, RawEntry]:
    """Return the letters that a file has, by id."""
    data = await ports.files.read(path, _LIMIT_BYTES)
    return {f"{one.id}": one for one in from_lines(data)}


@part
@dataclass(frozen=True, slots=True)
class ExportLetters:
    """Dead letters are written to a new file, whole and on the disk."""

    kind: ClassVar[str] = "dlq.export"
    can_undo: ClassVar[bool] = True

    server: str
    key: str
    ids: tuple[str, ...]
    path: str

    async def observe(self, ports: Ports) -> Seen:
        """Read the file back, and compare it with what is there."""
        try:
            kept = await _exported(ports, self.path)
        except ClientMissing:
            return Seen(Sight.BEFORE, clean(f"there is no {self.path}"))
        except ActionError as error:
            return Seen(Sight.NEITHER, clean(f"{self.path}: {error}"))
        lost = [
            one
            for one in await _there(ports, self.server, self.key, self.ids)
            if kept.get(f"{one.id}") != one
        ]
        text = clean(f"{self.path} has {counted(len(kept), 'letter')}")
        is_ours = not lost and kept.keys() <= set(self.ids)
        return Seen(Sight.AFTER if is_ours else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is needed for a way back."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Write it."""
        rows = await _there(ports, self.server, self.key, self.ids)
        await prepare_folder(ports, self.path)
        await ports.files.clear_temporary(self.path, work.action_id)
        await ports.files.create(self.path, to_lines(rows), _MODE, work.action_id)
        work.say(clean(f"{counted(len(rows), 'letter')} written to {self.path}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, while what it has is where it was."""
        await ports.files.clear_temporary(self.path, work.action_id)
        if (await self.observe(ports)).sight is Sight.AFTER:
            data = await ports.files.read(self.path, _LIMIT_BYTES)
            await ports.files.remove(self.path, digest(data))


@part
@dataclass(frozen=True, slots=True)
class DiscardLetters:
    """Dead letters go in one stroke, once their file has every one of them."""

    kind: ClassVar[str] = "dlq.discard"
    can_undo: ClassVar[bool] = True

    server: str
    key: str
    ids: tuple[str, ...]
    path: str
    last: str
    """The last id of their stream when it was planned: what is put back comes after it."""

    async def _put_back(self, ports: Ports) -> set[str]:
        """Return which were put back, by their old ids."""
        key, meant = KeyName.read(self.key), set(self.ids)
        found: set[str] = set()
        async for raw in entries_after(ports, self.server, key, id_of(self.last)):
            old = dict(raw.fields).get(PUT_BACK, b"").decode("ascii", "replace")
            found |= {old} & meant
        return found

    async def observe(self, ports: Ports) -> Seen:
        """See which are there, under their old ids or put back under new ones."""
        there = len(await _there(ports, self.server, self.key, self.ids))
        if there:
            text = clean(f"{there} of {counted(len(self.ids), 'letter')} there")
            return Seen(Sight.BEFORE, text)
        back = len(await self._put_back(ports))
        if not back:
            return Seen(Sight.AFTER, clean(f"none of {counted(len(self.ids), 'letter')} there"))
        is_all = back == len(await self._ours(ports))
        return Seen(Sight.BEFORE if is_all else Sight.NEITHER, clean(f"{back} put back"))

    async def _ours(self, ports: Ports) -> list[RawEntry]:
        kept = await _exported(ports, self.path)
        return [kept[one] for one in self.ids if one in kept]

    async def save(self, ports: Ports, work: Work) -> None:
        """The file is what is needed for a way back."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Compare each with the file, then delete them."""
        kept = await _exported(ports, self.path)
        rows = await _there(ports, self.server, self.key, self.ids)
        for one in rows:
            if kept.get(f"{one.id}") != one:
                raise StepFailedError(f"{clean(self.path)} does not have {one.id}; nothing goes")
        if rows:
            ids = [one.id for one in rows]
            count = await streams_of(ports).delete(self.server, KeyName.read(self.key), ids)
            work.say(clean(f"{counted(count, 'letter')} discarded"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back from the file what is not there, under new ids."""
        if await _there(ports, self.server, self.key, self.ids):
            return
        back = await self._put_back(ports)
        for one in await self._ours(ports):
            if f"{one.id}" in back:
                continue
            fields = tuple(pair for pair in one.fields if pair[0] != PUT_BACK)
            mark = (PUT_BACK, f"{one.id}".encode())
            new = await streams_of(ports).add(self.server, KeyName.read(self.key), (*fields, mark))
            work.say(clean(f"{one.id} is there again as {new}"))


@part
@dataclass(frozen=True, slots=True)
class LettersDiscarded:
    """None of them is there, and a file has each."""

    kind: ClassVar[str] = "dlq.letters_discarded"

    server: str
    key: str
    ids: tuple[str, ...]
    path: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at both."""
        there = len(await _there(ports, self.server, self.key, self.ids))
        kept = await _exported(ports, self.path)
        text = clean(f"{there} of {len(self.ids)} there, {len(kept)} in {self.path}")
        return Proven(Proof.FAILED if there or not kept else Proof.VERIFIED, text)
