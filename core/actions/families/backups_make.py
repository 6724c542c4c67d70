"""From a set, or all sets of a system, to the draft of one job that copies them."""

import secrets
from datetime import datetime

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.backups.manifest import manifest_path
from core.actions.backups.names import free_name, target_at
from core.actions.families.backups_command import CommandMade, RunBackupCommand, command_step
from core.actions.families.backups_postgres import is_literal_secret, why_no_tool
from core.actions.families.backups_redis import (
    Snapshot,
    snapshot_bytes,
    snapshot_flights,
    snapshot_of,
    snapshot_traits,
    why_no_snapshot,
)
from core.actions.families.backups_sets import (
    command_of,
    control_of,
    named,
    reason_against,
    sets_of,
    sources_at,
)
from core.actions.families.backups_steps import BackupProven, MakeBackup, PlaceTrait
from core.clients.acting.backup_places import PlaceKind
from core.errors import ActionError
from core.model.action import ActionRequest, Grade, Preflight, Target
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean

_DEADLINE_S = 6 * 3600.0
_SPARE_BYTES = 64 * 1024 * 1024


def backup_target(site: Site, system: str, name: str) -> Target:
    """Return what is locked while a set's backups are made, removed or put back."""
    host = control_of(site.ports).host()
    return Target("backup", f"{host}:{system}/{name}", clean(f"{system}/{name}"))


def local_now(site: Site) -> datetime:
    """Return the moment by which people name files here."""
    return site.ports.clock.now().astimezone()


async def draft_create(site: Site, request: ActionRequest) -> Draft:
    """Return the job: one step a set, each proven by itself."""
    system, sets = sets_of(site, request.target)
    token = secrets.token_hex(8)
    taken: set[str] = set()
    steps: list[DraftStep] = []
    flights: list[Preflight] = []
    is_job = len(sets) > 1
    for spec in sets:
        problem = await reason_against_now(site, system, spec)
        if problem:
            grade = Grade.WARN if is_job else Grade.STOP
            why = clean(f"{spec.name} is left out: {problem}") if is_job else problem
            flights.append(Preflight(spec.name, grade, why))
            continue
        path = await free_path(site, target_at(spec.target, local_now(site)), taken)
        steps.append(await _step(site, system, spec, path, token))
        flights += await _flights(site, steps[-1])
    flights.append(await _room(site, [one.step for one in steps]))
    return Draft(
        title=_title(system, steps, is_job),
        targets=tuple(
            backup_target(site, system, one.name)
            for one in sets
            if not is_job or any(_set_of(step) == one.name for step in steps)
        ),
        steps=tuple(steps),
        traits=tuple(
            DraftTrait(clean(f"what is at {step.step.path}"), PlaceTrait(step.step.path))
            for step in steps
            if isinstance(step.step, MakeBackup)
        )
        + tuple(trait for step in steps for trait in _snapshot_traits(step)),
        proofs=tuple(_proof(step) for step in steps),
        radius=(
            clean(f"{len(steps)} new files with manifests; nothing is changed"),
            *(
                clean(f"{found.server} forks and writes its own snapshot anew")
                for found in map(_snapshot, steps)
                if found
            ),
        ),
        preflight=tuple(flights),
        preview=tuple(one.title for one in steps),
        way_back=SafeText("the new copies are removed"),
    )


async def _flights(site: Site, step: DraftStep) -> tuple[Preflight, ...]:
    found = _snapshot(step)
    return await snapshot_flights(site, found) if found else ()


def _snapshot_traits(step: DraftStep) -> tuple[DraftTrait, ...]:
    found = _snapshot(step)
    return snapshot_traits(found) if found else ()


def _snapshot(step: DraftStep) -> Snapshot | None:
    return step.step.snapshot if isinstance(step.step, MakeBackup) else None


def _set_of(step: DraftStep) -> str:
    return step.step.set if isinstance(step.step, MakeBackup | RunBackupCommand) else ""


def _title(system: str, steps: list[DraftStep], is_job: bool) -> SafeText:
    if is_job or not steps:
        return clean(f"copy {len(steps)} sets of {system}")
    return steps[0].title


def _proof(step: DraftStep) -> DraftProof:
    if isinstance(step.step, MakeBackup):
        one = step.step
        return DraftProof(clean(f"{one.path} is good"), BackupProven(one.path, one.form))
    assert isinstance(step.step, RunBackupCommand)  # noqa: S101 - the two that _step makes
    return DraftProof(clean(f"{step.step.set} is good"), CommandMade.of(step.step))


async def _step(site: Site, system: str, spec: BackupSpec, path: str, token: str) -> DraftStep:
    if spec.kind == "command":
        command = command_of(site, system, spec)
        if command is None:
            raise ActionError(f"{system} has no command {spec.command!r}")
        return command_step(system, spec, command, token)
    return DraftStep(
        clean(f"copy {spec.title or spec.name} to {path}"),
        await _redis_step(site, system, spec, path, token)
        if spec.kind == "redis"
        else make_step(site, system, spec, path, token),
        deadline_s=_DEADLINE_S,
        undo=SafeText("the copy is removed"),
    )


def make_step(site: Site, system: str, spec: BackupSpec, path: str, token: str) -> MakeBackup:
    """Return the step that copies a set to a path."""
    operations = site.operations_of(system)
    sources = sources_at(spec, local_now(site))
    pairs = (
        tuple((one, "") for one in sources)
        if spec.kind != "archive"
        else named(operations.root, sources)
    )
    return MakeBackup(
        system,
        spec.name,
        spec.kind,
        pairs,
        path,
        spec.target,
        spec.mode,
        token,
        tuple(one.path for one in operations.env_files) if spec.kind == "postgres" else (),
    )


async def _redis_step(
    site: Site, system: str, spec: BackupSpec, path: str, token: str
) -> MakeBackup:
    found = await snapshot_of(site, system, spec)
    return MakeBackup(
        system,
        spec.name,
        spec.kind,
        ((found.path, ""),),
        path,
        spec.target,
        spec.mode,
        token,
        server=found.server,
        run_id=found.run_id,
        container=found.container,
    )


async def free_path(site: Site, path: str, taken: set[str]) -> str:
    """Return a path where neither a file nor a manifest is, and which no other step takes."""
    control = control_of(site.ports)
    while True:
        name = free_name(path, taken.__contains__)
        places = [await control.place(one) for one in (name, manifest_path(name))]
        taken.add(name)
        if all(one.kind is PlaceKind.NOTHING for one in places):
            return name


async def reason_against_now(site: Site, system: str, spec: BackupSpec) -> SafeText:
    """Return why a set cannot be copied at this moment; empty: it can."""
    if reason := reason_against(spec):
        return reason
    match spec.kind:
        case "command":
            return EMPTY
        case "postgres":
            if is_literal_secret(spec.sources[0]):
                return SafeText(
                    "its source has a password in it: put the URL into an env file and name the"
                    " variable"
                )
            return clean(why_no_tool(site.ports, "pg_dump", "pg_restore"))
        case "redis":
            return await why_no_snapshot(site, system, spec)
        case _:
            return await _missing_sources(site, spec)


async def _missing_sources(site: Site, spec: BackupSpec) -> SafeText:
    control = control_of(site.ports)
    wanted = {PlaceKind.FILE} if spec.kind != "archive" else {PlaceKind.FILE, PlaceKind.FOLDER}
    wrong: list[str] = []
    for path, _ in named("", sources_at(spec, local_now(site))):
        place = await control.place(path)
        if place.kind not in wanted:
            wrong.append(f"{path} is {_WORDS[place.kind]}")
    if spec.kind != "archive" and len(spec.sources) > 1:
        wrong.append(f"a set of kind {spec.kind} has one source; make it an archive")
    return clean("; ".join(wrong))


_WORDS = {
    PlaceKind.NOTHING: "not there",
    PlaceKind.OTHER: "a link or device, not a file",
    PlaceKind.FOLDER: "a folder",
    PlaceKind.FILE: "a file",
}


async def _room(site: Site, steps: list[object]) -> Preflight:
    """Look whether twice the size of what is copied is free where it goes."""
    control = control_of(site.ports)
    need: dict[str, int] = {}
    for one in steps:
        if isinstance(one, MakeBackup) and one.form != "postgres":
            folder = await existing_folder(site, one.path)
            if one.snapshot is not None:
                size = await snapshot_bytes(site, one.snapshot)
            else:
                size = await control.measure(tuple(path for path, _ in one.sources))
            need[folder] = need.get(folder, 0) + size
    for folder, size in need.items():
        free = await site.ports.files.free_bytes(folder)
        if free < 2 * size + _SPARE_BYTES:
            why = clean(f"{folder} has {free} bytes free, {2 * size + _SPARE_BYTES} are wanted")
            return Preflight("room", Grade.STOP, why, SafeText("expire old backups"))
    total = sum(need.values())
    return Preflight("room", Grade.PASS, clean(f"{total} bytes to copy, twice as much is free"))


async def existing_folder(site: Site, path: str) -> str:
    """Return the nearest folder above a path that is there."""
    control = control_of(site.ports)
    while path not in ("", "/"):
        path = path.rpartition("/")[0]
        if (await control.place(path or "/")).kind is PlaceKind.FOLDER:
            break
    return path or "/"
