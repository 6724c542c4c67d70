"""Examines the network addresses of a system: HTTP, TCP and Redis."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.clients.clock import Clock
from core.clients.tcp import dial
from core.errors import ClientError, ClientTimeout
from core.model.check import CheckKind, CheckSpec
from core.model.finding import Finding
from core.model.secret import Secret
from core.model.text import SafeText, clean
from core.model.topology import SystemSpec
from core.model.verdict import Verdict
from core.sources.examine_addresses import http_checks, place_of, port_checks, told, use_of

if TYPE_CHECKING:
    from core.clients.redis_errors import RedisSaid

_DIAL_S = 4.0

_NEEDS = (
    ("INFO", "server"),
    ("DBSIZE",),
    ("SCAN", "0"),
    ("TYPE", "k"),
    ("TTL", "k"),
    ("HGETALL", "k"),
    ("XINFO", "STREAM", "k"),
    ("XPENDING", "k", "g"),
    ("XRANGE", "k", "-", "+"),
    ("MEMORY", "USAGE", "k"),
    ("SLOWLOG", "GET"),
    ("CLIENT", "LIST"),
)
"""What the Redis views read, as commands to rehearse with ACL DRYRUN."""

READING_USER = (
    "ACL SETUSER qd-read on >PASSWORD ~* resetchannels -@all +@read +@connection +info +dbsize "
    "+slowlog|get +memory|usage +client|list +acl|whoami +acl|dryrun"
)
"""A user that may read what the console shows and change nothing; PASSWORD is to be replaced."""


def _is_redis(check: CheckSpec) -> bool:
    return check.kind is CheckKind.REDIS


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


async def examine_redis(system: SystemSpec) -> tuple[Finding, ...]:
    """Return one finding per Redis server: reachable, as whom, and whether reading is allowed."""
    checks = [check for service in system.services for check in service.checks if _is_redis(check)]
    by_url = {check.secret or Secret(check.url): check for check in checks}
    looks = (_examine_server(system, check) for check in by_url.values())
    return tuple(await asyncio.gather(*looks))


async def _examine_server(system: SystemSpec, check: CheckSpec) -> Finding:
    from core.clients.redis import RedisServer  # noqa: PLC0415 - only where it is needed
    from core.clients.redis_errors import RedisSaid  # noqa: PLC0415 - only where it is needed

    subject = clean(f"redis {urlsplit(check.url).netloc.rpartition('@')[2] or check.url}")
    server = RedisServer(check.secret or Secret(check.url), check.timeout_s, check.ca_file)
    try:
        await server.ping()
        user = await server.read_user()
        refused = [need[0] for need in _NEEDS if await server.may(*need) is False]
        may_write = await server.may("FLUSHDB")
    except RedisSaid as error:
        return _examine_refusal(system, subject, error)
    except ClientError as error:
        remedy = clean("start the server, or correct its address in quarterdeck.yaml")
        return Finding(system.name, subject, Verdict.DOWN, clean(str(error)), remedy)
    finally:
        await server.aclose()
    if refused:
        text = clean(f"user {user} may not: {', '.join(refused)}")
        return Finding(system.name, subject, Verdict.DEGRADED, text, clean(READING_USER))
    if may_write:
        text = clean(f"reachable as {user}, who may also write; a reading user is safer")
        return Finding(system.name, subject, Verdict.OK, text, clean(READING_USER))
    return Finding(system.name, subject, Verdict.OK, clean(f"reachable as {user}"))


def _examine_refusal(system: SystemSpec, subject: SafeText, error: "RedisSaid") -> Finding:
    if error.code in {"NOAUTH", "WRONGPASS"}:
        remedy = "put user and password into the redis url of quarterdeck.yaml as ${ENV_NAME}"
    elif error.code == "NOPERM":
        remedy = READING_USER
    elif error.code == "ERR":  # ACL is unknown before Redis 6: there are no users to be
        text = clean("reachable; a server before version 6 knows no users")
        return Finding(system.name, subject, Verdict.OK, text)
    else:
        remedy = ""
    text = clean(str(error))
    return Finding(system.name, subject, Verdict.DEGRADED, text, clean(remedy))
