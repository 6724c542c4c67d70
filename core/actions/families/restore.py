"""Put a backup back: previewed, proven, beside what lives, exchanged at once, undone the same way.

The order works where the runbooks' did not (fact 26): the backup is unpacked and proven while the
service still runs; then the service stops, what lives is copied, names are exchanged, and the
service starts. Nothing is unpacked over something that lives.
"""

import secrets
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.backups.manifest import mismatch
from core.actions.backups.validity import Judged, Validity
from core.actions.families.backups_checking import problem_with
from core.actions.families.backups_make import backup_target, free_path, local_now, make_step
from core.actions.families.backups_sets import (
    before_restore,
    control_of,
    reason_against_restore,
    spec_of,
)
from core.actions.families.backups_steps import PlaceTrait
from core.actions.families.backups_verify import chosen_copy, form_of
from core.actions.families.restore_postgres import draft_restore_postgres
from core.actions.families.restore_preview import Spot, spots_of
from core.actions.families.restore_redis import draft_restore_redis
from core.actions.families.restore_steps import (
    CarryOver,
    Exchange,
    PutBeside,
    RemoveOld,
    Restored,
)
from core.actions.families.services_draft import ServiceDraft
from core.actions.families.services_steps import restart_around
from core.clients.acting.backup_places import PlaceKind
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Grade, Input, Offer, Preflight, Target
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean

KEEP, REMOVE = "keep", "remove"
_LOOK_S = 300.0
"""The backup and what lives are read as a whole: very many files take more than a moment."""
_LONG_S = 6 * 3600.0
_PROVEN_AT_ONCE_BYTES = 32 * 1024 * 1024
"""As much is read as a whole while a person waits for the plan; more, before anything stops."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a restore is about."""

    site: Site
    system: str
    spec: BackupSpec
    chosen: Judged
    form: str
    is_removing: bool
    token: str

    @property
    def path(self) -> str:
        """The backup."""
        return self.chosen.copy.path


async def draft_restore(site: Site, request: ActionRequest) -> Draft:
    """Return the way from what lives to what the backup holds, and back."""
    system, spec = spec_of(site, request.target)
    if reason := reason_against_restore(spec):
        raise ActionError(reason)
    chosen = await chosen_copy(site, system, spec, request.input("copy"))
    one = Restoring(
        site, system, spec, chosen, form_of(spec, chosen),
        request.input("others", KEEP) == REMOVE, secrets.token_hex(8),
    )  # fmt: skip
    worth = await _worth(one, request.input("from_host"))
    if one.form == "postgres" or spec.kind == "postgres":
        return await draft_restore_postgres(site, system, spec, chosen, worth)
    if any(flight.grade is Grade.STOP for flight in worth):
        return _refused(one, worth)
    if one.form == "redis" or spec.kind == "redis":
        return await draft_restore_redis(site, system, spec, chosen, worth)
    return await _draft_files(one, worth)


async def _worth(one: Restoring, from_host: str) -> tuple[Preflight, ...]:
    """Look whether this is a backup of this set on this host, and whether it is whole."""
    manifest, control = one.chosen.copy.manifest, control_of(one.site.ports)
    if one.chosen.validity is Validity.BAD:
        return (Preflight("the backup", Grade.STOP, one.chosen.why),)
    if manifest is not None:
        host = control.host()
        stranger = mismatch(
            manifest, system=one.system, name=one.spec.name, host=host, accepted_host=from_host
        )
        if stranger:
            remedy = clean(f"--set from_host={clean(manifest.host, 80)} accepts it by name")
            return (Preflight("the backup", Grade.STOP, clean(stranger), remedy),)
    if one.chosen.copy.size_bytes > _PROVEN_AT_ONCE_BYTES:
        if manifest is None:
            why = SafeText("it has no manifest and is too large to be read while you wait")
            remedy = SafeText("make a backup of what it holds with backup.create")
            return (Preflight("the backup", Grade.STOP, why, remedy),)
        why = SafeText("it is read as a whole before anything is stopped or changed")
        return (Preflight("the backup", Grade.WARN, why),)
    if problem := await problem_with(one.site.ports, one.path, one.form, manifest):
        return (Preflight("the backup", Grade.STOP, problem),)
    if manifest is None:
        why = SafeText("it can be read, but has no manifest: whether it is whole is not known")
        return (Preflight("the backup", Grade.WARN, why),)
    return (Preflight("the backup", Grade.PASS, SafeText("read as a whole, it is good")),)


def _refused(one: Restoring, flights: tuple[Preflight, ...]) -> Draft:
    return Draft(
        title=clean(f"restore {one.system}/{one.spec.name} from {one.path}"),
        targets=(backup_target(one.site, one.system, one.spec.name),),
        steps=(),
        preflight=flights,
    )


async def _draft_files(one: Restoring, worth: tuple[Preflight, ...]) -> Draft:
    site, control = one.site, control_of(one.site.ports)
    manifest = one.chosen.copy.manifest
    sha256 = manifest.sha256 if manifest else (await control.digest(one.path)).sha256
    spots, flights = await spots_of(
        site, one.system, one.spec, one.chosen.copy, one.form, is_removing=one.is_removing
    )
    is_replacing = any(spot.place.kind is not PlaceKind.NOTHING for spot in spots)
    host = manifest.host if manifest else control.host()
    folds = one.spec.kind == "sqlite" and not any("damaged" in spot.note for spot in spots)
    safe = await _safe_path(one, spots)
    danger = [_safety(one, spots, safe, is_healthy=folds)] if is_replacing else []
    danger += [step for spot in spots for step in _exchange(one, spot, folds)]
    around = await _around(one, tuple(danger))
    return Draft(
        title=clean(f"restore {one.spec.title or one.spec.name} from {one.path}"),
        targets=(
            backup_target(site, one.system, one.spec.name),
            *(Target("file", f"{control.host()}:{spot.live}", clean(spot.live)) for spot in spots),
            *around.targets,
        ),
        steps=(
            *(_put(one, spot, sha256, host) for spot in spots),
            *around.steps,
            *(_tidy(one, spot) for spot in spots),
        ),
        traits=(
            DraftTrait(clean(f"the backup {one.path}"), PlaceTrait(one.path)),
            *(
                DraftTrait(clean(spot.live), PlaceTrait(spot.live))
                for spot in spots
                if spot.is_quiet
            ),
            *around.traits,
        ),
        proofs=(*_proofs(one, spots, sha256, is_used=around.stops > 0), *around.proofs),
        radius=(
            clean(f"as it was at {_when(one)}: {', '.join(spot.live for spot in spots)}"),
            *around.radius,
        ),
        preflight=(*worth, *flights, *around.preflight),
        preview=tuple(line for spot in spots for line in spot.preview),
        locks=around.locks,
        downtime=around.downtime,
        way_back=clean(f"until it is proven, names are exchanged back; later: restore {safe}")
        if is_replacing
        else SafeText("until it is proven, it is moved away again"),
        danger=Danger.DESTROY if is_replacing else Danger.INTERRUPT,
        backup_bytes=sum(spot.live_bytes for spot in spots),
    )  # fmt: skip


def _when(one: Restoring) -> str:
    at = local_now(one.site).fromtimestamp(one.chosen.copy.made_at_s).astimezone()
    return f"{at:%Y-%m-%d %H:%M:%S}"


async def _around(one: Restoring, inner: tuple[DraftStep, ...]) -> ServiceDraft:
    """Return the dangerous steps between stop and start of the service whose data it is."""
    if not one.spec.service or not one.spec.restore_needs_stop:
        return ServiceDraft(EMPTY, "", (), inner)
    service = one.site.service(f"{one.system}/{one.spec.service}")
    try:
        return await restart_around(one.site, service, inner)
    except ClientError as error:
        raise ActionError(f"{one.spec.service} cannot be looked at: {error}") from error


def _put(one: Restoring, spot: Spot, sha256: str, host: str) -> DraftStep:
    looks = (0o600, -1, -1)
    manifest = one.chosen.copy.manifest
    if manifest and spot.inside is None and manifest.members:
        member = manifest.members[0]
        looks = (member.mode, member.uid, member.gid)
    return DraftStep(
        clean(f"put it beside {spot.live}, proven"),
        PutBeside(one.path, sha256, one.form, spot.live, spot.inside, one.token, *looks, host=host),
        deadline_s=_LONG_S,
        undo=SafeText("what was put there is removed"),
    )


async def _safe_path(one: Restoring, spots: tuple[Spot, ...]) -> str:
    stamp = f"{local_now(one.site):%Y%m%d-%H%M%S}"
    name = f"{before_restore(one.system, one.spec.name)}{stamp}"
    return await free_path(one.site, f"{spots[0].safe_folder}/{name}", set())


def _safety(one: Restoring, spots: tuple[Spot, ...], path: str, *, is_healthy: bool) -> DraftStep:
    """Return the copy of what lives now, which is a backup like the others."""
    usual = make_step(one.site, one.system, one.spec, path, one.token)
    form = usual.form
    if form == "json" or (form == "sqlite" and not is_healthy):
        form = "file"  # what lives may be what is wrong
    there = {spot.live for spot in spots if spot.place.kind is not PlaceKind.NOTHING}
    sources = tuple(pair for pair in usual.sources if pair[0] in there)
    step = type(usual)(
        usual.system, usual.set, form, sources, path, usual.pattern, usual.mode, one.token
    )
    return DraftStep(
        clean(f"copy what lives now to {path}, proven"),
        step,
        deadline_s=_LONG_S,
        undo=SafeText("the copy is removed"),
    )


def _exchange(one: Restoring, spot: Spot, folds: bool) -> list[DraftStep]:
    had_live = spot.place.kind is not PlaceKind.NOTHING
    steps: list[DraftStep] = []
    if spot.inside is not None and spot.place.kind is PlaceKind.FOLDER:
        what = "our own backups" if one.is_removing else "what the backup does not have"
        steps.append(
            DraftStep(
                clean(f"keep {what} of {spot.live}"),
                CarryOver(spot.live, one.token, one.spec.target, not one.is_removing),
                deadline_s=_LONG_S,
                undo=SafeText("nothing that lives was changed"),
            )
        )
    steps.append(
        DraftStep(
            clean(f"exchange {spot.live} with what was put beside it"),
            Exchange(spot.live, one.token, had_live, spot.place.inode, folds and had_live),
            undo=SafeText("the names are exchanged back"),
        )
    )
    return steps


def _tidy(one: Restoring, spot: Spot) -> DraftStep:
    return DraftStep(
        clean(f"remove the old {spot.live}; its copy stays"),
        RemoveOld(spot.live, one.token),
        deadline_s=_LONG_S,
        is_irreversible=True,
        is_after_proof=True,
    )


def _proofs(
    one: Restoring, spots: tuple[Spot, ...], sha256: str, *, is_used: bool
) -> tuple[DraftProof, ...]:
    return tuple(
        DraftProof(
            clean(f"{spot.live} is as in the backup"),
            Restored(spot.live, one.path, spot.inside, sha256, is_used),
        )
        for spot in spots
    )


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "backup.restore",
            f"{system.name}/{one.name}",
            clean(f"Restore {one.title or one.name}", 160),
            reason_against_restore(one),
        )
        for system in site.topology.systems
        for one in site.operations_of(system.name).backups
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "backup.restore", "Restore a backup", "restore", Danger.DESTROY, _offers, draft_restore,
        (
            Input("copy", "Which backup: a path, or `newest`", "newest"),
            Input("others", "What the backup does not have", KEEP, choices=(KEEP, REMOVE)),
            Input("from_host", "The other host whose backup is meant"),
        ),
        _LOOK_S,
    ),
)  # fmt: skip
