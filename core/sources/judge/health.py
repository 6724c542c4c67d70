"""Judges a health or readiness body: worst of HTTP code, status word, sub-checks and staleness.

A sub-check that fails under a status of `healthy` degrades the service and does not down it: the
service says it serves, and what it serves is not whole. Pure.
"""

from dataclasses import replace

from core.clients.json_body import JsonValue
from core.model.check import CheckResult, Component, ConditionResult
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.sources.judge.components import components_of
from core.sources.judge.conditions import (
    judge_conditions,
    pressures,
    told,
    unknown_words,
    worst_condition,
)
from core.sources.judge.outcome import Asked, body_of, by_code
from core.sources.judge.reading import age_s, field, number_of, text_of
from core.sources.judge.words import verdict_of_top_word

MAX_AGE_S = 300.0
"""A body's stamp older than this is not about now."""
_FACTS = (
    ("version", ("version",)),
    ("uptime", ("uptime_human", "uptime", "uptime_seconds")),
    ("autonomy level", ("autonomy_level",)),
    ("model", ("model_version",)),
    ("min. training days", ("min_training_days",)),
    ("database answers in ms", ("response_time_ms",)),
    ("component", ("component",)),
)
_Finding = tuple[Verdict, str, str]


def judge_health(asked: Asked) -> CheckResult:
    """Return the conclusion of a health probe."""
    body = body_of(asked)
    by_status = by_code(asked)
    if isinstance(body, CheckResult):
        return by_status or body
    components = components_of(body)
    facts = _facts(body)
    if by_status is not None:
        return replace(by_status, components=components, facts=facts)
    conditions = judge_conditions(body, asked.spec.expect.conditions)
    failing = _failing(components)
    findings = [
        _by_word(asked, body, failing),
        *_by_components(body, failing),
        *_by_conditions(conditions),
        *_by_pressure(body),
        *_by_staleness(asked, body),
    ]
    verdict, state, reason = max(findings, key=lambda finding: finding[0].rank)
    result = asked.conclude(verdict, state, reason)
    return replace(result, components=components, conditions=conditions, facts=facts)


def _by_word(asked: Asked, body: JsonValue, failing: str) -> _Finding:
    """Judge the service's own word about itself."""
    if not isinstance(body, dict | str):
        shown = "null" if body is None else f"a {type(body).__name__}"
        return Verdict.UNKNOWN, "no status", f"the body is {shown}, not a health answer"
    value = body if isinstance(body, str) else field(body, "status", "state", "health")
    if value is None:
        value = field(body, "healthy", "ok", "alive", "ready", "up", "success", "is_healthy")
    if isinstance(value, dict):
        value = field(value, "status", "state", "indicator")
    if isinstance(value, bool):
        if value:
            return Verdict.OK, "ok", _with_note(asked, "says it is healthy")
        return Verdict.DOWN, "down", f"says it is not healthy{_because(body)}"
    if value is None:
        said = text_of(field(body, "detail", "error", "message"))
        return Verdict.UNKNOWN, "no status", f"no status in the body: {said or 'other fields'}"
    word = text_of(value, 60)
    verdict = verdict_of_top_word(word, asked.spec.expect.ok_words)
    match verdict:
        case Verdict.OK:
            return verdict, "ok", _with_note(asked, f"says {word}")
        case Verdict.UNKNOWN:
            return verdict, "unknown word", f"says {word!r}, which is no word for healthy"
        case _:
            because = _because(body) or (f": {failing}" if failing else "")
            return verdict, verdict.value, f"says {word}{because}"


def _because(body: JsonValue) -> str:
    """Return what the body gives as the reason, after a colon; empty when it gives none."""
    said = text_of(field(body, "error", "detail", "message", "reason"))
    return f": {said}" if said else ""


def _with_note(asked: Asked, text: str) -> str:
    return f"{text} ({asked.spec.note})" if asked.spec.note else text


def _failing(components: tuple[Component, ...]) -> str:
    """Return the failing sub-checks in one line; empty when none fails."""
    bad = [one for one in components if one.verdict in {Verdict.DOWN, Verdict.DEGRADED}]
    listed = ", ".join(f"{one.name} {one.text}".strip() for one in bad[:4])
    more = f" and {len(bad) - 4} more" if len(bad) > 4 else ""
    is_scheduler = any("scheduler" in one.name.casefold() for one in bad)
    hint = " (by design where ENABLE_INTERNAL_SCHEDULER is unset)" if is_scheduler else ""
    return f"{listed}{more}{hint}"


def _by_components(body: JsonValue, failing: str) -> list[_Finding]:
    """Judge the sub-checks: one that fails degrades a service that says it is healthy."""
    if not failing:
        return []
    said = text_of(field(body, "status"), 40) or "healthy"
    return [(Verdict.DEGRADED, "sub-check failed", f"{failing}; status says {said}")]


def _by_conditions(conditions: tuple[ConditionResult, ...]) -> list[_Finding]:
    failed = worst_condition(conditions)
    return [(failed.verdict, "condition failed", told(failed))] if failed else []


def _by_pressure(body: JsonValue) -> list[_Finding]:
    high = pressures(body)
    if not high:
        return []
    listed = ", ".join(f"{name} {number:g}" for name, number in high)
    said = text_of(field(body, "status"), 40) or "healthy"
    return [(Verdict.DEGRADED, "pressure", f"{listed} is 90 or more though status says {said}")]


def _by_staleness(asked: Asked, body: JsonValue) -> list[_Finding]:
    """Judge stamps and details that prove nothing: they make a good word `unverified`."""
    doubts: list[str] = []
    stamp = field(body, "timestamp", "checked_at", "updated_at", "last_updated", "last_check")
    age = age_s(stamp, asked.now)
    limit = asked.spec.expect.max_age_s or MAX_AGE_S
    if age is not None and age > limit:
        doubts.append(f"its stamp is {_span(age)} old")
    unknown = unknown_words(field(body, "details", "checks", "components"))
    if unknown:
        doubts.append(f"{unknown} detail{'s are' if unknown > 1 else ' is'} unknown")
    if not doubts:
        return []
    said = text_of(field(body, "status"), 40) or "healthy"
    return [(Verdict.UNKNOWN, "unverified", f"unverified: says {said} but {' and '.join(doubts)}")]


def _span(seconds: float) -> str:
    """Return a span in its largest whole unit."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _facts(body: JsonValue) -> tuple[tuple[str, SafeText], ...]:
    found: list[tuple[str, SafeText]] = []
    for label, names in _FACTS:
        value = field(body, *names)
        if value is None or isinstance(value, dict | list):
            continue
        number = number_of(value)
        text = clean(f"{number:g}") if number is not None else text_of(value, 80)
        found.append((label, text))
    return tuple(found)
