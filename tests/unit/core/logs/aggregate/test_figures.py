"""The known figures of the fixtures come out exactly, from query and aggregate over the parser."""

import pytest

from core.logs.aggregate import values
from core.logs.aggregate.counts import CountsOf
from core.logs.aggregate.percentiles import DistributionOf
from core.logs.aggregate.tops import TopsOf
from core.model.log import LogRecord
from tests.unit.core.logs.query.records import LOGS, parsed, query


def records_of(path: str, text: str = "") -> list[LogRecord]:
    asked = query(text)
    return [
        record
        for record in parsed((LOGS / path).read_bytes())
        if asked.is_in_window(record) and asked.matches(record)
    ]


def count(path: str, text: str) -> int:
    return len(records_of(path, text))


def top(path: str, text: str, field: str) -> dict[str, int]:
    found = TopsOf(values.texts(field))
    for record in records_of(path, text):
        found.add(record)
    return {one.value: one.count for one in found.result(50).values}


API = "000_api.log"
DIY = "001/ai_diy_api_20260314.jsonl"
PURE = "001_pure/ai_diy_api_20260314.jsonl"
GATEWAY = "003_gateway.log"
PROD = "004_prod/app.log"


def test_the_decision_engines_log_by_status() -> None:
    expected = {"403": 4, "200": 25, "401": 6, "422": 5, "500": 2, "404": 1}
    assert top(API, "", "status") == expected
    assert count(API, "status in (401, 403)") == 10
    assert count(API, "status=401,403") == 10
    assert count(API, "level>=error") == 3
    assert count(API, '"Traceback (most recent call last)"') == 3


@pytest.mark.parametrize("path", [DIY, PURE])
def test_the_dashboards_calls(path: str) -> None:
    calls = "duration_ms=*"
    assert count(path, calls) == 60
    assert count(path, f"{calls} status=error") == 4
    assert count(path, "duration_ms>1000") == 3
    assert count(path, "duration_ms > 5s") == 2
    measured = DistributionOf()
    for record in records_of(path, calls):
        measured.add(values.number("duration_ms")(record))
    result = measured.result()
    assert result.average is not None
    assert round(result.average, 3) == 493.983
    assert result.maximum == 8850


@pytest.mark.parametrize("path", [DIY, PURE])
def test_the_dashboards_security_events(path: str) -> None:
    assert count(path, "text contains SECURITY_AUDIT") == 13
    assert count(path, "event=rate_limit_exceeded") == 9
    expected = {"203.0.113.36": 3, "203.0.113.218": 1}
    assert top(path, "event = path_traversal_attempt", "details.client_ip") == expected
    assert top(path, "event = path_traversal_attempt", "ip") == expected


def test_the_error_rate_of_the_dashboard_is_exact() -> None:
    whole = count(DIY, "duration_ms=*")
    part = count(DIY, "duration_ms=* status=error")
    assert round(100 * part / whole, 2) == 6.67


def test_the_gateways_events() -> None:
    expected = {"incoming_request": 30, "rate_limit_block": 3, "circuit_open_block": 3}
    found = top(GATEWAY, "", "event")
    assert {name: found.get(name) for name in expected} == expected
    assert count(GATEWAY, "event~upstream") == 3
    states = [
        record.fields.get("new_state", record.fields.get("state"))
        for record in records_of(GATEWAY, "event~state")
    ]
    assert states == ["OPEN", "HALF_OPEN", "OPEN", "HALF_OPEN", "CLOSED"]


def test_the_cost_dashboards_errors_and_users() -> None:
    assert count(PROD, "level>=error") == 10
    assert count(PROD, "level>=error since=1h") == 3
    user = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert top(PROD, f"user={user}", "user_id") == {user: 17}
    assert count(PROD, f"text contains {user}") == 17


def test_rates_are_over_the_records_own_time() -> None:
    counts = CountsOf()
    for record in records_of(PROD):
        counts.add(record)
    result = counts.result()
    assert result.first_s is not None
    assert result.last_s is not None
    assert result.window_s == result.last_s - result.first_s
    assert result.errors.part == 10
