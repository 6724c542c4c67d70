"""What stands beside a breaker's record: history, log lines, the metric, what is documented."""

from dataclasses import replace

import pytest

from core.model.circuit import Circuit, Circuits, CircuitState
from core.model.ids import ServiceId
from core.model.metric import NO_POINTS, MetricKind, MetricsState, Scrape, Series, SeriesKey
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, RedisSpec
from core.model.text import clean
from core.redis.circuits.gathering import circuits_of
from core.redis.circuits.history import MOST_TRANSITIONS, History
from core.redis.circuits.log_lines import transitions_from_log
from core.redis.circuits.metrics import metric_values, with_metric
from core.redis.circuits.shapes import circuit_rows
from tests.fakes.clock import START
from tests.unit.core.redis.circuits.test_shapes import NOW_S, a_hash, a_string

CLOSED, OPEN, HALF = CircuitState.CLOSED, CircuitState.OPEN, CircuitState.HALF_OPEN
UPSTREAM = CircuitSpec(
    "upstream",
    ("api-gateway:circuit-breaker", "circuit_breaker:*"),
    failure_threshold=10,
    service="shop/proxy",
    metric="circuit_breaker_state",
    legend=(("1", "closed"), ("2", "open"), ("3", "half-open")),
)
SHOP = RedisSpec("shop/redis", circuits=(UPSTREAM,))
REAL = a_hash("circuit_breaker:upstream_service", state="OPEN", last_state_change_time="1773480401")
REAL_KEY = KeyName(b"circuit_breaker:upstream_service")
NAMED_KEY = KeyName(b"api-gateway:circuit-breaker")


def seen(*contents: object, before: Circuits | None = None, is_walked: bool = True) -> Circuits:
    rows = before.rows if before else ()
    return circuits_of(contents, SHOP, NOW_S, before=rows, is_walked=is_walked)  # type: ignore[arg-type]


def test_the_documented_key_that_is_not_there_is_said_beside_the_one_in_use() -> None:
    view = seen(REAL)
    (row,) = view.rows
    assert (row.keys, row.documented) == ((REAL_KEY,), (NAMED_KEY,))
    assert view.notes == (
        "upstream: nothing at api-gateway:circuit-breaker as documented; in use: "
        + REAL_KEY.spelled,
    )


def test_the_documented_key_that_is_there_needs_no_note() -> None:
    view = seen(a_hash("api-gateway:circuit-breaker", state="OPEN", failure_count="5"))
    assert (view.rows[0].documented, view.notes) == ((), ())
    assert view.rows[0].name == "api-gateway"


def test_no_record_is_absent_once_all_keys_were_come_by_and_not_before() -> None:
    early = seen(is_walked=False)
    assert early.rows == ()
    assert "still being looked over" in early.notes[0]
    (row,) = seen().rows
    assert (row.state, row.name, row.threshold) == (CircuitState.ABSENT, "upstream", 10)
    assert row.note == "no record: closed, or never used"
    assert [key.spelled for key in row.keys] == list(UPSTREAM.keys)
    assert row.documented == (NAMED_KEY,)
    assert (row.failures, row.since_age_s, row.next_probe_s) == (None, None, None)


def test_a_record_that_goes_leaves_its_row_absent() -> None:
    (row,) = seen(before=seen(REAL)).rows
    assert (row.state, row.name) == (CircuitState.ABSENT, "upstream_service")
    assert (row.raw, row.since_age_s) == ((), None)
    (again,) = seen(before=Circuits("shop/redis", (row,))).rows
    assert again.state is CircuitState.ABSENT
    (back,) = seen(REAL, before=Circuits("shop/redis", (row,))).rows
    assert back.state is OPEN


def test_those_in_trouble_come_first_and_strays_are_named() -> None:
    view = seen(a_string("cb:a", "closed"), a_string("cb:b", "half-open"), REAL)
    assert [row.state for row in view.rows] == [OPEN, HALF, CLOSED]
    assert "found, not configured: cb:a, cb:b" in view.notes


def a_row(state: CircuitState, since_age_s: float | None = None) -> Circuit:
    (row,) = circuit_rows((REAL,), (UPSTREAM,), NOW_S)
    return replace(row, state=state, since_age_s=since_age_s)


def test_changes_between_looks_are_remembered_with_their_time() -> None:
    history = History()
    history.note([a_row(CLOSED)], 100.0)
    assert history.of(a_row(CLOSED)) == ()
    history.note([a_row(OPEN, 3.0)], 110.0)
    history.note([a_row(OPEN, 13.0)], 120.0)
    history.note([a_row(HALF)], 130.0)
    past = history.of(a_row(HALF))
    assert [(one.before, one.after, one.time_s) for one in past] == [
        (CLOSED, OPEN, 107.0),
        (OPEN, HALF, 130.0),
    ]


def test_history_is_bounded() -> None:
    history = History()
    for at in range(300):
        history.note([a_row(OPEN if at % 2 else CLOSED)], float(at))
    assert len(history.of(a_row(OPEN))) == MOST_TRANSITIONS


def test_the_record_may_give_the_reason() -> None:
    content = a_hash("cb:a", state="open", last_error="timed out")
    (row,) = circuit_rows((content,), (), NOW_S)
    history = History()
    history.note([replace(row, state=CLOSED)], 1.0)
    history.note([row], 2.0)
    assert history.of(row)[0].reason == "timed out"


CHANGE = "INFO breaker {'event': 'cb_state_change', 'new_state': "
GATEWAY_LINES = [
    "2026-03-14 09:18:15,000 ERROR proxy {'event': 'upstream_error', 'error': 'All failed'}",
    "2026-03-14 09:18:16,000 INFO proxy {'event': 'circuit_open_block', 'state': 'OPEN'}",
    f"2026-03-14 09:18:23,000 {CHANGE}'OPEN', 'timestamp': 1773480413}}",
    f"2026-03-14 09:18:24,000 {CHANGE}'HALF_OPEN', 'timestamp': 1773480443}}",
    '{"timestamp": "2026-03-14T09:28:00Z", "event": "cb_state_change", "new_state": "CLOSED"}',
    "2026-03-14 09:30:00,500 WARNING breaker event=cb_state_change old_state=closed new_state=open",
    f"2026-03-14 09:31:00,000 {CHANGE}'sideways'}}",
]


def test_log_lines_tell_changes_and_reasons() -> None:
    found = transitions_from_log([clean(line) for line in GATEWAY_LINES])
    assert [(one.before, one.after) for one in found] == [
        (CircuitState.ABSENT, OPEN), (OPEN, HALF), (HALF, CLOSED), (CLOSED, OPEN),
    ]  # fmt: skip
    assert [one.reason for one in found] == ["All failed", "", "", ""]
    assert [one.time_s for one in found] == [1773480413, 1773480443, 1773480480, 1773480600.5]


@pytest.mark.parametrize(
    "line", ["", "{", "'event': 'cb_state_change'", "event" * 5000, "'" * 5000]
)
def test_other_lines_tell_nothing(line: str) -> None:
    assert transitions_from_log([clean(line)]) == ()


@pytest.mark.parametrize(
    ("raw", "means"),
    [("2", "open"), ("2.0", "open"), ("2e+00", "open"), ("0", ""), ("NaN", ""), ("OPEN", "open")],
)
def test_the_metric_stands_raw_beside_its_meaning(raw: str, means: str) -> None:
    values = {("shop/proxy", "circuit_breaker_state"): raw}
    (row,) = with_metric(seen(REAL), values, (UPSTREAM,)).rows
    assert (row.metric_raw, row.metric_means) == (raw, means)


def test_a_metric_without_a_sample_is_no_zero() -> None:
    (row,) = with_metric(seen(REAL), {}, (UPSTREAM,)).rows
    assert (row.metric, row.metric_raw, row.metric_means) == ("circuit_breaker_state", "", "")


def test_metric_and_record_at_odds_are_said() -> None:
    values = {("shop/proxy", "circuit_breaker_state"): "1"}
    (row,) = with_metric(seen(REAL), values, (UPSTREAM,)).rows
    assert "the metric says closed, the record open" in row.note


def a_series(value: float, **labels: str) -> Series:
    named = tuple((clean(name), clean(text)) for name, text in labels.items())
    key = SeriesKey(ServiceId("shop", "proxy"), clean("circuit_breaker_state"), named)
    return Series(key, MetricKind.GAUGE, NO_POINTS.with_newest((START, value), 5))


@pytest.mark.parametrize(
    ("state", "series", "value"),
    [
        ("ok", (a_series(2.0),), "2"),
        ("ok", (a_series(0.5),), "0.5"),
        ("ok", (a_series(0, state="closed"), a_series(1, state="open")), "open"),
        ("ok", (a_series(1, name="pay"), a_series(2, name="mail")), None),
        ("ok", (), None),
        ("timeout", (a_series(2.0),), None),
    ],
)
def test_values_are_those_of_the_last_read(
    state: str, series: tuple[Series, ...], value: str | None
) -> None:
    metrics = MetricsState(Scrape(START, state, clean("")), series, ())
    values = metric_values([metrics])
    assert values.get(("shop/proxy", "circuit_breaker_state")) == value
