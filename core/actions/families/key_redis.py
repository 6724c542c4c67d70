"""Keys that are kept in Redis, switched off and on: in one moment, or not at all."""

import json
from dataclasses import dataclass
from typing import ClassVar, cast

from core.actions.action import Draft, DraftProof, DraftStep, Site
from core.actions.families.key_look import ids_of, keyspace_of, mask_of, quota_of, short, tier_of
from core.actions.families.key_proofs import MOST_ASKED, Asked, ask
from core.actions.families.key_words import counted_keys
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_key_values import Write
from core.clients.acting.redis_keys import KeyControl
from core.errors import ActionError, ClientDenied, ClientError, ClientMissing, StepFailedError
from core.keys.ids import KeyIds
from core.keys.store.redis_reading import read_store
from core.keys.store.redis_shapes import Form, RedisStore, Row, switched
from core.model.action import ActionRequest, Danger, Preflight, Proof, Target
from core.model.key_spec import KeyStoreSpec
from core.model.secret import Secret
from core.model.text import SafeText, clean

_KEYS, _KEPT = "keys", "redis-keys.json"
_TRIES = 5
_BULK = 5
_DEADLINE_S = 120.0
_SHOWN = 20
_MOST_BYTES = 1024 * 1024
"""Of a Redis key that is compared as a whole before it is written to."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A store as it is now, its keys by their marks."""

    store: RedisStore
    ids: KeyIds

    def row(self, mark: str) -> Row | None:
        """Return the row of a mark."""
        return self.store.find(lambda one: self.ids.mark(one) == mark)

    def rows(self, marks: tuple[str, ...]) -> tuple[Row, ...]:
        """Return the rows of all marks.

        Raises:
            ClientDenied: one is not there.
        """
        of = {self.ids.mark(one.record.identity): one for one in self.store.rows}
        gone = [short(mark) for mark in marks if mark not in of]
        if gone:
            raise ClientDenied(f"{', '.join(gone[:3])} is not in the store (any more)")
        return tuple(of[mark] for mark in marks)


async def _look(
    ports: Ports, server: str, names: tuple[str, ...], tiers: tuple[str, ...]
) -> _Found:
    keyspace = keyspace_of(ports, server)
    try:
        return _Found(await read_store(keyspace, names, tiers), await ids_of(ports))
    finally:
        await keyspace.aclose()


def _keys_of(ports: Ports) -> KeyControl:
    if ports.redis_keys is None:
        raise ActionError("keys of a server cannot be changed from here")
    return ports.redis_keys


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

    async def observe(self, ports: Ports) -> Seen:
        """See which of them are active."""
        try:
            rows = (await self._found(ports)).rows(self.marks)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.server}: {error}"))
        done = sum(one.record.was_active is self.is_active for one in rows)
        word = "active" if self.is_active else "inactive"
        text = clean(f"{done} of {len(rows)} {word} in {self.server}")
        if done == len(rows):
            return Seen(Sight.AFTER, text)
        return Seen(Sight.NEITHER if done else Sight.BEFORE, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what their records say, by their marks; the folder is its owner's alone."""
        rows = (await self._found(ports)).rows(self.marks)
        kept = {
            mark: {name.hex(): value.hex() for name, value in _said(row).items()}
            for mark, row in zip(self.marks, rows, strict=True)
        }
        work.keep(_KEPT, json.dumps(kept).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Switch them, all in one moment."""
        count = await self._write(ports, self.is_active, {})
        work.say(clean(f"{self.server}: {count} written"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what was there; what others have changed since keeps the rest."""
        before = _kept(work.kept(_KEPT)) if work.has(_KEPT) else {}
        count = await self._write(ports, not self.is_active, before)
        work.say(clean(f"{self.server}: {count} put back"))

    async def _write(
        self, ports: Ports, is_active: bool, before: dict[str, dict[bytes, bytes]]
    ) -> int:
        """Write until nobody was faster; `before` is what counts where it would come to that."""
        control = _keys_of(ports)
        for _ in range(_TRIES):
            rows = (await self._found(ports)).rows(self.marks)
            same = await control.copies(self.server, tuple(dict.fromkeys(one.key for one in rows)))
            found = await self._found(ports)
            writes: list[Write] = []
            for mark, row in zip(self.marks, found.rows(self.marks), strict=True):
                if row.record.was_active is is_active:
                    continue
                new = switched(row, is_active, found.store.rows)
                old = before.get(mark, {})
                is_ours = bool(old) and _comes_to(row, old, is_active, found.store.rows)
                chosen = old if is_ours else new
                writes += [Write(row.key, name, value) for name, value in chosen.items()]
            if not writes:
                return 0
            if await control.write(self.server, self.run_id, same, writes):
                return len(writes)
        raise StepFailedError("another program keeps writing these keys")

    async def _found(self, ports: Ports) -> _Found:
        return await _look(ports, self.server, self.names, self.tiers)


def _kept(data: bytes) -> dict[str, dict[bytes, bytes]]:
    found = cast("dict[str, dict[str, str]]", json.loads(data))
    return {
        mark: {bytes.fromhex(name): bytes.fromhex(value) for name, value in said.items()}
        for mark, said in found.items()
    }


def _said(row: Row) -> dict[bytes, bytes]:
    """Return what of a record may be written: its text, or the fields of its own hash."""
    if row.form is not Form.HASH:
        return {row.field: row.value}
    fields = row.record.fields.items()
    return {
        name.encode("utf-8", "surrogateescape"): str(value).encode("utf-8", "surrogateescape")
        for name, value in fields
    }


def _comes_to(row: Row, old: dict[bytes, bytes], is_active: bool, rows: tuple[Row, ...]) -> bool:
    """Tell whether what is there now is nothing but our own change of what was there before."""
    if row.form is Form.HASH:
        now, back = _said(row), switched(row, is_active, rows)
        return now | {name: old.get(name, b"") for name in back} == old
    try:
        made = switched(_with(row, old.get(row.field, b"")), not is_active, rows)
    except ClientDenied:
        return False
    return made.get(row.field) == row.value


def _with(row: Row, value: bytes) -> Row:
    return Row(row.record, row.key, row.form, row.field, value)


@part
@dataclass(frozen=True, slots=True)
class RedisKeysShown:
    """A server, asked again, says that keys are active, or not."""

    kind: ClassVar[str] = "evidence.redis_keys_shown"
    server: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    is_active: bool
    tiers: tuple[str, ...] = ()
    url: str = ""
    """Of the probe; empty: nobody is asked with the keys themselves."""
    header: str = ""
    refused: int = 401

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read them back; then ask with them."""
        word = "active" if self.is_active else "inactive"
        try:
            rows = (await _look(ports, self.server, self.names, self.tiers)).rows(self.marks)
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"{self.server}: {error}"))
        for mark, one in zip(self.marks, rows, strict=True):
            if one.record.was_active is not self.is_active:
                return Proven(Proof.FAILED, clean(f"{short(mark)} is not {word} in {self.server}"))
        text = clean(f"{len(rows)} {word} in {self.server}")
        if not self.url:
            return Proven(Proof.VERIFIED, text)
        doubts = [
            asked.text
            for one in rows[:MOST_ASKED]
            if not one.record.is_hash
            and (asked := await self._asked(ports, one)).is_live is not self.is_active
        ]
        if doubts:
            return Proven(Proof.UNVERIFIED, clean(f"{text}; but {doubts[0]}"))
        return Proven(Proof.VERIFIED, clean(f"{text}, and the server agrees"))

    async def _asked(self, ports: Ports, row: Row) -> Asked:
        key = Secret(row.record.identity)
        return await ask(ports, self.url, self.header, self.refused, key)


async def draft_switch(
    site: Site, request: ActionRequest, spec: KeyStoreSpec, *, is_active: bool
) -> Draft:
    """Return the draft that switches keys of a store in Redis."""
    word = "activate" if is_active else "deactivate"
    target = Target("keys", request.target, clean(spec.name))
    title = clean(f"{word} keys of {spec.name}")

    def nothing(*flights: Preflight) -> Draft:
        return Draft(
            title=title, targets=(target,), steps=(), preflight=flights, locks=_locks(spec),
            called=spec.name,
        )  # fmt: skip

    tiers = tuple(tier for tier, _ in spec.tiers)
    try:
        found = await _look(site.ports, spec.server, spec.keys, tiers)
        standing = await _keys_of(site.ports).standing(spec.server)
    except ClientMissing as error:
        return nothing(stop_flight("store", str(error)))
    if found.store.against:
        return nothing(stop_flight("write", found.store.against))
    marks = _marks(found, request.input(_KEYS))
    wanted = tuple(
        mark
        for mark, row in zip(marks, found.rows(marks), strict=True)
        if row.record.was_active is not is_active
    )
    if not wanted:
        return nothing(stop_flight("state", f"already {word}d, nothing to do"))
    rows = found.rows(wanted)
    for row in rows:
        switched(row, is_active, found.store.rows)  # or its reason against it
    large = [
        sight.key.shown
        for sight in await _keys_of(site.ports).kinds(spec.server, [one.key for one in rows])
        if (sight.size_bytes or 0) > _MOST_BYTES
    ]
    if large:
        text = f"more than {_MOST_BYTES} bytes: it cannot be compared as a whole before a write"
        return nothing(stop_flight("write", text))
    return _planned(request, spec, found, wanted, standing.run_id, is_active=is_active)


def _planned(
    request: ActionRequest,
    spec: KeyStoreSpec,
    found: _Found,
    wanted: tuple[str, ...],
    run_id: str,
    *,
    is_active: bool,
) -> Draft:
    """Return the draft for keys that can be switched, and are the other way now."""
    word, tiers = "activate" if is_active else "deactivate", tuple(one for one, _ in spec.tiers)
    rows = found.rows(wanted)
    probe, name = spec.probe, counted_keys(wanted)
    switch = SwitchRedisKeys(
        spec.server, run_id, spec.keys, wanted, is_active, tiers
    )  # fmt: skip
    shown = RedisKeysShown(
        spec.server, spec.keys, wanted, is_active, tiers, probe.url if probe else "",
        probe.header if probe else "", probe.refused if probe else 401,
    )  # fmt: skip
    left = () if is_active else _emptied(found, wanted)
    return Draft(
        title=clean(f"{word} {name} of {spec.name}"),
        targets=tuple(
            Target("key", f"{request.target}/{mark}", clean(f"{short(mark)} {mask_of(one.record)}"))
            for mark, one in zip(wanted, rows, strict=True)
        ),
        steps=(
            DraftStep(
                clean(f"{word} {name} in {spec.server}"), switch, _DEADLINE_S,
                undo=SafeText("put back what their records said"),
            ),
        ),
        proofs=(DraftProof(clean(f"{spec.server}, read again"), shown),),
        radius=(clean(f"{name}: {'taken again' if is_active else 'refused'} from now on"),),
        preflight=(passed("store", f"{found.store.kind} in {spec.server}"), *left),
        preview=tuple(_line(mark, row) for mark, row in zip(wanted, rows, strict=True))[:_SHOWN],
        locks=_locks(spec),
        is_locked_whole=True,
        way_back=clean("key.deactivate" if is_active else "key.reactivate"),
        danger=Danger.DESTROY if left or len(wanted) > _BULK else None,
        called=spec.name,
    )  # fmt: skip


def _locks(spec: KeyStoreSpec) -> tuple[str, ...]:
    return (f"keys:redis:{spec.server}:{' '.join(spec.keys)}",)


def _marks(found: _Found, text: str) -> tuple[str, ...]:
    """Return the keys that short ids mean.

    Raises:
        ActionError: one is none, means no key, or more than one.
    """
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names:
        raise ActionError("say which keys: --set keys=k-3fa91c,… (quarterdeck keys lists them)")
    known = [one.record.identity for one in found.store.rows]
    marks: dict[str, None] = {}
    for name in names:
        if not name.startswith("k-"):
            raise ActionError("a key is named by its short id, such as k-3fa91c, and never itself")
        meant = found.ids.matches(name, known)
        if len(meant) != 1:
            what = "may mean several keys" if meant else "is no key of the store"
            raise ActionError(f"{clean(name, 40)} {what}")
        marks[found.ids.mark(meant[0])] = None
    return tuple(marks)


def _emptied(found: _Found, marks: tuple[str, ...]) -> tuple[Preflight, ...]:
    """Return a warning for each tier that would have no active key left."""
    off, left = set(marks), dict[str, int]()
    for row in found.store.rows:
        if row.record.was_active:
            tier = tier_of(row.record) or "no tier"
            stays = found.ids.mark(row.record.identity) not in off
            left[tier] = left.get(tier, 0) + stays
    return tuple(
        warning("tiers", f"{tier} would have no active key left")
        for tier, count in left.items()
        if not count
    )


def _line(mark: str, row: Row) -> SafeText:
    quota = quota_of(row.record)
    shown = "no quota" if quota is None else f"{quota} a month"
    state = "active" if row.record.was_active else "inactive"
    tier = tier_of(row.record) or "no tier"
    return clean(f"{short(mark)} {mask_of(row.record)} {tier}, {shown}, {state}")
