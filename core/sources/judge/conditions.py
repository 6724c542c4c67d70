"""Thresholds on values inside a body: configured ones, and the ones every body is held to. Pure."""

from collections.abc import Iterator

from core.clients.json_body import JsonValue
from core.model.check import Condition, ConditionResult
from core.model.text import clean
from core.model.verdict import Verdict
from core.sources.judge.reading import at_path, number_of, text_of
from core.sources.judge.words import UNKNOWN_WORDS

PRESSURE_PERCENT = 90.0
"""Disk or memory at or above this is degraded, whatever the body's own verdict (fact 27)."""
_PRESSED = ("disk_percent", "memory_percent", "disk_usage_percent", "memory_usage_percent",
            "mem_percent", "disk_used_percent", "memory_used_percent", "swap_percent")  # fmt: skip
_WALK_LIMIT = 2000


def judge_conditions(
    body: JsonValue, conditions: tuple[Condition, ...]
) -> tuple[ConditionResult, ...]:
    """Return each condition with the value it found; one that finds none is `unknown`."""
    return tuple(_judge_one(body, condition) for condition in conditions)


def worst_condition(conditions: tuple[ConditionResult, ...]) -> ConditionResult | None:
    """Return the first of the worst conditions that do not hold; None when all hold."""
    failed = [one for one in conditions if one.verdict is not Verdict.OK]
    return max(failed, key=lambda one: one.verdict.rank) if failed else None


def told(failed: ConditionResult) -> str:
    """Return a condition that does not hold, with the value it found, as a reason."""
    return f"{failed.text} does not hold: it is {failed.actual}"


def _judge_one(body: JsonValue, condition: Condition) -> ConditionResult:
    wanted = condition.value
    shown = str(wanted).lower() if isinstance(wanted, bool) else f"{wanted}"
    if isinstance(wanted, float) and wanted.is_integer():
        shown = f"{wanted:.0f}"
    text = clean(f"{condition.path} {condition.operator} {shown}")
    found = at_path(body, condition.path)
    if found is None:
        return ConditionResult(text, clean("not in the body"), Verdict.UNKNOWN)
    holds = _holds(found, condition)
    if holds is None:
        return ConditionResult(text, text_of(found), Verdict.UNKNOWN)
    verdict = Verdict.OK if holds else condition.failed_verdict
    return ConditionResult(text, text_of(found), verdict)


def _holds(found: JsonValue, condition: Condition) -> bool | None:
    """Return whether a value meets a condition; None when the two cannot be compared."""
    wanted, operator = condition.value, condition.operator
    if isinstance(wanted, bool) or isinstance(found, bool):
        return _equal(found == wanted, operator)
    if isinstance(wanted, str):
        return _equal(str(found).casefold() == wanted.casefold(), operator)
    number = number_of(found)
    if number is None:
        return None
    match operator:
        case "<":
            return number < wanted
        case "<=":
            return number <= wanted
        case ">":
            return number > wanted
        case ">=":
            return number >= wanted
        case _:
            return _equal(number == wanted, operator)


def _equal(is_equal: bool, operator: str) -> bool | None:
    return {"==": is_equal, "!=": not is_equal}.get(operator)


def pressures(body: JsonValue) -> tuple[tuple[str, float], ...]:
    """Return the disk and memory percentages in a body that are too high, by name."""
    return tuple(
        (name, number)
        for name, value in _leaves(body)
        if name.casefold() in _PRESSED
        and (number := number_of(value)) is not None
        and number >= PRESSURE_PERCENT
    )


def unknown_words(details: JsonValue) -> int:
    """Return how many texts in a group of details say `unknown`."""
    return sum(
        isinstance(value, str) and value.strip().casefold() in UNKNOWN_WORDS
        for _, value in _leaves(details)
    )


def _leaves(body: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Yield named leaves of a body, breadth first, within a bound."""
    queue: list[JsonValue] = [body]
    seen = 0
    while queue and seen < _WALK_LIMIT:
        seen += 1
        value = queue.pop(0)
        if isinstance(value, list):
            queue += [item for item in value[:100] if isinstance(item, dict | list)]
        elif isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, dict | list):
                    queue.append(inner)
                else:
                    yield name, inner
