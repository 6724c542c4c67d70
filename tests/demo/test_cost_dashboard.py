"""004 behaves as facts 27 to 30 say."""

import json
import subprocess
from pathlib import Path

import pytest

from demo.seed.checkout import RELEASES
from demo.supervisor import Demo
from tests.demo.looking import ask, lines_of, until

SERVICE = "cost-dashboard"
TRIGGER = "/api/scheduler/jobs/{}/trigger"


def test_detailed_health_has_its_real_shape(demo: Demo) -> None:
    body = ask(demo, SERVICE, "/health/detailed").json
    assert list(body["checks"]) == ["database", "scheduler", "system"]
    assert {"cpu_percent", "memory_percent", "disk_percent", "disk_free_gb"} < set(
        body["checks"]["system"]
    )
    assert body["service"] == "ai-cost-dashboard-backend"


def test_a_full_disk_does_not_change_the_word_of_health(demo: Demo) -> None:
    demo.set_fault("disk-nearly-full", True)
    seen = ask(demo, SERVICE, "/health/detailed")
    assert (seen.status, seen.json["status"]) == (200, "healthy")
    assert seen.json["checks"]["system"]["disk_percent"] == 98.1


def test_the_scheduler_really_ticks_and_remembers(demo: Demo) -> None:
    def runs() -> list[dict[str, str]]:
        body = ask(demo, SERVICE, "/health/scheduler").json
        return body["job_history"].get("aggregate_refresh", [])

    history = until(runs)
    assert set(history[0]) == {"status", "timestamp", "event"}
    assert history == sorted(history, key=lambda run: run["timestamp"]), "oldest first"


def test_a_run_by_hand_does_not_appear_in_the_history(demo: Demo) -> None:
    before = ask(demo, SERVICE, "/health/scheduler").json["job_history"].get("forecasting", [])
    seen = ask(demo, SERVICE, TRIGGER.format("forecasting"), "POST")
    after = ask(demo, SERVICE, "/health/scheduler").json["job_history"].get("forecasting", [])
    assert (seen.status, seen.json["status"]) == (200, "success")
    assert len(after) - len(before) <= 1


def test_the_runbooks_path_of_a_trigger_is_not_found(demo: Demo) -> None:
    assert ask(demo, SERVICE, "/api/scheduler/trigger/forecasting", "POST").status == 404
    unknown = ask(demo, SERVICE, TRIGGER.format("nope"), "POST")
    assert (unknown.status, unknown.json) == (404, {"detail": "Job 'nope' not found"})


def test_metrics_are_json(demo: Demo) -> None:
    body = ask(demo, SERVICE, "/metrics").json
    assert body["application"] == {"cost_records_24h": 1542}
    assert {"cpu_percent", "memory_percent", "memory_used_mb", "threads"} < set(body["system"])


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [("short", 422, "insufficient_data"), ("broken", 500, "internal_error")],
)
def test_forecasts_fail_as_the_real_ones_do(demo: Demo, kind: str, status: int, error: str) -> None:
    seen = ask(demo, SERVICE, "/api/forecast/generate", "POST", body=kind)
    assert (seen.status, seen.json["detail"]["error"]) == (status, error)


def test_errors_are_in_both_logs_with_their_traceback_inside(demo: Demo) -> None:
    ask(demo, SERVICE, "/api/forecast/generate", "POST", body="broken")
    folder = demo.home.system(SERVICE) / "python-service" / "logs"
    error = json.loads(lines_of(folder / "error.log")[-1])
    assert error["level"] == "ERROR"
    assert error["timestamp"].endswith("+0000")
    assert error["exc_info"].startswith("Traceback")
    assert any(json.loads(one) == error for one in lines_of(folder / "app.log"))


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_checkout_has_releases_and_one_to_deploy(demo: Demo) -> None:
    root = demo.home.system(SERVICE)
    assert git(root, "tag").splitlines() == [f"v{version}" for version, _ in RELEASES]
    assert git(root, "rev-list", "--count", "HEAD..origin/main") == "1"
    assert git(root, "status", "--porcelain") == "", "a clean working tree"
    assert git(root, "config", "core.hooksPath") == "/dev/null"
    assert git(root, "log", "-1", "--format=%an <%ae>") == "Demo <demo@example.invalid>"
    running = ask(demo, SERVICE, "/health").json["version"]
    assert git(root, "describe", "--tags") == f"v{running}"


def test_outside_pages_have_the_shape_of_statuspage(demo: Demo) -> None:
    body = ask(demo, "outside", "/openai/api/v2/status.json").json
    assert body["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert {"id", "name", "url", "time_zone", "updated_at"} == set(body["page"])
