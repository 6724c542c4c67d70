"""`service.rollback`: Swarm's own way back to the definition before."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.services_draft import dependents_line, health, passed, stop_flight
from core.actions.families.services_swarm import SwarmRuns
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import SwarmTrait
from core.actions.work import Work
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Target
from core.model.text import SafeText, clean
from core.model.topology import SwarmService


@part
@dataclass(frozen=True, slots=True)
class RollBackSwarm(BareStep):
    """Swaps a service's definition with the one before."""

    kind: ClassVar[str] = "swarm.rollback"
    can_undo: ClassVar[bool] = True
    service: str
    was: str
    """SHA-256 of the definition that is left."""
    to: str
    """SHA-256 of the one before it."""

    async def observe(self, ports: Ports) -> Seen:
        """See which definition it has."""
        state = await ports.engine.swarm(self.service)
        sight = {self.was: Sight.BEFORE, self.to: Sight.AFTER}.get(state.spec_sha256, Sight.NEITHER)
        return Seen(sight, clean(f"{self.service} is {state.image}, {state.update_state}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Go back, unless that has happened."""
        await self._leave(ports, self.was)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Go back from there, which is forward again."""
        await self._leave(ports, self.to)

    async def _leave(self, ports: Ports, definition: str) -> None:
        state = await ports.engine.swarm(self.service)
        if state.spec_sha256 == definition:
            await ports.engine.swarm_rollback(self.service, state.version)


async def swarm_rollback_draft(site: Site, request: ActionRequest) -> Draft:
    """Return what it takes to roll a Swarm service back; looks only.

    Raises:
        ActionError: it is no Swarm service.
    """
    service = site.service(request.target)
    runs = service.runs_as
    if not isinstance(runs, SwarmService):
        raise ActionError(f"{request.target} is no Swarm service; image.rollback is for containers")
    name = runs.service
    target = Target("swarm", name, clean(f"swarm service {name}"))
    title = clean(f"roll swarm service {name} back")
    try:
        state = await site.ports.engine.swarm(name)
    except ClientError as error:
        return Draft(title, (target,), (), preflight=(stop_flight("swarm", str(error)),))
    if not state.has_previous:
        text = f"{name} has never been updated: there is nothing before"
        return Draft(title, (target,), (), preflight=(stop_flight("previous", text),))
    checks, now = await health(site, service)
    step = RollBackSwarm(name, state.spec_sha256, state.previous_sha256)
    undo = SafeText("it is rolled back once more, which is forward")
    return Draft(
        title=title,
        targets=(target,),
        steps=(DraftStep(title, step, 30.0, undo=undo),),
        traits=(DraftTrait(target.title, SwarmTrait(name)),),
        proofs=(DraftProof(SafeText("all its tasks run"), SwarmRuns(name)), *checks),
        radius=(
            clean(f"1 swarm service with {state.running} running tasks, replaced in turn"),
            *dependents_line(site, service),
        ),
        preflight=(passed("previous", f"{state.image} → {state.previous_image}"), *now),
        preview=(clean(f"now   {state.image}"), clean(f"then  {state.previous_image}")),
        downtime=SafeText(
            "none where it has several replicas: they are replaced one after another"
        ),
        way_back=undo,
        estimate_s=60.0,
    )
