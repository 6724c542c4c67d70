"""Conditions on a JSON body as people write them. Pure."""

import re

from core.model.check import Condition
from core.model.verdict import Verdict

CONDITION_PATTERN = r"^\s*\S+\s*(<=|>=|==|!=|<|>)\s*.+$"
_CONDITION = re.compile(
    r"""\s*(?P<path>[A-Za-z0-9_$][A-Za-z0-9_$.:/-]*)\s*(?P<operator><=|>=|==|!=|<|>)\s*
    (?P<value>"[^"]*"|'[^']*'|\S+)(?:\s+else\s+(?P<verdict>\S+))?\s*""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_ORDERED = frozenset({"<", "<=", ">", ">="})
_VERDICTS = {"degraded": Verdict.DEGRADED, "down": Verdict.DOWN}


def parse_condition(text: str) -> Condition:
    """Return the condition of `path operator value [else degraded|down]`; degraded by default.

    Raises:
        ValueError: not written that way, or an order is asked of a word.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(
            "not a condition; write it as: checks.system.disk_percent < 95 else degraded"
        )
    word = match["verdict"] or "degraded"
    if word not in _VERDICTS:
        raise ValueError("a failed condition makes a check degraded or down; write one of the two")
    value = _value(match["value"])
    if match["operator"] in _ORDERED and (isinstance(value, str | bool)):
        raise ValueError("only numbers are less or more; use == or != for a word")
    return Condition(match["path"], match["operator"], value, _VERDICTS[word])


def _value(text: str) -> str | float | bool:
    if text[0] in "\"'":
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return float(text) if _NUMBER.fullmatch(text) else text
