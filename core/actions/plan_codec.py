"""Plans as text: canonical, so that a hash means the plan and nothing else."""

import dataclasses
import hashlib
import json
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from core.errors import ActionError
from core.model.action import Plan, Rung

_T = TypeVar("_T")
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like 1 and 0."""
_CODE_LENGTH = 4


def to_text(plan: Plan) -> str:
    """Return a plan as canonical JSON: ASCII, sorted, one line."""
    return json.dumps(dataclasses.asdict(plan), sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Plan:
    """Return the plan again.

    Raises:
        ActionError: it is not a plan of this version.
    """
    try:
        return _built(Plan, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ActionError("the stored plan cannot be read; it is not of this version") from error


def plan_hash(plan: Plan) -> str:
    """Return the SHA-256 of a plan, hex."""
    return hashlib.sha256(to_text(plan).encode()).hexdigest()


def code_of(plan: Plan) -> str:
    """Return the four letters that stand for exactly this plan."""
    number = int(plan_hash(plan), 16)
    letters: list[str] = []
    for _ in range(_CODE_LENGTH):
        number, index = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[index])
    return "".join(letters)


def phrase_of(plan: Plan) -> str:
    """Return what has to be typed for a plan of the highest rung."""
    count = f" {len(plan.targets)}" if len(plan.targets) > 1 else ""
    return f"{plan.verb} {plan.called}{count} {code_of(plan)}"


def is_confirmed_by(plan: Plan, said: str) -> bool:
    """Tell whether what a person said is the yes that this plan asks for.

    The code alone is enough below the highest rung: the dialog or the command has shown the plan.
    """
    wanted = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
    return said == wanted


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _built(cls: type[_T], value: dict[str, Any]) -> _T:
    hints = _hints(cls)
    fields = {name: _typed(hints[name], one) for name, one in value.items()}
    return cls(**fields)


def _typed(hint: Any, value: Any) -> Any:
    """Return a JSON value as the type that a field names."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        inner = typing.get_args(hint)
        values = cast("list[Any]", value)
        if inner[1:] == (...,):
            return tuple(_typed(inner[0], one) for one in values)
        return tuple(_typed(kind, one) for kind, one in zip(inner, values, strict=True))
    if origin is types.UnionType:
        return value
    if dataclasses.is_dataclass(hint):
        return _built(cast("type[Any]", hint), value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
