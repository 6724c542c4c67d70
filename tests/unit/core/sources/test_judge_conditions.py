"""Configured conditions hold for every kind of check, not for health bodies alone."""

from datetime import UTC, datetime

import pytest

from core.clients.http_values import HttpAnswer
from core.model.check import (
    CheckId,
    CheckKind,
    CheckResult,
    CheckSpec,
    Condition,
    Expectation,
)
from core.model.ids import ServiceId
from core.model.verdict import Verdict
from core.sources.judge.dispatch import judge

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
MEMORY = Condition("report.resource_usage.memory_mb", "<", 120.0, Verdict.DEGRADED)
ACTIVE = b'{"security_status":"active","report":{"resource_usage":{"memory_mb":%d}}}'


def concluded(body: bytes, *conditions: Condition, status: int = 200) -> CheckResult:
    spec = CheckSpec(
        CheckId(ServiceId("ai-diy", "app"), "security"),
        CheckKind.SECURITY,
        "http://x",
        expect=Expectation(conditions=conditions),
    )
    return judge(spec, HttpAnswer(status, (), body, False, 0.01), NOW)


def test_a_security_report_is_held_to_its_condition() -> None:
    result = concluded(ACTIVE % 158, MEMORY)
    assert result.verdict is Verdict.DEGRADED
    assert result.reason == "report.resource_usage.memory_mb < 120 does not hold: it is 158"
    assert result.detail is not None


def test_a_condition_that_holds_changes_nothing_but_is_shown() -> None:
    result = concluded(ACTIVE % 40, MEMORY)
    assert result.verdict is Verdict.OK
    assert [one.actual for one in result.conditions] == ["40"]


@pytest.mark.parametrize("status", [307, 503])
def test_an_answer_that_is_worse_than_the_condition_keeps_its_own_reason(status: int) -> None:
    told = concluded(b"", MEMORY, status=status)
    assert told.reason == concluded(b"", status=status).reason
    assert "does not hold" not in told.reason


def test_the_worst_of_several_conditions_is_the_reason() -> None:
    worse = Condition("report.resource_usage.memory_mb", "<", 150.0, Verdict.DOWN)
    result = concluded(ACTIVE % 158, MEMORY, worse)
    assert result.verdict is Verdict.DOWN
    assert "< 150" in result.reason
