"""Delete backups past their term: listed one by one, never the only good one."""

from core.actions.action import Draft, DraftStep, DraftTrait, Site
from core.actions.backups.manifest import manifest_path
from core.actions.backups.pruning import expired, newest_first
from core.actions.backups.validity import Judged, Validity
from core.actions.families.backups_make import backup_target
from core.actions.families.backups_sets import control_of, copies_of, spec_of
from core.actions.families.backups_steps import PlaceTrait, RemoveBackup
from core.clients.acting.backup_places import Place, PlaceKind
from core.model.action import ActionRequest, Grade, Preflight, Target
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean

_DAY_S = 86_400.0
_SHOWN = 100


async def draft_expire(site: Site, request: ActionRequest) -> Draft:
    """Return the removal of every copy past its term, the oldest first."""
    system, spec = spec_of(site, request.target)
    copies = await copies_of(site, system, spec)
    now_s = site.ports.clock.now().timestamp()
    doomed = expired(copies, spec.keep_s, spec.keep_at_least, now_s)
    stays = [one for one in newest_first(copies) if one not in doomed]
    good = next((one for one in stays if one.validity is Validity.GOOD), None)
    steps: list[DraftStep] = []
    for one in doomed:
        steps += await _steps(site, one)
    total = sum(one.copy.size_bytes for one in doomed)
    return Draft(
        title=clean(f"delete {len(doomed)} old backups of {system}/{spec.name}"),
        targets=(backup_target(site, system, spec.name), *(_target(site, one) for one in doomed)),
        steps=tuple(steps),
        traits=(
            *(_trait("the newest good one", one) for one in (good,) if one is not None),
            *(_trait("one that goes", one) for one in doomed),
        ),
        radius=(clean(f"{len(doomed)} backups with {total} bytes go, {len(stays)} stay"),),
        preflight=(_flight(spec, good, stays),),
        preview=tuple(_line(one, now_s) for one in doomed[:_SHOWN]),
        way_back=SafeText("there is none: what is deleted is gone"),
    )


def _trait(what: str, one: Judged) -> DraftTrait:
    return DraftTrait(clean(f"{what}, {one.copy.path}"), PlaceTrait(one.copy.path))


def _flight(spec: BackupSpec, good: Judged | None, stays: list[Judged]) -> Preflight:
    if spec.keep_s is None:
        return Preflight("term", Grade.STOP, SafeText("no term is configured"))
    if good is not None:
        return Preflight("what stays", Grade.PASS, clean(f"{good.copy.path} is good and stays"))
    if stays:
        why = clean(f"none of those that stay is proven; the newest: {stays[0].copy.path}")
        return Preflight("what stays", Grade.WARN, why, SafeText("make a backup first"))
    return Preflight(
        "what stays", Grade.STOP, SafeText("nothing would stay"), SafeText("make a backup first")
    )


def _target(site: Site, one: Judged) -> Target:
    host = control_of(site.ports).host()
    return Target("file", f"{host}:{one.copy.path}", clean(one.copy.path))


def _line(one: Judged, now_s: float) -> SafeText:
    age_days = (now_s - one.copy.made_at_s) / _DAY_S
    return clean(
        f"{one.copy.path}  {one.copy.size_bytes} bytes  {age_days:.0f} days  {one.validity}"
    )


async def _steps(site: Site, one: Judged) -> list[DraftStep]:
    """Return the removal of a copy, then of its manifest."""
    control = control_of(site.ports)
    paths = (one.copy.path, manifest_path(one.copy.path))
    places = [await control.place(path) for path in paths]
    return [_step(place) for place in places if place.kind is PlaceKind.FILE]


def _step(place: Place) -> DraftStep:
    return DraftStep(
        clean(f"delete {place.path}, {place.size_bytes} bytes"),
        RemoveBackup(place.path, place.size_bytes, place.mtime_ns, place.inode),
        is_irreversible=True,
    )
