"""What answers to volleys mean: rate limits, circuit breakers, load, the parts of one request."""

import math
from collections import Counter

from core.actions.verdicts.judged import Judged, bad, good, unclear
from core.clients.acting.prober import Shot, Timing

_TOO_MANY = 429
_LIMIT_HEADERS = ("retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "ratelimit-limit",
                  "ratelimit-remaining", "ratelimit", "ratelimit-policy")  # fmt: skip
_LOGIN = frozenset({301, 302, 303, 307, 308, 401, 403})
_UNAVAILABLE = 503
_ERROR = 500
_FINE = range(200, 400)


def statuses(shots: tuple[Shot, ...]) -> str:
    """Return `61 x 200, 39 x 429`."""
    counts = Counter(one.status for one in shots)
    return ", ".join(
        f"{count} x {status or 'no answer'}" for status, count in sorted(counts.items())
    )


def judge_limit(shots: tuple[Shot, ...], asked: int) -> Judged:
    """Say whether a rate limiter was seen, and where it begins."""
    counts = Counter(one.status for one in shots)
    facts: list[tuple[str, str | int | float]] = [("requests", len(shots))]
    facts += [(f"status_{status}", count) for status, count in sorted(counts.items())]
    seen = statuses(shots)
    if not shots or counts[0] == len(shots):
        why = f": {shots[-1].said}" if shots else ""
        return bad(f"no answer at all{why}", *facts)
    first = next((index for index, one in enumerate(shots, 1) if one.status == _TOO_MANY), None)
    if first is None:
        return _no_limit(counts, len(shots), asked, seen, facts)
    refused = shots[first - 1]
    facts += [("first_429", first), ("at_s", round(refused.at_s, 3))]
    facts += [(name, value) for name in _LIMIT_HEADERS if (value := refused.header(name))]
    text = f"the {_th(first)} of {len(shots)} was refused after {refused.at_s:.1f} s ({seen})"
    retry = refused.header("retry-after")
    return good(f"{text}, Retry-After {retry}" if retry else f"{text}, no Retry-After", *facts)


def _no_limit(
    counts: Counter[int], number: int, asked: int, seen: str,
    facts: list[tuple[str, str | int | float]],
) -> Judged:  # fmt: skip
    wall = [status for status in counts if status in _LOGIN]
    if wall and counts[wall[0]] == number:
        text = f"every answer is {wall[0]}: a login or a redirect comes before the limiter ({seen})"
        return unclear(text, *facts)
    few = "" if number == asked else f" (only {number} of {asked} were sent)"
    return bad(f"no 429 within {number} requests{few}: {seen}", *facts)


def judge_trip(shots: tuple[Shot, ...]) -> Judged:
    """Say whether a circuit breaker opened under failures.

    Open means: what failed slowly or by itself (500, 502, 504, no answer) is then refused at once
    with 503, or the answer itself says that the circuit is open.
    """
    seen = statuses(shots)
    facts: list[tuple[str, str | int | float]] = [("requests", len(shots))]
    if not shots or all(one.status in _FINE for one in shots):
        return bad(f"the path does not fail, so that nothing can trip ({seen})", *facts)
    opened = next((one for one in range(1, len(shots) + 1) if is_open(shots, one)), None)
    if opened is None:
        return bad(f"the breaker did not open within {len(shots)} failures ({seen})", *facts)
    facts += [("opened_at", opened), ("opened_s", round(shots[opened - 1].at_s, 3))]
    if opened == 1:
        text = "the first answer was a refusal already: open before, or it always answers so"
        return unclear(f"{text} ({seen})", *facts)
    return good(f"it opened at the {_th(opened)} request ({seen})", *facts)


def is_open(shots: tuple[Shot, ...], number: int) -> bool:
    """Tell whether the answer of this number, from 1, is that of an open circuit."""
    shot = shots[number - 1]
    said = shot.said.lower()
    if shot.status >= _ERROR and "circuit" in said and "open" in said and "half" not in said:
        return True
    before = [one.status for one in shots[: number - 1]]
    has_failed = any(status == 0 or status >= _ERROR for status in before)
    return shot.status == _UNAVAILABLE and (
        not before or (has_failed and _UNAVAILABLE not in before)
    )


def percentile_s(latencies: list[float], share: float) -> float | None:
    """Return the latency that a share of answers stays below; nearest rank; None: no answers."""
    if not latencies:
        return None
    ordered = sorted(latencies)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def judge_load(
    shots: tuple[Shot, ...], asked: int, most_p95_s: float | None, most_errors: float
) -> Judged:
    """Say how a service bore a load.

    Args:
        shots: What came.
        asked: So many were to be sent.
        most_p95_s: Slower is bad; None: any.
        most_errors: Share of requests that may fail.
    """
    if not shots:
        return bad("not one request was sent")
    wrong = [one for one in shots if one.status not in _FINE]
    latencies = [one.latency_s for one in shots if one.status]
    lasted_s = max(one.at_s + one.latency_s for one in shots)
    rate = len(shots) / lasted_s if lasted_s > 0 else 0.0
    facts: list[tuple[str, str | int | float]] = [
        ("requests", len(shots)), ("errors", len(wrong)), ("per_s", round(rate, 2)),
    ]  # fmt: skip
    parts = [f"{len(shots)} requests, {rate:.1f}/s"]
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        found_s = percentile_s(latencies, share)
        if found_s is not None:
            facts.append((f"{name}_ms", round(found_s * 1000, 2)))
            parts.append(f"{name} {found_s * 1000:.0f} ms")
    problems: list[str] = []
    if len(wrong) > most_errors * len(shots):
        problems.append(f"{len(wrong)} failed ({statuses(shots)})")
    p95_s = percentile_s(latencies, 0.95)
    if most_p95_s is not None and p95_s is not None and p95_s > most_p95_s:
        problems.append(f"p95 is over {most_p95_s * 1000:.0f} ms")
    if len(shots) < asked:
        problems.append(f"stopped after {len(shots)} of {asked}")
    text = ", ".join(parts)
    return bad("; ".join((text, *problems)), *facts) if problems else good(text, *facts)


def judge_timing(timing: Timing, most_s: float | None) -> Judged:
    """Say how long the parts of one request took."""
    parts = [f"name {timing.resolved_s:.3f} s", f"connect {timing.connected_s:.3f} s"]
    facts: list[tuple[str, str | int | float]] = [
        ("address", timing.address), ("status", timing.status), ("size_bytes", timing.size_bytes),
        ("resolved_s", round(timing.resolved_s, 6)), ("connected_s", round(timing.connected_s, 6)),
        ("first_byte_s", round(timing.first_byte_s, 6)), ("total_s", round(timing.total_s, 6)),
    ]  # fmt: skip
    if timing.secured_s is not None:
        parts.append(f"TLS {timing.secured_s:.3f} s")
        facts.append(("secured_s", round(timing.secured_s, 6)))
    parts += [f"first byte {timing.first_byte_s:.3f} s", f"total {timing.total_s:.3f} s"]
    text = f"{timing.status}, {', '.join(parts)}"
    if timing.status >= _ERROR:
        return bad(text, *facts)
    if most_s is not None and timing.total_s > most_s:
        return bad(f"{text}: over {most_s:g} s", *facts)
    return good(text, *facts)


def _th(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    is_teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if is_teen else ends.get(number % 10, 'th')}"
