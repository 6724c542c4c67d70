"""Judges endpoints that are not health answers: an API call, a page, response headers. Pure."""

from core.clients.json_body import UnusableJson, parse_json
from core.model.check import CheckResult
from core.model.verdict import Verdict
from core.sources.judge.conditions import judge_conditions
from core.sources.judge.outcome import Asked, by_code, said_in
from core.sources.judge.reading import field, text_of
from core.sources.judge.words import verdict_of_word


def judge_api(asked: Asked) -> CheckResult:
    """Return what an API answer means; a 200 that says `error` has failed (fact 28)."""
    if asked.answer.status == 422:
        return asked.conclude(
            Verdict.DEGRADED, "refused input", f"HTTP 422: {said_in(asked.answer)}"
        )
    if (by_status := by_code(asked)) is not None:
        return by_status
    try:
        body = parse_json(asked.answer.body)
    except UnusableJson:
        return asked.conclude(Verdict.OK, "ok", f"HTTP {asked.answer.status}")
    word = field(body, "status", "state")
    failed = isinstance(word, str) and verdict_of_word(word) is Verdict.DOWN
    if failed or field(body, "success") is False or field(body, "ok") is False:
        return asked.conclude(
            Verdict.DOWN,
            "failed",
            f"HTTP {asked.answer.status}, but the body says {text_of(word) or 'failed'}: "
            f"{said_in(asked.answer)}",
        )
    for condition in judge_conditions(body, asked.spec.expect.conditions):
        if condition.verdict is not Verdict.OK:
            told = f"{condition.text} does not hold: it is {condition.actual}"
            return asked.conclude(condition.verdict, "condition failed", told)
    return asked.conclude(Verdict.OK, "ok", f"HTTP {asked.answer.status}")


def judge_page(asked: Asked) -> CheckResult:
    """Return whether a page that people look at is served."""
    if (by_status := by_code(asked)) is not None:
        return by_status
    if not asked.answer.body.strip():
        return asked.conclude(Verdict.UNKNOWN, "empty body", "answers, but with an empty page")
    kind = asked.answer.content_type or "no content type"
    return asked.conclude(Verdict.OK, "ok", f"HTTP {asked.answer.status}, {kind}")


def judge_headers(asked: Asked) -> CheckResult:
    """Return whether the wanted headers are there; names compare without case."""
    status = asked.answer.status
    if status >= 500 and (by_status := by_code(asked)) is not None:
        return by_status
    present = {name for name, _ in asked.answer.headers}
    wanted = asked.spec.expect.headers
    missing = [name for name in wanted if name.casefold() not in present]
    count = f"{len(wanted) - len(missing)} of {len(wanted)} headers"
    if missing:
        return asked.conclude(
            Verdict.DEGRADED, "headers missing", f"{count}; missing: {', '.join(missing)}"
        )
    return asked.conclude(Verdict.OK, "ok", count)
