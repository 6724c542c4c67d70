"""Package managers: pip and npm, what they install, what is old, what is broken or unsafe."""

import json
import re
from typing import Any, cast

from core.actions.verdicts.judged import Call, Judged, absent, bad, counted, find, good
from core.actions.verdicts.outdated import (
    parse_npm_outdated,
    parse_pip_outdated,
)
from core.clients.acting.commands import Ran
from core.model.text import SafeText

_PIP_ERROR = re.compile(r"^ERROR: (.+)$")
_INSTALLED = re.compile(r"^Successfully installed (.+)$")
_SATISFIED = re.compile(r"^Requirement already satisfied: (\S+)")
_WHOLE = re.compile(r"^No broken requirements found\.$")
_BROKEN = re.compile(r"^\S+ \S+ (?:requires .+, which is not installed|has requirement .+)\.?$")
_NPM_ERROR = re.compile(r"^npm (?:ERR!|error)\s+(?!A complete log)(?!code )(.+)$")
_NPM_NO_SCRIPT = re.compile(r"[Mm]issing script: \"?([^\"]+)\"?")
_NPM_ADDED = re.compile(r"^(?:added|changed|removed|up to date)\b.*$")
_NPM_NONE = re.compile(r"found 0 vulnerabilities")
_NPM_SOME = re.compile(r"^(\d+) (?:\w+ severity )?vulnerabilit(?:y|ies)(?: \((.+)\))?")
_BUILT = re.compile(r"(Compiled successfully|✓ built in [\d.]+\w*s|webpack .* compiled success)")
_GRAVE = ("critical", "high")
_LEVELS = ("critical", "high", "moderate", "low", "info")


def parse_pip(call: Call, ran: Ran) -> Judged | None:
    """Understand `pip`: a conflict is told as an ERROR, with exit 0."""
    if error := find(_PIP_ERROR, ran.lines):
        return bad(error.group(1))
    if call.has("check"):
        return _pip_check(ran)
    if call.has("list") and call.has("--outdated", "-o"):
        found = parse_pip_outdated(ran.output)
        if found is None or ran.exit_code:
            return None
        names = ", ".join(f"{one.name} {one.current} < {one.latest}" for one in found[:5])
        more = f": {names}{' …' if len(found) > 5 else ''}" if found else ""
        return good(f"{counted(len(found), 'package')} outdated{more}", ("outdated", len(found)))
    if ran.exit_code:
        return None
    if done := find(_INSTALLED, ran.output):
        return good(f"installed {done.group(1)}", ("installed", len(done.group(1).split())))
    kept = sum(1 for line in ran.output if _SATISFIED.match(line))
    return (
        good(f"{counted(kept, 'requirement')} satisfied already", ("kept", kept)) if kept else None
    )


def _pip_check(ran: Ran) -> Judged | None:
    broken = [line for line in ran.lines if _BROKEN.match(line)]
    if broken:
        return bad(f"{counted(len(broken), 'broken requirement')}: {broken[0]}")
    whole = find(_WHOLE, ran.output)
    return good("no broken requirements", ("broken", 0)) if whole and not ran.exit_code else None


def parse_npm(call: Call, ran: Ran) -> Judged | None:
    """Understand `npm`; `outdated` and `audit` end with 1 when they find something."""
    if gone := find(_NPM_NO_SCRIPT, ran.lines):
        return absent(f"package.json has no script {gone.group(1)}")
    if call.has("audit"):
        return _npm_audit(ran)
    if call.has("outdated"):
        found = parse_npm_outdated(ran.output)
        if found is None or ran.exit_code not in (0, 1):
            return None
        return good(f"{counted(len(found), 'package')} outdated", ("outdated", len(found)))
    if error := find(_NPM_ERROR, ran.lines):
        return bad(error.group(1))
    if ran.exit_code:
        return None
    if call.has("install", "ci", "i") and (done := find(_NPM_ADDED, ran.output)):
        return good(done.group(0))
    built = find(_BUILT, ran.lines)
    return good(built.group(1)) if built else None


def _npm_audit(ran: Ran) -> Judged | None:
    counts = _audit_json(ran.output)
    if counts is None and find(_NPM_NONE, ran.output):
        counts = {}
    if counts is None and (some := find(_NPM_SOME, ran.output)):
        levels = re.findall(r"(\d+) (\w+)", some.group(2) or "")
        counts = {level: int(number) for number, level in levels} or {"some": int(some.group(1))}
    if counts is None:
        return None
    return vulnerabilities({name: count for name, count in counts.items() if count})


def vulnerabilities(counts: dict[str, int]) -> Judged:
    """Return how a count of known vulnerabilities by severity is to be read."""
    if not counts:
        return good("no known vulnerabilities", ("vulnerabilities", 0))
    order = [*(one for one in _LEVELS if one in counts), *(set(counts) - set(_LEVELS))]
    text = ", ".join(f"{counts[name]} {name}" for name in order)
    is_grave = any(name not in _LEVELS or name in _GRAVE for name in order)
    return (bad if is_grave else good)(
        f"known vulnerabilities: {text}", *((name, counts[name]) for name in order)
    )


def _audit_json(lines: tuple[SafeText, ...]) -> dict[str, int] | None:
    try:
        whole: Any = json.loads("\n".join(lines))
        raw = whole["metadata"]["vulnerabilities"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
    counts = cast("dict[str, object]", raw)
    return {name: count for name in _LEVELS if isinstance(count := counts.get(name), int)}
