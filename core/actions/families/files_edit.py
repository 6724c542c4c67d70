"""From a wish to change one file to the draft of it: looked at, checked, with a masked diff."""

import posixpath
from dataclasses import dataclass

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.files_apply import Readers, readers_of
from core.actions.families.files_checks import check_config, check_env
from core.actions.families.files_readers import CommandOnFiles, CommandSays
from core.actions.families.files_steps import (
    FILE,
    CreateFile,
    EditFile,
    FileHolds,
    edited,
    facts_of,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.traits import FileTrait
from core.actions.work import digest
from core.clients.acting.files import FileFacts
from core.errors import ActionError, ClientGarbled, ClientMissing
from core.model.action import Danger, Preflight, Target
from core.model.env_text import IsSecret, diff_lines, is_secret_name, masked_diff
from core.model.masking import mask_text
from core.model.operation import CommandSpec, ConfigFileSpec, EnvFileSpec, JudgeSpec
from core.model.text import EMPTY, SafeText, clean, clean_lines
from core.model.topology import ServiceSpec

_MAX_LINKS = 8
_ROOM_BYTES = 64 * 1024 * 1024
_NEW_MODE = 0o600
RECREATE, NONE = "recreate", "none"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of one file."""

    system: str
    path: str
    spec: EnvFileSpec | ConfigFileSpec
    values: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    source: str = ""
    """The file that holds all the new bytes; empty: the file's own are edited."""
    services: tuple[str, ...] = ()
    """Who has to read it afterwards."""
    apply: str = NONE
    has_copy: bool = True
    """A dated copy is left beside it."""

    @property
    def is_secret(self) -> IsSecret:
        """Return which variables are never shown."""
        variables = self.spec.variables if isinstance(self.spec, EnvFileSpec) else ()
        hidden = {one.name for one in variables if one.is_secret}
        return lambda name: name in hidden or is_secret_name(name)


@dataclass(frozen=True, slots=True)
class _Look:
    """The file now, and what it would be."""

    path: str
    facts: FileFacts | None
    old: bytes
    new: bytes
    flights: tuple[Preflight, ...]


async def real_path(site: Site, path: str, root: str) -> str:
    """Return what a path stands for: links in its last part are followed here, once, and shown.

    Raises:
        ActionError: it leads out of the system's folder, or in a circle.
    """
    files, at = site.ports.files, path
    for _ in range(_MAX_LINKS):
        try:
            to = await files.link_target(at)
        except (ClientMissing, ClientGarbled):
            break
        at = posixpath.normpath(posixpath.join(posixpath.dirname(at), to))
    else:
        raise ActionError(f"{clean(path)} is a link that leads to no end")
    home = posixpath.normpath(root or posixpath.dirname(path))
    if at != path and posixpath.commonpath((home, at)) != home:
        raise ActionError(f"{clean(path)} is a link that leads out of {clean(home)}: {clean(at)}")
    return at


async def guard_source(site: Site, path: str) -> None:
    """Refuse a handed-over file that others may read.

    Raises:
        ActionError: it is not absolute, or not private.
    """
    if not path.startswith("/"):
        raise ActionError(f"a handed-over file is named from / on, not {clean(path)!r}")
    facts = await site.ports.files.facts(path)
    if facts.mode & 0o077:
        raise ActionError(f"{clean(path)} may be read by others; chmod 600 it")


async def draft_edit(site: Site, wish: Wish, title: SafeText) -> Draft:
    """Return the draft of one file's change, with the services that read it.

    Raises:
        ActionError: what is asked for cannot be written.
        ClientError: the file cannot be looked at.
    """
    for source in _sources(wish):
        await guard_source(site, source)
    look = await _look(site, wish)
    step = _step(wish, look)
    readers = await readers_for(site, wish)
    target = Target("file", look.path, clean(look.path))
    copies, copy_flights = await _copy(site, wish, look)
    check, proofs = _command(site, wish, step)
    inner = (*copies, *_steps(look, step), *check)
    is_interrupting = readers.is_anybody
    return Draft(
        title=title,
        targets=(target, *readers.targets),
        steps=(*readers.before, *inner, *readers.after),
        traits=(*_traits(wish, look), *readers.traits),
        proofs=(_holds(look), *proofs, *readers.proofs),
        radius=(*_radius(wish, look), *readers.radius),
        preflight=(*look.flights, *copy_flights, *readers.preflight),
        preview=_preview(wish, look),
        locks=tuple(dict.fromkeys(readers.locks)),
        downtime=clean("; ".join(readers.downtime)) if readers.downtime else EMPTY,
        way_back=_way_back(copies),
        danger=Danger.INTERRUPT if is_interrupting else Danger.CHANGE,
        backup_bytes=len(look.old) + len(look.new),
        estimate_s=5.0 + readers.estimate_s,
    )


def _sources(wish: Wish) -> tuple[str, ...]:
    own = (wish.source,) if wish.source else ()
    given = (value.removeprefix(FILE) for _, value in wish.values if value.startswith(FILE))
    return (*own, *given)


async def _look(site: Site, wish: Wish) -> _Look:
    files = site.ports.files
    path = await real_path(site, wish.path, site.operations_of(wish.system).root)
    facts = await facts_of(site.ports, path)
    old = await files.read(path) if facts else b""
    new = await edited(site.ports, old, wish.values, wish.removed, wish.source)
    flights = [*file_flights(wish, path, facts)]
    if isinstance(wish.spec, EnvFileSpec):
        flights += check_env(new, old, wish.spec)
    else:
        flights += check_config(new, wish.spec)
    if facts and digest(new) == facts.sha256:
        flights.append(stop_flight("change", "it says all of that already: nothing to change"))
    flights.append(await room_flight(site, path, len(old) + len(new)))
    return _Look(path, facts, old, new, tuple(flights))


def file_flights(wish: Wish, path: str, facts: FileFacts | None) -> list[Preflight]:
    """Return what speaks against changing a file, and what should be known of it."""
    found: list[Preflight] = []
    if path != wish.path:
        found.append(warning("file", f"{wish.path} is a link; {path} is changed"))
    if facts is None:
        if not wish.source:
            text = f"there is no {path}; env.edit with text=file:… makes it"
            found.append(stop_flight("file", text))
        else:
            found.append(warning("file", f"there is no {path}: it is made, readable by us alone"))
        return found
    if facts.links > 1:
        text = f"it has {facts.links} names; the others would keep the old bytes"
        found.append(stop_flight("file", text, "find the other with find -samefile"))
    if facts.is_mounted:
        text = "it is bound alone into a container: it is written in place, which a reader may see"
        found.append(warning("file", text))
    if isinstance(wish.spec, EnvFileSpec) and facts.mode & 0o004:
        text = f"everybody on this machine may read it ({facts.mode:04o})"
        found.append(warning("file", text, f"chmod o-r {path}"))
    return found


async def room_flight(site: Site, path: str, size_bytes: int) -> Preflight:
    """Return whether the disk has room for so many new bytes."""
    free = await site.ports.files.free_bytes(posixpath.dirname(path) or "/")
    if free < 2 * size_bytes + _ROOM_BYTES:
        return stop_flight("disk", f"{free // 1024} KiB free: too little", "make room first")
    return passed("disk", f"{free // (1024 * 1024)} MiB free")


def _step(wish: Wish, look: _Look) -> EditFile | CreateFile:
    after = digest(look.new)
    if look.facts is None:
        return CreateFile(look.path, wish.source, after, _NEW_MODE)
    before = look.facts.sha256
    return EditFile(look.path, before, after, wish.values, wish.removed, wish.source)


def _steps(look: _Look, step: EditFile | CreateFile) -> tuple[DraftStep, ...]:
    verb = "write" if look.facts else "make"
    back = clean("the bytes from before are put back" if look.facts else "it is removed")
    return (DraftStep(clean(f"{verb} {look.path}"), step, undo=back),)


async def _copy(
    site: Site, wish: Wish, look: _Look
) -> tuple[tuple[DraftStep, ...], tuple[Preflight, ...]]:
    """Return the step that leaves a dated copy; one that is there is never written over."""
    if look.facts is None or not wish.has_copy:
        return (), ()
    stamp = site.ports.clock.now().astimezone().strftime("%Y%m%d_%H%M%S")
    path = f"{look.path}.backup.{stamp}"
    if await facts_of(site.ports, path) is not None:
        text = f"{path} is there already and is never written over"
        return (), (stop_flight("copy", text, "plan again in a second"),)
    step = CreateFile(path, look.path, look.facts.sha256, _NEW_MODE)
    return (DraftStep(clean(f"copy to {path}"), step, undo=SafeText("it is removed")),), ()


async def readers_for(site: Site, wish: Wish) -> Readers:
    """Return what is done so that a wish's services read the file."""
    if wish.apply == NONE:
        return Readers()
    known = {one.id.service: one for one in site.system(wish.system).services}
    services: tuple[ServiceSpec, ...] = tuple(
        known[name] for name in wish.services if name in known
    )
    is_environment = isinstance(wish.spec, EnvFileSpec) or wish.apply == RECREATE
    return await readers_of(site, services, is_environment=is_environment)


def _command(
    site: Site, wish: Wish, step: EditFile | CreateFile
) -> tuple[tuple[DraftStep, ...], tuple[DraftProof, ...]]:
    """Return the configured check of a file as a step that may refuse it, and as a proof."""
    spec = command_of(site, wish)
    if spec is None:
        return (), ()
    rule = spec.judge or JudgeSpec()
    words = clean(" ".join(spec.argv))
    told = (spec.argv, spec.cwd, spec.timeout_s, rule.exit, rule.says, rule.never_says)
    back = SafeText("the bytes from before are put back")
    run = DraftStep(
        clean(f"check with {words}"),
        CommandOnFiles((step.change,), *told),
        spec.timeout_s + 10.0,
        undo=back,
    )
    return (run,), (DraftProof(clean(f"{words} accepts it"), CommandSays(*told)),)


def command_of(site: Site, wish: Wish) -> CommandSpec | None:
    """Return the command that checks a file; one that runs in a container is not ours to run."""
    name = wish.spec.validate_with if isinstance(wish.spec, ConfigFileSpec) else ""
    commands = site.operations_of(wish.system).commands
    return next((one for one in commands if one.name == name and not one.inside), None)


def _traits(wish: Wish, look: _Look) -> tuple[DraftTrait, ...]:
    paths = (look.path, *_sources(wish))
    return tuple(DraftTrait(clean(f"file {path}"), FileTrait(path)) for path in paths)


def _holds(look: _Look) -> DraftProof:
    facts = look.facts
    looks = (facts.mode, facts.uid, facts.gid) if facts else ()
    return DraftProof(
        SafeText("read again for two seconds"), FileHolds(look.path, digest(look.new), looks)
    )


def _radius(wish: Wish, look: _Look) -> tuple[SafeText, ...]:
    lines = [clean(f"1 file: {look.path}, {len(look.old)} bytes become {len(look.new)}")]
    spec = wish.spec
    if isinstance(spec, EnvFileSpec) and spec.also:
        lines.append(clean(f"not changed, and read by others perhaps: {', '.join(spec.also)}"))
    if wish.apply == NONE and spec.read_by:
        word = "made anew" if spec.apply == RECREATE else "restarted"
        lines.append(
            clean(f"{', '.join(spec.read_by)} reads it only when {word}, which is not done")
        )
    if spec.note:
        lines.append(clean(spec.note))
    return tuple(lines)


def _preview(wish: Wish, look: _Look) -> tuple[SafeText, ...]:
    if isinstance(wish.spec, EnvFileSpec):
        return masked_diff(look.old, look.new, look.path, wish.is_secret)
    old, new = (
        [clean(mask_text(line)) for line in clean_lines(data)] for data in (look.old, look.new)
    )
    return diff_lines(old, new, look.path, is_same=look.old == look.new)


def _way_back(copies: tuple[DraftStep, ...]) -> SafeText:
    if copies:
        return SafeText("the old bytes are kept in the action's folder and in a copy beside it")
    return SafeText("the old bytes are kept in the action's folder")
