"""Restart, start and stop of one service, however it runs; other families append it to theirs."""

from dataclasses import replace

from core.actions.action import DraftStep, Site
from core.actions.families.services_containers import container_draft
from core.actions.families.services_draft import (
    AT_ONCE,
    RESTART,
    SPLIT,
    START,
    VERBS,
    Manner,
    ServiceDraft,
    merged,
    passed,
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

__all__ = ["ServiceDraft", "merged", "restart_around", "service_steps"]


async def service_steps(
    site: Site, service: ServiceSpec, verb: str, manner: Manner = AT_ONCE
) -> ServiceDraft:
    """Return what it takes to `restart`, `start` or `stop` a service; looks only.

    Raises:
        ActionError: there is no such verb.
        ClientError: something else than the service itself could not be looked at.
    """
    if verb not in VERBS:
        raise ActionError(f"a service cannot be asked to {verb!r}; it can: {', '.join(VERBS)}")
    match service.runs_as:
        case SystemdUnit() as runs:
            return await unit_draft(site, service, runs, verb, manner)
        case ComposeService() | DockerContainer() as runs:
            return await container_draft(site, service, runs, verb, manner)
        case SwarmService() as runs:
            return await swarm_draft(site, service, runs, verb, manner)
        case PlainProcess() as runs:
            return await process_draft(site, service, runs, verb, manner)
        case None:
            name = f"{service.id.system}/{service.id.service}"
            text = f"the configuration does not say how {name} runs"
            return refused(
                Target("service", name, clean(name)), verb,
                stop_flight("runs_as", text, f"set services.{service.id.service}.runs_as"),
            )  # fmt: skip


async def restart_around(
    site: Site, service: ServiceSpec, inner: tuple[DraftStep, ...]
) -> ServiceDraft:
    """Return a plan that stops a service, does `inner`, and starts it again.

    So the way back is whole: stopped, `inner` undone, started with what was there before. A
    service that is stopped stays so.
    """
    draft = await service_steps(site, service, RESTART, SPLIT)
    if draft.verb == START:
        calm = passed("state", f"{service.id.service} is stopped, and stays so")
        return replace(draft, steps=inner, proofs=(), preflight=(calm,), stops=0)
    steps = draft.steps
    return replace(draft, steps=(*steps[: draft.stops], *inner, *steps[draft.stops :]))
