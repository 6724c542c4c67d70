"""What actions on keys in Redis look at: a store as it is now, keys by marks, their use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Draft, Site
from core.actions.families.key_ends import ends_of
from core.actions.families.key_look import (
    deadline_of,
    ids_of,
    keys_of,
    keyspace_of,
    mask_of,
    quota_of,
    short,
    tier_of,
    told_of,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import part
from core.actions.ports import Ports
from core.clients.acting.redis_key_values import Standing
from core.clients.acting.redis_keys import KeyControl
from core.clients.acting.redis_scripts import SWAP
from core.errors import ActionError, ClientError, ClientMissing
from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.ends import over
from core.keys.store.redis_edits import Marks
from core.keys.store.redis_reading import read_counted, read_store
from core.keys.store.redis_shapes import RedisStore, Row
from core.keys.store.shapes import Record
from core.keys.store.usage import KeyUsage, parse_usage
from core.model.action import Preflight, Target
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import KeyShape
from core.model.text import SafeText, clean

DUE = "due"
_SHOWN = 20
MOST_BYTES = 4 * 1024 * 1024
"""Of a text that is sent whole, twice, to be compared and replaced."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store in Redis is, as steps keep it: nothing of an address."""

    server: str
    names: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the store's place is called where files are called by their paths."""
        return f"redis {self.server} {' '.join(self.names)}"


def place_of(spec: KeyStoreSpec) -> Place:
    """Return where a configured store is."""
    return Place(spec.server, spec.keys, tuple(one for one, _ in spec.tiers), spec.usage_keys)


@dataclass(frozen=True, slots=True)
class Found:
    """A store as it is now."""

    store: RedisStore
    ids: KeyIds

    @property
    def marked(self) -> Marks:
        """Its rows by their marks."""
        return Marks(self.store, self.ids)


async def read(ports: Ports, place: Place) -> Found:
    """Read a store.

    Raises:
        ClientMissing: there are no such keys.
        ClientError: its server cannot be asked.
    """
    keyspace = keyspace_of(ports, place.server)
    try:
        store = await read_store(keyspace, place.names, place.tiers, place.counters)
        return Found(store, await ids_of(ports))
    finally:
        await keyspace.aclose()


async def read_or_gone(ports: Ports, place: Place) -> Found:
    """Read a store; one that its server has no keys of has no records.

    Raises:
        ClientError: its server cannot be asked.
    """
    try:
        return await read(ports, place)
    except ClientMissing:
        return Found(RedisStore(KeyShape.UNKNOWN), await ids_of(ports))


def control_of(ports: Ports) -> KeyControl:
    """Return the port for keys of servers.

    Raises:
        ActionError: there is none.
    """
    if ports.redis_keys is None:
        raise ActionError("keys of a server cannot be changed from here")
    return ports.redis_keys


@dataclass(frozen=True, slots=True)
class RedisStage:
    """A store in Redis as it was found for a plan."""

    system: str
    spec: KeyStoreSpec
    place: Place
    found: Found
    standing: Standing

    @property
    def run_id(self) -> SafeText:
        """Of the server's run that is planned with."""
        return self.standing.run_id

    @property
    def deadline_s(self) -> float:
        """How long a step on it may take."""
        return deadline_of(len(self.found.store.rows))

    def rows(self, marks: tuple[str, ...]) -> tuple[Row, ...]:
        """Return the rows of all marks."""
        return self.found.marked.of(marks)

    def targets(self, marks: tuple[str, ...]) -> tuple[Target, ...]:
        """Return keys as targets, never whole."""
        at = f"{self.system}/{self.spec.name}"
        return tuple(
            Target("key", f"{at}/{mark}", clean(f"{short(mark)} {mask_of(row.record)}"))
            for mark, row in zip(marks, self.rows(marks), strict=True)
        )

    def preview(self, marks: tuple[str, ...]) -> tuple[SafeText, ...]:
        """Return a line for each key: id, mask, tier, quota, state."""
        rows = zip(marks[:_SHOWN], self.rows(marks[:_SHOWN]), strict=True)
        more = (clean(f"… and {len(marks) - _SHOWN} more"),) if len(marks) > _SHOWN else ()
        return (*(_line(mark, row) for mark, row in rows), *more)

    @property
    def active(self) -> tuple[str, ...]:
        """The marks of all keys that are on."""
        return tuple(mark for mark, row in self.found.marked.all.items() if row.record.was_active)


def nothing(spec: KeyStoreSpec, target: str, title: SafeText, *flights: Preflight) -> Draft:
    """Return a draft that does nothing; its preflight says why it stays so."""
    return Draft(
        title=title, targets=(Target("keys", target, clean(spec.name)),), steps=(),
        preflight=flights, locks=locks(spec), called=spec.name,
    )  # fmt: skip


def locks(spec: KeyStoreSpec) -> tuple[str, ...]:
    """Return what nobody else of ours may change meanwhile."""
    return (f"keys:redis:{spec.server}:{' '.join(spec.keys)}",)


async def stage_of(
    site: Site, system: str, spec: KeyStoreSpec, *, may_be_gone: bool = False
) -> RedisStage | Preflight:
    """Return a store to plan with, or why nothing of it is written."""
    place = place_of(spec)
    try:
        found = await (read_or_gone if may_be_gone else read)(site.ports, place)
        standing = await control_of(site.ports).standing(spec.server)
        call = ("EVAL", SWAP, "1", "k", "1", "string", "", "0", "", "0", "", "0")
        against = await control_of(site.ports).against(spec.server, [call])
    except ClientMissing as error:
        return stop_flight("store", str(error))
    if against:
        return stop_flight("rights", "; ".join(against))
    if found.store.against:
        return stop_flight("write", found.store.against)
    return RedisStage(system, spec, place, found, standing)


def flights_of(stage: RedisStage, marks: tuple[str, ...]) -> list[Preflight]:
    """Return what there is to say of a store before keys of it are changed."""
    found = [passed("store", f"{stage.found.store.kind} in {stage.spec.server}")]
    rows = stage.rows(marks)
    texts = {row.key: len(row.value) for row in rows}
    if any(size > MOST_BYTES for size in texts.values()):
        text = f"a text of more than {MOST_BYTES} bytes is not compared and replaced as a whole"
        found.append(stop_flight("write", text))
    left = [stage.found.store.ttl_s.get(key) for key in texts]
    ends = [seconds for seconds in left if seconds is not None]
    if ends:
        text = f"the server removes a record of these in {min(ends):.0f} s: it keeps that end"
        found.append(warning("expiry", text))
    return found


def marks_named(stage: RedisStage, text: str) -> tuple[str, ...]:
    """Return the keys that short ids mean.

    Raises:
        ActionError: one is none, means no key, or more than one.
    """
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names:
        raise ActionError("say which keys: --set keys=k-3fa91c,… (quarterdeck keys lists them)")
    identities = [row.record.identity for row in stage.found.store.rows]
    marks: dict[str, None] = {}
    for name in names:
        if not name.startswith("k-"):
            raise ActionError("a key is named by its short id, such as k-3fa91c, and never itself")
        meant = stage.found.ids.matches(name, identities)
        if len(meant) != 1:
            what = "may mean several keys" if meant else "is no key of the store"
            raise ActionError(f"{clean(name, 40)} {what}")
        marks[stage.found.ids.mark(meant[0])] = None
    return tuple(marks)


async def marks_due(site: Site, stage: RedisStage) -> tuple[str, ...]:
    """Return the keys whose grace is over and that are still on.

    Raises:
        ActionError: there are none.
    """
    ends = over(await ends_of(site.ports, stage.system, stage.spec.name), site.ports.clock.now())
    active = set(stage.active)
    marks = tuple(one.mark for one in ends if one.mark in active)
    if not marks:
        raise ActionError("no key's grace is over")
    return marks


def emptied(stage: RedisStage, marks: tuple[str, ...]) -> tuple[Preflight, ...]:
    """Return a warning for each tier that would have no active key left."""
    off, left = set(marks), dict[str, int]()
    for mark, row in stage.found.marked.all.items():
        if row.record.was_active:
            tier = tier_of(row.record) or "no tier"
            left[tier] = left.get(tier, 0) + (mark not in off)
    return tuple(
        warning("tiers", f"{tier} would have no active key left")
        for tier, count in left.items()
        if not count
    )


async def uses_of(site: Site, stage: RedisStage) -> Mapping[str, KeyUsage] | None:
    """Return how much keys are used, by key; None: nothing says."""
    spec, now = stage.spec, site.ports.clock.now()
    try:
        if spec.usage_keys:
            keyspace = keyspace_of(site.ports, spec.server)
            try:
                found, _ = await read_counted(keyspace, spec.usage_keys, stage.found.store, now)
            finally:
                await keyspace.aclose()
            return found.of
        for path in spec.usage:
            return parse_usage(await keys_of(site.ports).read(path), now)
    except ClientError:
        return None
    return None


def use_text(uses: Mapping[str, KeyUsage] | None, record: Record) -> SafeText:
    """Return how much a key is used, as far as anything says."""
    own = known.moment_of(record.fields, known.LAST_USED)
    one = (uses or {}).get(record.identity)
    month, last = (one.month, one.last_used or own) if one else (None, own)
    used = f"last used at {last:%Y-%m-%d %H:%M} UTC" if last else ""
    if month is None:
        return clean(used or "no record says how much it is used")
    return clean(f"{month} requests this month{', ' if used else ''}{used}")


def is_used(uses: Mapping[str, KeyUsage] | None, record: Record) -> bool | None:
    """Tell whether any record says that a key was used; None: there is none that could."""
    if known.moment_of(record.fields, known.LAST_USED) is not None:
        return True
    if known.number_of(record.fields, known.USED):
        return True
    if uses is None:
        return None
    one = uses.get(record.identity)
    return one is not None and (bool(one.month) or bool(one.today) or one.last_used is not None)


@part
@dataclass(frozen=True, slots=True)
class RedisKeysTrait:
    """What a store in Redis says of keys; of none: how it holds them."""

    kind: ClassVar[str] = "key.redis_trait"
    server: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def read(self, ports: Ports) -> SafeText:
        """Return tier, quota and whether each is active."""
        place = Place(self.server, self.names, self.tiers, self.counters)
        found = await read(ports, place)
        rows = found.marked.all
        told = [told_row(mark, rows.get(mark)) for mark in self.marks]
        return clean(f"{found.store.kind}: {told_of(told)}")


def told_row(mark: str, row: Row | None) -> str:
    """Return what a record says that is compared with what it said: None: it is not there."""
    if row is None:
        return f"{short(mark)} is not there"
    state = "active" if row.record.was_active else "inactive"
    quota = quota_of(row.record)
    return f"{short(mark)} {tier_of(row.record)} {quota if quota is not None else '—'} {state}"


def _line(mark: str, row: Row) -> SafeText:
    quota = quota_of(row.record)
    shown = "no quota" if quota is None else f"{quota} a month"
    state = "active" if row.record.was_active else "inactive"
    tier = tier_of(row.record) or "no tier"
    return clean(f"{short(mark)} {mask_of(row.record)} {tier}, {shown}, {state}")
