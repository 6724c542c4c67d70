"""Judges a provider's status page in the Statuspage v2 shape (facts 3.10). Pure."""

from dataclasses import replace

from core.clients.json_body import JsonValue
from core.model.check import CheckResult
from core.model.detail import StatusPageDetail
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.sources.judge.outcome import Asked, body_of, by_code
from core.sources.judge.reading import field, items_of, stamp_of, text_of

_INDICATORS = {
    "none": Verdict.OK,
    "operational": Verdict.OK,
    "minor": Verdict.DEGRADED,
    "major": Verdict.DOWN,
    "critical": Verdict.DOWN,
    "maintenance": Verdict.DEGRADED,
}
_SHOWN = 30


def judge_status_page(asked: Asked) -> CheckResult:
    """Return what the provider says; a page that moved is unknown, neither green nor an outage."""
    if (by_status := by_code(asked)) is not None:
        if by_status.verdict is Verdict.DOWN:
            # The page that tells about the provider failed; that is not the provider failing.
            return replace(by_status, verdict=Verdict.UNKNOWN)
        return by_status
    body = body_of(asked)
    if isinstance(body, CheckResult):
        told = clean(f"{body.reason}: the page has moved or changed; nothing is known")
        return replace(body, reason=told)
    status = field(body, "status")
    indicator = text_of(field(status, "indicator") or field(body, "indicator"), 40)
    description = text_of(field(status, "description"), 160)
    if not indicator:
        return asked.conclude(Verdict.UNKNOWN, "not a status page", "no indicator in the body")
    detail = _detail(body, indicator, description)
    verdict = _INDICATORS.get(indicator.casefold(), Verdict.UNKNOWN)
    state = indicator.casefold() if verdict is not Verdict.OK else "ok"
    if verdict is Verdict.UNKNOWN:
        state = "unknown word"
    affected = [name for name, word in detail.components if word.casefold() != "operational"]
    reason = f"{indicator}: {description}" if description else indicator
    if affected:
        reason += f" ({', '.join(affected[:4])})"
    return replace(asked.conclude(verdict, state, reason), detail=detail)


def _detail(body: JsonValue, indicator: SafeText, description: SafeText) -> StatusPageDetail:
    components = [
        (text_of(field(item, "name"), 80), text_of(field(item, "status"), 40))
        for item in items_of(field(body, "components"))
    ]
    components.sort(key=lambda pair: pair[1].casefold() == "operational")
    return StatusPageDetail(
        page=text_of(field(field(body, "page"), "name"), 80),
        indicator=indicator,
        description=description,
        components=tuple(components[:_SHOWN]),
        incidents=tuple(
            text_of(field(item, "name"), 160)
            for item in items_of(field(body, "incidents"))[:_SHOWN]
        ),
        updated_at=stamp_of(field(field(body, "page"), "updated_at")),
    )
