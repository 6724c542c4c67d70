"""How services come to read a changed file: stopped, changed, started or made anew."""

from dataclasses import dataclass, field

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.compose_around import recreate_around
from core.actions.families.services_draft import (
    RESTART,
    SPLIT,
    START,
    ServiceDraft,
    passed,
    stop_flight,
    warning,
)
from core.actions.families.services_steps import service_steps
from core.errors import ActionError
from core.model.action import Preflight, Target
from core.model.text import SafeText, clean
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService


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
        """Add what a draft says that stops a service first and starts it last."""
        self.targets += draft.targets
        self.traits += draft.traits
        self.radius += draft.radius
        self.preflight += draft.preflight
        self.locks += draft.locks
        self.before += draft.steps[: draft.stops]
        self.after += draft.steps[draft.stops :]
        self.proofs += draft.proofs
        if draft.steps:
            self.downtime += [draft.downtime] if draft.downtime else []
            self.estimate_s += draft.estimate_s or 0.0


async def readers_of(
    site: Site, services: tuple[ServiceSpec, ...], *, is_environment: bool
) -> Readers:
    """Return what makes services read files that are changed in between.

    `is_environment`: they were given the files' values when they were made or started.

    Raises:
        ClientError: a service cannot be looked at.
    """
    found = Readers()
    for service in services:
        name, runs = str(service.id.service), service.runs_as
        if isinstance(runs, ComposeService) and is_environment:
            await _made_anew(site, service, found)
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
            else:
                found.take(draft)
    return found


async def _made_anew(site: Site, service: ServiceSpec, found: Readers) -> None:
    name = service.id.service
    try:
        draft = await recreate_around(site, service, ())
    except ActionError as error:
        found.preflight.append(stop_flight("compose", str(error), "put it right, or apply=no"))
        return
    found.take(draft)
    if draft.steps:
        text = f"{name} is made anew, not restarted: a restart does not read an env file again"
        found.radius.append(clean(text))
