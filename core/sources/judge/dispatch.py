"""Picks the judge for a check and lets it conclude. Pure."""

from collections.abc import Callable
from datetime import datetime

from core.clients.http_values import HttpAnswer
from core.errors import ClientError
from core.model.check import CheckKind, CheckResult, CheckSpec
from core.sources.judge.health import judge_health
from core.sources.judge.outcome import Asked, no_answer, with_latency_judged
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
    return with_latency_judged(_JUDGES.get(spec.kind, judge_api)(asked), spec)
