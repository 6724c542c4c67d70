"""Python's own words: tracebacks, pytest, unittest, scripts that count what they tried."""

import re

from core.actions.verdicts.judged import Call, Judged, absent, bad, find, good, unclear
from core.clients.acting.commands import Ran
from core.model.text import SafeText

_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning)\b.*)$")
_SUMMARY = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s(?: \(.*\))?\s*=*$")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
_NOTHING = re.compile(r"no tests (?:ran|collected)")
_RAN = re.compile(r"^Ran (\d+) tests? in ([\d.]+)s$")
_UNITTEST_END = re.compile(r"^(OK|FAILED)(?: \((.*)\))?$")
_PASSED_OF = re.compile(r"\bPassed:\s*(\d+)\s*(?:/|of)\s*(\d+)", re.IGNORECASE)
_TOTAL_PASSED = re.compile(r"\b(\d+)\s*/\s*(\d+)\s+(?:tests?\s+)?passed", re.IGNORECASE)
_NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_NO_SCRIPT = re.compile(r"can't open file '?([^']+)'?: \[Errno 2\]")
_ENDS = {
    1: "tests failed",
    2: "it was interrupted",
    3: "pytest itself failed",
    4: "pytest was called wrongly",
    5: "no test was collected: nothing ran",
}


def exception_of(lines: tuple[SafeText, ...]) -> str:
    """Return the exception at the end of the last traceback; empty: there is none."""
    begins = [index for index, line in enumerate(lines) if _TRACEBACK in line]
    if not begins:
        return ""
    for line in lines[begins[-1] + 1 :]:
        if not line.startswith((" ", "\t")) and (match := _EXCEPTION.match(line.strip())):
            return match.group(1)
    return "an exception"


def parse_traceback(_call: Call, ran: Ran) -> Judged | None:
    """Understand a program that an exception ended, or that printed one and went on."""
    text = exception_of(ran.lines)
    if not text:
        return None
    if ran.exit_code:
        return bad(f"it crashed: {text}", ("exception", text))
    return unclear(f"exit 0, and it printed a traceback: {text}", ("exception", text))


def missing_part(call: Call, ran: Ran) -> Judged | None:
    """Understand a module or script that is not there."""
    if not ran.exit_code:
        return None
    if match := find(_NO_SCRIPT, ran.errors):
        return absent(f"there is no script {match.group(1)}")
    match = find(_NO_MODULE, ran.errors)
    if match and match.group(1) == call.tool:
        return absent(f"there is no module {call.tool} in this Python")
    return None


def parse_pytest(call: Call, ran: Ran) -> Judged | None:
    """Understand the short summary of pytest; exit 5 is nothing ran, which is no success."""
    match = find(_SUMMARY, ran.output)
    counts = {word.rstrip("s") if word.startswith("error") else word: int(number)
              for number, word in _COUNT.findall(match.group(1))} if match else {}  # fmt: skip
    if not counts:
        is_pytest = call.tool in {"pytest", "py.test"}
        if find(_NOTHING, ran.output) or (is_pytest and ran.exit_code == 5):
            return bad("no test was collected: nothing ran", ("passed", 0))
        if is_pytest and ran.exit_code in _ENDS:
            return bad(f"{_ENDS[ran.exit_code]} (exit {ran.exit_code})")
        return None
    passed, wrong = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    facts = tuple((name, count) for name, count in counts.items())
    text = ", ".join(f"{count} {name}" for name, count in counts.items())
    if wrong or ran.exit_code:
        why = "" if wrong else f": {_ENDS.get(ran.exit_code, f'exit {ran.exit_code}')}"
        return bad(f"{text}{why}", *facts)
    return good(text, *facts) if passed else bad(f"{text}: nothing passed", *facts)


def parse_unittest(_call: Call, ran: Ran) -> Judged | None:
    """Understand unittest's last lines; it writes them to standard error."""
    counted, end = find(_RAN, ran.lines), find(_UNITTEST_END, ran.lines)
    if not counted or not end:
        return None
    number = int(counted.group(1))
    facts = ("ran", number), ("took_s", float(counted.group(2)))
    if end.group(1) == "FAILED" or ran.exit_code:
        return bad(f"{number} ran: {end.group(2) or 'FAILED'}", *facts)
    return good(f"{number} ran, all well", *facts) if number else bad("no test ran", *facts)


def parse_counts(_call: Call, ran: Ran) -> Judged | None:
    """Understand scripts that end in `Passed: 11 / 12`."""
    match = find(_PASSED_OF, ran.lines) or find(_TOTAL_PASSED, ran.lines)
    if not match:
        return None
    passed, total = int(match.group(1)), int(match.group(2))
    facts = ("passed", passed), ("total", total)
    is_all = passed == total > 0 and not ran.exit_code
    return (good if is_all else bad)(f"{passed} of {total} passed", *facts)
