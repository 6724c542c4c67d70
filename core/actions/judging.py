"""Says how a command came out: by what the configuration says of it, then by its own words.

Nothing is good because nothing speaks against it: what nobody understands is not understood.
"""

import json
import re
import signal
from dataclasses import dataclass
from typing import Any, cast

from core.actions.verdicts.calls import call_of
from core.actions.verdicts.judged import Judged, bad, good, unclear
from core.actions.verdicts.known import parse, parse_absence
from core.clients.acting.commands import Ran
from core.model.operation import JudgeSpec
from core.model.text import SafeText, clean

__all__ = ["Judged", "Report", "judge"]


_NOISE = re.compile(r"^\s*(?:npm (?:warn|notice)\b|warning:)", re.IGNORECASE)
"""Says nothing of how it came out."""


@dataclass(frozen=True, slots=True)
class Report:
    """A file that the command has written."""

    data: bytes
    age_s: float
    """Since it was last written; by the machine's clock."""


def judge(
    spec: JudgeSpec | None, ran: Ran, argv: tuple[str, ...], report: Report | None = None
) -> Judged:
    """Return how a run is to be read.

    Args:
        spec: How the configuration tells success; None: only the program's own words count.
        ran: The run.
        argv: As the configuration has it, without what carried it into a container.
        report: The report that `spec` names; None: there is none.
    """
    call = call_of(argv)
    if gone := parse_absence(call, ran):
        return gone
    if ran.exit_code < 0:
        return bad(f"ended by {_signal(-ran.exit_code)}{_last(ran)}")
    if spec is not None and (problem := _problem(spec, ran, report)):
        return bad(problem)
    parsed = parse(call, ran)
    if parsed is not None and parsed.is_good is not None:
        return parsed
    if spec is not None and (spec.says or spec.report):
        said = spec.says[0] if spec.says else f"{spec.report_path} is {spec.report_equals}"
        return good(f"as configured: {said}")
    if parsed is not None:
        return parsed
    if ran.exit_code not in (spec.exit if spec else (0,)):
        return bad(f"exit {ran.exit_code}{_last(ran)}")
    if ran.dropped_bytes:
        return unclear(
            f"exit {ran.exit_code}; it printed more than is kept, and its end is not understood"
        )
    return unclear(f"exit {ran.exit_code}; what it printed is not understood{_last(ran)}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last(ran: Ran) -> str:
    for line in reversed(ran.lines):
        if line.strip() and not _NOISE.match(line):
            return f": {line.strip()[:300]}"
    return ""


def _problem(spec: JudgeSpec, ran: Ran, report: Report | None) -> str:
    """Return what the configuration's own words say against a run; empty: nothing."""
    text = "\n".join(ran.lines)
    for never in spec.never_says:
        if never in text:
            line = next((one for one in ran.lines if never in one), SafeText(""))
            return f"it says {never!r}: {line.strip()[:300]}"
    if ran.exit_code not in spec.exit:
        return f"exit {ran.exit_code}{_last(ran)}"
    for said in spec.says:
        if said not in text:
            return f"it does not say {said!r}{_last(ran)}"
    return _report_problem(spec, report) if spec.report else ""


def _report_problem(spec: JudgeSpec, report: Report | None) -> str:
    name = clean(spec.report)
    if report is None:
        return f"it has written no report {name}"
    if spec.fresh_s is not None and report.age_s > spec.fresh_s:
        return f"its report {name} is {report.age_s:.0f} s old, older than {spec.fresh_s:.0f} s"
    try:
        found = _at(json.loads(report.data), spec.report_path)
    except (ValueError, RecursionError):
        return f"its report {name} is no JSON"
    except LookupError:
        return f"its report {name} has no {clean(spec.report_path)}"
    shown = found if isinstance(found, str) else json.dumps(found)
    if spec.report_equals and shown != spec.report_equals:
        what, wanted = clean(spec.report_path), clean(spec.report_equals)
        return f"{what} of its report is {clean(shown, 100)}, not {wanted}"
    return ""


def _at(value: Any, path: str) -> object:
    """Return what is at `a.b.0` of a JSON value.

    Raises:
        LookupError: there is nothing.
    """
    for word in path.split(".") if path else ():
        if isinstance(value, list):
            items = cast("list[Any]", value)
            if not word.isdigit():
                raise LookupError(word)
            value = items[int(word)]
        elif isinstance(value, dict):
            value = cast("dict[str, Any]", value)[word]
        else:
            raise KeyError(word)
    return cast("object", value)
