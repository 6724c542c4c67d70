"""Examines the network addresses of a system: HTTP and TCP."""

import asyncio

from core.clients.clock import Clock
from core.clients.tcp import dial
from core.errors import ClientError, ClientTimeout
from core.model.finding import Finding
from core.model.text import clean
from core.model.topology import SystemSpec
from core.model.verdict import Verdict
from core.sources.examine_addresses import http_checks, place_of, port_checks, told, use_of

_DIAL_S = 4.0


async def examine_targets(system: SystemSpec, clock: Clock) -> tuple[Finding, ...]:
    """Return what the HTTP addresses of a system answer and which TCP ports accept connections."""
    found = await asyncio.gather(_examine_http(system, clock), _examine_ports(system))
    return tuple(finding for findings in found for finding in findings)


async def _examine_http(system: SystemSpec, clock: Clock) -> tuple[Finding, ...]:
    checks = http_checks(system)
    if not checks:
        return ()
    from core.clients.http import HttpClient  # noqa: PLC0415 - only where it is needed
    from core.sources.examine_http import examine_http  # noqa: PLC0415 - only where it is needed

    client = HttpClient(clock)
    try:
        return await examine_http(system, checks, client, clock)
    finally:
        await client.aclose()


async def _examine_ports(system: SystemSpec) -> tuple[Finding, ...]:
    uses: dict[tuple[str, int], list[str]] = {}
    for check in port_checks(system):
        if (place := place_of(check.url)) is not None:
            uses.setdefault(place, []).append(use_of(check))
    looks = (_examine_port(system, *place, told(names)) for place, names in uses.items())
    return tuple(await asyncio.gather(*looks))


async def _examine_port(system: SystemSpec, host: str, port: int, purpose: str) -> Finding:
    subject = clean(f"{host}:{port}")
    try:
        await dial(host, port, _DIAL_S)
    except ClientError as error:
        remedy = "start the service, or correct its address in quarterdeck.yaml"
        if isinstance(error, ClientTimeout):
            remedy = "something drops the packets: look at firewalls and routes"
        text = clean(f"{error} {purpose}")
        return Finding(system.name, subject, Verdict.DOWN, text, clean(remedy))
    return Finding(system.name, subject, Verdict.OK, clean(f"accepts connections {purpose}"))
