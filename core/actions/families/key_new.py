"""`key.generate`, `key.rotate`, `key.rotate_all`: new keys, and the old ones off."""

from datetime import timedelta

from core.actions.action import Action, Draft, DraftStep, Site
from core.actions.families.key_ends import ending_later
from core.actions.families.key_handing import (
    GRACE,
    KEY,
    NAME,
    TIER,
    TO,
    Handing,
    grace_of,
    name_of,
)
from core.actions.families.key_look import (
    Store,
    look,
    marks_of,
    quota_of,
    short,
    spec_of,
    tier_of,
    usage_text,
)
from core.actions.families.key_making import AddKeys, Wish
from core.actions.families.key_redis_new import draft_generate, draft_rotate, draft_rotate_all
from core.actions.families.key_words import (
    LEFT,
    base_of,
    new_key_proof,
    offers,
    server_proof,
    shown_keys,
    switching,
    tier_named,
    traits,
    uses_said,
    whole_ids,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.errors import ActionError
from core.keys.store import fields as known
from core.keys.store.making import prefix_of
from core.model.action import ActionRequest, Danger, Input
from core.model.text import SafeText, clean

_REDIS = "redis"


class _Made(Handing):
    """What a draft collects for keys that are to be made in files."""

    def __init__(self, site: Site, store: Store, wishes: tuple[Wish, ...]) -> None:
        super().__init__(site, store.system, store.spec.name, len(wishes))
        self.store, self.wishes = store, wishes

    def add(self, places: tuple[tuple[str, tuple[int, ...]], ...], prefix: str) -> None:
        """Write the keys into files, each those that are meant for it."""
        for path, mine in places:
            step = AddKeys(
                path, self.store.system, self.store.spec.name, self.token, prefix, self.wishes,
                mine, not self.steps, self.store.tiers,
            )  # fmt: skip
            what = "a new key" if len(mine) == 1 else f"{len(mine)} new keys"
            title = clean(f"make {what} ({prefix}…), and write it into {path}")
            undo = SafeText("the record is taken away again")
            self.steps.append(DraftStep(title, step, self.store.deadline_s, undo=undo))
        self.proofs += new_key_proof(self.store, self.token, len(self.wishes))

    def draft(self, title: SafeText, marks: tuple[str, ...], radius: tuple[SafeText, ...]) -> Draft:
        """Return the draft."""
        base = base_of(self.store, title)
        return Draft(
            title=title,
            targets=whole_ids(self.store, marks) or base.targets,
            steps=(*self.steps, *self.last),
            traits=traits(self.store, marks),
            proofs=tuple(self.proofs),
            radius=radius,
            preflight=(*self.store.flights, *self.flights),
            preview=shown_keys(self.store, marks),
            locks=base.locks,
            is_locked_whole=True,
            way_back=SafeText("new keys are taken away, old ones put back, until it is proven"),
            danger=self.danger,
            called=self.store.spec.name,
        )  # fmt: skip


async def _generate(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_generate(site, request, spec)
    store = await look(site, request.target)
    title = clean(f"make a key of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    tier = tier_named(store, request.input(TIER))
    quota = dict(store.spec.tiers).get(tier)
    made = _Made(site, store, (("", tier, quota, name_of(request)),))
    file = store.files[0]
    made.add(((file.path, (0,)),), prefix_of(file.shape.records(), None))
    await made.hand_over(request)
    others = [one.path for one in store.files[1:]]
    if others:
        text = f"{', '.join(others)} does not get it: the server is said to read {file.path}"
        made.flights.append(warning("split store", text))
    said = "its quota" if quota is None else f"{quota:,} requests a month"
    return made.draft(
        clean(f"make a {tier} key of {store.spec.name}"), (),
        (clean(f"one more live key: {tier}, {said}"), _still_there(store)),
    )  # fmt: skip


def _still_there(store: Store) -> SafeText:
    return clean(f"{store.files[0].path} holds it in clear, as its server needs it")


def _wish(store: Store, mark: str) -> Wish:
    record = store.record(mark)
    if record is None:
        raise ActionError(f"{short(mark)} is not there")
    name = known.text_of(record.fields, known.NAME) or ""
    return (mark, tier_of(record), quota_of(record), name)


def _places(store: Store, marks: tuple[str, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return which new keys each file gets: those of the old ones that it has."""
    found = [
        (one.path, tuple(at for at, mark in enumerate(marks) if one.marked.find(mark)))
        for one in store.files
    ]
    return tuple((path, mine) for path, mine in found if mine)


async def _rotate(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_rotate(site, request, spec)
    store = await look(site, request.target)
    title = clean(f"rotate a key of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    marks = marks_of(store, request.input(KEY))
    grace = grace_of(request.input(GRACE, "24h"))
    if len(marks) != 1:
        raise ActionError("one key at a time is rotated with a grace")
    (mark,) = marks
    record = store.record(mark)
    made = _Made(site, store, (_wish(store, mark),))
    made.add(_places(store, marks), prefix_of(store.files[0].shape.records(), record))
    await made.hand_over(request)
    if record is not None and not record.is_active:
        made.flights.append(warning("state", f"{short(mark)} is off already"))
    elif not grace:
        _end_now(made, marks)
    else:
        await _end_later(made, marks, grace)
    return made.draft(
        clean(f"rotate {short(mark)} of {store.spec.name}"), marks,
        (
            clean(f"{short(mark)}: {await usage_text(site, store, mark)}"),
            SafeText("use and quota begin anew for the new key"),
            clean("both are live until then" if grace else "the old one is refused at once"),
            _still_there(store),
        ),
    )  # fmt: skip


def _end_now(made: _Made, marks: tuple[str, ...]) -> None:
    steps, proofs = switching(made.store, marks, is_active=False)
    made.steps += steps
    made.proofs += (*proofs, *server_proof(made.store, marks, is_live=False))
    if steps:
        made.danger = Danger.INTERRUPT


async def _end_later(made: _Made, marks: tuple[str, ...], grace: timedelta) -> None:
    """Have the end happen by itself; who confirms the rotation confirms it too."""
    place = made.store.having(marks[0])[0].path
    at = made.site.ports.clock.now() + grace
    steps, flights = await ending_later(made.site, made.store, marks, at, made.token, place)
    made.steps += steps
    made.flights += flights
    made.danger = Danger.INTERRUPT


async def _rotate_all(site: Site, request: ActionRequest) -> Draft:
    _, spec = spec_of(site, request.target, _REDIS)
    if spec.kind == _REDIS:
        return await draft_rotate_all(site, request, spec)
    store = await look(site, request.target)
    title = clean(f"rotate all keys of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    active = dict.fromkeys(
        store.ids.mark(one.identity)
        for file in store.files
        for one in file.shape.records()
        if one.is_active
    )
    marks = tuple(active)
    if not marks:
        return base_of(store, title, stop_flight("keys", "no key is active"))
    made = _Made(site, store, tuple(_wish(store, mark) for mark in marks))
    made.add(_places(store, marks), prefix_of(store.files[0].shape.records(), None))
    await made.hand_over(request)
    _end_now(made, marks)
    made.danger = Danger.DESTROY
    made.flights.append(passed("copy", "every file is copied before it is changed"))
    uses = [await usage_text(site, store, mark) for mark in marks[:LEFT]]
    return made.draft(
        clean(f"rotate all {len(marks)} active keys of {store.spec.name}"), marks,
        (
            clean(f"{len(marks)} keys are refused at once: who uses them needs the new ones"),
            *uses_said(marks, uses),
        ),
    )  # fmt: skip


_WHERE = "file:/path of a new file, command:NAME, or reveal; empty: a file in our exports folder"
MAKING: tuple[Action, ...] = (
    Action(
        "key.generate", "Make an API key", "generate", Danger.CHANGE,
        offers("key.generate", "Make a key of", _REDIS), _generate,
        (Input(TIER, "tier", is_required=True), Input(TO, _WHERE),
         Input(NAME, "name, where records have one")),
    ),
    Action(
        "key.rotate", "Rotate an API key", "rotate", Danger.CHANGE,
        offers("key.rotate", "Rotate a key of", _REDIS), _rotate,
        (Input(KEY, "its short id", is_required=True),
         Input(GRACE, "how long the old one stays live: 0, 1h, 24h, 7d, …", "24h"),
         Input(TO, _WHERE)),
    ),
    Action(
        "key.rotate_all", "Rotate all API keys", "rotate", Danger.DESTROY,
        offers("key.rotate_all", "Rotate all keys of", _REDIS), _rotate_all,
        (Input(TO, "file:/path of a new file, for all new keys; empty: in our exports folder"),),
    ),
)  # fmt: skip
