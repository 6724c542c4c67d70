"""The known figures of the fixture logs come out exactly, each by one command."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.logs_running import Caller

EXPECT: dict[str, Any] = {
    "000": {
        "status": {"403": 4, "200": 25, "401": 6, "422": 5, "500": 2, "404": 1},
        "errors": 3,
        "tracebacks": 3,
        "auth_fail": 10,
    },
    "004": {"errors": 10, "errors_last_hour": 3, "user": "0f8fad5b-d9cb-469f-a165-70867728950e"},
}
API, PROD, GATEWAY = "000_api.log", "004_prod/app.log", "003_gateway.log"
DIY = ("001/ai_diy_api_20260314.jsonl", "001_pure/ai_diy_api_20260314.jsonl")


@pytest.fixture
def logs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Caller:
    return Caller(tmp_path, capfd)


def counted(logs: Caller, path: Path, field: str, *more: str) -> dict[str, int]:
    done = logs(path, "--count-by", field, "--json", *more)
    assert done.code == 0, done.err
    (found,) = done.document["count_by"]
    assert found["is_exact"]
    return {one["value"]: one["count"] for one in found["values"]}


def total(logs: Caller, path: Path, *more: str) -> int:
    done = logs(path, "--count", "--json", *more)
    assert done.code in (0, 1), done.err
    records: int = done.document["counts"]["records"]
    assert (records > 0) == (done.code == 0)
    return records


def test_the_decision_engine(logs: Caller) -> None:
    path, expect = logs.copied(API), EXPECT["000"]
    assert counted(logs, path, "status") == expect["status"]
    assert total(logs, path, "--level", "error") == expect["errors"]
    assert total(logs, path, "--filter", '"Traceback (most recent call last)"') == 3
    assert total(logs, path, "--filter", "status=401,403") == expect["auth_fail"]
    printed = logs(path)
    assert len(printed.lines) == len(path.read_text("utf-8").rstrip("\n").splitlines())


@pytest.mark.parametrize("name", DIY)
def test_the_dashboards_two_shapes(logs: Caller, name: str) -> None:
    path = logs.copied(name)
    calls = ("--filter", "duration_ms=*")
    assert total(logs, path, *calls) == 60
    assert total(logs, path, "--filter", "duration_ms=* status=error") == 4
    assert total(logs, path, "--filter", "duration_ms>1s") == 3
    assert total(logs, path, "--filter", "duration_ms>5s") == 2
    assert total(logs, path, "--filter", "SECURITY_AUDIT") == 13
    assert total(logs, path, "--filter", "event=rate_limit_exceeded") == 9
    attackers = counted(logs, path, "details.client_ip", "--filter", "event=path_traversal_attempt")
    assert attackers == {"203.0.113.36": 3, "203.0.113.218": 1}
    (measured,) = logs(path, "--percentiles", "duration_ms", "--json").document["percentiles"]
    assert (measured["records"], measured["maximum"]) == (60, 8850)
    assert round(measured["average"], 3) == 493.983


def test_an_error_rate_is_told_with_both_its_numbers(logs: Caller) -> None:
    path = logs.copied(DIY[0])
    done = logs(path, "--filter", "duration_ms=*", "--count")
    assert "4 of 60 (6.67 %)" in done.out
    ratio = logs(path, "--filter", "duration_ms=*", "--count", "--json").document["counts"]
    assert ratio["errors"] == {"part": 4, "whole": 60, "percent": 100 * 4 / 60}


def test_the_gateway(logs: Caller) -> None:
    path = logs.copied(GATEWAY)
    found = counted(logs, path, "event")
    assert found["incoming_request"] == 30
    assert (found["rate_limit_block"], found["circuit_open_block"]) == (3, 3)
    assert total(logs, path, "--filter", "event~upstream") == 3
    states = [
        one["fields"].get("new_state", one["fields"].get("state"))
        for one in logs(path, "--filter", "event~state", "--json").records
    ]
    assert states == ["OPEN", "HALF_OPEN", "OPEN", "HALF_OPEN", "CLOSED"]


def test_the_cost_dashboard_with_its_rotated_file(logs: Caller) -> None:
    logs.copied("004_prod")
    path, expect = logs.folder / PROD, EXPECT["004"]
    assert total(logs, path, "--level", "error") == expect["errors"]
    last_hour = ("--level", "error", "--since", "2026-03-14T08:26:53Z")
    assert total(logs, path, *last_hour) == expect["errors_last_hour"]
    assert total(logs, path, "--filter", f"user={expect['user']}") == 17
    assert counted(logs, path, "user_id") == {expect["user"]: 17}


def test_the_figures_are_those_of_the_fixtures() -> None:
    """The numbers above, against the file that they come from where it is at hand."""
    shared = Path(__file__).parents[4] / "shared/fixtures/EXPECT.json"
    if not shared.exists():
        pytest.skip("the fixtures' own figures are not here")
    known = json.loads(shared.read_text("utf-8"))
    assert known["000_api_log"]["status"] == EXPECT["000"]["status"]
    assert known["004_prod_log"]["error_total"] == EXPECT["004"]["errors"]
    assert known["004_prod_log"]["error_last_hour"] == EXPECT["004"]["errors_last_hour"]


def test_huge_numbers_do_not_push_the_others_away(logs: Caller) -> None:
    path = logs.folder / "huge.log"
    path.write_text("".join(f'{{"level": "info", "ms": {one}}}\n' for one in ("1e308", "1e308", 7)))
    done = logs(path, "--percentiles", "ms")
    assert "1e+308" in done.out
    assert max(map(len, done.lines)) < 120
    (found,) = logs(path, "--percentiles", "ms", "--json").document["percentiles"]
    assert (found["average"], found["minimum"]) == (None, 7)
