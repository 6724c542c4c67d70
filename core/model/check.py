"""A check: what to probe, what one probe concluded, and what is remembered of the probes."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from struct import Struct

from core.model.detail import Detail
from core.model.ids import CheckId
from core.model.secret import Secret
from core.model.text import SafeText
from core.model.verdict import Verdict
from core.model.window import Numbers, Packing, Window, moment


class CheckKind(StrEnum):
    """How an answer is judged."""

    HEALTH = "health"
    """A health or readiness body: worst of HTTP code, status word, sub-checks and staleness."""
    SECURITY = "security"
    """`security_status` with its report (facts 9, 10)."""
    SCHEDULER = "scheduler"
    """Jobs, next runs and history (facts 28, 29; 3.4)."""
    RUNS = "runs"
    """Recent runs (fact 16)."""
    STATUS_PAGE = "status_page"
    """A provider's status page (3.10)."""
    API = "api"
    """Any endpoint: the HTTP code decides, the body is evidence."""
    PAGE = "page"
    """An HTML page that should answer 200."""
    HEADERS = "headers"
    """Named response headers must be present."""
    TCP = "tcp"
    """A port that should accept a connection."""
    REDIS = "redis"
    """PING, role and memory of a Redis-compatible server."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A threshold on a value inside a JSON body, such as `checks.system.disk_percent < 90`."""

    path: str
    """Dotted path into the body; list items by number."""
    operator: str
    """One of `<`, `<=`, `>`, `>=`, `==`, `!=`."""
    value: str | float | bool
    failed_verdict: Verdict
    """What the check becomes when the condition does not hold (degraded or down)."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What counts as good for one check. Empty tuples mean the built-in word lists."""

    ok_words: tuple[str, ...] = ()
    http_statuses: tuple[int, ...] = ()
    """Codes that count as good; empty: 200 to 299."""
    conditions: tuple[Condition, ...] = ()
    max_age_s: float | None = None
    """A body timestamp older than this is `unverified`; None: 300 s where a stamp is shown."""
    slow_s: float | None = None
    """Slower than this is degraded."""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """What to probe, how often, and how to judge it. From the configuration."""

    id: CheckId
    kind: CheckKind
    url: str
    """http(s) URL, `tcp://host:port`, or `redis://…`, without credentials (`secret` has them)."""
    every_s: float = 10.0
    timeout_s: float = 5.0
    method: str = "GET"
    headers: tuple[tuple[str, Secret], ...] = ()
    secret: Secret | None = None
    """The whole URL with credentials where it has any."""
    expect: Expectation = Expectation()
    note: str = ""
    """What this check does and does not prove, such as "process up only"."""
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition with its resolved value, as the screen shows it."""

    text: SafeText
    """The condition as written."""
    actual: SafeText
    """The value found, or why there is none."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Component:
    """A sub-check inside a body."""

    name: SafeText
    verdict: Verdict
    text: SafeText


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one probe concluded. Pure outcome of a judge."""

    verdict: Verdict
    state: str
    """Our own word for the case, such as `ok`, `unverified`, `login required`, `timeout`."""
    reason: SafeText
    """One line: the failed condition with its resolved value."""
    observed_at: datetime
    http_status: int | None = None
    latency_s: float | None = None
    """None: no answer."""
    components: tuple[Component, ...] = ()
    conditions: tuple[ConditionResult, ...] = ()
    facts: tuple[tuple[str, SafeText], ...] = ()
    """Label and value worth showing: version, uptime, free disk."""
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What history keeps of one probe."""

    at: datetime
    verdict: Verdict
    latency_s: float | None


_VERDICTS = tuple(Verdict)


def _pack(probe: Probe) -> Numbers:
    latency_s = math.nan if probe.latency_s is None else probe.latency_s
    return probe.at.timestamp(), _VERDICTS.index(probe.verdict), latency_s


def _unpack(numbers: Numbers) -> Probe:
    at, verdict, latency_s = numbers
    return Probe(moment(at), _VERDICTS[int(verdict)], None if math.isnan(latency_s) else latency_s)


NO_PROBES = Window(Packing(Struct("<dbd"), _pack, _unpack))


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """A check with its memory."""

    result: CheckResult
    since: datetime
    """When the present verdict began."""
    next_at: datetime | None
    history: Window[Probe]
    """Oldest first, bounded (`core.store.history.PROBE_WINDOW`)."""
