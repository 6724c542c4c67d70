"""`http.probe_limit`, `http.probe_breaker`, `http.time`, `load.run`: asking on purpose, capped.

Only services of the configuration are asked, at the address that their own checks use.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.actions.action import Action, Draft, DraftProof, DraftStep, Offer, Site
from core.actions.families.circuit_look import Meant, find, likely_keys
from core.actions.families.circuit_steps import Legend
from core.actions.families.probes_steps import (
    ProbeBreaker,
    ProbeLimit,
    RunLoad,
    TimeRequest,
    prober_of,
)
from core.actions.families.services_draft import dependents_line, passed, warning
from core.actions.part import Step
from core.actions.results import ResultSays, forgetting, new_result
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.check import CheckKind
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Environment, ServiceSpec
from core.redis.globs import is_pattern

MOST_REQUESTS, MOST_PER_S = 500, 50.0
_LOAD_CAPS = {
    Environment.PRODUCTION: (5_000, 50.0, 10, 60.0),
    Environment.STAGING: (20_000, 200.0, 50, 120.0),
    Environment.DEVELOPMENT: (20_000, 500.0, 50, 120.0),
}
"""Requests, per second, at once, seconds: a generator on the machine itself takes from what it
measures, so that more belongs to a tool elsewhere."""
_BESIDE_S = 30.0
_TIMEOUT_S = 10.0
_PATH = re.compile(r"^/[!-~]*$")
_NUMBER = re.compile(r"^\d+(?:\.\d+)?$")
_SPAN = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m)?$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
_ASKED = (CheckKind.HEALTH, CheckKind.API, CheckKind.PAGE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is asked."""

    service: ServiceSpec
    origin: str
    path: str
    """Of its health check."""
    ca_file: str


def place_of(service: ServiceSpec) -> Place | None:
    """Return where a service's own checks ask it; None: none of them speaks HTTP."""
    order = sorted(
        service.checks,
        key=lambda one: _ASKED.index(one.kind) if one.kind in _ASKED else len(_ASKED),
    )
    for check in order:
        url = urlsplit(check.url)
        if url.scheme in {"http", "https"} and url.hostname:
            origin = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
            return Place(service, origin, url.path or "/", check.ca_file or "")
    return None


def url_of(place: Place, path: str) -> str:
    """Return the address of a path of a service.

    Raises:
        ActionError: it is no path, or would lead to another host.
    """
    path = path or place.path
    if not _PATH.match(path) or path.startswith(("//", "/\\")) or "#" in path:
        raise ActionError(f"not a path of {place.origin}: {clean(path, 80)}; it begins with one /")
    return f"{place.origin}{path}"


def number_of(request: ActionRequest, name: str, default: float, most: float) -> float:
    """Return an input that is a number.

    Raises:
        ActionError: it is none, or none between 0 and the cap.
    """
    text = request.input(name) or f"{default:g}"
    if not _NUMBER.match(text) or not 0 < float(text) <= most:
        raise ActionError(f"{name} is a number up to {most:g}, not {clean(text, 40)}")
    return float(text)


def span_of(request: ActionRequest, name: str, default_s: float, most_s: float) -> float:
    """Return an input that is a length of time, in s.

    Raises:
        ActionError: it is none, or longer than the cap.
    """
    text = request.input(name) or f"{default_s:g}s"
    match = _SPAN.match(text)
    seconds = float(match.group(1)) * _SECONDS[match.group(2)] if match else 0.0
    if not 0 < seconds <= most_s:
        raise ActionError(f"{name} is a time up to {most_s:g}s, such as 30s, not {clean(text, 40)}")
    return seconds


def _offers(action: str, what: str) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(
                action,
                f"{one.id.system}/{one.id.service}",
                clean(f"{what} {one.title or one.id.service}"),
                EMPTY if place_of(one) else SafeText("none of its checks speaks HTTP"),
            )
            for system in site.topology.systems
            for one in system.services
            if not one.is_outside
        )

    return offers


def _asked(site: Site, request: ActionRequest) -> Place:
    service = site.service(request.target)
    if service.is_outside:
        raise ActionError(f"{request.target} is not ours: nobody asks it on purpose")
    place = place_of(service)
    if place is None:
        raise ActionError(f"none of the checks of {request.target} speaks HTTP")
    prober_of(site.ports)
    return place


def _draft(
    site: Site, place: Place, step: Step, title: str, says: str, result: str, deadline_s: float,
    radius: tuple[str, ...],
) -> Draft:  # fmt: skip
    name = f"{place.service.id.system}/{place.service.id.service}"
    lines = [clean(line) for line in radius]
    return Draft(
        title=clean(title),
        targets=(Target("service", name, clean(name)),),
        steps=(
            DraftStep(
                clean(says), step, deadline_s + _BESIDE_S,
                undo=SafeText("nothing to undo: it only asks"),
            ),
            forgetting(result),
        ),
        proofs=(DraftProof(SafeText("what came back"), ResultSays(result)),),
        radius=(*lines, *dependents_line(site, place.service)),
        way_back=SafeText("none is needed: it ends by itself"),
        estimate_s=deadline_s,
    )  # fmt: skip


async def _limit(site: Site, request: ActionRequest) -> Draft:
    place = _asked(site, request)
    url = url_of(place, request.input("path"))
    requests = int(number_of(request, "requests", 100, MOST_REQUESTS))
    per_s = number_of(request, "per_s", MOST_PER_S, MOST_PER_S)
    result = new_result(site.ports)
    return _draft(
        site, place, ProbeLimit(url, requests, per_s, result, place.ca_file),
        f"probe the rate limit of {place.service.id.service}",
        f"send {requests} x GET {url}, {per_s:g}/s at most", result,
        requests / per_s * 2 + 10 + _TIMEOUT_S,
        (f"{requests} requests to {url}",
         "whoever shares this machine's address is refused too, until the limiter lets go"),
    )  # fmt: skip


async def _breaker(site: Site, request: ActionRequest) -> Draft:
    place = _asked(site, request)
    path, recovers = request.input("path"), request.input("recovers")
    if not path:
        raise ActionError("name the path that fails on purpose: --set path=/…")
    url = url_of(place, path)
    requests = int(number_of(request, "requests", 20, 100))
    per_s = number_of(request, "per_s", 10, 10)
    within_s = span_of(request, "within", 90, 600)
    result = new_result(site.ports)
    record = await _record(site, request.target)
    step = ProbeBreaker(
        url, requests, per_s, result, url_of(place, recovers) if recovers else "", within_s,
        place.ca_file, record.server, record.keys, record.patterns, record.legend,
    )  # fmt: skip
    lasts_s = requests * (1 / per_s + _TIMEOUT_S) + (within_s + _TIMEOUT_S if recovers else 0)
    after = f", then ask {recovers} until it is well" if recovers else ""
    draft = _draft(
        site, place, step, f"trip the circuit breaker of {place.service.id.service}",
        f"send up to {requests} x GET {url} until it is refused at once{after}", result, lasts_s,
        (f"up to {requests} failing requests to {url}",
         "while the breaker is open every client is refused, whoever it is"),
    )  # fmt: skip
    return replace(draft, preflight=(record.flight,))


@dataclass(frozen=True, slots=True)
class _Record:
    """Where a service's breaker keeps its state."""

    flight: Preflight
    server: str = ""
    keys: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    legend: Legend = ()


async def _record(site: Site, target: str) -> _Record:
    """Look for the record of a service's breaker: its state is followed meanwhile."""
    unseen = "the breaker's own state in Redis is not looked at: its answers tell of it"
    none = _Record(warning("circuit", unseen))
    specs = [one for one in site.system(target.partition("/")[0]).redis if one.circuits]
    circuit = next((one for spec in specs for one in spec.circuits if one.service == target), None)
    if circuit is None:
        return none
    what = Meant(specs[0], circuit, None)
    try:
        seen = await find(site, what)
    except (ActionError, ClientError) as error:
        return _Record(warning("circuit", f"{unseen} ({error})"))
    if len(seen.breakers) > 1:
        return _Record(warning("circuit", f"{unseen}: {len(seen.breakers)} records are there"))
    found = tuple(key.spelled for one in seen.breakers for key in one.keys)
    keys = found or tuple(key.spelled for key in likely_keys(circuit))
    told = f"its record is followed: {', '.join(found)}" if found else "it has no record yet"
    patterns = () if found else tuple(one for one in circuit.keys if is_pattern(one))
    return _Record(passed("circuit", told), what.spec.server, keys, patterns, circuit.legend)


async def _time(site: Site, request: ActionRequest) -> Draft:
    place = _asked(site, request)
    url = url_of(place, request.input("path"))
    most_s = span_of(request, "most", 30, 120) if request.input("most") else None
    result = new_result(site.ports)
    return _draft(
        site, place, TimeRequest(url, result, most_s, 30.0, place.ca_file),
        f"time one request to {place.service.id.service}", f"GET {url}, each part timed", result,
        30.0, (f"1 request to {url}",),
    )  # fmt: skip


async def _load(site: Site, request: ActionRequest) -> Draft:
    place = _asked(site, request)
    url = url_of(place, request.input("path"))
    most_requests, most_per_s, most_at_once, most_s = _LOAD_CAPS[site.topology.environment]
    per_s = number_of(request, "per_s", 20, most_per_s)
    at_once = int(number_of(request, "at_once", 5, most_at_once))
    seconds = span_of(request, "for", 15, most_s)
    requests = int(number_of(request, "requests", max(1, per_s * seconds), most_requests))
    p95_s = span_of(request, "p95", 1, 60) if request.input("p95") else None
    errors = number_of(request, "errors", 1, 100) / 100 if request.input("errors") else 0.0
    result = new_result(site.ports)
    step = RunLoad(url, requests, per_s, at_once, seconds, result, p95_s, errors, place.ca_file)
    return _draft(
        site, place, step, f"load test {place.service.id.service}",
        f"send {requests} x GET {url}, {per_s:g}/s, {at_once} at once, {seconds:g} s at most",
        result, seconds + _TIMEOUT_S,
        (f"{requests} requests to {url}, {per_s:g} in a second",
         "others are served later meanwhile; it ends by itself when half of it fails"),
    )  # fmt: skip


_PATH_INPUT = Input("path", "path of the service; that of its health check if empty")
_Drafting = Callable[[Site, ActionRequest], Awaitable[Draft]]


def _action(
    name: str, title: str, verb: str, danger: Danger, what: str, draft: _Drafting, *inputs: Input
) -> Action:
    return Action(name, title, verb, danger, _offers(name, what), draft, inputs)


ACTIONS: tuple[Action, ...] = (
    _action(
        "http.probe_limit", "Probe a rate limit", "probe", Danger.CHANGE, "Probe the rate limit of",
        _limit, _PATH_INPUT, Input("requests", "how many, 500 at most", "100"),
        Input("per_s", "in a second, 50 at most", "50"),
    ),
    _action(
        "http.probe_breaker", "Trip a circuit breaker", "trip", Danger.INTERRUPT,
        "Trip the circuit breaker of", _breaker,
        Input("path", "path that fails on purpose", is_required=True),
        Input("requests", "how many at most, up to 100", "20"),
        Input("per_s", "in a second, 10 at most", "10"),
        Input("recovers", "path that works again once it is closed; empty: not looked at"),
        Input("within", "it has to recover by then", "90s"),
    ),
    _action(
        "http.time", "Time one request", "time", Danger.READ, "Time one request to", _time,
        _PATH_INPUT, Input("most", "longer is bad, such as 2s"),
    ),
    _action(
        "load.run", "Load test a service", "load", Danger.INTERRUPT, "Load test", _load,
        _PATH_INPUT, Input("per_s", "in a second", "20"), Input("at_once", "waiting at once", "5"),
        Input("for", "how long at most", "15s"), Input("requests", "how many at most"),
        Input("p95", "slower is bad, such as 300ms"), Input("errors", "percent that may fail", "0"),
    ),
)  # fmt: skip
