"""001 behaves as facts 7 to 12 say."""

import json
from datetime import UTC, datetime
from pathlib import Path

from demo.supervisor import Demo
from tests.demo.looking import ask, lines_of, until


def todays_log(demo: Demo) -> Path:
    name = f"ai_diy_api_{datetime.now(UTC):%Y%m%d}.jsonl"
    return demo.home.system("ai-diy") / "logs" / name


def test_a_call_is_a_prefix_a_space_and_json(demo: Demo) -> None:
    ask(demo, "ai-diy", "/api/vision?action=list&id=bad")
    lines = lines_of(todays_log(demo))
    prefixes = {line.partition(": ")[0] for line in lines}
    assert prefixes <= {"API_CALL", "API_ERROR", "SECURITY_AUDIT"}
    error = next(line for line in lines if line.startswith("API_ERROR: "))
    fields = json.loads(error.partition(": ")[2])
    assert fields["status"] == "error"
    assert {"ts", "route", "action", "error_type", "traceback", "duration_ms"} <= set(fields)
    assert "logger" not in fields


def test_health_has_features_and_sub_flags(demo: Demo) -> None:
    body = ask(demo, "ai-diy", "/health").json
    assert body["features"] == dict.fromkeys(
        ("config_manager", "logging_middleware", "security_middleware", "data_manager"), True
    )
    assert body["config_valid"]
    assert body["security_healthy"]
    assert body["data_manager_healthy"]


def test_the_security_report_counts_its_own_resources(demo: Demo) -> None:
    def use() -> dict[str, float]:
        body = ask(demo, "ai-diy", "/api/security/status").json
        assert body["security_status"] == "active"
        return body["report"]["resource_usage"]

    assert set(use()) == {"memory_mb", "cpu_percent", "open_files", "connections"}
    until(lambda: 5 < use()["memory_mb"] < 80)  # what a fault took before is let go of soon


def test_the_login_wall_is_an_empty_redirect(demo: Demo) -> None:
    demo.set_fault("login-wall", True)
    seen = ask(demo, "ai-diy", "/api/security/status")
    assert (seen.status, seen.headers["location"], seen.text) == (307, "/login", "")


def test_a_client_is_limited_after_a_hundred_requests(demo: Demo) -> None:
    hasty = {"X-Forwarded-For": "203.0.113.99"}
    codes = [ask(demo, "ai-diy", "/api/env", headers=hasty).status for _ in range(102)]
    assert codes == [200] * 100 + [429] * 2
    assert any("rate_limit_exceeded" in line for line in lines_of(todays_log(demo)))


def test_a_damaged_configuration_shows_in_health(demo: Demo) -> None:
    path = demo.home.system("ai-diy") / "models_config.json"
    before = path.read_text()
    path.write_text('{"favorites": ["a"],}')
    body = ask(demo, "ai-diy", "/health").json
    path.write_text(before)
    assert body["status"] == "healthy"
    assert not body["config_valid"]


def test_older_logs_are_there_plain_and_compressed(demo: Demo) -> None:
    folder = todays_log(demo).parent
    assert len(list(folder.glob("*.jsonl"))) >= 2
    assert len(list(folder.glob("*.jsonl.gz"))) == 2
