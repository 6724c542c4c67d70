"""Steps on keys in Redis: on or off, another tier, new ones. Each in one moment, or not at all."""

import json
from dataclasses import dataclass
from typing import ClassVar, cast

from core.actions.families.key_look import (
    ids_of,
    keys_of,
    named_marks,
    quota_of,
    short,
    tier_of,
)
from core.actions.families.key_making import Wish, made_keys, marks_name
from core.actions.families.key_redis_look import Found, Place, read
from core.actions.families.key_redis_writing import make
from core.actions.families.key_steps import removed_lines, removed_name
from core.actions.part import Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ClientError
from core.keys.ids import masked
from core.keys.store.edits import NewKey
from core.keys.store.redis_edits import Back, ChangeTier, RedisEdit, Switch, said
from core.keys.store.redis_new import Add, TakeAway
from core.model.text import SafeText, clean

_KEPT = "redis-keys"


def _keep(work: Work, found: Found, marks: tuple[str, ...]) -> None:
    """Keep what records say, by their marks; the folder is its owner's alone."""
    rows = found.marked.of(marks)
    kept = {
        mark: {name.hex(): value.hex() for name, value in said(row).items()}
        for mark, row in zip(marks, rows, strict=True)
    }
    work.keep(_kept_name(marks), json.dumps(kept).encode())


def _kept_name(marks: tuple[str, ...]) -> str:
    return f"{_KEPT}-{marks[0][:12]}.json"


async def _take_back(
    ports: Ports, work: Work, place: Place, run_id: str, done: RedisEdit, *, is_cluster: bool
) -> None:
    """Put back what was there; what others have changed since stays."""
    name = _kept_name(done.marks)
    if not work.has(name):
        return
    kept = cast("dict[str, dict[str, str]]", json.loads(work.kept(name)))
    base = {
        mark: {bytes.fromhex(one): bytes.fromhex(value) for one, value in fields.items()}
        for mark, fields in kept.items()
    }
    back = Back(ids=done.ids, marks=done.marks, tiers=done.tiers, done=done, base=base)
    count = await make(ports, place, run_id, back, is_cluster=is_cluster)
    work.say(clean(f"{place.server}: {count} put back"))


@part
@dataclass(frozen=True, slots=True)
class SwitchRedisKeys:
    """Switches keys of one store in Redis on or off."""

    kind: ClassVar[str] = "key.redis_switch"
    can_undo: ClassVar[bool] = True
    server: str
    run_id: str
    """Of the server's run that was planned with."""
    names: tuple[str, ...]
    marks: tuple[str, ...]
    is_active: bool
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    is_cluster: bool = False

    async def observe(self, ports: Ports) -> Seen:
        """See which of them are active."""
        try:
            rows = (await read(ports, self._place)).marked.of(self.marks)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.server}: {error}"))
        done = sum(one.record.was_active is self.is_active for one in rows)
        word = "active" if self.is_active else "inactive"
        text = clean(f"{done} of {len(rows)} {word} in {self.server}")
        if done == len(rows):
            return Seen(Sight.AFTER, text)
        return Seen(Sight.NEITHER if done else Sight.BEFORE, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what their records say."""
        _keep(work, await read(ports, self._place), self.marks)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Switch them."""
        edit = await self._edit(ports)
        count = await make(ports, self._place, self.run_id, edit, is_cluster=self.is_cluster)
        work.say(clean(f"{self.server}: {count} written"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what was there."""
        place, edit = self._place, await self._edit(ports)
        await _take_back(ports, work, place, self.run_id, edit, is_cluster=self.is_cluster)

    async def _edit(self, ports: Ports) -> Switch:
        ids = await ids_of(ports)
        return Switch(ids=ids, marks=self.marks, tiers=self.tiers, is_active=self.is_active)

    @property
    def _place(self) -> Place:
        return Place(self.server, self.names, self.tiers, self.counters)


@part
@dataclass(frozen=True, slots=True)
class SetRedisTier:
    """Gives a key in Redis another tier and quota."""

    kind: ClassVar[str] = "key.redis_tier"
    can_undo: ClassVar[bool] = True
    server: str
    run_id: str
    names: tuple[str, ...]
    mark: str
    tier: str
    quota: int | None
    was_tier: str
    was_quota: int | None
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See what its record says: a change that leaves nothing to write has been made."""
        edit = await self._edit(ports)
        try:
            found = await read(ports, self._place)
            is_done = not edit.swaps(found.store)
            (row,) = found.marked.of((self.mark,))
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.server}: {error}"))
        now = (tier_of(row.record), quota_of(row.record))
        text = clean(f"{short(self.mark)} is {now[0]}, {now[1]} a month in {self.server}")
        if is_done:
            return Seen(Sight.AFTER, text)
        is_before = now == (self.was_tier, self.was_quota)
        return Seen(Sight.BEFORE if is_before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what its record says."""
        _keep(work, await read(ports, self._place), (self.mark,))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set both."""
        edit = await self._edit(ports)
        count = await make(ports, self._place, self.run_id, edit, is_cluster=False)
        work.say(clean(f"{self.server}: {count} written"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what its record had."""
        edit = await self._edit(ports)
        await _take_back(ports, work, self._place, self.run_id, edit, is_cluster=False)

    async def _edit(self, ports: Ports) -> ChangeTier:
        ids = await ids_of(ports)
        return ChangeTier(
            ids=ids, marks=(self.mark,), tiers=self.tiers, tier=self.tier, quota=self.quota
        )

    @property
    def _place(self) -> Place:
        return Place(self.server, self.names, self.tiers, self.counters)


@part
@dataclass(frozen=True, slots=True)
class AddRedisKeys:
    """Makes keys and writes them into a store in Redis, all in one moment."""

    kind: ClassVar[str] = "key.redis_add"
    can_undo: ClassVar[bool] = True
    server: str
    run_id: str
    names: tuple[str, ...]
    system: str
    store: str
    token: str
    """Where they wait for whoever they are for; known to this plan alone."""
    prefix: str
    wishes: tuple[Wish, ...]
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    is_cluster: bool = False

    async def observe(self, ports: Ports) -> Seen:
        """See whether what was made is in the store."""
        marks = await self._marks(ports)
        if not marks:
            return Seen(Sight.BEFORE, SafeText("no key has been made"))
        try:
            rows = (await read(ports, self._place)).marked.all
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.server}: {error}"))
        there = sum(mark in rows for mark in marks)
        text = f"{there} of {len(marks)} new keys in {self.server}: {named_marks(marks)}"
        if there == len(marks):
            return Seen(Sight.AFTER, clean(text))
        return Seen(Sight.NEITHER if there else Sight.BEFORE, clean(text))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing that is there is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make them where that is not done, and write them."""
        keys = await self._made(ports)
        add = Add(ids=await ids_of(ports), keys=keys, tiers=self.tiers)
        if not await self._marks(ports):
            new = add.added((await read(ports, self._place)).store)
            names = " ".join(add.ids.marks(new.identities))
            await keys_of(ports).hand_in(self._marks_name, names.encode())
        marks = await self._marks(ports)
        await make(ports, self._place, self.run_id, add, is_cluster=self.is_cluster)
        shown = ", ".join(
            f"{short(mark)} {masked(one.key.reveal())}"
            for mark, one in zip(marks[:20], keys, strict=False)
        )
        work.say(clean(f"{self.server}: new: {shown}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Take them away again; nobody has them yet, or what they have is dead."""
        marks = await self._marks(ports)
        if marks:
            control, name = keys_of(ports), removed_name(self.system, self.store)
            # Or their going would be taken for a loss.
            await control.note(name, removed_lines(marks, ports.clock.now()))
            gone = TakeAway(ids=await ids_of(ports), marks=marks, tiers=self.tiers)
            count = await make(ports, self._place, self.run_id, gone, is_cluster=self.is_cluster)
            work.say(clean(f"{self.server}: {count} taken away"))
        await keys_of(ports).forget(self.token)

    async def _made(self, ports: Ports) -> tuple[NewKey, ...]:
        async def taken() -> set[str]:
            return set((await read(ports, self._place)).store.identities)

        return await made_keys(ports, self.token, self.prefix, self.wishes, taken)

    async def _marks(self, ports: Ports) -> tuple[str, ...]:
        data = await keys_of(ports).handed(self._marks_name)
        return tuple((data or b"").decode("ascii", "replace").split())

    @property
    def _marks_name(self) -> str:
        return marks_name(self.token, self._place.name)

    @property
    def _place(self) -> Place:
        return Place(self.server, self.names, self.tiers, self.counters)
