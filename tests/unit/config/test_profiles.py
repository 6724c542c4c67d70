"""The shipped profiles hold all that their runbooks name."""

import re
from pathlib import Path

import pytest

from config.include import PROFILES, shipped_profiles
from config.loader import Loaded, load
from config.operations import Operations
from config.topology import topology_of
from core.model.check import CheckKind
from core.model.topology import ComposeService, SystemSpec

ROWS = {
    "decision-engine": ("000", 73),
    "ai-diy": ("001", 86),
    "business-engine": ("002", 84),
    "api-gateway": ("003", 97),
    "cost-dashboard": ("004", 98),
}
"""Profile to the number of its runbook and how many operations that has."""


def profile(name: str) -> Loaded:
    return load(PROFILES / f"{name}.yaml", {})


def system(name: str) -> SystemSpec:
    return topology_of(profile(name).settings, {}).systems[0]


def operations(name: str) -> Operations:
    return profile(name).operations[name]


def urls(name: str) -> dict[str, tuple[str, CheckKind]]:
    return {
        f"{check.id.service.service}/{check.id.check}": (check.url, check.kind)
        for service in system(name).services
        for check in service.checks
    }


def test_there_are_five() -> None:
    assert shipped_profiles() == tuple(sorted(ROWS))


@pytest.mark.parametrize("name", ROWS)
def test_a_profile_is_valid_alone_and_describes_one_system(name: str) -> None:
    loaded = profile(name)
    assert list(loaded.settings.systems) == [name]
    assert loaded.warnings == ()
    assert topology_of(loaded.settings, {}).systems[0].services


@pytest.mark.parametrize("name", ROWS)
def test_every_operation_of_the_runbook_has_its_place(name: str) -> None:
    number, rows = ROWS[name]
    named = set(re.findall(r"\b\d{3}-\d{3}\b", (PROFILES / f"{name}.yaml").read_text("utf-8")))
    assert named == {f"{number}-{row:03}" for row in range(1, rows + 1)}
    runbook = operations(name).runbook
    assert runbook is not None
    assert runbook.number == number


@pytest.mark.parametrize("name", ROWS)
def test_what_is_referred_to_exists(name: str) -> None:
    known, own = system(name), operations(name)
    checks = {*urls(name)}
    services = {service.id.service for service in known.services}
    logs = {log.name for service in known.services for log in service.logs} | {*own.log_views}
    assert not {view.log for view in own.log_views.values()} - logs
    for procedure in own.procedures.values():
        for step in procedure.steps:
            assert {step.check, step.until} <= {"", *checks}, step
            assert step.log in {"", *logs}, step
            assert step.command in {"", *own.commands}, step
            assert step.procedure in {"", *own.procedures}, step
    for alert in own.alerts:
        assert alert.procedure in {"", *own.procedures}, alert
        for named in re.findall(r"check\(([^)]*)\)", alert.when):
            assert named in checks
    for incident in own.incidents.values():
        assert incident.procedure in {"", *own.procedures}, incident
        assert set(incident.alerts) <= {alert.name for alert in own.alerts}, incident
    for tuning in own.tuning.values():
        assert tuning.env_file in {"", *own.env_files}, tuning
        assert set(tuning.services) <= services, tuning
    for env in own.env_files.values():
        assert set(env.read_by) <= services, env


def test_the_decision_engine_is_looked_at_every_minute() -> None:
    (api,) = system("decision-engine").services
    assert [(check.url, check.every_s) for check in api.checks] == [
        ("http://localhost:8000/health", 60)
    ]
    keys = operations("decision-engine").keys["api-keys"]
    assert (keys.path, keys.also) == ("api/api_keys.json", ("api_keys.json",))


def test_ai_diy_is_judged_by_its_sub_flags_and_security() -> None:
    found = urls("ai-diy")
    assert found["app/security"] == (
        "http://localhost:8000/api/security/status", CheckKind.SECURITY
    )  # fmt: skip
    assert found["app/headers"][1] is CheckKind.HEADERS
    health = system("ai-diy").services[0].checks[0]
    assert [condition.path for condition in health.expect.conditions] == [
        "security_healthy",
        "data_manager_healthy",
        "config_valid",
    ]
    thresholds = operations("ai-diy").thresholds
    response = thresholds["response_time"]
    assert response.warning is not None
    assert response.critical is not None
    assert (response.warning.value, response.critical.value) == (2, 5)


def test_the_business_engine_is_found_by_both_names() -> None:
    found = urls("business-engine")
    assert found["api/readyz"][0] == "http://localhost:8000/readyz"
    assert found["api/manager"][0] == "http://localhost:8000/health/manager"
    assert found["api/runs"] == ("http://localhost:8000/runs?limit=5", CheckKind.RUNS)
    assert found["redis/redis"][1] is CheckKind.REDIS
    runs_as = {one.id.service: one.runs_as for one in system("business-engine").services}
    assert runs_as["api"] == ComposeService("ai-business-engine", "api", ("backend",))
    assert runs_as["db"] == ComposeService("ai-business-engine", "db", ("postgres",))
    streams = {one.name: one for one in operations("business-engine").streams}
    assert streams["automation.events"].keys == ("automation.events", "events")
    assert "manager_group" in streams["automation.events"].groups


def test_the_gateway_looks_for_real_and_documented_redis_keys() -> None:
    own = operations("api-gateway")
    assert own.circuits[0].keys == ("api-gateway:circuit-breaker", "circuit_breaker:*")
    assert own.limits[0].keys == ("api-gateway:rate-limit:*", "rate_limit:*")
    assert len(own.alerts) == 6
    health = next(
        one for one in system("api-gateway").services[0].checks if one.id.check == "health"
    )
    assert health.note.startswith("process up only")


def test_the_dashboard_judges_figures_jobs_and_providers() -> None:
    found = urls("cost-dashboard")
    assert found["api/scheduler"][1] is CheckKind.SCHEDULER
    assert found["api/forecast"][0] == "http://localhost:8000/api/forecast/health"
    pages = [one for one in system("cost-dashboard").services if one.is_outside]
    assert [one.id.service for one in pages] == [
        "supabase-project", "supabase", "vercel", "anthropic", "openai",
    ]  # fmt: skip
    trigger = operations("cost-dashboard").triggers["jobs"]
    assert trigger.paths[0] == "/api/scheduler/jobs/{job}/trigger"


def test_all_profiles_load_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    names = ", ".join(f"'profile:{name}'" for name in ROWS)
    path.write_text(f"version: 1\ninclude: [{names}]\n", encoding="utf-8")
    path.chmod(0o600)
    loaded = load(path, {})
    assert len(loaded.settings.systems) == len(ROWS)
