"""A compose service stopped, other steps, and it is made anew from what its files say then."""

from core.actions.action import DraftStep, DraftTrait, Site
from core.actions.families.compose_draft import proofs_of, radius_of, scope_of, tool_flights
from core.actions.families.compose_evidence import ComposeIs
from core.actions.families.compose_steps import DEADLINE_S, ComposeStart, ComposeStop
from core.actions.families.services_draft import RESTART, ServiceDraft, passed
from core.model.action import ActionRequest
from core.model.text import SafeText, clean
from core.model.topology import ServiceSpec


async def recreate_around(
    site: Site, service: ServiceSpec, inner: tuple[DraftStep, ...]
) -> ServiceDraft:
    """Return a plan that stops a service, does `inner`, and brings it up with what is there then.

    A restart reads neither env files nor limits again; this does, and its way back is whole:
    stopped, `inner` undone, brought up with what was there before. What is stopped stays so.

    Raises:
        ActionError: the service is not in the compose files of its system, or there is no compose.
        ClientError: the engine cannot be asked.
    """
    target = f"{service.id.system}/{service.id.service}"
    scope = await scope_of(site, ActionRequest("compose.recreate", target))
    call, names = scope.call, scope.names
    proofs, now = await proofs_of(site, scope, names)
    stop = ComposeStop(call.argv, call.cwd, call.project, names)
    start = ComposeStart(call.argv, call.cwd, call.project, names)
    title = ", ".join(names)
    is_running = any(one.is_up for one in scope.found)
    around = (
        DraftStep(clean(f"stop {title}"), stop, DEADLINE_S + 10, undo=SafeText("up --detach")),
        *inner,
        DraftStep(clean(f"bring up {title}"), start, DEADLINE_S + 10, undo=SafeText("stop")),
    )
    calm = passed("state", f"{title} does not run, and is not started")
    return ServiceDraft(
        title=clean(f"make {title} anew"),
        verb=RESTART,
        targets=scope.targets(names),
        steps=around if is_running else inner,
        traits=(
            DraftTrait(clean(f"containers of {call.project}"), ComposeIs(call.project, names)),
        ),
        proofs=proofs if is_running else (),
        radius=radius_of(site, scope, names, "are made anew"),
        preflight=(*tool_flights(scope), *(now if is_running else (calm,))),
        locks=(f"compose:{call.project}",),
        downtime=SafeText("from its stop until it answers again"),
        way_back=SafeText("it is made anew once more, with what was there before"),
        estimate_s=40.0,
        stops=1 if is_running else 0,
    )
