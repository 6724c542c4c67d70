"""Put a Redis snapshot back: while the server is stopped, where it reads it when it starts.

A running server writes its own snapshot over a restored one. With `appendonly yes` it does not read
the snapshot at all: there the restored one becomes the base of its appended commands, the form in
which the server itself keeps them, so that it starts with its own settings.
"""

import re
import secrets
from dataclasses import dataclass

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.backups.validity import Judged
from core.actions.families.backups_make import backup_target, free_path, local_now
from core.actions.families.backups_redis import Snapshot, snapshot_of
from core.actions.families.backups_sets import before_restore, control_of
from core.actions.families.backups_steps import MakeBackup, PlaceTrait
from core.actions.families.redis_look import RedisTrait, redis_of, save_flights
from core.actions.families.restore_redis_steps import (
    PutSnapshot,
    RemoveOldData,
    SaveWhatLives,
    SnapshotLoaded,
    TakePlace,
)
from core.actions.families.services_draft import ServiceDraft, passed, stop_flight, warning
from core.actions.families.services_steps import restart_around
from core.clients.acting.backup_places import Place, PlaceKind
from core.errors import ActionError, ClientError
from core.model.action import Danger, Preflight, Target
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean

_LONG_S = 6 * 3600.0
_SPARE_BYTES = 64 * 1024 * 1024
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_BACK = SafeText("it is removed")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a server reads its data when it starts, as seen from here."""

    dump: str
    live: str
    """What is exchanged: the snapshot itself, or what it appends its commands to."""
    names: tuple[str, str] = ("", "")
    """In a folder of appended commands: of the base, and of the manifest."""

    @property
    def is_log(self) -> bool:
        """Whether it reads appended commands, and no snapshot."""
        return self.live != self.dump


async def draft_restore_redis(
    site: Site, system: str, spec: BackupSpec, chosen: Judged, worth: tuple[Preflight, ...]
) -> Draft:
    """Return the way from what the server holds to what the snapshot holds, and back.

    Raises:
        ActionError: nobody knows where it reads its data, or that is not to be reached from here.
        ClientError: the server, the engine or the disk cannot be asked.
    """
    found = await snapshot_of(site, system, spec)
    spot = await _spot(site, found)
    token, copy = secrets.token_hex(8), chosen.copy
    stamp = f"{local_now(site):%Y%m%d-%H%M%S}"
    folder = copy.path.rpartition("/")[0]
    safe = await free_path(site, f"{folder}/{before_restore(system, spec.name)}{stamp}", set())
    put = await _put(site, chosen, spot, token)
    around = await _around(site, found, _inner(system, spec, spot, safe, token))
    appendonly = await redis_of(site.ports).setting(found.server, "appendonly")
    keys = copy.manifest.keys if copy.manifest else None
    return Draft(
        title=clean(f"restore {spec.title or spec.name} from {copy.path}"),
        targets=(
            backup_target(site, system, spec.name),
            Target("redis", found.server, clean(found.server)),
            *around.targets,
        ),
        steps=_steps(found, spot, put, around),
        traits=(
            DraftTrait(clean(f"the backup {copy.path}"), PlaceTrait(copy.path)),
            DraftTrait(clean(found.server), RedisTrait(found.server)),
            *around.traits,
        ),
        proofs=(
            DraftProof(
                clean(f"{found.server} has loaded it"),
                SnapshotLoaded(found.server, found.run_id, keys, appendonly),
            ),
            *around.proofs,
        ),
        radius=(
            clean(f"all databases of {found.server} become what they were in the backup"),
            *around.radius,
        ),
        preflight=(*worth, *await _flights(site, found, spot, chosen), *around.preflight),
        preview=(await _preview(site, found, keys),),
        locks=around.locks,
        downtime=around.downtime,
        way_back=clean(f"until it is proven, names are exchanged back; later: restore {safe}"),
        danger=Danger.DESTROY,
        backup_bytes=await control_of(site.ports).measure((spot.dump, spot.live)),
    )


def _steps(
    found: Snapshot, spot: Spot, put: PutSnapshot, around: ServiceDraft
) -> tuple[DraftStep, ...]:
    return (
        DraftStep(clean(f"put it beside {spot.live}, proven"), put, _LONG_S, undo=_BACK),
        DraftStep(
            clean(f"have {found.server} save what it holds"),
            SaveWhatLives(found.server, found.run_id, spot.dump, put.token),
            _LONG_S,
            undo=SafeText("nothing: its new snapshot stays"),
        ),
        *around.steps,
        DraftStep(
            clean(f"remove the old {spot.live}; its copy stays"),
            RemoveOldData(spot.live, spot.dump, put.token),
            _LONG_S,
            is_irreversible=True,
            is_after_proof=True,
        ),
    )


async def _around(site: Site, found: Snapshot, inner: tuple[DraftStep, ...]) -> ServiceDraft:
    around = await restart_around(site, site.service(found.server), inner)
    if not around.stops and around.steps == inner:
        raise ActionError(
            f"{found.server} answers, but what the configuration says of how it runs is stopped:"
            " put its runs_as right"
        )
    return around


def _inner(
    system: str, spec: BackupSpec, spot: Spot, safe: str, token: str
) -> tuple[DraftStep, ...]:
    """Return what is done while the server is stopped."""
    copies = [(safe, "redis", spot.dump, "")]
    if spot.is_log:
        form = "archive" if any(spot.names) else "file"
        path = f"{safe}-log.tar" if form == "archive" else f"{safe}-log.aof"
        copies.append((path, form, spot.live, spot.live.rpartition("/")[2]))
    return (
        *(
            DraftStep(
                clean(f"copy what lived to {path}, proven"),
                MakeBackup(
                    system, spec.name, form, ((live, name),), path, path, spec.mode, token
                ),
                _LONG_S,
                undo=SafeText("the copy is removed"),
            )
            for path, form, live, name in copies
        ),
        DraftStep(
            clean(f"let the restored one take the place of {spot.live}"),
            TakePlace(spot.live, token),
            undo=SafeText("the old one gets its name again"),
        ),
    )  # fmt: skip


async def _put(site: Site, chosen: Judged, spot: Spot, token: str) -> PutSnapshot:
    control, copy = control_of(site.ports), chosen.copy
    manifest = copy.manifest
    sha256 = manifest.sha256 if manifest else (await control.digest(copy.path)).sha256
    folder = await control.place(spot.dump.rpartition("/")[0])
    return PutSnapshot(
        copy.path, sha256, manifest.host if manifest else control.host(), spot.live, spot.names,
        token, 0o600, folder.uid, folder.gid,
    )  # fmt: skip


async def _spot(site: Site, found: Snapshot) -> Spot:
    """Return where the server reads its data, as seen from here."""
    control = redis_of(site.ports)
    folder, _, name = found.path.rpartition("/")
    here = await _here(site, found, folder or "/")
    dump = f"{here.rstrip('/')}/{name}"
    if await control.setting(found.server, "appendonly") != "yes":
        return Spot(dump, dump)
    names = ("appenddirname", "appendfilename")
    inside, file = [await control.setting(found.server, one) for one in names]
    if not _PLAIN.fullmatch(file) or (inside and not _PLAIN.fullmatch(inside)):
        raise ActionError(f"nobody knows what it appends to: {inside!r}, {file!r}")
    if not inside:  # before 7: one file, which may begin with a snapshot
        return Spot(dump, f"{here.rstrip('/')}/{file}")
    live = f"{here.rstrip('/')}/{inside}"
    return Spot(dump, live, (f"{file}.1.base.rdb", f"{file}.manifest"))


async def _here(site: Site, found: Snapshot, folder: str) -> str:
    """Return the folder of a server's data as this machine has it."""
    if not found.container:
        return folder
    mounts = (await site.ports.engine.make_of(found.container)).places
    own = [one for one in mounts if f"{folder}/".startswith(f"{one[1].rstrip('/')}/")]
    container = found.container[:12]
    by_hand = (
        f"by hand: docker stop {container}; docker cp COPY {container}:{found.path}; docker start"
        f" {container}"
    )
    if not own or any(one[1] == found.path for one in mounts):
        raise ActionError(
            f"{clean(folder)} is inside container {container} itself: mount a volume there, or"
            f" {by_hand}"
        )
    source, destination = max(own, key=lambda one: len(one[1]))
    here = f"{source.rstrip('/')}{folder.removeprefix(destination.rstrip('/'))}"
    try:
        place = await control_of(site.ports).place(here)
    except ClientError as error:
        raise ActionError(f"the volume of {container} cannot be reached: {error}") from error
    if place.kind is not PlaceKind.FOLDER:
        raise ActionError(
            f"{clean(here)}, the volume of {container}, is not here: run the console on the"
            f" engine's own machine, as a user who may write there; or {by_hand}"
        )
    return here


async def _flights(
    site: Site, found: Snapshot, spot: Spot, chosen: Judged
) -> tuple[Preflight, ...]:
    control, state = control_of(site.ports), await redis_of(site.ports).state(found.server)
    flights = list(await save_flights(site, found.server))
    if state.role != "master":
        text = "a replica: its master would fill it anew at once"
        flights.append(stop_flight("role", text, "restore the master"))
    live, dump = await control.place(spot.live), await control.place(spot.dump)
    if spot.is_log:
        wanted = PlaceKind.FOLDER if any(spot.names) else PlaceKind.FILE
        flights.append(
            passed("appendonly", f"on: the snapshot becomes the base of {spot.live}")
            if live.kind is wanted
            else stop_flight("appendonly", f"on, but {spot.live} is {live.kind}")
        )
    if problem := await _newer(site, dump, chosen.copy.path):
        flights.append(stop_flight("version", problem, "restore it into a newer server"))
    if chosen.copy.manifest is None or chosen.copy.manifest.keys is None:
        flights.append(warning("keys", "nobody counted what the backup holds"))
    need = 2 * chosen.copy.size_bytes + _SPARE_BYTES
    free = await site.ports.files.free_bytes(spot.dump.rpartition("/")[0] or "/")
    room = f"{free} bytes are free, {need} are wanted"
    flights.append(passed("room", room) if free >= need else stop_flight("room", room))
    return tuple(flights)


async def _newer(site: Site, dump: Place, copy: str) -> str:
    """Return whether a snapshot is of a form that its server does not write yet; empty: no."""
    if dump.kind is not PlaceKind.FILE:
        return ""
    control = control_of(site.ports)
    own, other = [await control.rdb_facts(one) for one in (dump.path, copy)]
    if other.format <= own.format:
        return ""
    return f"the snapshot is of form {other.format}, this server writes form {own.format}"


async def _preview(site: Site, found: Snapshot, keys: int | None) -> SafeText:
    state = await redis_of(site.ports).state(found.server)
    then = "not counted" if keys is None else keys
    return clean(f"{found.server}: keys now: {state.keys}; in the backup: {then}")
