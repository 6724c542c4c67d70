"""What drafts on keys have in common: targets, proofs, warnings, words."""

from collections.abc import Callable, Iterable, Sequence

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.key_look import (
    KeyFile,
    KeysTrait,
    Store,
    against,
    mask_of,
    named_marks,
    quota_of,
    short,
    tier_of,
)
from core.actions.families.key_proofs import KeysShown, ServerSays
from core.actions.families.key_steps import SetKeysActive
from core.actions.families.services_draft import warning
from core.errors import ActionError
from core.model.action import Preflight, Target
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean

LEFT = 20
"""So many keys are told of one by one."""
_MOST_QUOTA = 10**12
_Part = tuple[KeyFile, tuple[str, ...]]


def offers(action: str, title: str, *kinds: str) -> Callable[[Site], tuple[Offer, ...]]:
    """Return what offers an action on every store; `kinds` are those besides files."""

    def found(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(
                action, f"{system.name}/{one.name}", clean(f"{title} {one.title or one.name}"),
                against(one, *kinds),
            )
            for system in site.topology.systems
            for one in site.operations_of(system.name).keys
        )  # fmt: skip

    return found


def base_of(store: Store, title: SafeText, *flights: Preflight) -> Draft:
    """Return a draft that does nothing yet; its preflight says why it stays so."""
    return Draft(
        title=title,
        targets=(Target("keys", f"{store.system}/{store.spec.name}", clean(store.spec.name)),),
        steps=(),
        preflight=(*store.flights, *flights),
        locks=tuple(sorted(f"keys:{one.path}" for one in store.files)),
        called=store.spec.name,
    )


def whole_ids(store: Store, marks: tuple[str, ...]) -> tuple[Target, ...]:
    """Return keys as targets, never whole."""
    place = f"{store.system}/{store.spec.name}"
    return tuple(Target("key", f"{place}/{mark}", store.told(mark)) for mark in marks)


def counted_keys(marks: tuple[str, ...]) -> str:
    """Return `k-3fa91c` or `12 keys`."""
    return short(marks[0]) if len(marks) == 1 else f"{len(marks)} keys"


def traits(store: Store, marks: tuple[str, ...]) -> tuple[DraftTrait, ...]:
    """Return fingerprints of keys, in every file that has one of them; of none, in every file."""
    return tuple(
        DraftTrait(clean(f"keys in {one.path}"), KeysTrait(one.path, marks, store.tiers))
        for one in store.files
        if not marks or any(one.marked.find(mark) for mark in marks)
    )


def _switched(store: Store, marks: tuple[str, ...], *, is_active: bool) -> list[_Part]:
    """Return, for each file, the keys in it that are the other way."""
    parts: list[_Part] = []
    for file in store.files:
        marked = file.marked
        found = [
            mark for mark in marks if (one := marked.find(mark)) and one.is_active != is_active
        ]
        if found:
            parts.append((file, tuple(found)))
    return parts


def turning(store: Store, marks: tuple[str, ...], *, is_active: bool) -> tuple[str, ...]:
    """Return those of the keys that are the other way in any file."""
    parts = _switched(store, marks, is_active=is_active)
    found = {mark for _, some in parts for mark in some}
    return tuple(mark for mark in marks if mark in found)


def switching(
    store: Store, marks: tuple[str, ...], *, is_active: bool
) -> tuple[tuple[DraftStep, ...], tuple[DraftProof, ...]]:
    """Return the steps that switch keys in every file that has them, and their proofs."""
    word = "activate" if is_active else "deactivate"
    parts = _switched(store, marks, is_active=is_active)
    steps = tuple(
        DraftStep(
            clean(f"{word} {counted_keys(found)} in {file.path}"),
            SetKeysActive(file.path, found, is_active, store.tiers),
            store.deadline_s,
            undo=SafeText("put back what their records said"),
        )
        for file, found in parts
    )
    proofs = tuple(
        DraftProof(
            clean(f"{file.path}, read again"),
            KeysShown(file.path, found, is_active, store.tiers),
        )
        for file, found in parts
    )
    return steps, proofs


def tier_named(store: Store, text: str) -> str:
    """Return a tier of the menu, or one that a key has already.

    Raises:
        ActionError: nobody knows it.
    """
    return tier_among(
        store.spec, text, (tier_of(r) for f in store.files for r in f.shape.records())
    )


def tier_among(spec: KeyStoreSpec, text: str, used: Iterable[str]) -> str:
    """Return a tier of a store's menu, or one of those that its keys have.

    Raises:
        ActionError: nobody knows it.
    """
    known = dict.fromkeys((*(name for name, _ in spec.tiers), *used))
    if text in known and text:
        return text
    menu = ", ".join(f"{name} ({quota:,} a month)" for name, quota in spec.tiers)
    raise ActionError(
        f"{clean(text or 'nothing', 40)} is no tier here; there are: {menu or 'none'}"
    )


def quota_named(spec: KeyStoreSpec, text: str, tier: str) -> int | None:
    """Return a quota that was given, else the tier's; None: it has none.

    Raises:
        ActionError: what was given is none.
    """
    if not text:
        return dict(spec.tiers).get(tier)
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= number <= _MOST_QUOTA:
        raise ActionError(f"a quota is a number of requests a month, not {clean(text, 40)}")
    return number


def shown_keys(store: Store, marks: tuple[str, ...]) -> tuple[SafeText, ...]:
    """Return a line for each key: id, mask, tier, quota, state."""
    lines: list[SafeText] = []
    for mark in marks[:LEFT]:
        record = store.record(mark)
        if record is not None:
            quota = quota_of(record)
            state = "active" if record.is_active else "inactive"
            shown = "no quota" if quota is None else f"{quota} a month"
            tier = tier_of(record) or "no tier"
            lines.append(clean(f"{short(mark)} {mask_of(record)} {tier}, {shown}, {state}"))
    more = (clean(f"… and {len(marks) - LEFT} more"),) if len(marks) > LEFT else ()
    return (*lines, *more)


def uses_said(marks: tuple[str, ...], uses: Sequence[str]) -> tuple[SafeText, ...]:
    """Return how much keys are used, the same once; `uses` are of the first of them."""
    alike: dict[str, list[str]] = {}
    for mark, use in zip(marks, uses, strict=False):
        alike.setdefault(use, []).append(mark)
    more = (clean(f"… and {len(marks) - len(uses):,} keys more"),) if len(marks) > len(uses) else ()
    return (*(clean(f"{named_marks(tuple(some))}: {use}") for use, some in alike.items()), *more)


def emptied(store: Store, marks: Iterable[str]) -> tuple[Preflight, ...]:
    """Return a warning for each tier that would have no active key left."""
    off, found = set(marks), list[Preflight]()
    for file in store.files[:1]:
        before: dict[str, int] = {}
        after: dict[str, int] = {}
        for one in file.shape.records():
            if one.is_active:
                is_off = store.ids.mark(one.identity) in off
                tier = tier_of(one) or "no tier"
                before[tier] = before.get(tier, 0) + 1
                after[tier] = after.get(tier, 0) + (not is_off)
        found += [
            warning("tiers", f"{tier} would have no active key left (now {before[tier]})")
            for tier, left in after.items()
            if not left
        ]
    return tuple(found)


def server_proof(store: Store, marks: tuple[str, ...], *, is_live: bool) -> tuple[DraftProof, ...]:
    """Return how the server is asked about keys that are in the store; nothing without a probe."""
    probe = store.spec.probe
    if probe is None:
        return ()
    word = "takes them again" if is_live else f"answers {probe.refused} or 403"
    proofs: list[DraftProof] = []
    left = set(marks)
    for file in store.files:
        here = tuple(mark for mark in marks if mark in left and file.marked.find(mark))
        left -= set(here)
        if here:
            says = ServerSays(
                probe.url, probe.header, probe.refused, file.path, here, is_live, store.tiers
            )
            proofs.append(DraftProof(clean(f"the server {word}"), says))
    return tuple(proofs)


def new_key_proof(store: Store, token: str, count: int) -> tuple[DraftProof, ...]:
    """Return how the server is asked about keys that are not there yet."""
    probe = store.spec.probe
    if probe is None:
        return ()
    says = ServerSays(
        probe.url, probe.header, probe.refused, store.files[0].path, (), True, store.tiers,
        token, count,
    )  # fmt: skip
    return (DraftProof(SafeText("the server takes the new key"), says),)
