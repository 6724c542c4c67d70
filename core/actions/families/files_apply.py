"""How services come to read a changed file: stopped, changed, started; or made again by compose."""

import re
from dataclasses import dataclass, field

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.evidence import NoRestartLoop
from core.actions.families.files_readers import MAKE_S, MakeAgain
from core.actions.families.files_steps import Change
from core.actions.families.services_draft import (
    RESTART,
    SPLIT,
    START,
    ServiceDraft,
    dependents_line,
    health,
    passed,
    stop_flight,
    warning,
)
from core.actions.families.services_steps import service_steps
from core.actions.service_traits import ContainerTrait
from core.clients.acting.commands import Order
from core.errors import ClientError
from core.model.action import Preflight, Target
from core.model.operation import ComposeSpec
from core.model.text import SafeText, clean
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ASK_S = 5.0
_AFTER_S = 10.0


@dataclass(slots=True)
class Readers:
    """What is done with services around a change, gathered one after the other."""

    before: list[DraftStep] = field(default_factory=list[DraftStep])
    after: list[DraftStep] = field(default_factory=list[DraftStep])
    targets: list[Target] = field(default_factory=list[Target])
    traits: list[DraftTrait] = field(default_factory=list[DraftTrait])
    proofs: list[DraftProof] = field(default_factory=list[DraftProof])
    radius: list[SafeText] = field(default_factory=list[SafeText])
    preflight: list[Preflight] = field(default_factory=list[Preflight])
    locks: list[str] = field(default_factory=list[str])
    downtime: list[SafeText] = field(default_factory=list[SafeText])
    estimate_s: float = 0.0

    @property
    def is_anybody(self) -> bool:
        """Whether a service is interrupted."""
        return bool(self.before or self.after)

    def take(self, draft: ServiceDraft) -> None:
        """Add what ENGINE's draft of a split restart says."""
        self.targets += draft.targets
        self.traits += draft.traits
        self.radius += draft.radius
        self.preflight += draft.preflight
        self.locks += draft.locks
        if draft.verb == START:
            return
        self.before += draft.steps[: draft.stops]
        self.after += draft.steps[draft.stops :]
        self.proofs += draft.proofs
        self.downtime += [draft.downtime] if draft.downtime else []
        self.estimate_s += draft.estimate_s or 0.0


async def readers_of(
    site: Site,
    services: tuple[ServiceSpec, ...],
    changes: tuple[Change, ...],
    *,
    is_environment: bool,
) -> Readers:
    """Return what makes services read changed files.

    `is_environment`: they were given the file's values when they were made or started.

    Raises:
        ClientError: a service cannot be looked at.
    """
    found = Readers()
    for service in services:
        name, runs = str(service.id.service), service.runs_as
        if isinstance(runs, ComposeService) and is_environment:
            await _make_again(site, service, runs, changes, found)
        elif isinstance(runs, SwarmService) or (
            isinstance(runs, DockerContainer) and is_environment
        ):
            text = f"{name} keeps what it was made with: whoever deployed it has to make it again"
            found.preflight.append(warning("readers", text))
        elif runs is None:
            text = f"how {name} runs is not configured; restart it by hand"
            found.preflight.append(warning("readers", text))
        else:
            draft = await service_steps(site, service, RESTART, SPLIT)
            if draft.verb == START:
                found.preflight.append(passed("readers", f"{name} is stopped, and stays so"))
                continue
            found.take(draft)
    return found


async def _make_again(
    site: Site,
    service: ServiceSpec,
    runs: ComposeService,
    changes: tuple[Change, ...],
    found: Readers,
) -> None:
    compose = site.operations_of(str(service.id.system)).compose
    name = runs.service
    if compose is None or not compose.files:
        text = f"{name} has to be made again, and the configuration names no compose file"
        found.preflight.append(stop_flight("compose", text, "set compose.files, or apply=no"))
        return
    if not _NAME.fullmatch(name):
        found.preflight.append(stop_flight("compose", f"{name} is no name of a service"))
        return
    ids = await site.ports.engine.find_service(runs.project, name)
    if not ids:
        text = f"{name} has no container; compose.up makes it, with the new values"
        found.preflight.append(warning("readers", text))
        return
    try:
        program = await compose_program(site)
    except ClientError as error:
        found.preflight.append(stop_flight("compose", str(error), "install it, or apply=no"))
        return
    argv = (*program, *compose_words(compose), "up", "-d", "--no-deps", "--no-build",
            "--force-recreate", name)  # fmt: skip
    step = MakeAgain(runs.project, name, ids, argv, compose.folder, changes)
    facts = [await site.ports.engine.inspect(one) for one in ids]
    checks, now = await health(site, service)
    found.after.append(
        DraftStep(
            clean(f"make {name} again: {' '.join(argv)}"),
            step,
            MAKE_S + _AFTER_S,
            undo=SafeText("the old file is put back, and the service made again with it"),
        )
    )
    found.targets += [
        Target("container", one.name, clean(f"container {one.name}")) for one in facts
    ]
    found.traits += [
        DraftTrait(clean(f"container {one.name}"), ContainerTrait(one.name)) for one in facts
    ]
    found.proofs += checks
    found.proofs += [
        DraftProof(clean(f"no restart loop of {one.name}"), NoRestartLoop("container", one.name))
        for one in facts
    ]
    found.preflight += now
    found.locks.append(f"compose:{runs.project}")
    found.radius.append(
        clean(f"{name} is made again, not restarted: a restart does not read its files again")
    )
    found.radius += dependents_line(site, service)
    found.downtime.append(clean(f"{name}: until it is made again, about 10 s"))
    found.estimate_s += 30.0


async def compose_program(site: Site) -> tuple[str, ...]:
    """Return the words that run compose here: the plugin, else the program of its own.

    Raises:
        ClientMissing: neither is installed.
    """
    try:
        ran = await site.ports.commands.run(Order(("docker", "compose", "version"), _ASK_S))
        if ran.exit_code == 0:
            return ("docker", "compose")
    except ClientError:
        pass
    site.ports.commands.which("docker-compose")
    return ("docker-compose",)


def compose_words(compose: ComposeSpec) -> tuple[str, ...]:
    """Return the options that name a compose project. Pure."""
    files = tuple(word for file in compose.files for word in ("-f", file))
    project = ("-p", compose.project) if compose.project else ()
    env = ("--env-file", compose.env_file) if compose.env_file else ()
    return (*files, *project, *env)
