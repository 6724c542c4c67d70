"""Turns frozen values into what JSON can hold. Names are those of the model, units included."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from math import isfinite

from core.model.ids import CheckId, ServiceId
from core.model.secret import MASK, Secret


def as_json(value: object) -> object:
    """Return a value as dictionaries, lists, strings, numbers, true, false and null.

    Moments become ISO 8601 in UTC, ids their text, pairs in a tuple stay pairs, secrets the mask.
    Numbers that JSON cannot hold (NaN, infinity) become their text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, datetime):
        return moment(value)
    return _compound_as_json(value)


def _compound_as_json(value: object) -> object:
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, ServiceId | CheckId):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        pairs: Mapping[object, object] = value  # pyright: ignore[reportUnknownVariableType] - any mapping of the model
        return {str(key): as_json(item) for key, item in pairs.items()}
    if isinstance(value, tuple | list):
        items: tuple[object, ...] = tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any tuple of the model
        return [as_json(item) for item in items]
    return str(value)


def moment(at: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC with milliseconds, or None."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(seconds: float | None) -> float | None:
    """Return seconds as milliseconds with three decimals, or None."""
    return None if seconds is None else round(seconds * 1000, 3)
