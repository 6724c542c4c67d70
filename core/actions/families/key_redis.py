"""Keys that are kept in Redis: switched off and on, another tier and quota, ends of graces."""

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.key_ends import StrikeEnd, ends_of, refusals, successor
from core.actions.families.key_look import quota_of, short, tier_of
from core.actions.families.key_redis_look import (
    DUE,
    RedisKeysTrait,
    RedisStage,
    emptied,
    flights_of,
    is_used,
    locks,
    marks_due,
    marks_named,
    nothing,
    stage_of,
    use_text,
    uses_of,
)
from core.actions.families.key_redis_proofs import RedisKeysShown, RedisTierShown
from core.actions.families.key_redis_steps import SetRedisTier, SwitchRedisKeys
from core.actions.families.key_redis_writing import told_parts
from core.actions.families.key_words import LEFT, counted_keys, quota_named, tier_among, uses_said
from core.actions.families.services_draft import stop_flight
from core.errors import ActionError, ClientDenied
from core.keys.ids import KeyIds
from core.keys.store.ends import over
from core.keys.store.redis_edits import ChangeTier, RedisEdit, Switch
from core.model.action import ActionRequest, Danger, Grade, Preflight
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean

_KEYS = "keys"
_BULK = 5


async def draft_switch(
    site: Site, request: ActionRequest, spec: KeyStoreSpec, *, is_active: bool
) -> Draft:
    """Return the draft that switches keys of a store in Redis."""
    word = "activate" if is_active else "deactivate"
    title = clean(f"{word} keys of {spec.name}")
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, title, stage)
    text = request.input(_KEYS)
    marks = await marks_due(site, stage) if text == DUE else marks_named(stage, text)
    wanted = tuple(
        mark
        for mark, row in zip(marks, stage.rows(marks), strict=True)
        if row.record.was_active is not is_active
    )
    if not wanted:
        why = stop_flight("state", f"already {word}d, nothing to do")
        return nothing(spec, request.target, title, why)
    edit = Switch(ids=stage.found.ids, marks=wanted, is_active=is_active)
    if is_stopped(flights := judged(stage, edit)):
        return nothing(spec, request.target, title, *flights)
    steps, proofs = switching(stage, wanted, is_active=is_active)
    left = () if is_active else emptied(stage, wanted)
    effect = "taken again" if is_active else "refused"
    name = counted_keys(wanted)
    return Draft(
        title=clean(f"{word} {name} of {spec.name}"),
        targets=stage.targets(wanted),
        steps=steps,
        traits=traits(stage, wanted),
        proofs=proofs,
        radius=(
            clean(f"{name}: {effect} from now on"),
            *await uses_told(site, stage, wanted),
        ),
        preflight=(*flights_of(stage, wanted), *flights, *left),
        preview=stage.preview(wanted),
        locks=locks(spec),
        is_locked_whole=True,
        way_back=clean("key.deactivate" if is_active else "key.reactivate"),
        danger=Danger.DESTROY if left or len(wanted) > _BULK else None,
        called=spec.name,
    )  # fmt: skip


def judged(stage: RedisStage, edit: RedisEdit) -> tuple[Preflight, ...]:
    """Return why a change cannot be made, or that it is made in parts; mostly nothing."""
    try:
        return told_parts(stage, edit.swaps(stage.found.store))
    except ClientDenied as error:
        return (stop_flight("write", str(error)),)


def is_stopped(flights: tuple[Preflight, ...]) -> bool:
    """Tell whether any of these forbids the plan."""
    return any(one.grade is Grade.STOP for one in flights)


def traits(stage: RedisStage, marks: tuple[str, ...]) -> tuple[DraftTrait, ...]:
    """Return the fingerprint of keys."""
    place = stage.place
    trait = RedisKeysTrait(place.server, place.names, marks, place.tiers, place.counters)
    return (DraftTrait(clean(f"keys in {place.server}"), trait),)


async def uses_told(site: Site, stage: RedisStage, marks: tuple[str, ...]) -> tuple[SafeText, ...]:
    """Return how much each of the first keys is used."""
    uses, rows = await uses_of(site, stage), stage.rows(marks[:LEFT])
    return uses_said(marks, [use_text(uses, row.record) for row in rows])


def switching(
    stage: RedisStage, marks: tuple[str, ...], *, is_active: bool
) -> tuple[tuple[DraftStep, ...], tuple[DraftProof, ...]]:
    """Return the steps that switch keys, and how it is seen that they are."""
    word, place, probe = "activate" if is_active else "deactivate", stage.place, stage.spec.probe
    step = SwitchRedisKeys(
        place.server, stage.run_id, place.names, marks, is_active, place.tiers, place.counters,
        stage.standing.is_cluster,
    )  # fmt: skip
    title = clean(f"{word} {counted_keys(marks)} in {place.server}")
    undo = SafeText("put back what their records said")
    shown = RedisKeysShown(
        place.server, place.names, marks, is_active, place.tiers, probe.url if probe else "",
        probe.header if probe else "", probe.refused if probe else 401, place.counters,
    )  # fmt: skip
    proof = DraftProof(clean(f"{place.server}, read again"), shown)
    return (DraftStep(title, step, stage.deadline_s, undo=undo),), (proof,)


async def draft_tier(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that gives a key of a store in Redis another tier and quota."""
    title = clean(f"change the tier of a key of {spec.name}")
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, title, stage)
    marks = marks_named(stage, request.input(_KEYS) or request.input("key"))
    if len(marks) != 1:
        raise ActionError("one key at a time gets another tier")
    (mark,) = marks
    (row,) = stage.rows(marks)
    tier = tier_of_menu(stage, request.input("tier"))
    quota = quota_named(spec, request.input("quota"), tier)
    was, had = tier_of(row.record), quota_of(row.record)
    if had is None:
        quota = None  # its record has no field for one: the tier's counts
    if was == tier and quota in {None, had}:
        why = stop_flight("state", f"{short(mark)} is {tier} with this quota already")
        return nothing(spec, request.target, title, why)
    ids: KeyIds = stage.found.ids
    change = ChangeTier(ids=ids, marks=marks, tiers=stage.place.tiers, tier=tier, quota=quota)
    if is_stopped(flights := judged(stage, change)):
        return nothing(spec, request.target, title, *flights)
    place = stage.place
    step = SetRedisTier(
        place.server, stage.run_id, place.names, mark, tier, quota, was, had, place.tiers,
        place.counters,
    )  # fmt: skip
    shown = RedisTierShown(
        place.server, place.names, mark, tier, quota, place.tiers, place.counters
    )
    becomes = f"{tier}, {'same quota' if quota is None else quota}"
    return Draft(
        title=clean(f"{short(mark)} of {spec.name}: {was}, {had} becomes {becomes}"),
        targets=stage.targets(marks),
        steps=(
            DraftStep(
                clean(f"{short(mark)} becomes {becomes} in {place.server}"), step, stage.deadline_s,
                undo=SafeText("put back what its record said"),
            ),
        ),
        traits=traits(stage, marks),
        proofs=(DraftProof(clean(f"{place.server}, read again"), shown),),
        radius=await uses_told(site, stage, marks),
        preflight=tuple(flights_of(stage, marks)),
        preview=stage.preview(marks),
        locks=locks(spec),
        is_locked_whole=True,
        way_back=SafeText("tier and quota as they were"),
        called=spec.name,
    )  # fmt: skip


def tier_of_menu(stage: RedisStage, text: str) -> str:
    """Return a tier of the menu, or one that a key has already.

    Raises:
        ActionError: nobody knows it.
    """
    return tier_among(stage.spec, text, (tier_of(row.record) for row in stage.found.store.rows))


async def draft_end(site: Site, request: ActionRequest, spec: KeyStoreSpec, of: str) -> Draft:
    """Return the draft that ends graces that are over; `of`: those of one rotation."""
    title = clean(f"end graces of {spec.name}")
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, title, stage)
    noted = over(await ends_of(site.ports, stage.system, spec.name), site.ports.clock.now())
    active = set(stage.active)
    ends = tuple(one for one in noted if one.mark in active and (not of or one.order == of))
    if not ends:
        raise ActionError("no key's grace is over")
    marks = tuple(one.mark for one in ends)
    steps, proofs = switching(stage, marks, is_active=False)
    strike = StrikeEnd(stage.system, spec.name, tuple(one.line for one in ends))
    struck = DraftStep(SafeText("strike the end out"), strike, undo=SafeText("noted again"))
    left, used, rows = emptied(stage, marks), await uses_of(site, stage), stage.found.marked.all
    flights = [*flights_of(stage, marks)]
    for one in ends:
        new = rows[one.new].record if one.new in rows else None
        flights += successor(spec, one, new, is_used(used, new) if new else None)
    uses = [use_text(used, row.record) for row in stage.rows(marks[:LEFT])]
    return Draft(
        title=clean(f"end the grace of {counted_keys(marks)} of {spec.name}"),
        targets=stage.targets(marks),
        steps=(*steps, struck),
        traits=traits(stage, marks),
        proofs=proofs,
        radius=uses_said(marks, refusals(ends, uses)),
        preflight=(*flights, *left),
        preview=stage.preview(marks),
        locks=locks(spec),
        is_locked_whole=True,
        way_back=SafeText("key.reactivate"),
        danger=Danger.DESTROY if left else None,
        called=spec.name,
    )  # fmt: skip
