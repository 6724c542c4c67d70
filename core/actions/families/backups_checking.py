"""Proves a copy: read back, hashed, rehearsed. Nothing is called good that was not."""

from core.actions.backups.manifest import Manifest, Member
from core.actions.families.backups_sets import control_of
from core.actions.ports import Ports
from core.clients.acting.backup_copies import Copied
from core.clients.acting.backup_places import PlaceKind
from core.clients.acting.commands import Order, Ran
from core.clients.archive.entries import Entry
from core.errors import ClientError, ClientGarbled
from core.model.text import EMPTY, SafeText, clean

_TOOL_S = 3600.0


async def problem_with(ports: Ports, path: str, form: str, manifest: Manifest | None) -> SafeText:
    """Return what is wrong with a copy; empty: read as a whole, it is as it should be.

    Without a manifest it can only be rehearsed: whether it is whole is then not known.
    """
    control = control_of(ports)
    try:
        place = await control.place(path)
        if place.kind is not PlaceKind.FILE:
            return clean(f"{path}: {_MISSING[place.kind]}")
        if place.size_bytes == 0:
            return clean(f"{path} has 0 bytes: whatever made it failed")
        if manifest is not None:
            _compare_hash(path, manifest, await control.digest(path))
        members = await rehearse(ports, path, form)
        if manifest is not None and form == "archive":
            _compare_members(path, manifest.members, members)
    except ClientError as error:
        return clean(str(error))
    return EMPTY


_MISSING = {
    PlaceKind.NOTHING: "the file is missing",
    PlaceKind.FOLDER: "it is a folder",
    PlaceKind.OTHER: "it is no regular file",
}


async def rehearse(ports: Ports, path: str, form: str) -> tuple[Entry, ...]:
    """Read a copy as its restore would; return an archive's members.

    Raises:
        ClientError: it is not what it should be, or the tool for it is missing.
    """
    control = control_of(ports)
    match form:
        case "json":
            await control.check_json(path)
        case "archive":
            return await control.entries(path)
        case "sqlite":
            await control.check_sqlite(path)
        case "redis":
            await control.check_rdb(path)
        case "postgres":
            await rehearse_postgres(ports, path)
        case _:
            await control.digest(path)
    return ()


async def rehearse_postgres(ports: Ports, path: str) -> None:
    """Let pg_restore turn a dump into SQL that goes nowhere.

    Its list alone proves nothing: the table of contents is at the front, so that a dump that was
    cut off still has it.

    Raises:
        ClientGarbled: it is no dump, or not whole.
        ClientError: pg_restore cannot be run.
    """
    listed = await _run(ports, ("pg_restore", "--list", "--", path))
    if not any(line and not line.startswith(";") for line in listed.output):
        raise ClientGarbled(f"{clean(path)}: the dump holds nothing")
    await _run(ports, ("pg_restore", "--file=/dev/null", "--", path))


async def _run(ports: Ports, argv: tuple[str, ...]) -> Ran:
    ran = await ports.commands.run(Order(argv, _TOOL_S))
    if ran.exit_code != 0:
        said = " ".join(ran.errors[:3])
        raise ClientGarbled(f"{argv[0]} ended with {ran.exit_code}: {said}")
    return ran


def _compare_hash(path: str, manifest: Manifest, now: Copied) -> None:
    if now.size_bytes != manifest.size_bytes:
        raise ClientGarbled(
            f"{clean(path)} has {now.size_bytes} bytes, its manifest says {manifest.size_bytes}"
        )
    if now.sha256 != manifest.sha256:
        raise ClientGarbled(
            f"{clean(path)} is not what was written: sha256 {now.sha256[:16]}…,"
            f" its manifest says {manifest.sha256[:16]}…"
        )


def _compare_members(path: str, planned: tuple[Member, ...], found: tuple[Entry, ...]) -> None:
    there = {one.name: (one.size_bytes, one.sha256) for one in found if not one.is_folder}
    for member in planned:
        if there.pop(member.name, None) != (member.size_bytes, member.sha256):
            raise ClientGarbled(
                f"{clean(path)}: member {clean(member.name, 200)} is missing or another"
            )
    if there:
        more = clean(next(iter(there)), 200)
        raise ClientGarbled(f"{clean(path)}: member {more} is not in its manifest")
