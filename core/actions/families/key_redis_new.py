"""New keys of a store in Redis: made, rotated with a grace, all rotated at once."""

from core.actions.action import Draft, DraftProof, DraftStep, Site
from core.actions.families.key_ends import ending_later
from core.actions.families.key_handing import GRACE, KEY, TIER, Handing, grace_of, name_of
from core.actions.families.key_look import quota_of, short, tier_of
from core.actions.families.key_making import Wish
from core.actions.families.key_proofs import ServerSays
from core.actions.families.key_redis import (
    is_stopped,
    judged,
    switching,
    tier_of_menu,
    traits,
    uses_told,
)
from core.actions.families.key_redis_look import (
    RedisStage,
    flights_of,
    locks,
    marks_named,
    nothing,
    stage_of,
)
from core.actions.families.key_redis_steps import AddRedisKeys
from core.actions.families.key_redis_writing import told_parts
from core.actions.families.services_draft import stop_flight, warning
from core.errors import ActionError, ClientDenied
from core.keys.store import fields as known
from core.keys.store.edits import NewKey
from core.keys.store.making import make_key, prefix_of
from core.keys.store.redis_edits import Switch
from core.keys.store.redis_new import Add, newest
from core.model.action import ActionRequest, Danger, Target
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean


class _Made(Handing):
    """What a draft collects for keys that are to be made in Redis."""

    def __init__(self, site: Site, stage: RedisStage, wishes: tuple[Wish, ...]) -> None:
        super().__init__(site, stage.system, stage.spec.name, len(wishes))
        self.stage, self.wishes = stage, wishes

    def add(self, prefix: str) -> None:
        """Write the keys into the store, unless it takes none."""
        stage, place = self.stage, self.stage.place
        self._try(prefix)
        step = AddRedisKeys(
            place.server, stage.run_id, place.names, stage.system, stage.spec.name, self.token,
            prefix, self.wishes, place.tiers, place.counters, stage.standing.is_cluster,
        )  # fmt: skip
        what = "a new key" if self.count == 1 else f"{self.count} new keys"
        title = clean(f"make {what} ({prefix}…), and write it into {place.server}")
        undo = SafeText("the record is taken away again")
        self.steps.append(DraftStep(title, step, stage.deadline_s, undo=undo))
        probe = stage.spec.probe
        if probe is not None:
            says = ServerSays(
                probe.url, probe.header, probe.refused, place.name, (), True, place.tiers,
                self.token, self.count,
            )  # fmt: skip
            self.proofs.append(DraftProof(SafeText("the service takes the new key"), says))

    def _try(self, prefix: str) -> None:
        """Try it with keys that nobody keeps, to be able to say beforehand why it cannot be."""
        now, stage = self.site.ports.clock.now(), self.stage
        keys = tuple(
            NewKey(make_key(prefix, frozenset()), like, tier, quota, now, name)
            for like, tier, quota, name in self.wishes
        )
        try:
            swaps = Add(ids=stage.found.ids, keys=keys, tiers=stage.place.tiers).swaps(
                stage.found.store
            )
        except ClientDenied as error:
            self.flights.append(stop_flight("write", f"no new key: {error}"))
            return
        ends = [one.ttl_ms for one in swaps if one.ttl_ms]
        if ends:
            text = f"the new record expires in {min(ends) / 1000:.0f} s, as the one it is like"
            self.flights.append(warning("expiry", text))
        self.flights += told_parts(stage, swaps)

    def end_now(self, marks: tuple[str, ...]) -> None:
        """Have the old keys switched off at once."""
        edit = Switch(ids=self.stage.found.ids, marks=marks, is_active=False)
        self.flights += (flights := judged(self.stage, edit))
        if is_stopped(flights):
            return
        steps, proofs = switching(self.stage, marks, is_active=False)
        self.steps += steps
        self.proofs += proofs
        self.danger = Danger.INTERRUPT

    def draft(self, title: SafeText, marks: tuple[str, ...], radius: tuple[SafeText, ...]) -> Draft:
        """Return the draft."""
        stage, spec = self.stage, self.stage.spec
        whole = (Target("keys", f"{stage.system}/{spec.name}", clean(spec.name)),)
        return Draft(
            title=title,
            targets=stage.targets(marks) or whole,
            steps=(*self.steps, *self.last),
            traits=traits(stage, marks),
            proofs=tuple(self.proofs),
            radius=(*radius, clean(f"{stage.spec.server} holds it as it holds the others")),
            preflight=(*flights_of(stage, marks), *self.flights),
            preview=stage.preview(marks),
            locks=locks(spec),
            is_locked_whole=True,
            way_back=SafeText("new keys are taken away, old ones put back, until it is proven"),
            danger=self.danger,
            called=spec.name,
        )  # fmt: skip


async def draft_generate(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that makes a key of a store in Redis."""
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, clean(f"make a key of {spec.name}"), stage)
    tier = tier_of_menu(stage, request.input(TIER))
    quota = dict(spec.tiers).get(tier)
    made = _Made(site, stage, (("", tier, quota, name_of(request)),))
    rows = stage.found.store.rows
    made.add(prefix_of((row.record for row in rows), newest(rows).record if rows else None))
    await made.hand_over(request)
    said = "its quota" if quota is None else f"{quota:,} requests a month"
    return made.draft(
        clean(f"make a {tier} key of {spec.name}"), (),
        (clean(f"one more live key: {tier}, {said}"),),
    )  # fmt: skip


def _wish(stage: RedisStage, mark: str) -> Wish:
    (row,) = stage.rows((mark,))
    name = known.text_of(row.record.fields, known.NAME) or ""
    return (mark, tier_of(row.record), quota_of(row.record), name)


async def draft_rotate(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that puts a new key in the place of one of a store in Redis."""
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, clean(f"rotate a key of {spec.name}"), stage)
    marks, grace = marks_named(stage, request.input(KEY)), grace_of(request.input(GRACE, "24h"))
    if len(marks) != 1:
        raise ActionError("one key at a time is rotated with a grace")
    (mark,) = marks
    (row,) = stage.rows(marks)
    made = _Made(site, stage, (_wish(stage, mark),))
    made.add(prefix_of((one.record for one in stage.found.store.rows), row.record))
    await made.hand_over(request)
    if not row.record.was_active:
        made.flights.append(warning("state", f"{short(mark)} is off already"))
    elif not grace:
        made.end_now(marks)
    else:
        at = site.ports.clock.now() + grace
        # Its end is a switch like another: what cannot be switched off is not rotated.
        edit = Switch(ids=stage.found.ids, marks=marks, is_active=False)
        made.flights += judged(stage, edit)
        steps, flights = await ending_later(site, stage, marks, at, made.token, stage.place.name)
        made.steps += steps
        made.flights += flights
        made.danger = Danger.INTERRUPT
    return made.draft(
        clean(f"rotate {short(mark)} of {spec.name}"), marks,
        (
            *await uses_told(site, stage, marks),
            SafeText("use and quota begin anew for the new key"),
            clean("both are live until then" if grace else "the old one is refused at once"),
        ),
    )  # fmt: skip


async def draft_rotate_all(site: Site, request: ActionRequest, spec: KeyStoreSpec) -> Draft:
    """Return the draft that puts a new key in the place of each active one."""
    title = clean(f"rotate all keys of {spec.name}")
    stage = await stage_of(site, request.target.partition("/")[0], spec)
    if not isinstance(stage, RedisStage):
        return nothing(spec, request.target, title, stage)
    marks = stage.active
    if not marks:
        return nothing(spec, request.target, title, stop_flight("keys", "no key is active"))
    made = _Made(site, stage, tuple(_wish(stage, mark) for mark in marks))
    made.add(prefix_of((row.record for row in stage.found.store.rows), None))
    await made.hand_over(request)
    made.end_now(marks)
    made.danger = Danger.DESTROY
    return made.draft(
        clean(f"rotate all {len(marks)} active keys of {spec.name}"), marks,
        (
            clean(f"{len(marks)} keys are refused at once: who uses them needs the new ones"),
            *await uses_told(site, stage, marks),
        ),
    )  # fmt: skip
