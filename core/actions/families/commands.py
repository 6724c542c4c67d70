"""`command.run`: a program of the system, as the configuration describes it."""

import re
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.commands_background import draft_background
from core.actions.families.commands_steps import RunCommand, SecondLook, TryCommand, spec_text
from core.actions.families.commands_words import Filled, fill, secret_words
from core.actions.families.services_containers import ids_of
from core.actions.families.services_draft import START, STOP, passed, stop_flight, warning
from core.actions.results import ResultSays, forgetting, new_result
from core.actions.service_traits import ContainerTrait
from core.actions.traits import FileTrait
from core.actions.verdicts.calls import call_of, script_of
from core.actions.verdicts.known import follow_up, is_load, leaves_nothing
from core.clients.docker_address import address_of
from core.errors import ActionError, ClientDenied, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.masking import mask_words
from core.model.operation import CommandSpec
from core.model.text import EMPTY, SafeText, clean, join
from core.model.topology import ComposeService, DockerContainer

_BESIDE_S = 30.0
"""Beyond a command's own deadline, for judging it and writing its result down."""
_PLAIN = re.compile(r"^[\w@%+=:,./-]+$")
_PYTHON = "python"
_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command runs, and what was found there."""

    front: tuple[str, ...]
    """What carries it there; empty: nothing."""
    argv: tuple[str, ...]
    """The program resolved, where it runs on this machine."""
    cwd: str
    env: tuple[tuple[str, str], ...]
    flights: tuple[Preflight, ...]
    traits: tuple[DraftTrait, ...] = ()
    targets: tuple[Target, ...] = ()


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "command.run",
            f"{system.name}/{spec.name}",
            clean(spec.title or spec.name),
            _reason_against(spec),
            tuple(Input(name, what, is_required=True) for name, what in spec.inputs),
            Danger(spec.danger),
        )
        for system in site.topology.systems
        for spec in site.operations_of(system.name).commands
    )


def _reason_against(spec: CommandSpec) -> SafeText:
    """Return why the configuration's own words forbid it."""
    words = secret_words(spec)
    return clean(_of_secret(spec, words[0])) if words else EMPTY


def _of_secret(spec: CommandSpec, name: str) -> str:
    return (
        f"{spec.name} takes {name} as a word of its command line, where every user of this "
        "machine can read it"
    )


def command_of(site: Site, target: str) -> CommandSpec:
    """Return the command that `system/name` names.

    Raises:
        ActionError: there is none.
    """
    system, _, name = target.partition("/")
    known = site.operations_of(site.system(system).name).commands
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none"
    raise ActionError(f"{system} has no command {name!r}; it has: {names}")


async def _draft(site: Site, request: ActionRequest) -> Draft:
    spec = command_of(site, request.target)
    filled = fill(spec, request.inputs)
    if spec.background:
        here = await _here(site, spec, filled)
        return await draft_background(site, request.target, spec, here.argv, here.flights, START)
    place = await _place(site, request.target.partition("/")[0], spec, filled)
    danger = Danger(spec.danger)
    call = call_of(filled.argv)
    is_try = danger in (Danger.READ, Danger.COPY) or leaves_nothing(call)
    result = new_result(site.ports)
    make = TryCommand if is_try else RunCommand
    step = make(
        (*place.front, *place.argv), result, place.cwd, place.env, spec.timeout_s, filled.argv,
        spec_text(spec.judge), filled.stdin_file,
    )  # fmt: skip
    shown = join(" ", [quoted(word) for word in mask_words(step.argv)])
    return Draft(
        title=clean(f"run {spec.title or spec.name}"),
        targets=(Target("command", request.target, clean(spec.title or spec.name)), *place.targets),
        steps=(
            DraftStep(
                clean(f"run {_shortened(shown)}"), step, spec.timeout_s + _BESIDE_S,
                is_irreversible=danger is Danger.DESTROY,
                undo=SafeText("nothing to undo: it changes nothing") if is_try else EMPTY,
            ),
            forgetting(result),
        ),
        traits=place.traits,
        proofs=_proofs(place, filled, result, is_try=is_try),
        radius=_radius(spec, place, is_load=is_load(call)),
        preflight=(*_secret_flights(spec), *place.flights),
        preview=_preview(spec, place, shown),
        way_back=_way_back(is_try=is_try),
        danger=danger,
        estimate_s=None,
    )  # fmt: skip


def _proofs(place: Place, filled: Filled, result: str, *, is_try: bool) -> tuple[DraftProof, ...]:
    said = DraftProof(SafeText("what it printed"), ResultSays(result))
    after = () if is_try else follow_up(filled.argv, call_of(filled.argv))
    if not after:
        return (said,)
    # The resolved program carries the second look too.
    argv = (*place.front, place.argv[0], *after[1:])
    look = SecondLook(argv, after, place.cwd, place.env)
    return (said, DraftProof(clean(" ".join(after)), look))


def _secret_flights(spec: CommandSpec) -> tuple[Preflight, ...]:
    return tuple(
        stop_flight(
            "secret", _of_secret(spec, name),
            "use the console's own actions on keys, or have the program read standard input",
        )
        for name in secret_words(spec)
    )  # fmt: skip


def quoted(word: str) -> SafeText:
    """Return a word of a command line as a person would type it."""
    if _PLAIN.match(word):
        return clean(word)
    inner = word.replace("'", "'\\''")
    return clean(f"'{inner}'")


def _shortened(shown: SafeText) -> SafeText:
    """Return a command line for a title; the preview has all of it."""
    return shown if len(shown) <= _TITLE_CHARS else clean(f"{shown[:_TITLE_CHARS]}…")


def _radius(spec: CommandSpec, place: Place, *, is_load: bool) -> tuple[SafeText, ...]:
    where = f"in {place.targets[0].title}" if place.targets else f"in {place.cwd or '/'}"
    lines = [clean(f"1 program, {where}, {spec.timeout_s:.0f} s at most")]
    if is_load:
        lines.append(SafeText("it makes load on purpose: others are served later meanwhile"))
    if spec.note:
        lines.append(clean(spec.note))
    return tuple(lines)


def _preview(spec: CommandSpec, place: Place, shown: SafeText) -> tuple[SafeText, ...]:
    lines = [clean(f"$ {shown}"), clean(f"folder: {place.cwd or '/'}")]
    lines += [clean(f"{word}") for word in mask_words(tuple(f"{k}={v}" for k, v in place.env))]
    judged = spec.judge
    if judged is None:
        return (*lines, SafeText("success: by what it prints, where that is understood"))
    says = [f"exit {', '.join(map(str, judged.exit))}"]
    says += [f"says {one!r}" for one in judged.says]
    says += [f"never says {one!r}" for one in judged.never_says]
    says += (
        [f"{judged.report_path} of {judged.report} is {judged.report_equals}"]
        if judged.report
        else []
    )
    return (*lines, clean(f"success: {'; '.join(says)}"))


def _way_back(*, is_try: bool) -> SafeText:
    if is_try:
        return SafeText("none is needed: it changes nothing that stays")
    return SafeText("none: what the program does is not known to the console")


async def _place(site: Site, system: str, spec: CommandSpec, filled: Filled) -> Place:
    if spec.inside:
        return await _inside(site, system, spec, filled)
    return await _here(site, spec, filled)


async def _here(site: Site, spec: CommandSpec, filled: Filled) -> Place:
    """Look for the program, its script and its folder on this machine."""
    program, flights = _program(site, spec, filled.argv[0])
    script = script_of(filled.argv)
    traits: tuple[DraftTrait, ...] = ()
    if script:
        path = script if script.startswith("/") else f"{spec.cwd.rstrip('/')}/{script}"
        try:
            await site.ports.files.facts(path)
        except ClientMissing:
            flights = (*flights, gone(spec, f"there is no script {path}"))
        except ClientError as error:
            flights = (*flights, warning("script", str(error)))
        else:
            traits = (DraftTrait(clean(path), FileTrait(path)),)
    if filled.stdin_file:
        flights = (*flights, await _stdin_flight(site, filled.stdin_file))
    argv = (program, *filled.argv[1:])
    return Place((), argv, spec.cwd, spec.environment, flights, traits)


async def _stdin_flight(site: Site, path: str) -> Preflight:
    try:
        facts = await site.ports.files.facts(path)
    except ClientError as error:
        return stop_flight("secret", str(error))
    if facts.mode & 0o077:
        return warning("secret", f"{path} can be read by others (mode {facts.mode:04o})")
    return passed("secret", f"from {path} to standard input")


def _program(site: Site, spec: CommandSpec, name: str) -> tuple[str, tuple[Preflight, ...]]:
    """Return the absolute program, or why there is none."""
    path = name
    if "/" in name and not name.startswith("/"):
        path = f"{spec.cwd.rstrip('/')}/{name}"
    try:
        found = site.ports.commands.which(path)
    except ClientDenied as error:
        return path, (stop_flight("program", str(error)),)
    except ClientMissing as error:
        if name != _PYTHON:
            return path, (gone(spec, str(error)),)
    else:
        return found, (passed("program", found),)
    try:  # Debian has no plain `python`
        found = site.ports.commands.which(f"{_PYTHON}3")
    except ClientMissing as error:
        return path, (gone(spec, str(error)),)
    return found, (warning("program", f"there is no {name} here; {found} is used"),)


def gone(spec: CommandSpec, what: str) -> Preflight:
    """Return that a command cannot run because it, or a part of it, is not there."""
    text = f"{spec.absent}: {what}" if spec.absent else what
    others = ", ".join(spec.alternatives)
    return stop_flight("program", text, f"use instead: {others}" if others else "")


async def _inside(site: Site, system: str, spec: CommandSpec, filled: Filled) -> Place:
    """Look for the container; whether it has the program is seen when it runs."""
    service = site.service(f"{system}/{spec.inside}")
    runs = service.runs_as
    if not isinstance(runs, ComposeService | DockerContainer):
        raise ActionError(f"{spec.inside} runs in no container, as far as the configuration says")
    container, target, flights = await _container(site, runs)
    try:
        docker, found = site.ports.commands.which("docker"), ()
    except ClientMissing as error:
        docker, found = "docker", (stop_flight("program", str(error)),)
    front = (
        docker, "--host", address_of(site.topology.docker_url), "exec",
        *(("--interactive",) if filled.stdin_file else ()),
        *(("--workdir", spec.cwd) if spec.cwd else ()),
        *(word for name, value in spec.environment for word in ("--env", f"{name}={value}")),
        "--", container,
    )  # fmt: skip
    traits = (DraftTrait(target.title, ContainerTrait(target.id)),)
    if filled.stdin_file:
        flights = (*flights, await _stdin_flight(site, filled.stdin_file))
    return Place(front, filled.argv, "/", (), (*found, *flights), traits, (target,))


async def _container(
    site: Site, runs: ComposeService | DockerContainer
) -> tuple[str, Target, tuple[Preflight, ...]]:
    """Return the id of a running container of a service; of several the first."""
    name = runs.container if isinstance(runs, DockerContainer) else runs.service
    nobody = Target("container", name, clean(f"container {name}"))
    engine = site.ports.engine
    try:
        found = [await engine.inspect(one) for one in await ids_of(site, runs)]
    except ClientError as error:
        return name, nobody, (stop_flight("container", str(error)),)
    running = [one for one in found if one.status == "running"]
    if not running:
        text = f"container {name} is {found[0].status if found else 'not there'}"
        return name, nobody, (stop_flight("container", text, f"start {name} first"),)
    one = running[0]
    title = (await engine.make_of(one.id)).name
    target = Target("container", title, clean(f"container {title}"))
    return one.id, target, (passed("container", f"{title} {one.id[:12]} runs"),)


def _stop_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("command.stop", f"{system.name}/{spec.name}", clean(f"End {spec.title or spec.name}"))
        for system in site.topology.systems
        for spec in site.operations_of(system.name).commands
        if spec.background
    )


async def _draft_stop(site: Site, request: ActionRequest) -> Draft:
    spec = command_of(site, request.target)
    if not spec.background:
        raise ActionError(f"{spec.name} ends by itself: it is no server (background)")
    argv = (_program(site, spec, spec.argv[0])[0], *spec.argv[1:])
    return await draft_background(site, request.target, spec, argv, (), STOP)


ACTIONS: tuple[Action, ...] = (
    Action(
        "command.run",
        "Run a command of the system",
        "run",
        Danger.READ,
        _offers,
        _draft,
        (Input("*", "what the command itself asks for"),),
    ),
    Action(
        "command.stop",
        "End a command that is a server",
        "stop",
        Danger.INTERRUPT,
        _stop_offers,
        _draft_stop,
    ),
)
