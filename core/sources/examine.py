"""What can be reached, which rights are missing, and what to do about it: the doctor's look.

Needs are looked at side by side; nothing is changed. Client libraries are imported only when the
topology needs them.
"""

import asyncio
from collections.abc import Awaitable, Iterable

from core.clients.clock import Clock
from core.clients.rights import read_process_rights
from core.model.finding import Finding
from core.model.text import clean
from core.model.topology import Topology
from core.model.verdict import Verdict
from core.sources.examine_host import examine_docker, examine_logs, examine_systemd
from core.sources.examine_redis import examine_redis
from core.sources.examine_targets import examine_targets

_LIMIT_S = 15.0


async def examine(topology: Topology, clock: Clock) -> tuple[Finding, ...]:
    """Return one finding per need, by system, the machine's own last.

    Takes at most 15 s; what hangs longer is told as unknown.
    """
    looks: list[tuple[str, Awaitable[Iterable[Finding]]]] = []
    for system in topology.systems:
        looks.append((f"{system.name} addresses", examine_targets(system, clock)))
        looks.append((f"{system.name} redis", examine_redis(system, clock)))
        looks.append((f"{system.name} logs", examine_logs(system, clock)))
    looks.append(("docker", examine_docker(topology, clock)))
    looks.append(("systemd", examine_systemd(topology)))
    found = await asyncio.gather(*(_bounded(name, look) for name, look in looks))
    return (*(finding for findings in found for finding in findings), _examine_processes())


async def _bounded(name: str, look: Awaitable[Iterable[Finding]]) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(_LIMIT_S):
            return tuple(await look)
    except TimeoutError:
        text = clean(f"no answer within {_LIMIT_S:g} s")
        return (Finding("host", clean(name), Verdict.UNKNOWN, text),)


def _examine_processes() -> Finding:
    access = read_process_rights()
    verdict = Verdict.OK if access.is_readable else Verdict.DEGRADED
    return Finding("host", clean("processes"), verdict, access.text, access.remedy)
