"""Examines Redis servers: reachable, as whom, and whether what the console reads is allowed."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.clients.clock import Clock
from core.clients.redis_address import RedisAddress
from core.errors import ClientError
from core.model.check import CheckKind, CheckSpec
from core.model.finding import Finding
from core.model.secret import Secret
from core.model.text import SafeText, clean
from core.model.topology import SystemSpec
from core.model.verdict import Verdict

if TYPE_CHECKING:
    from core.clients.keyspace.port import Keyspace

_COMMANDS_PER_S = 1000.0
_FIRST_WITH_DRYRUN = 7


def _is_redis(check: CheckSpec) -> bool:
    return check.kind is CheckKind.REDIS


async def examine_redis(system: SystemSpec, clock: Clock) -> tuple[Finding, ...]:
    """Return findings for each Redis server of a system."""
    checks = [check for service in system.services for check in service.checks if _is_redis(check)]
    by_url = {check.secret or Secret(check.url): check for check in checks}
    looks = (_examine_server(system, check, clock) for check in by_url.values())
    found = await asyncio.gather(*looks)
    return tuple(finding for findings in found for finding in findings)


async def _examine_server(
    system: SystemSpec, check: CheckSpec, clock: Clock
) -> tuple[Finding, ...]:
    from core.clients.keyspace.server import ServerKeyspace  # noqa: PLC0415 - only where needed

    subject = clean(f"redis {urlsplit(check.url).netloc.rpartition('@')[2] or check.url}")
    address = RedisAddress(check.secret or Secret(check.url), check.ca_file)
    try:
        keyspace = ServerKeyspace(address, clock, _COMMANDS_PER_S, check.timeout_s)
    except ClientError as error:
        return (_unreachable(system.name, subject, error),)
    has_limits = any(spec.limits for spec in system.redis)
    try:
        return await _findings(system.name, subject, keyspace, has_limits=has_limits)
    except ClientError as error:
        return (_unreachable(system.name, subject, error),)
    finally:
        await keyspace.aclose()


def _unreachable(system: str, subject: SafeText, error: ClientError) -> Finding:
    from core.clients.redis_errors import RedisSaid  # noqa: PLC0415 - only where it is needed
    from core.redis.trouble import trouble_of  # noqa: PLC0415 - only where it is needed

    verdict = Verdict.DEGRADED if isinstance(error, RedisSaid) else Verdict.DOWN
    trouble = trouble_of(error)
    remedy = trouble.remedy
    if isinstance(error, RedisSaid) and error.code == "NOPERM":
        from core.clients.keyspace.rights import READING_USER  # noqa: PLC0415 - only where needed

        # What was refused first is not all that such a user lacks.
        remedy = clean(READING_USER)
    return Finding(system, subject, verdict, trouble.text, remedy)


async def _findings(
    system: str, subject: SafeText, keyspace: "Keyspace", *, has_limits: bool
) -> tuple[Finding, ...]:
    from core.clients.keyspace import rights  # noqa: PLC0415 - only where it is needed

    await keyspace.ping_s()
    identity = await keyspace.identity()
    user = identity.user or clean("?")
    is_cluster = identity.mode == "cluster"
    names = rights.needs(is_cluster=is_cluster)
    optional = rights.useful(is_cluster=is_cluster, has_limits=has_limits)
    lacking = await _lacking(keyspace, names)
    if identity.version and _major(identity.version) < _FIRST_WITH_DRYRUN:
        text = clean(f"reachable as {user}; before version 7 rights cannot be rehearsed")
        return (Finding(system, subject, Verdict.OK, text), *_missing(system, subject, lacking))
    told = [name for name in names if name not in lacking]
    refused = await _refused(keyspace, told)
    unasked = set(await _lacking(keyspace, optional))
    offered, known = user, [name for name in optional if name not in unasked]
    if refused:
        text = clean(f"user {user} may not: {', '.join(refused)}")
        remedy = clean(f"ACL SETUSER {user} {rights.rules(refused)}")
        first = Finding(system, subject, Verdict.DEGRADED, text, remedy)
        known = await _refused(keyspace, known)
    elif await keyspace.may("SET", "k", "v") is None:
        offered = rights.READING_NAME
        text = clean(f"reachable as {user}, who may not ask what it may (ACL DRYRUN)")
        first = Finding(system, subject, Verdict.DEGRADED, text, clean(rights.READING_USER))
    elif await keyspace.may("FLUSHDB") or await keyspace.may("SET", "k", "v"):
        text = clean(f"reachable as {user}, who may also write; a reading user is safer")
        offered = rights.READING_NAME
        first = Finding(system, subject, Verdict.OK, text, clean(rights.READING_USER))
    else:
        first = Finding(system, subject, Verdict.OK, clean(f"reachable as {user}"))
        known = await _refused(keyspace, known)
    rest = (_optional(system, subject, offered, name) for name in known)
    return (first, *_missing(system, subject, lacking), *rest)


async def _refused(keyspace: "Keyspace", names: Sequence[str]) -> list[str]:
    """Return those of the commands that our user may not run."""
    from core.clients.keyspace.rights import rehearsal  # noqa: PLC0415 - only where it is needed

    return [name for name in names if await keyspace.may(*rehearsal(name)) is False]


def _optional(system: str, subject: SafeText, user: str, name: str) -> Finding:
    """Return the offer of a right that a person is to weigh."""
    from core.clients.keyspace.rights import OPTIONAL, rules  # noqa: PLC0415 - only where it is needed

    text = clean(f"optional for {user}: {name} {OPTIONAL[name]}")
    return Finding(system, subject, Verdict.OK, text, clean(f"ACL SETUSER {user} {rules([name])}"))


async def _lacking(keyspace: "Keyspace", names: Sequence[str]) -> list[str]:
    """Return commands that the server does not know; none when it may not be asked."""
    from core.clients.redis_errors import RedisSaid  # noqa: PLC0415 - only where it is needed

    try:
        return [name for name in names if not await keyspace.has_command(name)]
    except RedisSaid:
        return []


def _missing(system: str, subject: SafeText, lacking: Sequence[str]) -> tuple[Finding, ...]:
    if not lacking:
        return ()
    text = clean(f"the server has no: {', '.join(lacking)}; views that need them stay empty")
    remedy = clean("rename-command hid them, or it is too old: take them out of its redis.conf")
    return (Finding(system, subject, Verdict.DEGRADED, text, remedy),)


def _major(version: str) -> int:
    number = version.partition(".")[0]
    return int(number) if number.isdigit() else 0
