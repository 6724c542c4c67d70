"""Commands that are servers: started on their own as a plain process is, and ended by exact pid."""

from core.actions.action import Draft, Site
from core.actions.families.services_draft import START
from core.actions.families.services_processes import process_draft
from core.errors import ActionError
from core.model.action import Danger, Preflight, Target
from core.model.ids import ServiceId
from core.model.operation import CommandSpec
from core.model.text import clean
from core.model.topology import PlainProcess, ServiceSpec

_ENV = "/usr/bin/env"


async def draft_background(
    site: Site,
    target: str,
    spec: CommandSpec,
    argv: tuple[str, ...],
    flights: tuple[Preflight, ...],
    verb: str,
) -> Draft:
    """Return the start or the end of a server; its pid stands in the journal and the plan.

    Args:
        site: Where it is planned.
        target: `system/command`.
        spec: The command.
        argv: Its words, with the program resolved.
        flights: What a look at its program and script showed.
        verb: `start` or `stop`.

    Raises:
        ActionError: it runs inside a container, or takes words that a look could not know it by.
    """
    if spec.inside or spec.inputs:
        raise ActionError(f"{spec.name} is a server: it runs here, and has no inputs")
    variables = tuple(f"{name}={value}" for name, value in spec.environment)
    start = (_ENV, *variables, *argv) if variables else argv
    runs = PlainProcess(spec.known_by or argv, spec.cwd, "", spec.background, start)
    own = ServiceId(target.partition("/")[0], spec.name)
    draft = await process_draft(site, ServiceSpec(own, spec.title, runs, ()), runs, verb)
    return Draft(
        title=draft.title,
        targets=(Target("command", target, clean(spec.title or spec.name)), *draft.targets),
        steps=draft.steps,
        traits=draft.traits,
        proofs=draft.proofs,
        radius=(*draft.radius, *((clean(spec.note),) if spec.note else ())),
        preflight=(*(flights if verb == START else ()), *draft.preflight),
        preview=(clean(f"what it prints goes to {spec.background}"),) if verb == START else (),
        locks=draft.locks,
        downtime=draft.downtime,
        way_back=draft.way_back,
        estimate_s=draft.estimate_s,
        danger=Danger(spec.danger) if verb == START else Danger.INTERRUPT,
    )
