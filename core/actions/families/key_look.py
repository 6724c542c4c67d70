"""What actions on keys look at: the files of a store, the records in them, who uses a key."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from core.actions.action import Site
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import part
from core.actions.ports import Ports
from core.clients.acting.key_store import KeyStoreControl, StorePlace
from core.clients.keyspace.port import Keyspace
from core.errors import ActionError, ClientError, ClientGarbled, ClientMissing
from core.keys.ids import KeyIds, masked, masked_hash
from core.keys.store import fields as known
from core.keys.store.edits import Marked, shape_of
from core.keys.store.shapes import Record, Shape
from core.keys.store.usage import KeyUsage, parse_usage
from core.model.action import Preflight
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean

_SHARED = 0o027
_DEADLINE_S, _RECORDS_PER_S = 120.0, 100
"""Of a step: so long whatever the store, and longer where it has many records."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One file of a store, read."""

    place: StorePlace
    shape: Shape
    marked: Marked

    @property
    def path(self) -> str:
        """Where it is, links resolved."""
        return self.place.path


@dataclass(frozen=True, slots=True)
class Store:
    """A store as it was found."""

    system: str
    spec: KeyStoreSpec
    ids: KeyIds
    files: tuple[KeyFile, ...]
    """Those that can be changed; the one that the server is said to read comes first."""
    flights: tuple[Preflight, ...]

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers' names."""
        return tuple(name for name, _ in self.spec.tiers)

    @property
    def deadline_s(self) -> float:
        """How long a step on it may take."""
        counts = [len(one.shape.all_records) for one in self.files]
        return deadline_of(max(counts, default=0))

    def record(self, mark: str) -> Record | None:
        """Return the first file's record of a key that has one."""
        found = (one.marked.find(mark) for one in self.files)
        return next((one for one in found if one is not None), None)

    def having(self, mark: str) -> tuple[KeyFile, ...]:
        """Return the files that have a key."""
        return tuple(one for one in self.files if one.marked.find(mark))

    def told(self, mark: str) -> SafeText:
        """Return `k-3fa91c key_…Q9fA`."""
        record = self.record(mark)
        return clean(f"{short(mark)} {mask_of(record)}" if record else short(mark))


def deadline_of(records: int) -> float:
    """Return how long a step on a store of so many records may take, seconds."""
    return _DEADLINE_S + records / _RECORDS_PER_S


def keys_of(ports: Ports) -> KeyStoreControl:
    """Return the port for stores.

    Raises:
        ActionError: there is none.
    """
    if ports.keys is None:
        raise ActionError("stores of keys cannot be changed from here")
    return ports.keys


def keyspace_of(ports: Ports, server: str) -> Keyspace:
    """Return the way to a server that only reads; it is to be closed.

    Raises:
        ActionError: there is none from here.
        ClientError: nobody says where it is.
    """
    if ports.keyspace is None:
        raise ActionError("stores in Redis cannot be read from here")
    return ports.keyspace(server)


async def ids_of(ports: Ports) -> KeyIds:
    """Return how keys are named on this machine."""
    return KeyIds(await keys_of(ports).machine_key())


def short(mark: str) -> str:
    """Return a key's short id, as far as one is sure without the others."""
    return f"k-{mark[:6]}"


def named_marks(marks: tuple[str, ...]) -> str:
    """Return `k-3fa91c, k-…` for the first of them, and how many more there are."""
    more = f" and {len(marks) - 3} more" if len(marks) > 3 else ""
    return ", ".join(map(short, marks[:3])) + more


def mask_of(record: Record) -> SafeText:
    """Return a record's key, masked."""
    if record.is_hash:
        return masked_hash(known.text_of(record.fields, known.PREFIX) or "")
    return masked(record.identity)


def tier_of(record: Record) -> str:
    """Return a record's tier; empty: it has none."""
    return record.tier or next(iter(known.tiers_of(record.fields)), "")


def quota_of(record: Record) -> int | None:
    """Return a record's own quota."""
    found = known.number_of(record.fields, known.QUOTA)
    return None if found is None else int(found)


def spec_of(site: Site, target: str, *kinds: str) -> tuple[str, KeyStoreSpec]:
    """Return the system and the store that `system/store` names.

    Raises:
        ActionError: there is none, or it is kept where nothing is changed from here; `kinds` are
            those besides files that the caller changes.
    """
    system, _, name = target.partition("/")
    stores = site.operations_of(site.system(system).name).keys
    for one in stores:
        if one.name == name:
            if reason := against(one, *kinds):
                raise ActionError(reason)
            return system, one
    names = ", ".join(one.name for one in stores) or "none"
    raise ActionError(f"{system} has no store of keys {clean(name, 80)}; it has: {names}")


def against(spec: KeyStoreSpec, *kinds: str) -> SafeText:
    """Return why a store's keys are not changed from here; empty: they are."""
    if spec.kind in kinds:
        return clean("" if spec.server and spec.keys else f"{spec.name} has no server, or no names")
    if spec.kind != "json":
        return clean(f"{spec.name} is kept as {spec.kind}: it is shown here, and changed there")
    return clean("" if spec.path else f"{spec.name} has no path")


async def look(site: Site, target: str) -> Store:
    """Read every file of a store."""
    system, spec = spec_of(site, target)
    ids = await ids_of(site.ports)
    files: list[KeyFile] = []
    flights: list[Preflight] = []
    for path in (spec.path, *spec.also):
        is_first = path == spec.path
        try:
            place = await keys_of(site.ports).place(path)
            if place.path in [one.path for one in files]:
                continue
            shape = shape_of(await _read(site.ports, path), tuple(one for one, _ in spec.tiers))
        except ClientMissing as error:
            if is_first:
                flights.append(stop_flight("store", str(error), spec.note))
            continue
        except ClientError as error:
            flights.append(_unread(path, error, is_first=is_first))
            continue
        flights += _flights(path, place, is_first=is_first)
        files.append(KeyFile(place, shape, Marked(ids, shape)))
    return Store(system, spec, ids, tuple(files), tuple(flights))


async def _read(ports: Ports, path: str) -> bytes:
    return await keys_of(ports).read(path)


def _unread(path: str, error: ClientError, *, is_first: bool) -> Preflight:
    what = "unreadable now: " if isinstance(error, ClientGarbled) else ""
    if is_first:
        return stop_flight("store", f"{path}: {what}{error}", "key.restore puts a copy back")
    return warning("other file", f"{path} is left as it is: {what}{error}")


def _flights(path: str, place: StorePlace, *, is_first: bool) -> tuple[Preflight, ...]:
    found: list[Preflight] = []
    if place.against:
        stop = stop_flight if is_first else warning
        found.append(stop("write", f"{place.path}: {place.against}"))
    else:
        found.append(passed("store", f"{place.path} can be read and written"))
    if place.is_link:
        found.append(warning("link", f"{path} leads to {place.path}, which is what is replaced"))
    if place.is_mounted:
        text = f"{place.path} is mounted alone: it is written in place, under a lock"
        found.append(warning("mount", text, "a reader may meet half of it; old bytes are kept"))
    if place.links > 1:
        found.append(warning("links", f"{place.path} has {place.links} names; one is replaced"))
    if place.mode & _SHARED:
        found.append(warning("mode", f"{place.path} is {place.mode:04o}: others may use its keys"))
    return tuple(found)


def marks_of(store: Store, text: str) -> tuple[str, ...]:
    """Return the whole marks of short ids, separated by commas.

    Raises:
        ActionError: one is none, means no key, or more than one.
    """
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names:
        raise ActionError("say which keys: --set keys=k-3fa91c,… (quarterdeck keys lists them)")
    return tuple(dict.fromkeys(_mark_of(store, one) for one in names))


def _mark_of(store: Store, name: str) -> str:
    is_short = name.startswith("k-") and not name[2:].strip("0123456789abcdefABCDEF")
    if not is_short:
        raise ActionError("a key is named by its short id, such as k-3fa91c, and never itself")
    known_keys = dict.fromkeys(
        record.identity for one in store.files for record in one.shape.all_records
    )
    found = store.ids.matches(name, known_keys)
    if len(found) > 1:
        ids = store.ids.short_ids(found)
        raise ActionError(f"{name} may mean {', '.join(sorted(ids.values()))}: say more of it")
    if not found:
        raise ActionError(f"{store.system}/{store.spec.name} has no key {clean(name, 40)}")
    return store.ids.mark(found[0])


async def usage_text(site: Site, store: Store, mark: str) -> SafeText:
    """Return how much a key is used, as far as the usage files say."""
    record = store.record(mark)
    if record is None or record.is_hash:
        return SafeText("its use is not known")
    month, last = None, None
    for found in await _usages(site, store):
        one = found.get(record.identity)
        if one is not None:
            month = (month or 0) + (one.month or 0)
            last = max(filter(None, (last, one.last_used)), default=None)
    if month is None:
        return SafeText("no record says how much it is used")
    used = f", last at {last:%Y-%m-%d %H:%M} UTC" if last else ""
    return clean(f"{month} requests this month{used}")


async def own_use(site: Site, store: Store, mark: str) -> bool | None:
    """Tell whether any record says that a key was used; None: there is none that could."""
    record = store.record(mark)
    if record is None:
        return None
    if known.moment_of(record.fields, known.LAST_USED) is not None:
        return True
    if known.number_of(record.fields, known.USED):
        return True
    usages = await _usages(site, store)
    if record.is_hash or not usages:
        return None
    return any(one.get(record.identity) is not None for one in usages)


async def _usages(site: Site, store: Store) -> list[Mapping[str, KeyUsage]]:
    """Return what the usage files say that can be read."""
    now, found = site.ports.clock.now(), list[Mapping[str, KeyUsage]]()
    for path in store.spec.usage:
        try:
            found.append(parse_usage(await _read(site.ports, path), now))
        except ClientError:
            continue
    return found


async def read_shape(ports: Ports, path: str, tiers: tuple[str, ...]) -> Shape:
    """Return a store's shape, now.

    Raises:
        ClientError: it cannot be read, or fits no shape.
    """
    control, tries = keys_of(ports), 10
    while True:
        try:
            return shape_of(await control.read(path), tiers)
        except ClientGarbled:
            tries -= 1
            if not tries:
                raise
            await ports.clock.sleep(0.02)  # another tool may be in the middle of it


@part
@dataclass(frozen=True, slots=True)
class KeysTrait:
    """What a store says of keys; of none: how it holds them."""

    kind: ClassVar[str] = "key.trait"
    path: str
    marks: tuple[str, ...]
    tiers: tuple[str, ...] = ()

    async def read(self, ports: Ports) -> SafeText:
        """Return tier, quota and whether each is active."""
        place = await keys_of(ports).place(self.path)
        shape = await read_shape(ports, self.path, self.tiers)
        marked = Marked(await ids_of(ports), shape)
        said = [_said(mark, marked.find(mark)) for mark in self.marks]
        where = "mounted alone" if place.is_mounted else "a file"
        return clean(f"{shape.kind}, {where}: {told_of(said)}")


def told_of(said: Sequence[str]) -> str:
    """Return what is said of keys, of many only the first: of the others a digest is compared."""
    shown, others = "; ".join(said[:_SHOWN]), said[_SHOWN:]
    if not others:
        return shown
    digest = hashlib.sha256("\n".join(others).encode()).hexdigest()
    return f"{shown}; {len(others)} more ({digest[:12]})"


def _said(mark: str, record: Record | None) -> str:
    if record is None:
        return f"{short(mark)} is not there"
    state = "active" if record.is_active else "inactive"
    quota = quota_of(record)
    return f"{short(mark)} {tier_of(record)} {quota if quota is not None else '—'} {state}"


def with_flights(store: Store, *more: Preflight) -> Store:
    """Return a store with more to say of it."""
    return replace(store, flights=(*store.flights, *more))
