"""Ports of a real machine for tests of actions, and a way through a draft that waits for itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urlsplit

from core.actions.action import Draft, Site
from core.actions.ports import Ports
from core.clients.acting.commands import LocalActing
from core.clients.acting.engine_docker import DockerControl
from core.clients.acting.processes import LocalProcesses
from core.clients.acting.units import SystemctlControl
from core.clients.clock import SystemClock
from core.clients.command import LocalCommands
from core.model.check import CheckResult
from core.model.operation import OperationsSpec
from core.model.topology import ServiceSpec
from core.model.verdict import Verdict
from tests.fakes.acting_ground import Untouched
from tests.fakes.world import result, system, topology


def hasty(draft: Draft) -> Draft:
    """Return a draft whose proofs look as often, but within a second."""

    def quick(evidence: Any) -> Any:
        return replace(evidence, over_s=0.6) if hasattr(evidence, "over_s") else evidence

    proofs = tuple(replace(one, evidence=quick(one.evidence)) for one in draft.proofs)
    return replace(draft, proofs=proofs)


@asynccontextmanager
async def machine(
    *services: ServiceSpec,
    operations: Mapping[str, OperationsSpec] | None = None,
    docker_url: str = "",
) -> AsyncIterator[Site]:
    """Yield a site on this machine; checks open a connection to the port of their address."""
    clock = SystemClock()
    urls = {
        f"{one.id.system}/{one.id.service}/{check.id.check}": check.url
        for one in services
        for check in one.checks
    }

    async def look(name: str) -> CheckResult:
        url = urlsplit(urls[name])
        try:
            async with asyncio.timeout(2):
                _, writer = await asyncio.open_connection(url.hostname, url.port)
                writer.close()
        except (OSError, TimeoutError) as error:
            return result(Verdict.DOWN, str(error))
        return result(Verdict.OK)

    engine, processes = DockerControl(docker_url, clock), LocalProcesses(clock)
    given: dict[str, Any] = {
        "clock": clock,
        "commands": LocalActing(clock),
        "units": SystemctlControl(LocalCommands()),
        "engine": engine,
        "processes": processes,
        "look": look,
    }
    others = {one.name: Untouched(one.name) for one in fields(Ports) if one.name not in given}
    try:
        yield Site(topology(system("shop", *services)), operations or {}, Ports(**given, **others))
    finally:
        engine.close()
        processes.close()
