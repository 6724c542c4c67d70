"""Redis snapshots: saved anew, taken from the server's disk or its container, and proven."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from core.actions.action import DraftTrait, Site
from core.actions.families.backups_sets import control_of
from core.actions.families.redis_look import (
    RedisTrait,
    Saved,
    Saving,
    redis_of,
    save_flights,
    server_of,
)
from core.actions.families.services_containers import ids_of
from core.actions.families.services_draft import warning
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.backup_copies import Copied
from core.clients.acting.backup_places import PlaceKind
from core.clients.acting.commands import Order
from core.errors import ActionError, ClientError, ClientGarbled, StepFailedError
from core.model.action import Grade, Preflight
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService
from core.redis.servers import redis_checks

_PULL_S = 6 * 3600.0
_PULLED = "snapshot.rdb"
_TICK_S = 1
"""TIME is exact; a snapshot is dated by a clock that goes in ticks, and may be a second behind."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a server's snapshot is."""

    server: str
    """`system/service`."""
    run_id: str
    path: str
    """As the server sees it."""
    container: str = ""
    """The id of the container that has that path; empty: this machine."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was copied, with what, and what is known of it."""

    copied: Copied
    tools: tuple[tuple[str, str], ...] = ()
    """Program and version."""
    keys: int | None = None
    """In a snapshot of Redis; None: not counted."""


async def snapshot_of(site: Site, system: str, spec: BackupSpec) -> Snapshot:
    """Return where the snapshot of a set is.

    Raises:
        ActionError: nobody knows, or it cannot be got at from here.
        ClientError: the server, the engine or the disk cannot be asked.
    """
    server = server_of(site, system, spec.service)
    control = redis_of(site.ports)
    state = await control.state(server)
    path = await control.snapshot_path(server)
    container = await _container_of(site, site.service(server))
    found = Snapshot(server, state.run_id, path, container)
    if not container:
        await _guard_here(site, found)
    return found


async def _container_of(site: Site, service: ServiceSpec) -> str:
    match service.runs_as:
        case ComposeService() | DockerContainer() as runs:
            ids = await ids_of(site, runs)
            if len(ids) != 1:
                raise ActionError(
                    f"{service.id} has {len(ids)} containers: name the one that is to be copied"
                )
            return (await site.ports.engine.inspect(ids[0])).id
        case SwarmService():
            raise ActionError(f"{service.id} is a Swarm service: its node is not known")
        case _:
            return ""


async def _guard_here(site: Site, found: Snapshot) -> None:
    """Refuse a server of another machine, and a folder that is not here or not ours to read."""
    host = urlsplit(redis_checks(site.topology)[found.server].url).hostname or ""
    if not _is_loopback(host):
        raise ActionError(
            f"{found.server} is on {clean(host)}: its snapshot is on that machine's disk; run"
            " the console there, or say with runs_as which container here it is"
        )
    folder = found.path.rpartition("/")[0] or "/"
    if (await control_of(site.ports).place(folder)).kind is not PlaceKind.FOLDER:
        raise ActionError(
            f"{found.server} writes to {clean(folder)}, which is not here: say with runs_as"
            " which container it is"
        )
    await _guard_readable(site, found)


async def _guard_readable(site: Site, found: Snapshot) -> None:
    """Refuse, before anything is done, what we could not copy afterwards."""
    control = control_of(site.ports)
    try:
        if (await control.place(found.path)).kind is not PlaceKind.NOTHING:
            await control.rdb_facts(found.path)
    except ClientGarbled:
        return  # it will be written anew


def _is_loopback(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def why_no_snapshot(site: Site, system: str, spec: BackupSpec) -> SafeText:
    """Return why a set cannot be saved and copied now; empty: it can."""
    try:
        found = await snapshot_of(site, system, spec)
        if found.container:
            site.ports.commands.which("docker")
        flights = await save_flights(site, found.server)
    except (ActionError, ClientError) as error:
        return clean(str(error))
    stops = (flight.text for flight in flights if flight.grade is Grade.STOP)
    return clean("; ".join(stops))


async def snapshot_flights(site: Site, found: Snapshot) -> tuple[Preflight, ...]:
    """Return what a person should know of a server before it is saved."""
    flights = list(await save_flights(site, found.server))
    if await redis_of(site.ports).setting(found.server, "rdbchecksum") == "no":
        text = "rdbchecksum is off: only start and end of the snapshot can be proven"
        flights.append(warning("checksum", text, "CONFIG SET rdbchecksum needs a restart"))
    return tuple(flights)


async def snapshot_bytes(site: Site, found: Snapshot) -> int:
    """Return how large a snapshot may become: as much as is in memory, twice on its way here."""
    state = await redis_of(site.ports).state(found.server)
    return state.used_bytes * (2 if found.container else 1)


def snapshot_traits(found: Snapshot) -> tuple[DraftTrait, ...]:
    """Return what must not change between plan and save."""
    return (DraftTrait(clean(found.server), RedisTrait(found.server)),)


def pulled_folder(part: str) -> str:
    """Return the private folder that a container's file comes to first."""
    return f"{part}.d"


async def copy_snapshot(ports: Ports, found: Snapshot, part: str, work: Work) -> Taken:
    """Have a server save, and copy what it wrote to a new private file.

    Raises:
        StepFailedError: it did not save, or what is at its path is not what it saved.
        ClientError: the server, the engine or the disk refused.
    """
    saved = await Saving(ports, found.server, found.run_id, work).save()
    control = redis_of(ports)
    path = await control.snapshot_path(found.server)
    if path != found.path:
        raise StepFailedError(f"{found.server} writes to {clean(path)} by now: plan again")
    if found.container:
        copied = await _pull(ports, found, part, work)
    else:
        copied = await control_of(ports).copy_file(path, part)
    # Its checksum is compared when it is rehearsed, before it gets its name.
    facts = await control_of(ports).rdb_facts(part)
    guard_new(found.path, found.server, saved, facts.made_at_s)
    tools = (("redis", (await control.state(found.server)).version),)
    return Taken(copied, tools, saved.keys)


def guard_new(path: str, server: str, saved: Saved, made_at_s: int | None) -> None:
    """Refuse what is older than the save: the path is that of another server's file."""
    if made_at_s is not None and made_at_s < saved.begun_s - _TICK_S:
        raise StepFailedError(
            f"{clean(path)} was written {saved.begun_s - made_at_s} s before {server}"
            " saved: it is another server's; say with runs_as where this one runs"
        )


async def _pull(ports: Ports, found: Snapshot, part: str, work: Work) -> Copied:
    """Copy a file out of a container, by way of a folder that only we may enter."""
    control, folder = control_of(ports), pulled_folder(part)
    await control.remove(folder)
    await control.make_folder(folder)
    argv = ("docker", "cp", f"{found.container}:{found.path}", f"{folder}/{_PULLED}")
    ran = await ports.commands.run(
        Order(argv, _PULL_S, env=ports.engine.environment(), output=work.output)
    )
    if ran.exit_code != 0:
        said = " ".join(ran.errors[:3]) or "it said nothing"
        raise StepFailedError(f"docker cp ended with {ran.exit_code}: {said}")
    copied = await control.copy_file(f"{folder}/{_PULLED}", part)
    await control.remove(folder)
    return copied
