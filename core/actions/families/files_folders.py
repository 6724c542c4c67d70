"""`folder.create` and `folder.move_aside`: a deployment's own folder, and those below it."""

import posixpath

from core.actions.action import Action, Draft, DraftStep, DraftTrait, Input, Offer, Site
from core.actions.families.files_steps import MakeFolder, MoveFolder
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.traits import FolderTrait
from core.clients.acting.bulk_folders import FolderFacts
from core.errors import ActionError, ClientDenied, ClientMissing
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import PlainProcess

_MOST_PARENTS = 8


def _path(site: Site, target: str) -> str:
    """Return the folder that `system/relative` names; `system/.` is the system's own.

    Raises:
        ActionError: the system has no folder, or the path leaves it.
    """
    name, _, rest = target.partition("/")
    system = site.system(name)
    root = posixpath.normpath(site.operations_of(name).root or system.root or "/")
    if root == "/":
        raise ActionError(f"{name} has no root in the configuration: nothing is made or moved")
    path = posixpath.normpath(posixpath.join(root, rest or "."))
    if posixpath.commonpath((root, path)) != root:
        raise ActionError(f"{clean(path)} is not below {clean(root)}")
    return path


async def _facts(site: Site, path: str) -> FolderFacts | None:
    try:
        return await site.ports.files.folder(path)
    except ClientMissing:
        return None


async def _create(site: Site, request: ActionRequest) -> Draft:
    path = _path(site, request.target)
    mode = _mode(request.input("mode", "0755"))
    flights: list[Preflight] = []
    missing: list[str] = []
    at = path
    try:
        while await _facts(site, at) is None and len(missing) < _MOST_PARENTS:
            missing.insert(0, at)
            at = posixpath.dirname(at)
    except ClientDenied as error:
        flights.append(stop_flight("folder", str(error)))
        missing = []
    if not missing and not flights:
        flights.append(stop_flight("folder", f"{path} is there already", "nothing to do"))
    if len(missing) >= _MOST_PARENTS:
        flights.append(stop_flight("folder", f"nothing is above {path}", "is the root right?"))
    return Draft(
        title=clean(f"make folder {path}"),
        targets=(Target("folder", path, clean(path)),),
        steps=tuple(
            DraftStep(
                clean(f"make {one}, {mode:04o}"),
                MakeFolder(one, mode),
                undo=SafeText("it is removed while it is empty"),
            )
            for one in missing
        ),
        traits=tuple(DraftTrait(clean(f"folder {one}"), FolderTrait(one)) for one in missing),
        radius=(clean(f"{len(missing)} new folders, the first in {at}"),),
        preflight=tuple(flights),
        way_back=SafeText("removed again while they are empty"),
    )


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError as error:
        raise ActionError(f"a mode is written as 0755, not {clean(text)!r}") from error
    if not 0 <= mode <= 0o7777 or mode & 0o002:
        raise ActionError("a folder where anybody may write is not made")
    return mode


async def _move_aside(site: Site, request: ActionRequest) -> Draft:
    path = _path(site, request.target)
    facts = await _facts(site, path)
    stamp = site.ports.clock.now().astimezone().strftime("%Y%m%d_%H%M%S")
    to = f"{path}.aside.{stamp}"
    steps: tuple[DraftStep, ...] = ()
    flights = [*await _users(site, request.target.partition("/")[0])]
    if facts is None:
        flights.append(stop_flight("folder", f"there is no folder {path}"))
    elif await _facts(site, to) is not None:
        flights.append(stop_flight("folder", f"{to} is there already", "plan again in a second"))
    else:
        step = MoveFolder(path, to, facts.inode)
        back = SafeText("it gets its name back")
        steps = (DraftStep(clean(f"rename {path} to {to}"), step, undo=back),)
    count = len(facts.entries) if facts else 0
    return Draft(
        title=clean(f"move {path} aside"),
        targets=(Target("folder", path, clean(path)),),
        steps=steps,
        traits=(DraftTrait(clean(f"folder {path}"), FolderTrait(path)),),
        radius=(
            clean(f"1 folder with {count} entries; not a byte of it is copied or removed"),
            clean(f"what runs in it goes on in {to}"),
        ),
        preflight=tuple(flights),
        way_back=SafeText("it is renamed back, while nothing new has its place"),
    )


async def _users(site: Site, system: str) -> tuple[Preflight, ...]:
    """Return the plain processes of the system that still run."""
    running: list[str] = []
    for service in site.system(system).services:
        runs = service.runs_as
        if isinstance(runs, PlainProcess) and runs.command:
            found = await site.ports.processes.find(runs.command, runs.cwd, runs.pidfile)
            running += [f"{service.id.service} (pid {one.id.pid})" for one in found]
    if running:
        text = f"{', '.join(running)} runs; what it opens by path is gone"
        return (warning("in use", text, "stop it first"),)
    return (passed("in use", "no process of the system runs"),)


def _offer(action: str, words: str, site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            action,
            f"{one.name}/.",
            clean(f"{words} of {one.title or one.name}"),
            EMPTY if site.operations_of(one.name).root or one.root
            else SafeText("the configuration names no root"),
        )
        for one in site.topology.systems
    )  # fmt: skip


FOLDER_ACTIONS: tuple[Action, ...] = (
    Action(
        "folder.create", "Make a system's folder", "create", Danger.COPY,
        lambda site: _offer("folder.create", "Make the folder", site), _create,
        (Input("mode", "its permissions", "0755"),),
    ),
    Action(
        "folder.move_aside", "Move a system's folder aside", "move", Danger.DESTROY,
        lambda site: _offer("folder.move_aside", "Move aside the folder", site), _move_aside,
    ),
)  # fmt: skip
