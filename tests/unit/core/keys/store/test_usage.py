"""Usage and analytics: counted from what the files say, bounded, never guessed."""

import json
import tracemalloc

import pytest

from core.errors import ClientGarbled
from core.keys.store.analytics import parse_analytics, percentile
from core.keys.store.usage import parse_usage
from tests.unit.core.keys.store.scene import DATA, K1, NOW


def usage_of(document: object) -> dict[str, object]:
    return dict(parse_usage(json.dumps(document).encode(), NOW))


def test_both_kinds_of_records_count_for_one_key() -> None:
    found = parse_usage((DATA / "rate_limits.json").read_bytes(), NOW)[K1]
    assert (found.month, found.today, found.overage) == (9400, 2, 0)


def test_an_earlier_month_says_only_that_the_key_was_used() -> None:
    found = parse_usage((DATA / "rate_limits.json").read_bytes(), NOW)["dev_key_123"]
    assert (found.month, found.today, found.last_used) == (None, None, None)
    assert found.used_since is not None
    assert found.used_since.month == 2


@pytest.mark.parametrize(
    "record",
    [None, 3, [], "x", {"count": "9"}, {"count": -1}, {"count": True}, {"count": 1e400}, {}],
)
def test_junk_is_no_usage(record: object) -> None:
    assert usage_of({"key_a_2026-03": record}) == {}


def test_junk_times_are_not_counted() -> None:
    found = parse_usage(
        b'{"key_a:/x": {"requests": ["2026-03-14T01:00:00", "never", 3, null,'
        b' "2026-03-13T23:59"]}}',
        NOW,
    )
    assert found["key_a"].today == 1


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"3", b"[" * 100_000])
def test_torn_files_are_refused_with_the_reason(data: bytes) -> None:
    with pytest.raises(ClientGarbled):
        parse_usage(data, NOW)


@pytest.mark.parametrize(
    ("part", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.0, 1)]
)
def test_percentiles_are_by_nearest_rank(part: float, value: float) -> None:
    assert percentile([float(one) for one in range(1, 101)], part) == value
    assert percentile([], part) is None
    assert percentile([7.0], part) == 7.0


def test_requests_are_counted_by_endpoint_hour_and_key() -> None:
    seen = parse_analytics((DATA / "api_analytics.json").read_bytes(), NOW)
    assert {one.endpoint: one.count for one in seen.endpoints} == {
        "POST /risk/assess": 47, "POST /autonomy/level": 39, "POST /decisions/evaluate": 34,
    }  # fmt: skip
    assert seen.by_day == (("2026-03-14", 120),)
    assert len(seen.by_hour) == 24
    assert sum(seen.by_hour) == 120
    assert {name: refused for name, _, refused in seen.by_key}["anonymous…"] == 16


def test_a_beginning_of_a_key_is_never_shown_longer_than_it_is_said_to_be() -> None:
    request = {"status_code": 200, "api_key_prefix": K1}
    seen = parse_analytics(json.dumps({"requests": [request]}).encode(), NOW)
    assert seen.by_key == (("key_FIXTUR…", 1, 0),)


def test_what_the_file_has_counted_and_dropped_is_told() -> None:
    document = {"requests": [{"status_code": 500}], "endpoints": {"GET /": {"count": 5000}}}
    seen = parse_analytics(json.dumps(document).encode(), NOW)
    assert seen.note == "the last 1 of 5,000 requests that were counted"
    assert (seen.total, seen.succeeded, seen.p50_ms) == (1, 0, None)


@pytest.mark.parametrize(
    "request_",
    [
        {"status_code": "200"}, {"status_code": None}, {"status_code": 200, "timestamp": 7},
        {"status_code": 200, "response_time_ms": "x", "endpoint": ["a"], "api_key_prefix": 3},
    ],
)  # fmt: skip
def test_odd_requests_bring_nothing_down(request_: dict[str, object]) -> None:
    parse_analytics(json.dumps({"requests": [request_]}).encode(), NOW)


def test_requests_are_not_kept_while_they_are_counted() -> None:
    row = {
        "timestamp": "2026-03-14T08:07:33",
        "endpoint": "/x",
        "method": "GET",
        "status_code": 200,
    }
    data = json.dumps({"requests": [{**row, "response_time_ms": 1.5}] * 50_000}).encode()
    tracemalloc.start()
    try:
        seen = parse_analytics(data, NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen.total == 50_000
    assert peak < 2 * len(data)


def test_endpoints_that_an_attacker_makes_up_are_bounded() -> None:
    rows = [{"status_code": 404, "endpoint": f"/{number}"} for number in range(12_000)]
    seen = parse_analytics(json.dumps({"requests": rows}).encode(), NOW)
    assert len(seen.endpoints) == 50
    assert seen.endpoints[0].endpoint == "(others)"
