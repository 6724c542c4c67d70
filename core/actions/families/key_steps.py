"""Steps on keys: on or off, another tier, new ones, a copy put back. No key stands in a plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.actions.families.key_look import ids_of, keys_of, read_shape, short, tier_of
from core.actions.part import Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.key_store import Changed
from core.errors import ClientDenied, ClientError
from core.keys.ids import KeyIds
from core.keys.store.edits import Edit, Marked, PutBack, SetActive, SetTier
from core.keys.store.restoring import Restore
from core.model.text import SafeText, clean


def told(changed: Changed) -> SafeText:
    """Return what came of a change."""
    words = [f"{changed.path}: {'written' if changed.is_changed else 'nothing was left to do'}"]
    if changed.merged:
        words.append(f"merged {changed.merged} × what another tool had written meanwhile")
    if changed.redone:
        words.append(f"done again {changed.redone} × after another tool wrote over it")
    if changed.is_in_place:
        words.append("written in place")
    return clean(", ".join(words))


async def put_back(
    ports: Ports, work: Work, path: str, marks: tuple[str, ...], done: Edit, inverse: Edit
) -> None:
    """Give records the fields that they had; what others changed meanwhile stays."""
    control = keys_of(ports)
    base = await control.before(path, work.action_id)
    edit = inverse
    if base is not None:
        edit = PutBack(ids=done.ids, tiers=done.tiers, marks=marks, base=base, done=done)
    work.say(told(await control.change(path, edit, work.action_id)))


async def _tidy(ports: Ports, work: Work, path: str, edit: Edit) -> None:
    if await keys_of(ports).tidy(path, edit, work.action_id):
        work.say(clean(f"{path}: merged what another tool had written meanwhile"))


@part
@dataclass(frozen=True, slots=True)
class SetKeysActive:
    """Switches keys of one file on or off."""

    kind: ClassVar[str] = "key.set_active"
    can_undo: ClassVar[bool] = True
    path: str
    marks: tuple[str, ...]
    """Of keys that are the other way now."""
    is_active: bool
    tiers: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See which of them are active."""
        try:
            shape = await read_shape(ports, self.path, self.tiers)
            marked = Marked(await ids_of(ports), shape)
            records = marked.there(self.marks)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.path}: {error}"))
        done = sum(one.is_active is self.is_active for one in records)
        word = "active" if self.is_active else "inactive"
        text = clean(f"{done} of {len(records)} {word} in {self.path}")
        if done == len(records):
            return Seen(Sight.AFTER, text)
        return Seen(Sight.NEITHER if done else Sight.BEFORE, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """The copy is kept beside the others, before the write, where copies expire."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Switch them."""
        edit = await self._edit(ports, is_active=self.is_active)
        work.say(told(await keys_of(ports).change(self.path, edit, work.action_id)))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back the words that their records had."""
        done = await self._edit(ports, is_active=self.is_active)
        inverse = await self._edit(ports, is_active=not self.is_active)
        if (await self.observe(ports)).sight is Sight.BEFORE:
            await _tidy(ports, work, self.path, inverse)
            return
        await put_back(ports, work, self.path, self.marks, done, inverse)

    async def mend(self, ports: Ports, work: Work) -> None:
        """Take in what another tool wrote while a killed write was being watched."""
        edit = await self._edit(ports, is_active=self.is_active)
        await _tidy(ports, work, self.path, edit)

    async def _edit(self, ports: Ports, *, is_active: bool) -> SetActive:
        ids = await ids_of(ports)
        return SetActive(ids=ids, tiers=self.tiers, marks=self.marks, is_active=is_active)


@part
@dataclass(frozen=True, slots=True)
class SetKeyTier:
    """Gives a key of one file another tier and quota."""

    kind: ClassVar[str] = "key.set_tier"
    can_undo: ClassVar[bool] = True
    path: str
    mark: str
    tier: str
    quota: int | None
    was_tier: str
    was_quota: int | None
    tiers: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See what its record says: an edit with nothing left to do has been made."""
        ids = await ids_of(ports)
        try:
            data = await keys_of(ports).read(self.path)
            is_done = self._edit_with(ids, self.tier, self.quota).edited(data) == data
            (record,) = Marked(ids, await read_shape(ports, self.path, self.tiers)).there(
                (self.mark,)
            )
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.path}: {error}"))
        text = clean(f"{short(self.mark)} is {tier_of(record)} in {self.path}")
        if is_done:
            return Seen(Sight.AFTER, text)
        is_before = tier_of(record) == self.was_tier
        return Seen(Sight.BEFORE if is_before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """The copy is kept beside the others, before the write."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set both."""
        edit = self._edit_with(await ids_of(ports), self.tier, self.quota)
        work.say(told(await keys_of(ports).change(self.path, edit, work.action_id)))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what its record had."""
        ids = await ids_of(ports)
        done = self._edit_with(ids, self.tier, self.quota)
        inverse = self._edit_with(ids, self.was_tier, self.was_quota)
        if (await self.observe(ports)).sight is Sight.BEFORE:
            await _tidy(ports, work, self.path, inverse)
            return
        await put_back(ports, work, self.path, (self.mark,), done, inverse)

    async def mend(self, ports: Ports, work: Work) -> None:
        """Take in what another tool wrote while a killed write was being watched."""
        edit = self._edit_with(await ids_of(ports), self.tier, self.quota)
        await _tidy(ports, work, self.path, edit)

    def _edit_with(self, ids: KeyIds, tier: str, quota: int | None) -> SetTier:
        return SetTier(ids=ids, tiers=self.tiers, mark=self.mark, tier=tier, quota=quota)


@part
@dataclass(frozen=True, slots=True)
class KeepCopy:
    """Keeps a private copy of a store's file."""

    kind: ClassVar[str] = "key.copy"
    can_undo: ClassVar[bool] = True
    path: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there."""
        own = [one for one in await keys_of(ports).copies(self.path) if one.token == self.token]
        if own:
            text = clean(f"{own[0].name}, {own[0].size_bytes} bytes")
            return Seen(Sight.AFTER, text)
        return Seen(Sight.BEFORE, clean(f"no copy of {self.path} yet"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Keep it."""
        if (await self.observe(ports)).sight is Sight.BEFORE:
            made = await keys_of(ports).copy(self.path, self.token)
            count = len(await keys_of(ports).copies(self.path))
            work.say(clean(f"kept {made.name}; {count} copies of this file, all with live keys"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it."""
        await keys_of(ports).drop_copies(self.path, self.token)


@part
@dataclass(frozen=True, slots=True)
class PutCopyBack:
    """Merges a copy into what lives."""

    kind: ClassVar[str] = "key.restore"
    can_undo: ClassVar[bool] = True
    path: str
    system: str
    store: str
    backup: str
    """The copy's name."""
    added: tuple[str, ...]
    """Marks of keys that are missing now."""
    reactivate: tuple[str, ...] = ()
    is_whole: bool = False
    tiers: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See whether an edit would leave anything to do."""
        edit = await self._edit(ports)
        try:
            data = await keys_of(ports).read(self.path)
            if edit.edited(data) == data:
                return Seen(Sight.AFTER, clean(f"{self.path} has what the copy has"))
            shape = await read_shape(ports, self.path, self.tiers)
        except ClientError as error:
            sight = Sight.BEFORE if self.is_whole else Sight.NEITHER
            return Seen(sight, clean(f"{self.path}: {error}"))
        marked = Marked(edit.ids, shape)
        there = sum(marked.find(mark) is not None for mark in self.added)
        is_before = not there or not self.added
        text = clean(f"{there} of {len(self.added)} missing keys are back")
        return Seen(Sight.BEFORE if is_before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """The copy of what lives is kept beside the others, before the write."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Merge."""
        edit = await self._edit(ports)
        work.say(told(await keys_of(ports).change(self.path, edit, work.action_id)))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Merge the other way: what came goes, what was changed is as before."""
        edit = await self._edit(ports)
        base = await keys_of(ports).before(self.path, work.action_id)
        if base is None:
            await _tidy(ports, work, self.path, edit)
            return
        if self.added:  # or their going would be taken for a loss
            lines = removed_lines(self.added, ports.clock.now())
            await keys_of(ports).note(removed_name(self.system, self.store), lines)
        back = _Whole(base, edit)
        work.say(told(await keys_of(ports).change(self.path, back, work.action_id)))

    async def mend(self, ports: Ports, work: Work) -> None:
        """Take in what another tool wrote while a killed write was being watched."""
        await _tidy(ports, work, self.path, await self._edit(ports))

    async def _edit(self, ports: Ports) -> Restore:
        data = await keys_of(ports).read_copy(self.path, self.backup)
        return Restore(
            ids=await ids_of(ports), tiers=self.tiers, backup=data,
            reactivate=self.reactivate, is_whole=self.is_whole,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Whole:
    """The bytes from before, while nobody else has written since."""

    base: bytes
    done: Restore

    def edited(self, data: bytes) -> bytes:
        if data in (self.base, self.done.edited(self.base)):
            return self.base
        raise ClientDenied("another program has written since; its copy from before is kept")

    def merged(self, base: bytes, orphan: bytes, live: bytes) -> bytes:
        return self.done.merged(base, orphan, live)


def removed_name(system: str, store: str) -> str:
    """Return the name of the file of keys that actions of ours took away (keys/store/sidecar)."""
    return f"{system}/{store}.removed"


def removed_lines(marks: tuple[str, ...], at: datetime) -> str:
    """Return what that file says of keys that are taken away."""
    return "\n".join(f"{mark} {at.isoformat()}" for mark in marks)
