"""Examines the HTTP addresses of a system by asking them as their checks do, and nothing more."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.clients.clock import Clock
from core.clients.http_errors import HttpTimeout, Stage, TlsRefused
from core.errors import ClientError
from core.model.check import CheckSpec
from core.model.finding import Finding
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import SystemSpec
from core.model.verdict import Verdict
from core.sources.examine_addresses import place_of, told, use_of
from core.sources.http_check import HttpReader, request_of
from core.sources.judge.outcome import Asked, by_code, no_answer

_ASK_S = 8.0
"""Most that one address may take, whatever its check allows."""
_OTHERWISE = (Verdict.UNKNOWN, "correct path and method of the check in quarterdeck.yaml")
_BY_STATE: Mapping[str, tuple[Verdict, str]] = {
    "login required": (
        Verdict.DEGRADED,
        "give the check a header that signs in, as ${NAME}, or an address without login",
    ),
    "redirected": (Verdict.UNKNOWN, "write the address it points to into quarterdeck.yaml"),
    "auth missing": (
        Verdict.DEGRADED,
        "give the check a header with a key, such as authorization: Bearer ${NAME}",
    ),
    "token expired": (Verdict.DEGRADED, "renew the token in the headers of the check"),
    "key refused": (Verdict.DEGRADED, "put a valid key into the headers of the check"),
    "forbidden": (Verdict.DEGRADED, "use a key whose owner may read this address"),
    "not exposed": (Verdict.UNKNOWN, "correct the path, or leave the check out"),
    "not found": (Verdict.UNKNOWN, "correct the path, or leave the check out"),
    "rate limited": (Verdict.UNKNOWN, "ask less often: a longer `every` for the check"),
    "bad gateway": (Verdict.DOWN, "start what is behind it"),
    "circuit open": (Verdict.UNKNOWN, "it is reached: `quarterdeck check` says what ails it"),
    "server error": (Verdict.UNKNOWN, "it is reached: `quarterdeck check` says what ails it"),
    "refused": (Verdict.DOWN, "start the service, or correct its address in quarterdeck.yaml"),
    "no such host": (Verdict.DOWN, "correct the name, or enter it in DNS or /etc/hosts"),
    "name not resolved": (
        Verdict.DOWN,
        "look at the name servers in /etc/resolv.conf, or enter the name in /etc/hosts",
    ),
    "connection broke": (Verdict.DOWN, "look at the log of the service and at what is in between"),
    "garbled": (Verdict.DOWN, "compare port and scheme in quarterdeck.yaml with the service's own"),
    "not asked": (Verdict.DEGRADED, "correct url or ca_file of the check in quarterdeck.yaml"),
}
"""What a state of a check means for whoever set the check up, and what to do."""
_BY_STAGE: Mapping[Stage, str] = {
    Stage.CONNECTING: "something drops the packets: look at firewalls, routes and DNS",
    Stage.SECURING: "the port may not speak TLS, or the server hangs: look at its log",
    Stage.ASKED: "it hangs or is slow: look at its log, or give the check a longer timeout",
    Stage.READING: "it hangs or is slow: look at its log, or give the check a longer timeout",
}


async def examine_http(
    system: SystemSpec, checks: Sequence[CheckSpec], client: HttpReader, clock: Clock
) -> tuple[Finding, ...]:
    """Return one finding per host, port and outcome. All are asked at once, 8 s at most."""
    found = await asyncio.gather(*(_examine(system, check, client, clock) for check in checks))
    uses: dict[Finding, list[str]] = {}
    for check, finding in zip(checks, found, strict=True):
        uses.setdefault(finding, []).append(use_of(check))
    return tuple(
        replace(finding, text=clean(f"{finding.text} {told(names)}"))
        for finding, names in uses.items()
    )


async def _examine(
    system: SystemSpec, check: CheckSpec, client: HttpReader, clock: Clock
) -> Finding:
    request = request_of(check)
    place = place_of(check.url)
    subject = clean(f"{place[0]}:{place[1]}" if place else check.url)
    try:
        answer = await client.get(replace(request, timeout_s=min(request.timeout_s, _ASK_S)))
    except ClientError as error:
        return Finding(system.name, subject, *_judge_error(error, clock))
    result = by_code(Asked(check, answer, clock.now()))
    if result is None:
        return Finding(system.name, subject, Verdict.OK, clean(f"answers HTTP {answer.status}"))
    verdict, remedy = _BY_STATE.get(result.state, _OTHERWISE)
    return Finding(system.name, subject, verdict, result.reason, clean(remedy))


def _judge_error(error: ClientError, clock: Clock) -> tuple[Verdict, SafeText, SafeText]:
    """Return verdict, text and remedy for an address that gave no answer."""
    match error:
        case TlsRefused():
            return Verdict.DOWN, error.text, error.remedy or clean("look at the log of the server")
        case HttpTimeout():
            return Verdict.DOWN, clean(str(error)), clean(_BY_STAGE[error.stage])
        case _:
            result = no_answer(error, clock.now())
            verdict, remedy = _BY_STATE.get(result.state, (Verdict.DOWN, EMPTY))
            return verdict, result.reason, clean(remedy)
