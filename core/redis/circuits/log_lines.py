"""The changes of state that a breaker's log lines tell. Pure."""

import re
from collections.abc import Mapping, Sequence

from core.model.circuit import CircuitState, Transition
from core.model.text import EMPTY, SafeText, clean
from core.redis.circuits.states import state_word
from core.redis.figures import Unusable, parse_stamp

_PAIR = re.compile(
    r"""["']?\b(?P<name>event|new_state|old_state|from_state|to_state|previous_state|timestamp"""
    r"""|reason|error)["']?\s*[:=]\s*(?:"(?P<double>[^"]{0,300})"|'(?P<single>[^']{0,300})'"""
    r"""|(?P<bare>[\w.:+-]{1,60}))"""
)
"""Payloads are JSON, or the text of a Python dict."""
_CHANGES = frozenset({"cb_state_change", "state_change", "circuit_state_change", "state_changed"})
_FAULTS = frozenset({"upstream_error", "upstream_failure", "request_failed"})
_BEFORE = ("old_state", "from_state", "previous_state")
_LINE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?")
_LINE_CHARS = 2000


def transitions_from_log(lines: Sequence[SafeText]) -> tuple[Transition, ...]:
    """Return the changes of state in log lines, in their order.

    `before` is `absent` where no line tells it. The reason of an opening is what the line says,
    else the upstream's error that was logged last before it. A line without a time has time 0.
    """
    found: list[Transition] = []
    error = EMPTY
    for line in lines:
        told = _payload(line[:_LINE_CHARS])
        event = told.get("event", "")
        if event in _FAULTS:
            error = clean(told.get("error", ""))
        after = state_word(told.get("new_state", "") or told.get("to_state", ""))
        if after is None or event not in _CHANGES:
            continue
        earlier = next((told[name] for name in _BEFORE if name in told), "")
        before = state_word(earlier) or (found[-1].after if found else CircuitState.ABSENT)
        reason = clean(told.get("reason", ""))
        if not reason and after is CircuitState.OPEN:
            reason, error = error, EMPTY
        found.append(Transition(_time_s(line, told), before, after, reason))
    return tuple(found)


def _payload(line: str) -> Mapping[str, str]:
    return {
        one["name"]: one["double"] or one["single"] or one["bare"] or ""
        for one in _PAIR.finditer(line)
    }


def _time_s(line: str, told: Mapping[str, str]) -> float:
    """Return when it was: the moment in the payload, else the line's own, taken for UTC."""
    found = _LINE_TIME.search(line[:_LINE_CHARS])
    for text in (told.get("timestamp", ""), found.group().replace(",", ".") if found else ""):
        try:
            return parse_stamp(text.encode()).time_s
        except Unusable:
            continue
    return 0.0
