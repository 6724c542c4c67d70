"""`key.*`: API keys switched off and on, other tiers, copies; making is in `key_new`."""

from secrets import token_hex

from core.actions.action import Action, Draft, DraftStep, Site
from core.actions.families.key_ends import draft_end_of_files, due_marks
from core.actions.families.key_look import (
    Store,
    keys_of,
    look,
    marks_of,
    named_marks,
    quota_of,
    short,
    spec_of,
    tier_of,
    usage_text,
)
from core.actions.families.key_new import MAKING
from core.actions.families.key_redis import draft_end, draft_switch, draft_tier
from core.actions.families.key_redis_copies import draft_backup
from core.actions.families.key_restoring import RESTORE
from core.actions.families.key_steps import KeepCopy, SetKeyTier
from core.actions.families.key_words import (
    LEFT,
    base_of,
    counted_keys,
    emptied,
    offers,
    quota_named,
    server_proof,
    shown_keys,
    switching,
    tier_named,
    traits,
    turning,
    uses_said,
    whole_ids,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Input, Preflight
from core.model.text import SafeText, clean

_KEYS, _TIER, _QUOTA, _DUE, _REDIS, _OF = "keys", "tier", "quota", "due", "redis", "of"
_BULK = 5
"""More keys than these at once are typed."""


async def _marks(site: Site, store: Store, text: str) -> tuple[str, ...]:
    """Return the keys that are meant; `due`: those whose grace is over and that are still on."""
    return await due_marks(site.ports, store) if text == _DUE else marks_of(store, text)


async def _draft_switch(site: Site, request: ActionRequest, *, is_active: bool) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_switch(site, request, spec, is_active=is_active)
    store = await look(site, request.target)
    word = "reactivate" if is_active else "deactivate"
    base = base_of(store, clean(f"{word} keys of {store.spec.name}"))
    if not store.files:
        return base
    named = await _marks(site, store, request.input(_KEYS))
    marks = turning(store, named, is_active=is_active)
    steps, proofs = switching(store, marks, is_active=is_active)
    state = "active" if is_active else "inactive"
    if not steps:
        nothing = stop_flight("state", f"{counted_keys(named)}: already {state}, nothing to do")
        return base_of(store, base.title, nothing)
    so = tuple(mark for mark in named if mark not in frozenset(marks))
    already = [passed("state", f"already {state}: {named_marks(so)}")] if so else []
    left = () if is_active else emptied(store, marks)
    is_typed = bool(left) or len(marks) > _BULK
    uses = [await usage_text(site, store, mark) for mark in marks[:LEFT]]
    effect = "taken again" if is_active else "refused"
    return Draft(
        title=clean(f"{word} {counted_keys(marks)} of {store.spec.name}"),
        targets=whole_ids(store, marks),
        steps=steps,
        traits=traits(store, marks),
        proofs=(*proofs, *server_proof(store, marks, is_live=is_active)),
        radius=(
            clean(f"{counted_keys(marks)}: {effect} from now on"),
            *uses_said(marks, uses),
        ),
        preflight=(*store.flights, *_split(store, marks), *already, *left),
        preview=shown_keys(store, marks),
        locks=base.locks,
        is_locked_whole=True,
        way_back=clean("key.reactivate" if not is_active else "key.deactivate"),
        danger=Danger.DESTROY if is_typed else None,
        called=store.spec.name,
    )  # fmt: skip


def _split(store: Store, marks: tuple[str, ...]) -> tuple[Preflight, ...]:
    """Return what is to be said where several files hold keys."""
    if len(store.files) < 2:
        return ()
    found: list[Preflight] = []
    for file in store.files:
        missing = [mark for mark in marks if file.marked.find(mark) is None]
        what = f"lacks {counted_keys(tuple(missing))}" if missing else "is changed as well"
        make = warning if missing else passed
        found.append(make("split store", f"{file.path} {what}"))
    return tuple(found)


async def _deactivate(site: Site, request: ActionRequest) -> Draft:
    return await _draft_switch(site, request, is_active=False)


async def _reactivate(site: Site, request: ActionRequest) -> Draft:
    return await _draft_switch(site, request, is_active=True)


async def _set_tier(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_tier(site, request, spec)
    store = await look(site, request.target)
    base = base_of(store, clean(f"change the tier of a key of {store.spec.name}"))
    if not store.files:
        return base
    marks = marks_of(store, request.input(_KEYS) or request.input("key"))
    if len(marks) != 1:
        raise ActionError("one key at a time gets another tier")
    (mark,) = marks
    tier = tier_named(store, request.input(_TIER))
    quota = quota_named(store.spec, request.input(_QUOTA), tier)
    steps: list[DraftStep] = []
    for file in store.having(mark):
        record = file.marked.find(mark)
        if record is None or (tier_of(record) == tier and quota in {None, quota_of(record)}):
            continue
        step = SetKeyTier(
            file.path, mark, tier, quota, tier_of(record), quota_of(record), store.tiers
        )
        title = clean(f"{short(mark)} becomes {tier}, {quota or 'its quota'} in {file.path}")
        undo = SafeText("put back what its record said")
        steps.append(DraftStep(title, step, store.deadline_s, undo=undo))
    if not steps:
        nothing = stop_flight("state", f"{short(mark)} is {tier} with this quota already")
        return base_of(store, base.title, nothing)
    record = store.record(mark)
    was = f"{tier_of(record)}, {quota_of(record)}" if record else "unknown"
    becomes = f"{tier}, {'same quota' if quota is None else quota}"
    return Draft(
        title=clean(f"{short(mark)} of {store.spec.name}: {was} becomes {becomes}"),
        targets=whole_ids(store, marks),
        steps=tuple(steps),
        traits=traits(store, marks),
        radius=(await usage_text(site, store, mark),),
        preflight=(*store.flights, *_split(store, marks)),
        preview=shown_keys(store, marks),
        locks=base.locks,
        is_locked_whole=True,
        way_back=SafeText("tier and quota as they were"),
        called=store.spec.name,
    )  # fmt: skip


async def _back_up(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_backup(site, request, spec)
    store = await look(site, request.target)
    base = base_of(store, clean(f"copy the keys of {store.spec.name}"))
    token = token_hex(16)
    steps: list[DraftStep] = []
    flights: list[Preflight] = []
    for file in store.files:
        there = await keys_of(site.ports).copies(file.path)
        text = f"{len(there)} copies of {file.path} are kept, 0600, all with live keys"
        flights.append(passed("copies", text))
        title = clean(f"copy {file.path}, {len(file.shape.all_records)} keys")
        step = KeepCopy(file.path, token)
        steps.append(DraftStep(title, step, undo=SafeText("removed")))
    return Draft(
        title=base.title, targets=base.targets, steps=tuple(steps), locks=base.locks,
        is_locked_whole=True,
        preflight=(*store.flights, *flights), way_back=SafeText("the copies are removed"),
        called=store.spec.name,
    )  # fmt: skip


async def _end(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_end(site, request, spec, request.input(_OF))
    return await draft_end_of_files(site, request, request.input(_OF))


_CHOOSE = Input(_KEYS, "short ids, with commas", is_required=True)

ACTIONS: tuple[Action, ...] = (
    *MAKING,
    Action(
        "key.deactivate", "Deactivate API keys", "deactivate", Danger.INTERRUPT,
        offers("key.deactivate", "Deactivate keys of", _REDIS), _deactivate,
        (Input(_KEYS, "short ids, with commas; due: those whose grace is over", is_required=True),),
    ),
    Action(
        "key.reactivate", "Reactivate API keys", "reactivate", Danger.CHANGE,
        offers("key.reactivate", "Reactivate keys of", _REDIS), _reactivate, (_CHOOSE,),
    ),
    Action(
        "key.set_tier", "Change tier and quota of a key", "change", Danger.CHANGE,
        offers("key.set_tier", "Change the tier of a key of", _REDIS), _set_tier,
        (Input("key", "its short id", is_required=True), Input(_TIER, "tier", is_required=True),
         Input(_QUOTA, "requests a month; empty: the tier's")),
    ),
    Action(
        "key.backup", "Copy a store of keys", "copy", Danger.COPY,
        offers("key.backup", "Copy the keys of", _REDIS), _back_up,
    ),
    Action(
        "key.end", "End a grace that is over", "end", Danger.INTERRUPT,
        offers("key.end", "End the grace that is over in", _REDIS), _end,
        (Input(_OF, "the order of one rotation; empty: every grace that is over"),),
    ),
    RESTORE,
)  # fmt: skip
