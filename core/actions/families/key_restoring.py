"""`key.restore`: a copy of a store, merged into what lives; the preview says what that comes to."""

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.key_look import KeysTrait, Store, keys_of, look, short
from core.actions.families.key_proofs import KeysShown
from core.actions.families.key_steps import PutCopyBack
from core.actions.families.key_words import LEFT, base_of, offers
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.traits import FileTrait
from core.clients.acting.key_store import StoreCopy
from core.errors import ActionError, ClientError, ClientGarbled
from core.keys.store.edits import shape_of
from core.keys.store.restoring import Merge, merge_of
from core.keys.store.shapes import Shape
from core.model.action import ActionRequest, Danger, Input, Preflight
from core.model.text import SafeText, clean

_BACKUP, _REACTIVATE = "backup", "reactivate"
_NEWEST = "newest"
_DEADLINE_S = 120.0


async def _chosen(site: Site, path: str, name: str) -> tuple[StoreCopy, bytes]:
    """Return the copy that is meant.

    Raises:
        ActionError: there is none of this name.
    """
    control = keys_of(site.ports)
    copies = await control.copies(path)
    named = {one.name: one for one in copies}
    found = copies[-1] if copies and name == _NEWEST else named.get(name)
    if found is None:
        known = ", ".join(list(named)[-5:]) or "none"
        raise ActionError(f"there is no copy {clean(name, 80)}; the newest are: {known}")
    return found, await control.read_copy(path, found.name)


async def _draft(site: Site, request: ActionRequest) -> Draft:
    store = await look(site, request.target)
    path = (await keys_of(site.ports).place(store.spec.path)).path
    copy, data = await _chosen(site, path, request.input(_BACKUP, _NEWEST))
    title = clean(f"put {copy.made:%Y-%m-%d %H:%M:%S} UTC back into {store.spec.name}")
    backup = shape_of(data, store.tiers)
    file = next((one for one in store.files if one.path == path), None)
    if file is None:
        return await _whole(site, store, path, copy, backup, title)
    merge = merge_of(store.ids, file.shape, backup)
    named = _named(request.input(_REACTIVATE), merge)
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
        steps=(DraftStep(clean(f"merge {copy.name} into {path}"), step, _DEADLINE_S,
                         undo=SafeText("the bytes from before, while nobody else has written")),),
        traits=(DraftTrait(clean(f"keys in {path}"), KeysTrait(path, marks, store.tiers)),),
        proofs=_proofs(store, path, named),
        radius=_radius(merge, named),
        preflight=(*store.flights, *_flights(store, merge, named)),
        preview=_preview(merge, named),
        locks=(f"keys:{path}",),
        is_locked_whole=True,
        way_back=SafeText("the store as it is now is copied first"),
        called=store.spec.name,
    )  # fmt: skip


def _named(text: str, merge: Merge) -> tuple[str, ...]:
    """Return the keys that a person wants switched on again.

    Raises:
        ActionError: one is none of those that the copy has as active.
    """
    wanted = [one.strip().removeprefix("k-") for one in text.split(",") if one.strip()]
    found: list[str] = []
    for one in wanted:
        match = [mark for mark in merge.off if mark.startswith(one)]
        if len(match) != 1:
            raise ActionError(f"k-{clean(one, 20)} was not switched off since that copy")
        found += match
    return tuple(found)


def _proofs(store: Store, path: str, named: tuple[str, ...]) -> tuple[DraftProof, ...]:
    if not named:
        return ()
    shown = KeysShown(path, named, True, store.tiers)
    return (DraftProof(clean(f"{path}, read again"), shown),)


def _radius(merge: Merge, named: tuple[str, ...]) -> tuple[SafeText, ...]:
    return (
        clean(f"{len(merge.added)} keys come back as they were, {len(merge.changed)} are set back"),
        clean(f"0 removed: {len(merge.newer)} newer keys stay"),
        clean(f"{len(named)} switched on again, {len(merge.off) - len(named)} stay off"),
    )


def _flights(store: Store, merge: Merge, named: tuple[str, ...]) -> tuple[Preflight, ...]:
    left = [mark for mark in merge.off if mark not in named]
    found = [passed("copy", f"read; {len(merge.added)} of its keys are missing now")]
    if left:
        text = f"switched off since: {_listed(tuple(left))}; they stay off"
        found.append(warning("off", text, "name those that shall be on: --set reactivate=k-…"))
    if named:
        found.append(warning("on again", f"LIVE again: {_listed(named)}"))
    if len(store.files) > 1:
        others = ", ".join(one.path for one in store.files[1:])
        found.append(warning("split store", f"{others} stays as it is"))
    return tuple(found)


def _listed(marks: tuple[str, ...]) -> str:
    more = f" and {len(marks) - LEFT} more" if len(marks) > LEFT else ""
    return ", ".join(map(short, marks[:LEFT])) + more


def _preview(merge: Merge, named: tuple[str, ...]) -> tuple[SafeText, ...]:
    rows = (("+", merge.added), ("~", merge.changed), ("on", named))
    return tuple(clean(f"{sign} {_listed(marks)}") for sign, marks in rows if marks)


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
        steps=(DraftStep(clean(f"replace {path} by {copy.name}"), step, _DEADLINE_S),),
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
    offers("key.restore", "Put back the keys of"), _draft,
    (Input(_BACKUP, "name of the copy", _NEWEST),
     Input(_REACTIVATE, "short ids of keys to switch on again, with commas")),
)  # fmt: skip
