"""`key.restore`: a copy of a store, merged into what lives; the preview says what that comes to."""

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.key_look import KeysTrait, Store, keys_of, look, spec_of
from core.actions.families.key_merging import (
    BACKUP,
    NEWEST,
    REACTIVATE,
    copy_named,
    flights_of_merge,
    keys_named,
    preview_of,
    radius_of,
)
from core.actions.families.key_proofs import KeysShown
from core.actions.families.key_redis_copies import draft_restore
from core.actions.families.key_steps import PutCopyBack
from core.actions.families.key_words import base_of, offers
from core.actions.families.services_draft import stop_flight, warning
from core.actions.traits import FileTrait
from core.clients.acting.key_store import StoreCopy
from core.errors import ClientError, ClientGarbled
from core.keys.store.edits import shape_of
from core.keys.store.restoring import Merge, merge_of
from core.keys.store.shapes import Shape
from core.model.action import ActionRequest, Danger, Input, Preflight
from core.model.text import SafeText, clean

_REDIS = "redis"


async def _draft(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_restore(site, request, spec)
    store = await look(site, request.target)
    path = (await keys_of(site.ports).place(store.spec.path)).path
    copy, data = await copy_named(site, path, request.input(BACKUP, NEWEST))
    title = clean(f"put {copy.made:%Y-%m-%d %H:%M:%S} UTC back into {store.spec.name}")
    backup = shape_of(data, store.tiers)
    file = next((one for one in store.files if one.path == path), None)
    if file is None:
        return await _whole(site, store, path, copy, backup, title)
    merge = merge_of(store.ids, file.shape.all_records, backup.all_records)
    named = keys_named(request.input(REACTIVATE), merge)
    if not (merge.added or merge.changed or named):
        nothing = stop_flight("copy", "the store has everything that the copy has")
        return base_of(store, title, nothing)
    step = PutCopyBack(
        path, store.system, store.spec.name, copy.name, merge.added, named, False, store.tiers
    )
    marks = (*merge.added, *merge.changed, *named)
    return Draft(
        title=title,
        targets=base_of(store, title).targets,
        steps=(DraftStep(clean(f"merge {copy.name} into {path}"), step, store.deadline_s,
                         undo=SafeText("the bytes from before, while nobody else has written")),),
        traits=(DraftTrait(clean(f"keys in {path}"), KeysTrait(path, marks, store.tiers)),),
        proofs=_proofs(store, path, named),
        radius=radius_of(merge, named),
        preflight=(*store.flights, *_flights(store, merge, named)),
        preview=preview_of(merge, named),
        locks=(f"keys:{path}",),
        is_locked_whole=True,
        way_back=SafeText("the store as it is now is copied first"),
        called=store.spec.name,
    )  # fmt: skip


def _proofs(store: Store, path: str, named: tuple[str, ...]) -> tuple[DraftProof, ...]:
    if not named:
        return ()
    shown = KeysShown(path, named, True, store.tiers)
    return (DraftProof(clean(f"{path}, read again"), shown),)


def _flights(store: Store, merge: Merge, named: tuple[str, ...]) -> tuple[Preflight, ...]:
    found = flights_of_merge(merge, named)
    if len(store.files) > 1:
        others = ", ".join(one.path for one in store.files[1:])
        found.append(warning("split store", f"{others} stays as it is"))
    return tuple(found)


async def _whole(
    site: Site, store: Store, path: str, copy: StoreCopy, backup: Shape, title: SafeText
) -> Draft:
    """Return the draft where what lives cannot be read: all of it is replaced."""
    try:
        shape_of(await keys_of(site.ports).read(path), store.tiers)
    except ClientGarbled as error:
        why = clean(str(error))
    except ClientError:
        return base_of(store, title)
    else:
        return base_of(store, title)
    step = PutCopyBack(path, store.system, store.spec.name, copy.name, (), (), True, store.tiers)
    text = f"{path} cannot be read ({why}): all of it is replaced by the copy"
    return Draft(
        title=title,
        targets=base_of(store, title).targets,
        steps=(DraftStep(clean(f"replace {path} by {copy.name}"), step, store.deadline_s),),
        traits=(DraftTrait(clean(path), FileTrait(path)),),
        radius=(clean(f"{len(backup.all_records)} keys as they were, also what was off since"),),
        preflight=(warning("store", text, "what is there now is copied first"),),
        locks=(f"keys:{path}",),
        is_locked_whole=True,
        way_back=SafeText("what is there now is copied first"),
        danger=Danger.DESTROY,
        called=store.spec.name,
    )  # fmt: skip


RESTORE = Action(
    "key.restore", "Put a copy of a store of keys back", "restore", Danger.INTERRUPT,
    offers("key.restore", "Put back the keys of", _REDIS), _draft,
    (Input(BACKUP, "name of the copy", NEWEST),
     Input(REACTIVATE, "short ids of keys to switch on again, with commas")),
)  # fmt: skip
