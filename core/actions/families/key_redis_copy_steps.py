"""Steps on copies of stores in Redis: one is kept, one is merged into what lives."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

from core.actions.families.key_look import ids_of, keys_of, keyspace_of
from core.actions.families.key_merging import listed
from core.actions.families.key_redis_look import Place, control_of, read_or_gone
from core.actions.families.key_redis_writing import make
from core.actions.families.key_steps import removed_lines, removed_name
from core.actions.part import Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_key_values import GONE
from core.clients.keyspace.port import Keyspace
from core.errors import ClientError, StepFailedError
from core.keys.ids import KeyIds
from core.keys.store.redis_copies import MOST_BYTES, RedisCopy, copy_of, packed, unpacked
from core.keys.store.redis_edits import Marks, said
from core.keys.store.redis_reading import Taken, read_whole
from core.keys.store.redis_restoring import RedisRestore, TakeBack, set_back
from core.keys.store.redis_shapes import Form, RedisStore, Row
from core.model.redis_key import KeyName
from core.model.text import clean

_KEPT = "redis-keys-restore.json"
_AT_ONCE = 100


async def take(ports: Ports, place: Place) -> tuple[Taken, RedisCopy]:
    """Read all that a store's Redis keys hold; return it, and the copy of it.

    Raises:
        ClientMissing: there are no such keys.
        ClientError: its server cannot be asked.
    """
    keyspace = keyspace_of(ports, place.server)
    try:
        taken = await read_whole(keyspace, place.names, place.counters)
        ends_ms = await _ends_ms(keyspace, tuple(taken.ttl_s))
    finally:
        await keyspace.aclose()
    return taken, copy_of(taken, place.server, place.names, ends_ms)


async def _ends_ms(keyspace: Keyspace, keys: Sequence[KeyName]) -> dict[KeyName, int]:
    """Return when keys expire, by the server's clock: to read them all may have taken minutes."""
    ends: dict[KeyName, int] = {}
    for at in range(0, len(keys), _AT_ONCE):
        some, now_ms = keys[at : at + _AT_ONCE], round(await keyspace.now_s() * 1000)
        for key, look in zip(some, await keyspace.looks(some), strict=True):
            if look.kind == GONE:
                ends[key] = now_ms
            elif look.ttl_s is not None:
                ends[key] = now_ms + round(look.ttl_s * 1000)
    return ends


async def read_copy(ports: Ports, place: Place, name: str) -> RedisCopy:
    """Return a copy, its digest checked.

    Raises:
        ClientMissing: there is none of this name.
        ClientGarbled: it is not what was written.
    """
    return unpacked(await keys_of(ports).read_copy(place.name, name))


@part
@dataclass(frozen=True, slots=True)
class KeepRedisCopy:
    """Keeps a private copy of a store in Redis."""

    kind: ClassVar[str] = "key.redis_copy"
    can_undo: ClassVar[bool] = True
    server: str
    names: tuple[str, ...]
    token: str
    counters: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, and whether it is what was written."""
        copies = await keys_of(ports).copies(self._place.name)
        own = [one for one in copies if one.token == self.token]
        if not own:
            return Seen(Sight.BEFORE, clean(f"no copy of {self._place.name} yet"))
        try:
            copy = await read_copy(ports, self._place, own[0].name)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{own[0].name}: {error}"))
        text = f"{own[0].name}, {len(copy.held)} Redis keys, {own[0].size_bytes} bytes, read back"
        return Seen(Sight.AFTER, clean(text))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Keep it."""
        if (await self.observe(ports)).sight is not Sight.BEFORE:
            return
        data = packed((await take(ports, self._place))[1])
        if len(data) > MOST_BYTES:
            raise StepFailedError(f"it would have {len(data)} bytes; at most {MOST_BYTES} are kept")
        made = await keys_of(ports).keep(self._place.name, data, self.token)
        count = len(await keys_of(ports).copies(self._place.name))
        work.say(clean(f"kept {made.name}; {count} copies of this store, all with live keys"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it."""
        await keys_of(ports).drop_copies(self._place.name, self.token)

    @property
    def _place(self) -> Place:
        return Place(self.server, self.names, (), self.counters)


@dataclass(frozen=True, slots=True)
class Aim:
    """What of a copy goes where; marks of keys."""

    backup: str
    """The copy's name."""
    added: tuple[str, ...]
    """Missing now."""
    changed: tuple[str, ...]
    """There, and set back."""
    reactivate: tuple[str, ...] = ()
    """There, and switched on again."""


async def restore_of(ports: Ports, place: Place, aim: Aim) -> RedisRestore:
    """Return the change that puts a copy back, of what has not expired since.

    Raises:
        ClientError: the copy cannot be read, or its server cannot be asked.
    """
    copy = await read_copy(ports, place, aim.backup)
    now_ms = (await control_of(ports).standing(place.server)).now_ms
    return restore_from(await ids_of(ports), copy.understood(place.tiers, now_ms), place, aim)


def restore_from(ids: KeyIds, backup: RedisStore, place: Place, aim: Aim) -> RedisRestore:
    """Return the change that puts these records back."""
    old = Marks(backup, ids).all
    there = dict.fromkeys((*aim.changed, *aim.reactivate))
    return RedisRestore(
        ids=ids, tiers=place.tiers, marks=tuple(mark for mark in there if mark in old), old=old,
        ttl_s=backup.ttl_s, added=aim.added, reactivate=aim.reactivate,
    )  # fmt: skip


@part
@dataclass(frozen=True, slots=True)
class PutRedisCopyBack:
    """Merges a copy into a store in Redis."""

    kind: ClassVar[str] = "key.redis_restore"
    can_undo: ClassVar[bool] = True
    server: str
    run_id: str
    """Of the server's run that was planned with."""
    names: tuple[str, ...]
    system: str
    store: str
    backup: str
    """The copy's name."""
    added: tuple[str, ...]
    """Marks of keys that are missing now."""
    changed: tuple[str, ...]
    reactivate: tuple[str, ...] = ()
    is_cluster: bool = False
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """See whether anything would be left to do."""
        try:
            edit = await restore_of(ports, self._place, self._aim)
            found = await read_or_gone(ports, self._place)
            is_done = not edit.swaps(found.store)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.server}: {error}"))
        wanted = [mark for mark in self.added if mark in edit.old]
        rows = found.marked.all
        there = sum(mark in rows for mark in wanted)
        text = clean(f"{there} of {len(wanted)} missing keys are back in {self.server}")
        if is_done:
            return Seen(Sight.AFTER, text)
        is_before = not there and not any(_is_as_wanted(edit, rows, one) for one in edit.marks)
        return Seen(Sight.BEFORE if is_before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what is there of all that is changed."""
        edit = await restore_of(ports, self._place, self._aim)
        found = await read_or_gone(ports, self._place)
        rows = found.marked.all
        kept = {
            "rows": {
                mark: {name.hex(): value.hex() for name, value in said(rows[mark]).items()}
                for mark in edit.marks
                if mark in rows and rows[mark].form is not Form.INSIDE
            },
            "texts": {key.raw.hex(): text.hex() for key, text in found.store.texts.items()},
        }
        work.keep(_KEPT, json.dumps(kept).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Merge."""
        edit = await self._kept_edit(ports, work)
        count = await make(ports, self._place, self.run_id, edit, is_cluster=self.is_cluster)
        work.say(clean(f"{self.server}: {count} written"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Merge the other way: what came goes, what was changed is as before."""
        if not work.has(_KEPT):
            return
        edit = await self._kept_edit(ports, work)
        back = TakeBack(done=edit)
        going = back.left((await read_or_gone(ports, self._place)).store)
        if going:  # or their going would be taken for a loss
            lines = removed_lines(going, ports.clock.now())
            await keys_of(ports).note(removed_name(self.system, self.store), lines)
        count = await make(ports, self._place, self.run_id, back, is_cluster=self.is_cluster)
        work.say(clean(f"{self.server}: {count} put back"))
        left = back.left((await read_or_gone(ports, self._place)).store)
        if left:
            raise StepFailedError(f"{listed(left)}: changed since by another program, and stays")

    async def _kept_edit(self, ports: Ports, work: Work) -> RedisRestore:
        edit = await restore_of(ports, self._place, self._aim)
        kept = cast("dict[str, dict[str, Any]]", json.loads(work.kept(_KEPT)))
        base = {
            mark: {bytes.fromhex(name): bytes.fromhex(value) for name, value in fields.items()}
            for mark, fields in kept["rows"].items()
        }
        texts = {
            KeyName(bytes.fromhex(key)): bytes.fromhex(text) for key, text in kept["texts"].items()
        }
        return replace(edit, base=base, texts=texts)

    @property
    def _aim(self) -> Aim:
        return Aim(self.backup, self.added, self.changed, self.reactivate)

    @property
    def _place(self) -> Place:
        return Place(self.server, self.names, self.tiers, self.counters)


def _is_as_wanted(edit: RedisRestore, rows: Mapping[str, Row], mark: str) -> bool:
    """Tell whether a record that was there is as the copy makes it."""
    row = rows.get(mark)
    if row is None:
        return False
    record, old = row.record, edit.old[mark].record
    return not set_back(record, old) and (mark not in edit.reactivate or record.was_active)
