"""Load generators: ab, wrk, k6, hey. All of them end with 0 while every answer is an error."""

import re

from core.actions.verdicts.judged import Call, Judged, bad, counted, find, good, number_of
from core.clients.acting.commands import Ran

_AB = {
    "requests": re.compile(r"^Complete requests:\s+(\d+)"),
    "failed": re.compile(r"^Failed requests:\s+(\d+)"),
    "non_2xx": re.compile(r"^Non-2xx responses:\s+(\d+)"),
    "per_s": re.compile(r"^Requests per second:\s+([\d.]+)"),
    "mean_ms": re.compile(r"^Time per request:\s+([\d.]+) \[ms\] \(mean\)$"),
    "p50_ms": re.compile(r"^\s*50%\s+(\d+)"),
    "p95_ms": re.compile(r"^\s*95%\s+(\d+)"),
    "p99_ms": re.compile(r"^\s*99%\s+(\d+)"),
}
_AB_EXITS = {
    22: "the concurrency is larger than the number of requests (exit 22)",
    104: "the server broke the connection (exit 104)",
    110: "no answer in time (exit 110)",
    111: "nothing listens there (exit 111)",
}
_AB_REFUSED = re.compile(r"(apr_\w+\(\): .+|Invalid Concurrency.+|invalid URL.*)")
_WRK_TOTAL = re.compile(r"^\s*(\d+) requests in ([\d.]+)(us|ms|s|m|h)\b")
_WRK_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)")
_WRK_NON = re.compile(r"^\s*Non-2xx or 3xx responses:\s+(\d+)")
_WRK_SOCKET = re.compile(
    r"^\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)"
)
_WRK_P99 = re.compile(r"^\s*99%\s+([\d.]+)(us|ms|s|m)$")
_UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_K6_METRIC = re.compile(r"^\s*(?:[✓✗]\s+)?(\w+)\.*:\s+(.+)$")
_K6_OLD = re.compile(r"^([\d.]+)%\s+✓\s*(\d+)\s+✗\s*(\d+)$")
_K6_NEW = re.compile(r"^([\d.]+)%\s+(\d+)\s+out of\s+(\d+)$")
_K6_COUNT = re.compile(r"^(\d+)\s+([\d.]+)/s$")
_K6_P95 = re.compile(r"p\(95\)=([\d.]+)(µs|us|ms|s|m)")
_K6_CROSSED = re.compile(r"thresholds on metrics '([^']+)' have been crossed", re.IGNORECASE)
_K6_THRESHOLDS_EXIT = 99
_HEY_RATE = re.compile(r"^\s*Requests/sec:\s+([\d.]+)")
_HEY_STATUS = re.compile(r"^\s*\[(\d{3})\]\s+(\d+) responses")
_HEY_ERROR = re.compile(r"^\s*\[(\d+)\]\s+(.*(?:dial|timeout|refused|EOF|reset).*)$")
_HEY_P = re.compile(r"^\s*(50|95|99)%+ in ([\d.]+) secs")
_OK_STATUS = range(200, 400)


def parse_ab(_call: Call, ran: Ran) -> Judged | None:
    """Understand ApacheBench: exit 0 also with `Non-2xx responses`."""
    read = {name: float(match.group(1)) for name, pattern in _AB.items()
            if (match := find(pattern, ran.output))}  # fmt: skip
    if "requests" not in read or "per_s" not in read:
        if ran.exit_code:
            said = find(_AB_REFUSED, ran.lines)
            why = _AB_EXITS.get(ran.exit_code, f"exit {ran.exit_code}")
            return bad(f"{why}: {said.group(1)}" if said else why)
        return None
    facts = tuple((name, value) for name, value in read.items())
    text = f"{read['requests']:.0f} requests, {read['per_s']:g}/s"
    if "p95_ms" in read:
        text += f", p95 {read['p95_ms']:g} ms"
    wrong = [
        f"{read[name]:.0f} {words}"
        for name, words in (("non_2xx", "not answered by 2xx"), ("failed", "failed"))
        if read.get(name)
    ]
    if wrong or ran.exit_code:
        return bad("; ".join((text, *wrong)), *facts)
    return good(text, *facts) if read["requests"] else bad("not one request was made", *facts)


def parse_wrk(_call: Call, ran: Ran) -> Judged | None:
    """Understand wrk: socket errors and answers that are none stand in the middle."""
    total, rate = find(_WRK_TOTAL, ran.output), find(_WRK_RATE, ran.output)
    if not total or not rate:
        if ran.exit_code and ran.lines:
            return bad(f"exit {ran.exit_code}: {ran.lines[-1]}")
        return None
    requests = int(total.group(1))
    facts: list[tuple[str, str | int | float]] = [
        ("requests", requests), ("per_s", float(rate.group(1))),
    ]  # fmt: skip
    if match := find(_WRK_P99, ran.output):
        facts.append(("p99_ms", float(match.group(1)) * _UNITS_S[match.group(2)] * 1000))
    wrong: list[str] = []
    if match := find(_WRK_NON, ran.output):
        facts.append(("non_2xx", int(match.group(1))))
        wrong.append(f"{match.group(1)} answered by neither 2xx nor 3xx")
    if match := find(_WRK_SOCKET, ran.output):
        errors = sum(int(one) for one in match.groups())
        facts.append(("socket_errors", errors))
        wrong.append(f"{counted(errors, 'socket error')} ({match.group(0).strip()})")
    text = f"{requests} requests, {rate.group(1)}/s"
    if wrong or ran.exit_code or not requests:
        return bad("; ".join((text, *wrong)), *facts)
    return good(text, *facts)


def parse_k6(_call: Call, ran: Ran) -> Judged | None:
    """Understand k6's summary, old and new.

    The old one counts failures in the column of the tick: `http_req_failed: 1.83% ✓ 1707 ✗ 91454`
    means 1707 failed.
    """
    metrics = {
        match.group(1): match.group(2).strip()
        for line in ran.output
        if (match := _K6_METRIC.match(line))
    }
    crossed = find(_K6_CROSSED, ran.lines)
    if crossed or ran.exit_code == _K6_THRESHOLDS_EXIT:
        return bad(f"thresholds crossed: {crossed.group(1) if crossed else 'see its output'}")
    count = _K6_COUNT.match(metrics.get("http_reqs", ""))
    if not count:
        is_called_wrongly = ran.exit_code and ran.lines
        return bad(f"exit {ran.exit_code}: {ran.lines[-1]}") if is_called_wrongly else None
    facts: list[tuple[str, str | int | float]] = [
        ("requests", int(count.group(1))), ("per_s", float(count.group(2))),
    ]  # fmt: skip
    text = f"{count.group(1)} requests, {float(count.group(2)):g}/s"
    if match := _K6_P95.search(metrics.get("http_req_duration", "")):
        scale = _UNITS_S[match.group(2).replace("µ", "u")] * 1000
        facts.append(("p95_ms", float(match.group(1)) * scale))
        text += f", p95 {float(match.group(1)) * scale:.4g} ms"
    failed, checks = (_k6_rate(metrics.get(name, "")) for name in ("http_req_failed", "checks"))
    wrong: list[str] = []
    if failed:
        facts.append(("failed", failed[0]))
        wrong += [f"{failed[0]} of {failed[1]} failed"] if failed[0] else []
    if checks:
        missed = checks[1] - checks[0]
        facts.append(("checks_failed", missed))
        wrong += [f"{counted(missed, 'check')} of {checks[1]} failed"] if missed else []
    if wrong or ran.exit_code:
        return bad("; ".join((text, *wrong)) if wrong else f"{text}; exit {ran.exit_code}", *facts)
    return good(text, *facts)


def _k6_rate(text: str) -> tuple[int, int] | None:
    """Return how often it was so, and how often it was looked."""
    if match := _K6_NEW.match(text):
        return int(match.group(2)), int(match.group(3))
    if match := _K6_OLD.match(text):
        return int(match.group(2)), int(match.group(2)) + int(match.group(3))
    return None


def parse_hey(_call: Call, ran: Ran) -> Judged | None:
    """Understand hey: what failed stands below `Error distribution`."""
    rate = find(_HEY_RATE, ran.output)
    if not rate:
        return (
            bad(f"exit {ran.exit_code}: {ran.lines[-1]}") if ran.exit_code and ran.lines else None
        )
    statuses = {int(m.group(1)): int(m.group(2)) for one in ran.output
                if (m := _HEY_STATUS.match(one))}  # fmt: skip
    errors = sum(int(m.group(1)) for one in ran.output if (m := _HEY_ERROR.match(one)))
    facts: list[tuple[str, str | int | float]] = [("per_s", number_of(rate.group(1)))]
    facts += [(f"status_{status}", count) for status, count in statuses.items()]
    facts += [(f"p{m.group(1)}_ms", float(m.group(2)) * 1000) for one in ran.output
              if (m := _HEY_P.match(one))]  # fmt: skip
    wrong = [f"{count} answered {status}" for status, count in sorted(statuses.items())
             if status not in _OK_STATUS]  # fmt: skip
    if errors:
        facts.append(("errors", errors))
        wrong.append(f"{errors} got no answer")
    text = f"{sum(statuses.values())} answers, {number_of(rate.group(1)):g}/s"
    if wrong or ran.exit_code or not statuses:
        return bad("; ".join((text, *wrong)), *facts)
    return good(text, *facts)
