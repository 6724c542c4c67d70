"""Restart, start and stop of one service, however it runs; other families append it to theirs."""

from core.actions.action import Site
from core.actions.families.services_containers import container_draft
from core.actions.families.services_draft import (
    VERBS,
    ServiceDraft,
    merged,
    refused,
    stop_flight,
)
from core.actions.families.services_processes import process_draft
from core.actions.families.services_swarm import swarm_draft
from core.actions.families.services_units import unit_draft
from core.errors import ActionError
from core.model.action import Target
from core.model.text import clean
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
)

__all__ = ["ServiceDraft", "merged", "service_steps"]


async def service_steps(site: Site, service: ServiceSpec, verb: str) -> ServiceDraft:
    """Return what it takes to `restart`, `start` or `stop` a service; looks only.

    Raises:
        ActionError: there is no such verb.
        ClientError: something else than the service itself could not be looked at.
    """
    if verb not in VERBS:
        raise ActionError(f"a service cannot be asked to {verb!r}; it can: {', '.join(VERBS)}")
    match service.runs_as:
        case SystemdUnit() as runs:
            return await unit_draft(site, service, runs, verb)
        case ComposeService() | DockerContainer() as runs:
            return await container_draft(site, service, runs, verb)
        case SwarmService() as runs:
            return await swarm_draft(site, service, runs, verb)
        case PlainProcess() as runs:
            return await process_draft(site, service, runs, verb)
        case None:
            name = f"{service.id.system}/{service.id.service}"
            text = f"the configuration does not say how {name} runs"
            return refused(
                Target("service", name, clean(name)), verb,
                stop_flight("runs_as", text, f"set services.{service.id.service}.runs_as"),
            )  # fmt: skip
