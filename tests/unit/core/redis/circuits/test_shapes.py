"""Every way in which breakers keep their record, and what is said of each."""

import pytest

from core.clients.keyspace.port import KeyContent, KeyLook, Value
from core.model.circuit import Circuit, CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec
from core.redis.circuits.shapes import circuit_rows

NOW_S = 1773480413.5
ANY = CircuitSpec("any", ("*",), reset_timeout_s=60, failure_threshold=10, half_open_successes=5)
CLOSED, OPEN, HALF = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN
INVALID, ABSENT = CircuitState.INVALID, CircuitState.ABSENT


def a_value(data: str | bytes) -> Value:
    raw = data.encode() if isinstance(data, str) else data
    return Value(raw, len(raw))


def a_hash(key: str, ttl_s: float | None = None, **fields: str | bytes) -> KeyContent:
    values = {name.encode(): a_value(data) for name, data in fields.items()}
    return KeyContent(KeyName(key.encode()), KeyLook("hash", ttl_s), fields=values)


def a_string(key: str, data: str | bytes, ttl_s: float | None = None) -> KeyContent:
    return KeyContent(KeyName(key.encode()), KeyLook("string", ttl_s), text=a_value(data))


def row_of(*contents: KeyContent, spec: CircuitSpec = ANY) -> Circuit:
    (row,) = circuit_rows(contents, (spec,), NOW_S, "shop/redis")
    return row


def test_the_gateways_hash() -> None:
    row = row_of(
        a_hash(
            "circuit_breaker:upstream_service", state="OPEN", failure_count="0",
            success_count="0", last_state_change_time="1773480401",
        )
    )  # fmt: skip
    assert (row.state, row.raw_state, row.shape) == (OPEN, "OPEN", "hash")
    assert (row.name, row.server, row.spec_name) == ("upstream_service", "shop/redis", "any")
    assert row.since_age_s == pytest.approx(12.5)
    assert row.next_probe_s == pytest.approx(47.5)
    assert (row.failures, row.threshold, row.successes, row.successes_needed) == (0, 10, 0, 5)
    assert "stays open until the next request" in row.note
    assert "0 failures while open is normal" in row.note
    assert (row.problem, row.ttl_s) == ("", None)


def test_an_open_one_whose_timeout_is_over_lets_the_next_request_through() -> None:
    row = row_of(a_hash("cb:a", state="open", opened_at="1773480300"))
    assert (row.state, row.next_probe_s) == (OPEN, 0)
    assert "the next request is let through" in row.note


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("closed", CLOSED), ("CLOSED", CLOSED), ("Closed", CLOSED), ("open", OPEN), ("OPEN", OPEN),
        ("half_open", HALF), ("half-open", HALF), ("HALF_OPEN", HALF), ("HALF-OPEN", HALF),
        ("HalfOpen", HALF), ("halfOpen", HALF), ("half open", HALF), (" open\n", OPEN),
        ('"open"', OPEN), ("FORCED_OPEN", OPEN), ("0", CLOSED), ("1", OPEN), ("2", HALF),
        ("2.0", HALF),
    ],
)  # fmt: skip
def test_every_spelling_of_a_state(word: str, state: CircuitState) -> None:
    assert row_of(a_hash("cb:x", state=word)).state is state
    assert row_of(a_string("api:circuit-breaker", word, 45)).state is state
    assert row_of(a_string("cb:x:state", word)).state is state


@pytest.mark.parametrize(
    "junk",
    [
        "", " ", "OPEN\x1b]0;x\x07", "opne", "3", "-1", "1e400", "NaN", "OPEN CLOSED OPEN",
        "clo sed x",
        "ＯＰＥＮ", b"\xff\xfe", b"OPEN\x00", "null", "true", "closed;open", "open" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_state_is_invalid_and_its_problem_named(junk: str | bytes) -> None:
    rows = (
        row_of(a_hash("cb:x", state=junk, failures="3")),
        row_of(a_string("api:circuit-breaker", junk, 45)),
        row_of(a_string("cb:x:state", junk), a_string("cb:x:failures", "3")),
    )
    for row in rows:
        assert row.state is INVALID
        assert row.problem.startswith("state: ")
        assert row.next_probe_s is None
        assert "\x1b" not in row.raw_state + row.problem


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"failure_count": "-1"}, "failure_count: negative: -1"),
        ({"failure_count": "1e400"}, "failure_count: too large: 1e400"),
        ({"failures": "many"}, "failures: not a number: many"),
        ({"failureCount": "1.5"}, "failureCount: not a whole number: 1.5"),
        ({"successes": "", "failures": "x"}, "failures: not a number: x; successes: empty"),
        ({"last_state_change_time": "soon"}, "last_state_change_time: not a time: soon"),
        ({"openedAt": "-1773480401"}, "openedAt: negative: -1773480401"),
        ({"nextAttempt": "1e400"}, "nextAttempt: not a time: 1e400"),
        ({"failure_threshold": "x"}, "failure_threshold: not a number: x"),
        ({"reset_timeout": "-3"}, "reset_timeout: negative: -3"),
    ],
)  # fmt: skip
def test_junk_beside_a_state_makes_the_record_invalid(fields: dict[str, str], said: str) -> None:
    row = row_of(a_hash("cb:x", state="OPEN", **fields))
    assert (row.state, row.problem, row.raw_state) == (INVALID, said, "OPEN")
    assert row.next_probe_s is None


def test_a_hash_without_a_state_is_invalid() -> None:
    row = row_of(
        a_hash("circuit_breaker:x", failure_count="3", last_state_change_time="1773480401")
    )
    assert (row.state, row.problem) == (INVALID, "state: missing")
    assert row_of(a_hash("cb:x", colour="blue")).problem == "state: missing"


@pytest.mark.parametrize("nothing", ["", "0", "null", "None", "0.0"])
def test_a_moment_that_never_was_is_none(nothing: str) -> None:
    row = row_of(a_hash("circuit:default", state="CLOSED", failures="0", lastFailure=nothing))
    assert (row.state, row.failures, row.since_age_s, row.problem) == (CLOSED, 0, None, "")


@pytest.mark.parametrize(
    ("name", "stamp"),
    [
        ("opened_at", "1773480404.5"),
        ("openedAt", "1773480404500"),
        ("opened_at", "1773480404500000"),
        ("lastStateChange", "2026-03-14T09:26:44.5Z"),
        ("last_change", "2026-03-14T10:26:44.500+01:00"),
        ("state_changed_at", "2026-03-14 09:26:44.5"),
        ("lastFailureTime", "1773480404500"),
    ],
)
def test_since_when_in_seconds_milliseconds_and_as_text(name: str, stamp: str) -> None:
    row = row_of(a_hash("cb:a", state="open", failures="6", **{name: stamp}))
    assert row.since_age_s == pytest.approx(9)
    assert row.next_probe_s == pytest.approx(51)


def test_a_stamp_that_is_ahead_is_said() -> None:
    row = row_of(a_hash("cb:a", state="open", opened_at="1773480513.5"))
    assert row.since_age_s == pytest.approx(-100)
    assert "100 s ahead of the server's clock" in row.note


def test_the_timeout_in_the_record_is_nearer_than_ours() -> None:
    row = row_of(a_hash("cb:a", state="open", opened_at="1773480412.5", resetTimeout="30000"))
    assert row.next_probe_s == pytest.approx(29)
    row = row_of(a_hash("cb:a", state="open", opened_at="1773480412.5", reset_timeout="20"))
    assert row.next_probe_s == pytest.approx(19)


def test_a_text_with_a_term_is_open_until_it_is_gone() -> None:
    row = row_of(a_string("api-gateway:circuit-breaker", "OPEN", 45))
    assert (row.state, row.ttl_s, row.next_probe_s, row.shape) == (OPEN, 45, 45, "string")
    assert (row.name, row.failures, row.since_age_s) == ("api-gateway", None, None)


def test_split_texts_are_one_breaker() -> None:
    row = row_of(
        a_string("cb:upstream:failures", "7"),
        a_string("cb:upstream:last_failure", "1773480410.25"),
        a_string("cb:upstream:state", "open"),
    )
    assert (row.state, row.failures, row.shape, row.name) == (OPEN, 7, "split keys", "upstream")
    assert row.since_age_s == pytest.approx(3.25)
    assert "counted from its last failure" in row.note
    assert row.keys[0].spelled == "cb:upstream:state"
    assert len(row.keys) == len(row.raw) == 3
    row = row_of(a_string("cb:state", "HALF-OPEN"), a_string("cb:last_change", "1773480410.5"))
    assert (row.state, row.next_probe_s, row.name) == (HALF, 0, "cb")
    assert row.since_age_s == pytest.approx(3)


def test_pybreakers_keys() -> None:
    row = row_of(
        a_string("upstream:pybreaker:state", "open"),
        a_string("upstream:pybreaker:fail_counter", "2"),
        a_string("upstream:pybreaker:success_counter", "0"),
        a_string("upstream:pybreaker:opened_at", "1773480383"),
    )
    assert (row.state, row.failures, row.successes, row.name) == (OPEN, 2, 0, "upstream")
    assert row.since_age_s == pytest.approx(30.5)


def test_other_separators_and_a_state_that_expires() -> None:
    row = row_of(
        a_string("circuit:{pay}:state", "half_open", 20), a_string("circuit:{pay}:failures", "5")
    )
    assert (row.state, row.ttl_s, row.name) == (HALF, 20, "{pay}")
    row = row_of(a_string("breaker/pay/state", "open", 20))
    assert (row.state, row.next_probe_s) == (OPEN, 20)


@pytest.mark.parametrize("ahead_s", [4.5, -4.5])
def test_open_until_tells_the_state_by_itself(ahead_s: float) -> None:
    until = f"{(NOW_S + ahead_s) * 1000:.0f}"
    rows = (
        row_of(a_string("cb:7:failures", "5"), a_string("cb:7:open_until", until)),
        row_of(a_hash("breaker:7", failures="5", openUntil=until)),
        row_of(a_string("breaker:7", f'{{"failures": 5, "nextAttempt": {until}}}')),
    )
    for row in rows:
        assert row.state is (OPEN if ahead_s > 0 else HALF)
        assert row.next_probe_s == pytest.approx(max(ahead_s, 0))
        assert (row.failures, row.raw_state) == (5, "")


def test_open_until_nothing_is_closed_and_junk_is_invalid() -> None:
    row = row_of(a_string("cb:7:failures", "1"), a_string("cb:7:open_until", "0"))
    assert row.state is CLOSED
    row = row_of(a_string("cb:7:failures", "1"), a_string("cb:7:open_until", "later"))
    assert (row.state, row.problem) == (INVALID, "open_until: not a time: later")


def test_failures_alone_are_no_state() -> None:
    row = row_of(a_string("cb:7:failures", "1"))
    assert (row.state, row.failures) == (ABSENT, 1)
    assert "no state is recorded" in row.note
    row = row_of(a_string("cb:7:failures", "1"), a_string("cb:7:last_failure", "1773480401"))
    assert row.state is ABSENT
    assert row_of(a_hash("cb:7", failures="1")).state is INVALID


@pytest.mark.parametrize(
    ("text", "state", "failures"),
    [
        ('{"state": "OPEN", "failures": 4, "lastFailureTime": 1773480404500}', OPEN, 4),
        ('{"state": "HALF_OPEN", "failureCount": 4, "lastFailureAt": null}', HALF, 4),
        ('{"state":"closed","failureCount":0,"lastFailureAt":"2026-03-14T09:26:44.5Z"}', CLOSED, 0),
        ('{"state": 1, "failures": 2, "nextAttempt": 1773480418000}', OPEN, 2),
        ('{"state": "open", "failures": -2}', INVALID, None),
        ('{"state": "open", "failures": 1e400}', INVALID, None),
        ('{"state": null, "failures": 1}', INVALID, 1),
        ('{"failures": 1, "x": {}}', INVALID, 1),
        ('{"state": ["open"]}', INVALID, None),
    ],
)
def test_json_text(text: str, state: CircuitState, failures: int | None) -> None:
    row = row_of(a_string("breaker:pay", text))
    assert (row.state, row.failures, row.shape) == (state, failures, "json")
    assert bool(row.problem) is (state is INVALID)


def test_broken_json_is_no_state() -> None:
    row = row_of(a_string("breaker:pay", '{"state": "open", '))
    assert (row.state, row.shape) == (INVALID, "string")


def test_a_figure_says_by_which_legend_it_was_read() -> None:
    row = row_of(a_hash("breaker:c", state="2", failure_count="4", opened_at="1773480404000"))
    assert (row.state, row.raw_state) == (HALF, "2")
    assert "2 is read as half open (0 closed, 1 open, 2 half-open)" in row.note
    other = CircuitSpec("o", ("*",), legend=(("0", "closed"), ("1", "half-open"), ("2", "open")))
    assert row_of(a_hash("breaker:c", state="2"), spec=other).state is OPEN
    of_metric = CircuitSpec(
        "o", ("*",), legend=(("1", "closed"), ("2", "open"), ("3", "half-open"))
    )
    assert row_of(a_hash("breaker:c", state="2"), spec=of_metric).state is HALF
    assert row_of(a_hash("breaker:c", state="3"), spec=of_metric).state is HALF


@pytest.mark.parametrize("kind", ["list", "set", "zset", "stream"])
def test_other_types_are_invalid(kind: str) -> None:
    row = row_of(KeyContent(KeyName(b"cb:x"), KeyLook(kind, None), length=1))
    assert (row.state, row.shape, row.problem) == (INVALID, kind, "state: missing")


def test_breakers_of_one_name_are_told_apart() -> None:
    rows = circuit_rows(
        (a_hash("cb:a", state="open"), a_hash("circuit:a", state="closed")), (ANY,), NOW_S
    )
    assert {row.name for row in rows} == {"cb:a", "circuit:a"}


def test_what_nobody_configured_is_a_breaker_only_if_it_says_so() -> None:
    contents = (
        a_hash("cb:a", state="open"),
        a_hash("cb:job", status="done"),
        a_string("cb:flag", "1"),
        a_string("cb:login:failures", "3"),
        a_string("cb:word", "OPEN", 30),
    )
    rows = circuit_rows(contents, (), NOW_S)
    assert [(row.name, row.state) for row in rows] == [("a", OPEN), ("word", OPEN)]
