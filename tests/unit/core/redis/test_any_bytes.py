"""Whatever bytes a server holds: nothing raises, and no junk becomes closed, zero or a pass."""

import math

from hypothesis import given
from hypothesis import strategies as some

from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.circuit import CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, LimitSpec
from core.model.text import clean
from core.redis.circuits.log_lines import transitions_from_log
from core.redis.circuits.parts import CHANGED, FAILURES, OPENED, STATE, UNTIL
from core.redis.circuits.shapes import circuit_rows
from core.redis.circuits.states import state_word
from core.redis.figures import Unusable, parse_number
from core.redis.globs import matches
from core.redis.limits.buckets import TOKENS
from core.redis.limits.shapes import limit_rows
from core.redis.limits.windows import USED

NOW_S = 1773480413.5
CIRCUIT = CircuitSpec("any", ("*",))
LIMIT = LimitSpec("any", ("*",), capacity=10, refill_per_s=1)

KEYS = some.binary(max_size=40) | some.sampled_from(
    [b"cb:state", b"cb:x:open_until", b"rl:1.2.3.4", b"rl:::1", b"a.tokens", b"a.timestamp",
     b"LIMITS:LIMITER/a/1/1/minute", b"LIMITS:{LIMITER/a/1/1/minute}/-1", b"x:pybreaker:state"]
)  # fmt: skip
DATA = some.binary(max_size=60) | some.sampled_from(
    [b"OPEN", b"closed", b"OPEN\x1b]0;x\x07", b"", b"0", b"-1", b"1e400", b"nan", b"Infinity",
     b"1773480401", b"1773480401.5", b"9" * 400, b"2026-03-14T09:26:53Z", b'{"state": 1e400}',
     b'{"tokens": "\xff"}', b"\x00", b"0.0", b"null", b"9999-12-31T23:59:59+23:59"]
)  # fmt: skip
NAMES = some.binary(max_size=12) | some.sampled_from(
    [name.encode() for name in (*STATE, *FAILURES, *CHANGED, *OPENED, *UNTIL, *TOKENS, *USED)]
    + [b"last_refill", b"capacity", b"rate", b"reset_timeout", b"limit", b"reset"]
)
TTLS = some.none() | some.floats(0, 1e9)


@some.composite
def contents(draw: some.DrawFn) -> KeyContent:
    key, ttl_s = KeyName(draw(KEYS)), draw(TTLS)
    kind = draw(some.sampled_from(["hash", "string", "list", "zset", "set", "none", "x-module"]))
    look = KeyLook(kind, ttl_s)
    if kind == "hash":
        found = draw(some.dictionaries(NAMES, DATA, max_size=6))
        return KeyContent(key, look, fields={n: Value(d, len(d)) for n, d in found.items()})
    if kind == "string":
        data = draw(DATA)
        return KeyContent(key, look, text=Value(data, len(data)))
    if kind in {"list", "zset"}:
        pairs = some.tuples(DATA, some.floats())
        members = tuple(draw(some.lists(pairs, max_size=4)))
        return KeyContent(key, look, members=members, length=draw(some.integers(0, 10**6)))
    return KeyContent(key, look)


@given(some.lists(contents(), max_size=4))
def test_any_record_of_a_limit_is_read_or_its_problem_named(found: list[KeyContent]) -> None:
    for row in limit_rows(found, (LIMIT,), NOW_S):
        figures = (row.tokens_now, row.retry_after_s, row.last_seen_age_s, row.capacity)
        assert all(one is None or math.isfinite(one) for one in figures)
        if row.problem:
            assert (row.tokens_now, row.is_limited, row.retry_after_s) == (None, None, None)
        assert row.client == clean(row.client)
        assert row.problem == clean(row.problem)


@given(some.lists(contents(), max_size=4))
def test_any_record_of_a_breaker_is_read_or_its_problem_named(found: list[KeyContent]) -> None:
    for row in circuit_rows(found, (CIRCUIT,), NOW_S):
        figures = (row.next_probe_s, row.since_age_s)
        assert all(one is None or math.isfinite(one) for one in figures)
        assert bool(row.problem) is (row.state is CircuitState.INVALID)
        assert row.raw_state == clean(row.raw_state)


@given(DATA)
def test_a_breaker_is_closed_only_where_it_is_written(data: bytes) -> None:
    value = Value(data, len(data))
    key = KeyName(b"circuit_breaker:x")
    record = KeyContent(key, KeyLook("hash", None), fields={b"state": value})
    (row,) = circuit_rows((record,), (CIRCUIT,), NOW_S)
    if row.state is CircuitState.CLOSED:
        text = data.decode().strip()
        assert state_word(text) is CircuitState.CLOSED or float(text) == 0


@given(DATA)
def test_a_count_of_failures_is_a_number_only_where_it_is_one(data: bytes) -> None:
    value = {b"state": Value(b"OPEN", 4), b"failures": Value(data, len(data))}
    record = KeyContent(KeyName(b"cb:x"), KeyLook("hash", None), fields=value)
    (row,) = circuit_rows((record,), (CIRCUIT,), NOW_S)
    try:
        is_count = parse_number(data).is_integer()
    except Unusable:
        is_count = False
    assert (row.failures is not None) is is_count
    assert (row.state is CircuitState.INVALID) is not is_count


@given(some.text(max_size=20), some.binary(max_size=30))
def test_any_pattern_can_be_matched(pattern: str, raw: bytes) -> None:
    assert matches(pattern, raw) in {True, False}
    assert matches("*", raw)


@given(some.lists(some.text(max_size=200), max_size=3))
def test_any_log_lines_can_be_looked_at(lines: list[str]) -> None:
    transitions_from_log([clean(line) for line in lines])
