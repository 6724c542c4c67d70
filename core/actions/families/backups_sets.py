"""Backup sets as configured: which there are, what they copy, and which copies exist."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core.actions.action import Site
from core.actions.backups.manifest import (
    MAX_BYTES,
    SUFFIX,
    Manifest,
    ManifestError,
    manifest_path,
    parse_manifest,
    parse_summary,
)
from core.actions.backups.names import Places, is_of, places_also, places_of, target_at
from core.actions.backups.validity import BEFORE_RESTORE, FoundCopy, Judged, judge_copy
from core.actions.ports import Ports
from core.clients.acting.backup_places import Place, PlaceKind
from core.clients.acting.backups import BackupControl
from core.errors import ActionError, ClientDenied, ClientError, ClientMissing
from core.model.operation import BackupSpec, CommandSpec
from core.model.text import EMPTY, SafeText, clean

ALL = "all"
"""Every set of a system, as one job."""


def before_restore(system: str, name: str) -> str:
    """Return how copies of what lived before a restore begin; a moment follows."""
    return f"{system}.{name}{BEFORE_RESTORE}"


def control_of(ports: Ports) -> BackupControl:
    """Return the port for backups.

    Raises:
        ActionError: there is none.
    """
    if ports.backups is None:
        raise ActionError("backups cannot be reached from here")
    return ports.backups


def spec_of(site: Site, target: str) -> tuple[str, BackupSpec]:
    """Return the system and set that `system/set` names.

    Raises:
        ActionError: there is no such system or set.
    """
    system, _, name = target.partition("/")
    site.system(system)
    sets = site.operations_of(system).backups
    for one in sets:
        if one.name == name:
            return system, one
    known = ", ".join((*(one.name for one in sets), ALL)) if sets else "none"
    raise ActionError(f"{system} has no backup set {name!r}; it has: {known}")


def sets_of(site: Site, target: str) -> tuple[str, tuple[BackupSpec, ...]]:
    """Return the system and the sets that `system/set` or `system/all` names."""
    system, _, name = target.partition("/")
    site.system(system)
    sets = site.operations_of(system).backups
    if name == ALL and sets and not any(one.name == ALL for one in sets):
        return system, sets
    return system, (spec_of(site, target)[1],)


def command_of(site: Site, system: str, spec: BackupSpec) -> CommandSpec | None:
    """Return the command that makes a set, if one does."""
    for one in site.operations_of(system).commands:
        if one.name == spec.command:
            return one
    return None


def reason_against(spec: BackupSpec) -> SafeText:
    """Return why a set cannot be copied, as far as its configuration tells."""
    if spec.kind == "redis":
        return EMPTY
    if spec.kind == "command" and not spec.command:
        return SafeText("no command is named: set backups.….command")
    if spec.kind != "command" and not spec.sources:
        return SafeText("nothing to copy is named: set backups.….sources")
    return EMPTY


def reason_against_restore(spec: BackupSpec) -> SafeText:
    """Return why a set cannot be restored, as far as its configuration tells."""
    if spec.kind == "command":
        return SafeText("what a command made, a command has to bring back: see its runbook")
    return reason_against(spec)


def sources_at(spec: BackupSpec, at: datetime) -> tuple[str, ...]:
    """Return what a set copies at a moment: absolute paths, or the name of a database."""
    if spec.kind == "postgres":
        return spec.sources
    return tuple(target_at(one, at) for one in spec.sources)


def named(root: str, paths: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return paths with their names in an archive: relative to the system's root, where below it.

    The root itself has an empty name: its content stands at the archive's own root.
    """
    base = root.rstrip("/")

    def name(path: str) -> str:
        if base and path == base:
            return ""
        return path.removeprefix(f"{base}/") if base else path.lstrip("/")

    plain = (path.rstrip("/").removesuffix("/.") or "/" for path in paths)
    return tuple((path, name(path).lstrip("/")) for path in plain)


def own_of(spec_target: str) -> Callable[[str], bool]:
    """Return what tells a set's own backups, which are never packed into one another."""
    return lambda path: is_of(spec_target, path) or (BEFORE_RESTORE in path.rpartition("/")[2])


async def read_manifest(ports: Ports, path: str) -> Manifest | None:
    """Return the manifest beside a backup; None where there is none.

    Raises:
        ManifestError: it cannot be used.
        ClientError: it cannot be read.
    """
    try:
        raw = await ports.files.read(manifest_path(path), MAX_BYTES)
    except ClientMissing:
        return None
    return await asyncio.to_thread(parse_manifest, raw)


async def copies_of(site: Site, system: str, spec: BackupSpec) -> tuple[Judged, ...]:
    """Return every backup of a set, judged by what is known without reading it again.

    Their manifests are without members: `with_members` reads those of one.

    Raises:
        ClientError: a folder cannot be looked into.
    """
    control = control_of(site.ports)
    host = control.host()
    places = await _files(control, system, spec)
    found = [await _found_copy(site.ports, one) for one in places]
    found += await _missing(site.ports, control, spec, {one.path for one in found})
    return tuple(judge_copy(one, system, spec.name, host) for one in found)


async def with_members(site: Site, system: str, spec: BackupSpec, one: Judged) -> Judged:
    """Return a backup with all that its manifest says, judged anew by that."""
    if one.copy.manifest is None:
        return one
    try:
        found = replace(one.copy, manifest=await read_manifest(site.ports, one.copy.path))
    except (ManifestError, ClientError) as error:
        found = _without_manifest(one.copy, error)
    return judge_copy(found, system, spec.name, control_of(site.ports).host())


async def _found_copy(ports: Ports, place: Place) -> FoundCopy:
    """Return a file with its manifest, but for the members."""
    found = FoundCopy(place.path, place.size_bytes, place.mtime_ns, place.inode)
    try:
        raw = await ports.files.read(manifest_path(place.path), MAX_BYTES)
        manifest, members = parse_summary(raw)
    except ClientMissing:
        return found
    except (ManifestError, ClientError) as error:
        return _without_manifest(found, error)
    return replace(found, manifest=manifest, members=members)


def _without_manifest(copy: FoundCopy, error: Exception) -> FoundCopy:
    is_denied = isinstance(error, ClientDenied)
    return replace(copy, manifest=None, problem=clean(str(error)), is_denied=is_denied)


async def _files(control: BackupControl, system: str, spec: BackupSpec) -> list[Place]:
    found: dict[str, Place] = {}
    live = set(spec.sources)
    for places in _places(system, spec):
        for one in await control.find(places.root, places.levels):
            if one.path not in live and not one.path.endswith(SUFFIX):
                found.setdefault(one.path, one)
    return [found[path] for path in sorted(found)]


def _places(system: str, spec: BackupSpec) -> tuple[Places, ...]:
    main = places_of(spec.target)
    kept = rf"{re.escape(before_restore(system, spec.name))}[0-9-]+"
    other = (one for also in spec.also for one in places_also(spec.target, also))
    return (main, Places(main.root, (*main.levels[:-1], kept)), *other)


async def _missing(
    ports: Ports, control: BackupControl, spec: BackupSpec, there: set[str]
) -> list[FoundCopy]:
    """Return manifests whose file is gone."""
    main = places_of(spec.target)
    levels = (*main.levels[:-1], main.levels[-1] + r"\.manifest\.json")
    lost = [
        one.path.removesuffix(SUFFIX)
        for one in await control.find(main.root, levels)
        if one.path.removesuffix(SUFFIX) not in there
    ]
    found = [await _found_copy(ports, Place(path, PlaceKind.NOTHING)) for path in lost]
    return [replace(one, is_denied=False, is_missing=True) for one in found]
