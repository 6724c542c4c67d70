"""Judges `security_status` and the resource report under it (facts 9 and 10). Pure."""

from dataclasses import replace

from core.model.check import CheckResult
from core.model.detail import SecurityDetail
from core.model.verdict import Verdict
from core.sources.judge.outcome import Asked, body_of, by_code
from core.sources.judge.reading import field, number_of, text_of


def judge_security(asked: Asked) -> CheckResult:
    """Return active, not active, or which of the other cases it is."""
    if (by_status := by_code(asked)) is not None:
        return by_status
    body = body_of(asked)
    if isinstance(body, CheckResult):
        return body
    word = text_of(field(body, "security_status", "status"), 60)
    report = field(body, "report")
    use = field(report, "resource_usage", "resources")
    error = text_of(field(report, "error"))
    detail = SecurityDetail(
        memory_mb=number_of(field(use, "memory_mb")),
        cpu_percent=number_of(field(use, "cpu_percent")),
        open_files=_whole(number_of(field(use, "open_files"))),
        connections=_whole(number_of(field(use, "connections"))),
        rate_limit_clients=_whole(
            number_of(field(report, "rate_limiter_clients", "rate_limiter_active_clients"))
        ),
        report_error=error,
    )
    if not word:
        result = asked.conclude(Verdict.UNKNOWN, "no status", "no security_status in the body")
    elif word.casefold() not in {"active", "enabled", "ok", "healthy"}:
        said = text_of(field(body, "message", "error"))
        told = f": {said}" if said else ""
        result = asked.conclude(Verdict.DOWN, "not active", f"security is {word}{told}")
    elif error:
        result = asked.conclude(
            Verdict.DEGRADED, "report failed", f"says {word}, but its report failed: {error}"
        )
    elif use is None:
        result = asked.conclude(
            Verdict.DEGRADED, "no report", f"says {word}, but shows no resource usage"
        )
    else:
        result = asked.conclude(Verdict.OK, "ok", f"security is {word}")
    return replace(result, detail=detail)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
