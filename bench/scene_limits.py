"""Circuits and rate limits of the scripted night: every state and shape there is to draw."""

from core.model.circuit import Circuit, Circuits, CircuitState, Transition
from core.model.limit import LimitRow, Limits, LimitShape
from core.model.redis_key import KeyName
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText, clean

GATEWAY = "api-gateway/redis"
_PROXY, _UPSTREAM = "api-gateway/proxy-service", "api-gateway/upstream-service"
_NOTE = clean("an open one stays open until the next request after its timeout")
_DONE = Progress(6, 6, is_complete=True, elapsed_s=0.3)


def _keys(*names: str) -> tuple[KeyName, ...]:
    return tuple(KeyName(one.encode()) for one in names)


def _raw(**fields: str) -> tuple[tuple[SafeText, SafeText], ...]:
    return tuple((clean(name), clean(value)) for name, value in fields.items())


def _open(now_s: float) -> Circuit:
    closed, half, opened = CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN
    history = (
        Transition(now_s - 640, closed, opened, clean("10 failures in a row: connect timeout")),
        Transition(now_s - 580, opened, half),
        Transition(now_s - 579, half, closed, clean("5 successes")),
        Transition(now_s - 12, closed, opened, clean("10 failures in a row: HTTP 502")),
    )
    return Circuit(
        GATEWAY,
        clean("upstream_service"),
        "upstream",
        _keys("circuit_breaker:upstream_service"),
        _keys("api-gateway:circuit-breaker"),
        clean("hash"),
        opened,
        clean("OPEN"),
        since_age_s=12.0,
        failures=0,
        threshold=10,
        successes=0,
        successes_needed=5,
        next_probe_s=48.0,
        ttl_s=None,
        note=_NOTE,
        service=_PROXY,
        upstream=_UPSTREAM,
        metric="circuit_breaker_state",
        metric_raw=clean("2"),
        metric_means=clean("open"),
        history=history,
        raw=_raw(
            state="OPEN",
            failure_count="0",
            success_count="0",
            last_state_change_time=str(int(now_s - 12)),
        ),
    )


_HALF = Circuit(
    GATEWAY,
    clean("search"),
    "",
    _keys("cb:search:state", "cb:search:failures"),
    (),
    clean("split keys"),
    CircuitState.HALF_OPEN,
    clean("half-open"),
    since_age_s=93.0,
    failures=3,
    threshold=5,
    successes=None,
    successes_needed=None,
    next_probe_s=0.0,
    ttl_s=None,
)
_JUNK = Circuit(
    GATEWAY,
    clean("mail"),
    "",
    _keys("breaker:mail"),
    (),
    clean("hash"),
    CircuitState.INVALID,
    clean("OPEN\x1b]0;x\x07"),
    since_age_s=None,
    failures=None,
    threshold=None,
    successes=None,
    successes_needed=None,
    next_probe_s=None,
    ttl_s=None,
    problem=clean("state is no word that is known: OPEN\x1b]0;x\x07"),
    raw=_raw(state="OPEN\x1b]0;x\x07", failure_count="-1e400"),
)
_UNUSED = Circuit(
    GATEWAY,
    clean("payments"),
    "payments",
    _keys("circuit_breaker:payments"),
    (),
    EMPTY,
    CircuitState.ABSENT,
    EMPTY,
    since_age_s=None,
    failures=None,
    threshold=5,
    successes=None,
    successes_needed=None,
    next_probe_s=None,
    ttl_s=None,
)


def circuits_of(now_s: float) -> tuple[Circuits, ...]:
    """Return the gateway's breakers: one open, one half open, one junk, one nobody has used."""
    note = clean(
        "the documented key api-gateway:circuit-breaker does not exist;"
        " found circuit_breaker:upstream_service"
    )
    return (Circuits(GATEWAY, (_open(now_s), _HALF, _JUNK, _UNUSED), (note,)),)


def _bucket(client: str, tokens: float, seen_s: float, **other: float | None) -> LimitRow:
    retry_s = 0.0 if tokens >= 1 else (1 - tokens) / 100
    return LimitRow(
        GATEWAY,
        _keys(f"rate_limit:{client}"),
        clean(client),
        "clients",
        LimitShape.BUCKET,
        tokens_now=tokens,
        tokens_stored=clean(str(tokens)),
        capacity=other.get("capacity", 1000.0),
        refill_per_s=other.get("refill", 100.0),
        last_seen_age_s=seen_s,
        retry_after_s=retry_s,
        ttl_s=3600.0 - seen_s,
        is_limited=tokens < 1,
        raw=_raw(tokens=str(tokens), last_refill_time="1772334000"),
    )


def limits_of() -> tuple[Limits, ...]:
    """Return the gateway's clients: two that are limited, one invalid, a counter, a window."""
    badly = LimitRow(
        GATEWAY,
        _keys("rate_limit:198.51.100.9"),
        clean("198.51.100.9"),
        "clients",
        LimitShape.BUCKET,
        tokens_now=None,
        tokens_stored=clean("abc"),
        capacity=1000.0,
        refill_per_s=100.0,
        last_seen_age_s=None,
        retry_after_s=None,
        ttl_s=None,
        is_limited=None,
        problem=clean("tokens is no number: abc"),
        raw=_raw(tokens="abc", last_refill_time=""),
    )
    counter = LimitRow(
        GATEWAY,
        _keys("api-gateway:rate-limit:203.0.113.60:login"),
        clean("203.0.113.60:login"),
        "clients",
        LimitShape.COUNTER,
        tokens_now=0.0,
        tokens_stored=clean("101"),
        capacity=100.0,
        refill_per_s=None,
        last_seen_age_s=None,
        retry_after_s=37.0,
        ttl_s=37.0,
        is_limited=True,
    )
    rows = (
        _bucket("203.0.113.36", 0.0, 1.0),
        _bucket("2001:db8::12", 0.3, 0.0),
        counter,
        badly,
        _bucket("203.0.113.147", 997.0, 3.0),
        _bucket("203.0.113.218", 412.5, 40.0, capacity=1000.0),
    )
    patterns = (("api-gateway:rate-limit:*", 1), ("rate_limit:*", 5))
    return (Limits(GATEWAY, rows, 6, 3, _DONE, patterns),)
