"""`key.backup` and `key.restore` of a store in Redis: one private file, merged into what lives."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from secrets import token_hex

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.key_look import deadline_of, keys_of, short
from core.actions.families.key_merging import (
    BACKUP,
    NEWEST,
    REACTIVATE,
    copy_named,
    flights_of_merge,
    keys_named,
    listed,
    preview_of,
    radius_of,
)
from core.actions.families.key_redis_copy_proofs import RedisCopyShown, RedisPolicyTrait
from core.actions.families.key_redis_copy_steps import (
    Aim,
    KeepRedisCopy,
    PutRedisCopyBack,
    restore_from,
    take,
)
from core.actions.families.key_redis_look import (
    MOST_BYTES,
    RedisStage,
    nothing,
    place_of,
    stage_of,
)
from core.actions.families.key_redis_proofs import RedisKeysShown
from core.actions.families.key_redis_writing import told_parts
from core.actions.families.key_words import LEFT
from core.actions.families.services_draft import passed, stop_flight, warning
from core.clients.acting.key_store import StoreCopy
from core.clients.keyspace.port import Collection as Held
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.keys.store import redis_copies
from core.keys.store.redis_copies import RedisCopy
from core.keys.store.redis_restoring import places_taken, redis_merge, set_back
from core.keys.store.redis_shapes import RedisStore
from core.keys.store.restoring import Merge
from core.model.action import ActionRequest, Preflight
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean

"""A store of 20,000 keys is read at 200 commands a second."""


async def draft_backup(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that copies a store in Redis."""
    place, title = place_of(spec), clean(f"copy the keys of {spec.name}")
    try:
        taken, copy = await take(site.ports, place)
    except ClientMissing as error:
        return nothing(spec, request.target, title, stop_flight("store", str(error)))
    there = await keys_of(site.ports).copies(place.name)
    text = f"{len(there)} copies of {spec.name} are kept, 0600, all with live keys"
    flights = [passed("copies", text), *_left_out(taken.held)]
    flights += [warning("store", taken.cut)] if taken.cut else []
    size = len(redis_copies.packed(copy))
    if size > redis_copies.MOST_BYTES:
        most = redis_copies.MOST_BYTES
        flights.append(stop_flight("size", f"it has {size} bytes; at most {most} are kept"))
    records = len(taken.understood(place.tiers).rows)
    step = KeepRedisCopy(place.server, place.names, token_hex(16), place.counters)
    what = f"copy {len(copy.held)} Redis keys of {spec.server}, {records} keys, {size} bytes"
    return replace(
        nothing(spec, request.target, title, *flights),
        steps=(DraftStep(clean(what), step, deadline_of(records), undo=SafeText("removed")),),
        is_locked_whole=True,
        way_back=SafeText("the copy is removed"),
    )


def _left_out(held: Iterable[Held]) -> list[Preflight]:
    whys = [why for one in held if (why := redis_copies.left_out(one))]
    text = f"{len(whys)} Redis keys of its names are not copied: {'; '.join(dict.fromkeys(whys))}"
    return [warning("other keys", text)] if whys else []


async def draft_restore(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that merges a copy into a store in Redis."""
    place = place_of(spec)
    copy, data = await copy_named(site, place.name, request.input(BACKUP, NEWEST))
    title = clean(f"put {copy.made:%Y-%m-%d %H:%M:%S} UTC back into {spec.name}")
    stage = await stage_of(site, request.target.partition("/")[0], spec, may_be_gone=True)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, title, stage)
    try:
        back = _back(stage, redis_copies.unpacked(data), request.input(REACTIVATE))
    except (ClientDenied, ClientGarbled) as error:
        why = stop_flight("copy", f"{copy.name}: {error}")
        return nothing(spec, request.target, title, why)
    if not back.marks:
        why = stop_flight("copy", "the store has everything that the copy has")
        return nothing(spec, request.target, title, *back.flights, why)
    return _draft(stage, request.target, title, copy, back)


@dataclass(frozen=True, slots=True)
class _Back:
    """What putting a copy back comes to."""

    old: RedisStore
    merge: Merge
    named: tuple[str, ...]
    """Switched on again."""
    flights: tuple[Preflight, ...]
    preview: tuple[SafeText, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """All keys that are written."""
        return tuple(dict.fromkeys((*self.merge.added, *self.merge.changed, *self.named)))


def _back(stage: RedisStage, copy: RedisCopy, reactivate: str) -> _Back:
    """Return what a copy comes to.

    Raises:
        ClientDenied: it cannot be put back.
        ActionError: `reactivate` names a key that was not switched off since.
    """
    now_ms, ids, live = stage.standing.now_ms, stage.found.ids, stage.found.store
    old = copy.understood(stage.place.tiers, now_ms)
    if old.against:
        raise ClientDenied(f"it is not put back: {old.against}")
    found = redis_merge(ids, live, old)
    taken = places_taken(live, old, ids)
    merge = replace(found, added=tuple(mark for mark in found.added if mark not in taken))
    named = keys_named(reactivate, merge)
    aim = Aim("", merge.added, merge.changed, named)
    swaps = restore_from(ids, old, stage.place, aim).swaps(live)
    flights = [*flights_of_merge(merge, named)]
    if taken:
        text = f"{listed(tuple(taken))}: something that is no record is in its place, and stays"
        flights.append(warning("no record", text))
    if gone := copy.expired(now_ms):
        flights.append(warning("expiry", f"{gone} Redis keys of the copy have expired since"))
    ends = [one.ttl_ms for one in swaps if one.ttl_ms]
    if ends:
        text = f"what comes back first expires in {min(ends) / 1000:.0f} s, as it was to"
        flights.append(warning("expiry", text))
    if old.skipped:
        text = f"{old.skipped} members of the copy are no records: they are not put back"
        flights.append(warning("other members", text))
    if any(len(one.new or b"") > MOST_BYTES for one in swaps):
        text = f"a text of more than {MOST_BYTES} bytes is not compared and replaced as a whole"
        flights.append(stop_flight("write", text))
    flights += told_parts(stage, swaps)
    return _Back(old, merge, named, tuple(flights), _preview(stage, old, merge, named))


def _preview(
    stage: RedisStage, old: RedisStore, merge: Merge, named: tuple[str, ...]
) -> tuple[SafeText, ...]:
    """Return which keys come, change, go on, and stay; of those that change, their fields."""
    rows, was = stage.found.marked.all, replace(stage.found, store=old).marked.all
    fields = tuple(
        clean(f"~ {short(mark)}: {', '.join(set_back(rows[mark].record, was[mark].record))}", 300)
        for mark in merge.changed[:LEFT]
    )
    more = len(merge.changed) - len(fields)
    rest = (clean(f"~ … and {more} more"),) if more else ()
    return (*preview_of(replace(merge, changed=()), named), *fields, *rest)


def _draft(stage: RedisStage, target: str, title: SafeText, copy: StoreCopy, back: _Back) -> Draft:
    place, merge, named = stage.place, back.merge, back.named
    step = PutRedisCopyBack(
        place.server, stage.run_id, place.names, stage.system, stage.spec.name, copy.name,
        merge.added, merge.changed, named, stage.standing.is_cluster, place.tiers, place.counters,
    )  # fmt: skip
    trait = RedisPolicyTrait(place.server, place.names, back.marks, place.tiers, place.counters)
    undo = SafeText("what came goes, what was changed is as before, but for what others change")
    base = nothing(stage.spec, target, title)
    kind = stage.found.store.kind if stage.found.store.rows else "no API key of the store"
    store = passed("store", f"{kind} in {place.server}")
    return replace(
        base,
        steps=(
            DraftStep(
                clean(f"merge {copy.name} into {place.server}"), step, stage.deadline_s, undo=undo
            ),
        ),
        traits=(DraftTrait(clean(f"keys in {place.server}"), trait),),
        proofs=_proofs(stage, copy.name, back),
        radius=radius_of(merge, named),
        preflight=(store, *back.flights),
        preview=back.preview,
        is_locked_whole=True,
        way_back=SafeText("action.undo: what came goes, what was changed is as before"),
    )


def _proofs(stage: RedisStage, name: str, back: _Back) -> tuple[DraftProof, ...]:
    place, merge, probe = stage.place, back.merge, stage.spec.probe
    shown = RedisCopyShown(
        place.server, place.names, name, merge.added, merge.changed, back.named, place.tiers,
        place.counters,
    )  # fmt: skip
    proofs = [DraftProof(clean(f"{place.server}, read again"), shown)]
    was = replace(stage.found, store=back.old).marked.all
    came = tuple(mark for mark in merge.added if was[mark].record.was_active)
    live = (*back.named, *came)
    if probe is not None and live:
        says = RedisKeysShown(
            place.server, place.names, live, True, place.tiers, probe.url, probe.header,
            probe.refused, place.counters,
        )  # fmt: skip
        proofs.append(DraftProof(SafeText("the service takes them again"), says))
    return tuple(proofs)
