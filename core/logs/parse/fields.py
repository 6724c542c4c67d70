"""Turns a decoded payload into fields: flat, clean, capped, and saying what was left out.

Nested objects are flattened with dots, lists become tuples, numbers stay numbers: `digits` and the
decoders have seen to it that none is left which a query could not compare with.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, cast

from core.logs.parse.decode import shown
from core.model.log import FieldValue

MAX_FIELDS: Final = 256
MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 256
LEFT_OUT: Final = "…"
"""The field that counts what did not fit."""

_FLAT: Final = frozenset({str, int, float, bool, type(None)})


def fields_of(payload: Mapping[str, object], is_clean: bool = False) -> dict[str, FieldValue]:
    """Return the fields of a decoded JSON object or Python dictionary.

    `is_clean` says that no text in it needs cleaning, because the line it was decoded from was
    printable ASCII without escapes, and that no number in it is beyond use.
    """
    if is_clean and len(payload) <= MAX_FIELDS and _FLAT.issuperset(map(type, payload.values())):
        # Every value is text without anything to clean, or a scalar: just what is promised.
        return cast("dict[str, FieldValue]", payload)
    found: dict[str, FieldValue] = {}
    left_out = _flatten(payload, "", 1, found)
    if left_out:
        found[LEFT_OUT] = left_out
    return found


def scalar(value: object) -> FieldValue:
    """Return a single value as a field, cleaned."""
    if isinstance(value, str):
        return shown(value)
    return value if value is None or isinstance(value, int | float) else shown(str(value))


def _flatten(
    payload: Mapping[str, object], path: str, depth: int, found: dict[str, FieldValue]
) -> int:
    """Add the payload's fields to `found`; return how many did not fit."""
    left_out = 0
    for key, value in payload.items():
        name = str(shown(f"{path}{key}"))
        inner = cast("dict[str, object]", value) if isinstance(value, dict) else None
        if inner and depth < MAX_DEPTH:
            left_out += _flatten(inner, f"{name}.", depth + 1, found)
        elif len(found) >= MAX_FIELDS:
            left_out += 1
        else:
            found[name] = _value(cast("object", value), depth)
    return left_out


def _value(value: object, depth: int) -> FieldValue:
    if isinstance(value, list) and depth < MAX_DEPTH:
        items = cast("Sequence[object]", value)
        kept = tuple(_value(item, depth + 1) for item in items[:MAX_ITEMS])
        return kept if len(kept) == len(items) else (*kept, shown(f"… ({len(items)} items)"))
    if isinstance(value, list | dict):
        return shown(_written(cast("object", value)))
    return scalar(value)


def _written(value: object) -> str:
    """Return a nested value as JSON text."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "(nested too deeply)"
