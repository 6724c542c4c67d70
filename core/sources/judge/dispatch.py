"""Picks the judge for a check and lets it conclude. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core.clients.http_values import HttpAnswer
from core.errors import ClientError
from core.model.check import CheckKind, CheckResult, CheckSpec
from core.model.text import clean
from core.sources.judge.conditions import judge_conditions, told, worst_condition
from core.sources.judge.health import judge_health
from core.sources.judge.outcome import Asked, body_of, no_answer, with_latency_judged
from core.sources.judge.plain import judge_api, judge_headers, judge_page
from core.sources.judge.runs import judge_runs
from core.sources.judge.scheduler import judge_scheduler
from core.sources.judge.security import judge_security
from core.sources.judge.status_page import judge_status_page

_JUDGES: dict[CheckKind, Callable[[Asked], CheckResult]] = {
    CheckKind.HEALTH: judge_health,
    CheckKind.SECURITY: judge_security,
    CheckKind.SCHEDULER: judge_scheduler,
    CheckKind.RUNS: judge_runs,
    CheckKind.STATUS_PAGE: judge_status_page,
    CheckKind.API: judge_api,
    CheckKind.PAGE: judge_page,
    CheckKind.HEADERS: judge_headers,
}


def judge(spec: CheckSpec, outcome: HttpAnswer | ClientError, now: datetime) -> CheckResult:
    """Return what a probe concluded. Never raises for any content of an answer."""
    if isinstance(outcome, ClientError):
        return no_answer(outcome, now)
    asked = Asked(spec, outcome, now)
    result = _JUDGES.get(spec.kind, judge_api)(asked)
    if spec.kind is not CheckKind.HEALTH and spec.expect.conditions:
        result = _with_conditions_judged(result, asked)
    return with_latency_judged(result, spec)


def _with_conditions_judged(result: CheckResult, asked: Asked) -> CheckResult:
    """Return the result held to its configured conditions too; a health body does it itself."""
    body = body_of(asked)
    if isinstance(body, CheckResult):
        return result
    conditions = judge_conditions(body, asked.spec.expect.conditions)
    failed = worst_condition(conditions)
    if failed is None or failed.verdict.rank <= result.verdict.rank:
        return replace(result, conditions=conditions)
    return replace(
        result,
        verdict=failed.verdict,
        state="condition failed",
        reason=clean(told(failed)),
        conditions=conditions,
    )
