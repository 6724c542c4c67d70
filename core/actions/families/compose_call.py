"""The compose command of this machine, and what the files of a project ask for."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, cast

import yaml

from core.actions.action import Site
from core.clients.acting.commands import ActingRunner, Order, Ran
from core.clients.docker_facts import dig
from core.errors import ActionError, ClientError, ClientTimeout, StepFailedError
from core.model.operation import ComposeSpec
from core.model.text import SafeText, clean

TOOLS = (("docker", "compose"), ("docker-compose",))
"""Version 2 first; version 1 is asked for only where there is no other."""
_ASK_S = 6.0
_VERSION = re.compile(r"^v?(\d+\.\d+[\w.+~-]*)$")
_SERVICE = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,120}\Z")
_HASH = re.compile(r"^(\S+) ([0-9a-f]{64})$")
_TOUCHED = re.compile(r"Container (?:[0-9a-f]{12}_)?(\S+)\s+(?:Recreate|Creating|Starting)\b")
_ENV_NOISE = (("COMPOSE_ANSI", "never"), ("COMPOSE_PROGRESS", "plain"))


@dataclass(frozen=True, slots=True)
class Call:
    """How compose is called for one project: everything up to the verb."""

    argv: tuple[str, ...]
    cwd: str
    project: str
    version: SafeText

    def words(self) -> SafeText:
        """Return it as a person would type it."""
        return clean(" ".join(self.argv), 400)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One service as the files have it."""

    name: str
    image: str
    is_built: bool
    config_hash: str
    """What version 1 compares; empty: it does not tell."""


async def find_tool(commands: ActingRunner, env: tuple[tuple[str, str], ...]) -> tuple[
    tuple[str, ...], SafeText
]:  # fmt: skip
    """Return the words of the compose command, and its version.

    Raises:
        ActionError: there is none that answers as compose does.
    """
    problems: list[str] = []
    for words in TOOLS:
        try:
            ran = await commands.run(Order((*words, "version", "--short"), _ASK_S, env=env))
        except ClientError as error:
            problems.append(str(error))
            continue
        first = ran.output[0].strip() if ran.output else ""
        if ran.exit_code == 0 and (match := _VERSION.match(first)):
            return words, clean(match[1])
        said = " ".join(ran.lines)[:120] or "nothing"
        problems.append(f"`{' '.join(words)} version` said: {said}")
    raise ActionError(f"no compose command: {clean('; '.join(problems), 400)}")


def project_of(spec: ComposeSpec) -> str:
    """Return the project's name; compose takes the folder's where none is given."""
    folder = PurePosixPath(spec.folder).name.lower()
    return spec.project or re.sub(r"[^a-z0-9_-]", "", folder).lstrip("_-")


async def call_of(site: Site, spec: ComposeSpec, files: tuple[str, ...]) -> Call:
    """Return how compose is called for these files.

    Raises:
        ActionError: there is no compose here, or no folder to call it in.
    """
    if not spec.folder:
        raise ActionError("where the compose files are is not configured; set compose.folder")
    words, version = await find_tool(site.ports.commands, site.ports.engine.environment())
    project = project_of(spec)
    argv = [*words, *(word for file in files for word in ("-f", file)), "-p", project]
    if spec.env_file:
        argv += ["--env-file", spec.env_file]
    return Call(tuple(argv), spec.folder, project, version)


async def run_call(
    commands: ActingRunner,
    argv: tuple[str, ...],
    cwd: str,
    env: tuple[tuple[str, str], ...],
    deadline_s: float,
) -> Ran:
    """Run compose for an answer; nothing is changed by what is asked here.

    Raises:
        ActionError: it ended badly; its words are in the text.
        ClientError: it could not be run.
    """
    ran = await commands.run(Order(argv, deadline_s, cwd, env=(*env, *_ENV_NOISE)))
    if ran.exit_code != 0:
        raise ActionError(f"compose ended with {ran.exit_code}: {last_words(ran)}")
    return ran


def last_words(ran: Ran) -> SafeText:
    """Return what it said last; its first lines are progress."""
    lines = [line for line in (*ran.output, *ran.errors) if line.strip()]
    return clean(" | ".join(lines[-3:]) or "no word", 300)


async def read_wanted(site: Site, call: Call) -> tuple[Wanted, ...]:
    """Return the services that the files have, with what compose would compare.

    Raises:
        ActionError: the files are not right; compose's words are in the text.
        ClientError: compose could not be run.
    """
    commands, env = site.ports.commands, site.ports.engine.environment()
    shown = await run_call(commands, (*call.argv, "config"), call.cwd, env, _ASK_S)
    try:
        whole = cast("object", yaml.safe_load("\n".join(shown.output)))
    except yaml.YAMLError as error:
        raise ActionError("compose shows its configuration in a form that is not YAML") from error
    services = dig(whole, "services")
    if not isinstance(services, dict):
        raise ActionError("compose shows a configuration without services")
    hashes = await _hashes(site, call) if call.argv[0] == "docker-compose" else {}
    return tuple(
        Wanted(
            name=name,
            image=str(dig(one, "image") or _usual_image(call, name)),
            is_built=dig(one, "build") is not None,
            config_hash=hashes.get(name, ""),
        )
        for name, one in sorted(cast("dict[str, Any]", services).items())
        if _SERVICE.match(str(name))
    )


def _usual_image(call: Call, service: str) -> str:
    between = "_" if call.argv[0] == "docker-compose" else "-"
    return f"{call.project}{between}{service}"


async def _hashes(site: Site, call: Call) -> dict[str, str]:
    argv = (*call.argv, "config", "--hash", "*")
    env = site.ports.engine.environment()
    try:
        ran = await run_call(site.ports.commands, argv, call.cwd, env, _ASK_S)
    except ActionError:
        return {}
    found = [match for line in ran.output if (match := _HASH.match(line.strip()))]
    return {match[1]: match[2] for match in found}


async def read_dry_run(
    site: Site, call: Call, flags: tuple[str, ...], services: tuple[str, ...]
) -> frozenset[str] | None:
    """Return names of containers that `up` would make anew or start; None: it cannot tell.

    Version 2 compares env files too, which its `config --hash` leaves out; version 1 has no dry
    run, and its hashes are whole.
    """
    if call.argv[0] == "docker-compose":
        return None
    words = ("--dry-run", "up", "--detach", *flags, *services)
    env = site.ports.engine.environment()
    try:
        ran = await run_call(site.ports.commands, (*call.argv, *words), call.cwd, env, _ASK_S)
    except (ActionError, ClientTimeout):
        return None
    found = [match for line in ran.lines if (match := _TOUCHED.search(line))]
    return frozenset(match[1] for match in found)


async def act(commands: ActingRunner, order: Order, env: tuple[tuple[str, str], ...]) -> None:
    """Run compose for a change, its output going where lookers-on see it.

    Raises:
        StepFailedError: it ended badly; its words are in the text.
        ClientError: it could not be run, or not in time.
    """
    whole = Order(order.argv, order.deadline_s, order.cwd, (*env, *_ENV_NOISE), output=order.output)
    ran = await commands.run(whole)
    if ran.exit_code != 0:
        raise StepFailedError(f"compose ended with {ran.exit_code}: {last_words(ran)}")
