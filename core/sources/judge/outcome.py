"""Builds check results, and judges what is the same for every kind: no answer, and HTTP codes."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.clients.http_values import HttpAnswer
from core.clients.json_body import JsonValue, UnusableJson, parse_json
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.check import CheckResult, CheckSpec
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict
from core.sources.judge.reading import field, text_of

_LOGIN = ("login", "signin", "sign-in", "auth", "sso", "oauth")


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe as the judges see it."""

    spec: CheckSpec
    answer: HttpAnswer
    now: datetime

    def conclude(self, verdict: Verdict, state: str, reason: str) -> CheckResult:
        """Return a result of this answer."""
        return CheckResult(
            verdict,
            state,
            clean(reason),
            self.now,
            http_status=self.answer.status,
            latency_s=self.answer.latency_s,
        )


def no_answer(error: ClientError, now: datetime) -> CheckResult:
    """Return the result of a probe that got no answer."""
    match error:
        case ClientTimeout():
            verdict, state = Verdict.DOWN, "timeout"
        case ClientDenied():
            verdict, state = Verdict.UNKNOWN, "not asked"
        case ClientUnresolved():
            verdict, state = Verdict.UNKNOWN, "name not resolved"
        case ClientGarbled():
            verdict, state = Verdict.UNKNOWN, "garbled"
        case _:
            text = str(error)
            verdict = Verdict.DOWN
            state = "tls" if text.startswith("TLS") else "no such host"
            if not text.startswith(("TLS", "DNS")):
                state = "refused" if "refused" in text else "connection broke"
    return CheckResult(verdict, state, clean(str(error)), now)


def body_of(asked: Asked) -> JsonValue | CheckResult:
    """Return the parsed body, or the result that says why there is nothing to judge."""
    answer = asked.answer
    if answer.is_truncated:
        return asked.conclude(
            Verdict.UNKNOWN, "too large", "body is larger than 1 MiB; the rest was not read"
        )
    if not answer.body.strip():
        return asked.conclude(Verdict.UNKNOWN, "empty body", "empty body: says nothing")
    try:
        return parse_json(answer.body)
    except UnusableJson as error:
        if str(error) == "not JSON" and _is_html(answer):
            return asked.conclude(
                Verdict.UNKNOWN, "not a health answer", "HTML page, not a health answer"
            )
        start = clean(answer.body[:60])
        state = "bad JSON" if start[:1] in {"{", "["} else "not a health answer"
        return asked.conclude(Verdict.UNKNOWN, state, f"{error}: {start}")


def by_code(asked: Asked) -> CheckResult | None:
    """Return what the HTTP code alone decides; None for a code that counts as good."""
    status, wanted = asked.answer.status, asked.spec.expect.http_statuses
    if status in wanted or (not wanted and 200 <= status < 300):
        return None
    said = said_in(asked.answer)
    told = f"HTTP {status}: {said}" if said else f"HTTP {status}"
    match status:
        case 429:
            wait = asked.answer.header("retry-after")
            retry = f", retry in {wait} s" if wait else ""
            return asked.conclude(
                Verdict.UNKNOWN,
                "rate limited",
                f"reachable but rate limited (HTTP 429{retry}); no reason to restart",
            )
        case 401:
            return asked.conclude(Verdict.UNKNOWN, _auth_state(said), told)
        case 403:
            return asked.conclude(Verdict.UNKNOWN, "forbidden", told)
        case 404 | 410:
            return _missing(asked, said)
        case 502 | 504:
            return asked.conclude(
                Verdict.DOWN,
                "bad gateway",
                f"{told}: what is in front is up, what is behind is not",
            )
        case _:
            pass
    if 300 <= status < 400:
        return _redirected(asked)
    if status >= 500:
        state = "circuit open" if "circuit" in said.casefold() else "server error"
        return asked.conclude(Verdict.DOWN, state, told)
    return asked.conclude(Verdict.UNKNOWN, f"HTTP {status}", told)


def said_in(answer: HttpAnswer) -> SafeText:
    """Return the line of a body that explains an error code; empty when it has none."""
    try:
        body = parse_json(answer.body)
    except UnusableJson:
        return EMPTY if _is_html(answer) else clean(answer.body[:120].strip())
    if isinstance(body, str):
        return text_of(body)
    said = field(body, "error", "detail", "message", "reason", "status")
    detail = field(said, "message", "detail") if isinstance(said, dict) else None
    return text_of(detail) or text_of(said)


def with_latency_judged(result: CheckResult, spec: CheckSpec) -> CheckResult:
    """Return the result, degraded when it is good but slower than the configuration allows."""
    slow_s, latency_s = spec.expect.slow_s, result.latency_s
    if result.verdict is not Verdict.OK or slow_s is None or (latency_s or 0.0) <= slow_s:
        return result
    reason = clean(f"answered in {latency_s:.2f} s, slower than {slow_s:g} s")
    return replace(result, verdict=Verdict.DEGRADED, state="slow", reason=reason)


def _auth_state(said: str) -> str:
    folded = said.casefold()
    if "expired" in folded:
        return "token expired"
    return "key refused" if "invalid" in folded or "inactive" in folded else "auth missing"


def _missing(asked: Asked, said: str) -> CheckResult:
    """Tell a path that does not exist from a thing that does not exist behind the path."""
    status = asked.answer.status
    if said and said.casefold() not in {"not found", "404", "404 not found"}:
        return asked.conclude(Verdict.UNKNOWN, "not found", f"HTTP {status}: {said}")
    return asked.conclude(
        Verdict.UNKNOWN, "not exposed", f"HTTP {status}: this build does not expose the path"
    )


def _redirected(asked: Asked) -> CheckResult:
    place = asked.answer.header("location")
    code = asked.answer.status
    if any(word in place.casefold() for word in _LOGIN):
        return asked.conclude(
            Verdict.UNKNOWN,
            "login required",
            f"login required: HTTP {code} to {place}; neither active nor inactive is proven",
        )
    return asked.conclude(
        Verdict.UNKNOWN, "redirected", f"HTTP {code} to {place or 'nowhere'}; not followed"
    )


def _is_html(answer: HttpAnswer) -> bool:
    start = answer.body[:200].lstrip().lower()
    return "html" in answer.content_type or start.startswith((b"<!doctype", b"<html"))
