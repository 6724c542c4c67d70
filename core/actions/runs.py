"""One look at a run of a unit or a container, in the few words that evidence needs."""

import re
from dataclasses import dataclass

from core.actions.ports import Ports
from core.actions.service_traits import container_text, unit_text
from core.errors import ClientMissing
from core.model.text import EMPTY, SafeText

_ID = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class RunSight:
    """What is seen of it now."""

    is_up: bool
    is_changing: bool
    """It is on the way up or down."""
    run: str
    """Which run it is; ISO 8601 of its start for a container, an invocation id for a unit."""
    restarts: int
    """By its manager, since somebody started it."""
    text: SafeText
    health: SafeText = EMPTY
    """Of the container's own health check."""
    detail: SafeText = EMPTY


async def look_at_run(ports: Ports, manager: str, name: str) -> RunSight:
    """Look at a unit, or at a container by id or exact name.

    Raises:
        ClientError: its manager cannot be asked.
    """
    return await (_unit if manager == "unit" else _container)(ports, name)


async def _unit(ports: Ports, name: str) -> RunSight:
    facts = await ports.units.show(name)
    is_up = facts.active_state == "active"
    return RunSight(
        is_up=is_up and not facts.has_job,
        is_changing=facts.has_job or facts.active_state not in {"active", "inactive", "failed"},
        run=facts.invocation_id,
        restarts=facts.restarts or 0,
        text=unit_text(facts),
    )


async def _container(ports: Ports, name: str) -> RunSight:
    try:
        one = name if _ID.match(name) else await ports.engine.find(name)
        facts = await ports.engine.inspect(one)
    except ClientMissing:
        return RunSight(False, False, "", 0, SafeText("there is no such container"))
    return RunSight(
        is_up=facts.status == "running",
        is_changing=facts.status in {"restarting", "removing"},
        run=facts.started_at.isoformat() if facts.started_at else "",
        restarts=facts.restarts or 0,
        text=container_text(facts),
        health=facts.health,
        detail=facts.health_output,
    )
