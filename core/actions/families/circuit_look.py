"""Which circuit breaker is meant, how it stands, and whether what is behind it is well."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Site
from core.actions.families.circuit_records import Breaker, breakers_of
from core.actions.families.redis_key_copies import keys_of, told_keys, too_large
from core.actions.families.redis_key_look import of_patterns, redis_spec_of, value_text
from core.actions.families.services_draft import (
    check_name,
    passed,
    proving_checks,
    stop_flight,
    warning,
)
from core.actions.part import part
from core.actions.ports import Ports
from core.errors import ActionError
from core.model.action import ActionRequest, Preflight
from core.model.check import CheckKind, CheckSpec
from core.model.circuit import CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, RedisSpec
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.redis.circuits.parts import guesses, siblings
from core.redis.globs import is_pattern

_MOST = 500
_SCAN_S = 3.0
_LOOK_S = 3.0
"""A plan has to be made within ten seconds."""
_RECORDS = frozenset({"hash", "string"})
_THROUGH = (CheckKind.API, CheckKind.PAGE, CheckKind.HEALTH)
"""Which of a service's checks goes through its breaker: rather one that asks for something."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a request means."""

    spec: RedisSpec
    circuit: CircuitSpec
    key: KeyName | None
    """The one that was named; None: whichever there is."""


def meant(site: Site, request: ActionRequest) -> Meant:
    """Return the circuit that a request means, by its name or by a key of it.

    Raises:
        ActionError: there is none.
    """
    spec = redis_spec_of(site, request.target)
    name = request.target.partition("/")[2]
    given = request.input("key")
    for one in spec.circuits:
        if one.name == name:
            return Meant(spec, one, KeyName.read(given) if given else None)
    key = KeyName.read(name)
    for one in spec.circuits:
        if of_patterns(one.keys, key):
            return Meant(spec, one, KeyName.read(given) if given else key)
    known = ", ".join(one.name for one in spec.circuits) or "none"
    raise ActionError(
        f"{clean(name, 80)} is no circuit of {spec.system}, nor a key of one; circuits: {known}"
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found."""

    breakers: tuple[Breaker, ...]
    is_whole: bool
    """False: there was no time to look at all keys."""


async def find(site: Site, what: Meant) -> Seen:
    """Return the breaker whose key was named, else all that the profile's keys and patterns find.

    Raises:
        ClientError: the server cannot be asked.
    """
    if what.key is not None:
        found = await _read(site, what, (what.key, *siblings(what.key.raw)))
        if found:
            return Seen(found, is_whole=True)
    keys = dict.fromkeys(likely_keys(what.circuit))
    patterns = [one for one in what.circuit.keys if is_pattern(one)]
    is_whole = True
    for one in patterns:
        scan = keys_of(site.ports).scan
        found = await scan(what.spec.server, one, _MOST, _SCAN_S / len(patterns))
        keys |= dict.fromkeys(found.keys)
        is_whole = is_whole and found.is_whole
    return Seen(await _read(site, what, tuple(keys)), is_whole)


def likely_keys(circuit: CircuitSpec) -> tuple[KeyName, ...]:
    """Return the keys that a profile names, and those its patterns may well stand for."""
    names = (circuit.name, circuit.upstream.partition("/")[2])
    exact = tuple(KeyName.read(one) for one in circuit.keys if not is_pattern(one))
    return (*exact, *guesses(circuit.keys, names))


async def _read(site: Site, what: Meant, keys: tuple[KeyName, ...]) -> tuple[Breaker, ...]:
    control, server = keys_of(site.ports), what.spec.server
    sights, standing = await control.sights(server, keys), await control.standing(server)
    return breakers_of(sights, what.circuit, standing.now_ms)


def chosen(what: Meant, seen: Seen) -> tuple[Breaker | None, Preflight]:
    """Return the breaker that is meant, or why none is."""
    found = seen.breakers
    names = ", ".join(one.name.spelled for one in found[:5])
    if what.key is not None:
        for one in found:
            if what.key in (*one.keys, one.name):
                return one, passed("circuit", f"{one.name.shown} is {one.shown_state}")
        real = f"the real key is {names}" if found else _nothing(what)
        text = f"wrong key: nothing is there: {what.key.shown}"
        return None, stop_flight("circuit", text, real)
    if len(found) > 1:
        text = f"{len(found)} circuits are there: {names}"
        return None, stop_flight("circuit", text, "name one: --set key=…")
    if not seen.is_whole and not found:
        text = "not known: there was no time to look at all keys for its record"
        return None, stop_flight("circuit", text, "name it: --set key=…")
    for one in found:
        return one, passed("circuit", f"{one.name.shown} is {one.shown_state}")
    return None, stop_flight("circuit", f"nothing to reset: {_nothing(what)}")


def _nothing(what: Meant) -> str:
    return (
        f"there is no record under {' or '.join(what.circuit.keys)}; the service writes one"
        " with its next request"
    )


def name_flights(what: Meant, breaker: Breaker) -> tuple[Preflight, ...]:
    """Return what is worth saying of a record's name, state and size."""
    flights: list[Preflight] = []
    exact = [one for one in what.circuit.keys if not is_pattern(one)]
    keys = {one.spelled for one in breaker.keys}
    if exact and not keys & set(exact):
        text = f"{exact[0]} is not there; the real key is {told_keys(breaker.keys)}"
        flights.append(warning("name", text))
    if breaker.state is CircuitState.INVALID:
        text = f"what is written there is no state: {breaker.shown_state}"
        flights.append(warning("state", text))
    large = too_large(breaker.sights)
    if large is not None or any(one.kind not in _RECORDS for one in breaker.sights):
        shown = ", ".join(value_text(one) for one in breaker.sights)
        flights.append(stop_flight("type", f"WRONGTYPE: no breaker's record: {shown}"))
    return tuple(flights)


async def upstream_flights(site: Site, circuit: CircuitSpec) -> tuple[Preflight, ...]:
    """Look whether what is behind the breaker is well: a reset lets everything through to it."""
    if not circuit.upstream:
        text = "nobody knows whether what is behind it is well: the profile names no upstream"
        return (stop_flight("upstream", text, "set upstream of the circuit"),)
    checks = upstream_checks(site, circuit)
    if not checks:
        text = f"nobody knows whether {circuit.upstream} is well: it has no check"
        return (stop_flight("upstream", text, "configure one"),)
    return tuple([await _upstream_flight(site, one) for one in checks])


def upstream_checks(site: Site, circuit: CircuitSpec) -> tuple[CheckSpec, ...]:
    """Return the checks that tell how the upstream is."""
    return proving_checks(site.service(circuit.upstream)) if circuit.upstream else ()


async def _upstream_flight(site: Site, check: CheckSpec) -> Preflight:
    name = check_name(check)
    try:
        async with asyncio.timeout(_LOOK_S):
            result = await site.ports.look(name)
    except (ActionError, TimeoutError) as error:
        return stop_flight("upstream", f"{name} could not be looked at: {error or 'no answer'}")
    text = f"{name}: {result.state}"
    if result.verdict is Verdict.OK:
        return passed("upstream", text)
    said = f"{text}: {result.reason}".removesuffix(": ")
    return stop_flight(
        "upstream", f"it is not healthy: {said}", "make it well first: the circuit protects it"
    )


def request_check(site: Site, circuit: CircuitSpec) -> str:
    """Return the service's check that asks through the breaker; empty: it has none."""
    if not circuit.service:
        return ""
    checks = site.service(circuit.service).checks
    for kind in _THROUGH:
        for one in checks:
            if one.kind is kind:
                return check_name(one)
    return ""


@part
@dataclass(frozen=True, slots=True)
class CheckTrait:
    """How a check came out: what was well enough to act on has to be so still."""

    kind: ClassVar[str] = "trait.check"
    check: str
    """`system/service/check`."""

    async def read(self, ports: Ports) -> SafeText:
        """Probe it."""
        return clean((await ports.look(self.check)).verdict.value)
