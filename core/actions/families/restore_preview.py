"""Where the parts of a backup belong, and what would change there."""

from dataclasses import dataclass

from core.actions.action import Site
from core.actions.backups.comparing import compare, preview_lines
from core.actions.backups.validity import FoundCopy
from core.actions.families.backups_make import existing_folder, local_now
from core.actions.families.backups_sets import control_of, named, own_of, sources_at
from core.actions.families.restore_steps import below
from core.clients.acting.backup_places import Place, PlaceKind
from core.errors import ActionError, ClientError
from core.model.action import Grade, Preflight
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean

_COMPARED_BYTES = 256 * 1024 * 1024
_SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that a backup is put back to."""

    live: str
    inside: str | None
    """Which member of an archive belongs there; None: the copy is the file itself."""
    place: Place
    live_bytes: int
    preview: tuple[SafeText, ...]
    safe_folder: str
    """Where the copy of what lives goes."""
    note: SafeText = EMPTY
    is_quiet: bool = True
    """Nobody is expected to write there between plan and step."""


async def spots_of(
    site: Site, system: str, spec: BackupSpec, copy: FoundCopy, form: str, *, is_removing: bool
) -> tuple[tuple[Spot, ...], tuple[Preflight, ...]]:
    """Return the places, and what a person should know before.

    Raises:
        ActionError: the backup holds nothing of what the set copies.
        ClientError: something cannot be looked at.
    """
    sources = sources_at(spec, local_now(site))
    if form == "archive":
        members = await _members(site, copy)
        spots = [
            await _spot(site, spec, copy, path, _inside(members, path, name), members, is_removing)
            for path, name in named(site.operations_of(system).root, sources)
        ]
    else:
        manifest = copy.manifest
        sha256 = manifest.sha256 if manifest else (await _sha(site, copy.path))
        spots = [await _spot(site, spec, copy, sources[0], None, {"": sha256}, is_removing)]
    flights = [flight for spot in spots for flight in await _flights(site, spec, spot)]
    return tuple(spots), (*flights, await _room(site, spots, copy.size_bytes))


async def _sha(site: Site, path: str) -> str:
    return (await control_of(site.ports).digest(path)).sha256


async def _members(site: Site, copy: FoundCopy) -> dict[str, str]:
    if copy.manifest is not None:
        return {one.name: one.sha256 for one in copy.manifest.members}
    entries = await control_of(site.ports).entries(copy.path)
    return {one.name: one.sha256 for one in entries if not one.is_folder}


def _inside(members: dict[str, str], path: str, name: str) -> str:
    """Return the member that belongs at a path.

    The runbooks' archives hold `opt/app/…` where ours hold `…`: unpacked as written they would end
    at /opt/opt/app.

    Raises:
        ActionError: the archive holds nothing of it.
    """

    def holds(inside: str) -> bool:
        return any(below(one, inside) is not None for one in members)

    whole = path.strip("/")
    if whole and holds(whole):
        return whole
    if name and holds(name):
        return name
    last = whole.rpartition("/")[2]
    if not name and last and members and all(below(one, last) is not None for one in members):
        return last
    if not name:
        return ""
    raise ActionError(f"the backup holds nothing of {clean(path)}")


async def _spot(
    site: Site,
    spec: BackupSpec,
    copy: FoundCopy,
    live: str,
    inside: str | None,
    members: dict[str, str],
    is_removing: bool,
) -> Spot:
    control = control_of(site.ports)
    place = await control.place(live)
    size = await control.measure((live,))
    own = own_of(spec.target)
    wanted = (
        {live.rpartition("/")[2]: members[""]}
        if inside is None
        else {
            found or live.rpartition("/")[2]: sha
            for name, sha in members.items()
            if (found := below(name, inside)) is not None
        }
    )
    here = await control.hashes(live, _COMPARED_BYTES)
    if here is None:
        lines = (clean(f"{live}: {len(wanted)} files; too large to be compared while you wait"),)
    else:
        here = {name: sha for name, sha in here.items() if not own(f"{live}/{name}")}
        lines = (clean(f"{live}:"), *preview_lines(compare(wanted, here), is_removing))
    return Spot(
        live, inside, place, size, lines, await _safe_folder(site, spec, copy),
        await _damage(site, spec, place), is_quiet=not spec.service,
    )  # fmt: skip


async def _safe_folder(site: Site, spec: BackupSpec, copy: FoundCopy) -> str:
    """Return the folder of the set's backups, or that of the chosen one.

    One inside of what is exchanged is carried over with the other backups of the set.
    """
    folder = spec.target.rpartition("/")[0]
    return folder if "%" not in folder else await existing_folder(site, copy.path)


async def _damage(site: Site, spec: BackupSpec, place: Place) -> SafeText:
    """Return what is wrong with a database that lives; empty: nothing, or it is none."""
    if spec.kind != "sqlite" or place.kind is not PlaceKind.FILE:
        return EMPTY
    try:
        await control_of(site.ports).check_sqlite(place.path)
    except ClientError as error:
        return clean(f"damaged: {error}")
    return EMPTY


async def _flights(site: Site, spec: BackupSpec, spot: Spot) -> list[Preflight]:
    control = control_of(site.ports)
    found: list[Preflight] = []
    wanted = PlaceKind.FILE if spot.inside is None else None
    if spot.place.kind is PlaceKind.OTHER or (
        wanted is not None and spot.place.kind not in (wanted, PlaceKind.NOTHING)
    ):
        why = clean(f"{spot.live} is no file: name what it points to in the set's sources")
        found.append(Preflight("the place", Grade.STOP, why))
    is_looked_at = spot.place.kind is PlaceKind.FILE and spot.live_bytes <= _COMPARED_BYTES
    if is_looked_at and (await site.ports.files.facts(spot.live)).is_mounted:
        why = clean(f"{spot.live} is mounted by itself: whoever has it would keep the old one")
        found.append(Preflight("the place", Grade.STOP, why, SafeText("mount its folder")))
    if spot.note:
        wal = await control.place(f"{spot.live}-wal")
        grade = Grade.STOP if wal.size_bytes else Grade.WARN
        found.append(Preflight("what lives", grade, spot.note))
    if not spec.restore_needs_stop or not spec.service:
        why = SafeText("no service is stopped for it: who has it open keeps the old one")
        found.append(Preflight("who uses it", Grade.WARN, why))
    return found


async def _room(site: Site, spots: list[Spot], copy_bytes: int) -> Preflight:
    """Look whether what is put beside, what is carried over and the copy have room."""
    need = sum(2 * spot.live_bytes for spot in spots) + 4 * copy_bytes + _SPARE_BYTES
    folder = await existing_folder(site, spots[0].live)
    free = await site.ports.files.free_bytes(folder)
    if free < need:
        why = clean(f"{folder} has {free} bytes free, {need} are wanted")
        return Preflight("room", Grade.STOP, why, SafeText("expire old backups"))
    return Preflight("room", Grade.PASS, clean(f"{free} bytes are free"))
