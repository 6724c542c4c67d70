"""Looks into JSON values without trusting their shape. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from core.clients.json_body import JsonValue
from core.model.text import EMPTY, SafeText, clean

_TEXT_CHARS = 300
_EPOCH_MS_FROM = 1e11
_EPOCH_FROM, _EPOCH_TO = 1e8, 4e9


def field(body: JsonValue, *names: str) -> JsonValue:
    """Return the first of the named fields, names compared without case; None when absent."""
    if not isinstance(body, dict):
        return None
    is_folded = all(map(str.islower, body))
    folded = body if is_folded else {key.casefold(): value for key, value in body.items()}
    for name in names:
        if (value := folded.get(name)) is not None:
            return value
    return None


def has_field(body: JsonValue, name: str) -> bool:
    """Return whether the field is there, be it null."""
    return isinstance(body, dict) and any(key.casefold() == name for key in body)


def text_of(value: JsonValue, max_chars: int = _TEXT_CHARS) -> SafeText:
    """Return a value as one clean line; empty for null. Objects are told by their message."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return clean("true" if value else "false")
    if isinstance(value, dict):
        inner = field(value, "message", "error", "detail", "msg", "description", "status")
        return text_of(inner, max_chars) if inner is not None else clean(f"{len(value)} fields")
    if isinstance(value, list):
        return clean(f"{len(value)} items")
    return clean(str(value), max_chars)


def number_of(value: JsonValue) -> float | None:
    """Return a finite number, also from a text such as `12.5`; None for all else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | str):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None
    return None


def items_of(value: JsonValue) -> Sequence[JsonValue]:
    """Return a list's items; nothing for any other shape."""
    return value if isinstance(value, list) else ()


def fields_of(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return an object's fields; none for any other shape."""
    return value if isinstance(value, dict) else {}


def stamp_of(value: JsonValue) -> datetime | None:
    """Return a time from ISO text (`Z`, `+0000`, naive = UTC) or an epoch in seconds or ms."""
    if isinstance(value, str) and (parsed := _iso(value.strip())) is not None:
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    number = number_of(value)
    if number is None:
        return None
    seconds = number / 1000 if number > _EPOCH_MS_FROM else number
    if not _EPOCH_FROM < seconds < _EPOCH_TO:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def is_naive(value: JsonValue) -> bool:
    """Return whether a stamp is text without a zone: nobody said whose clock it is."""
    parsed = _iso(value.strip()) if isinstance(value, str) else None
    return parsed is not None and parsed.tzinfo is None


def age_s(value: JsonValue, now: datetime) -> float | None:
    """Return the age of a stamp in seconds, negative for the future; None without a stamp.

    A stamp without a zone is read as UTC and as this machine's local time; the fresher reading
    counts, since many services write local time without saying so.
    """
    stamp = stamp_of(value)
    if stamp is None:
        return None
    age = (now - stamp).total_seconds()
    if not is_naive(value):
        return age
    offset = now.astimezone().utcoffset() or timedelta()
    return min(age, age + offset.total_seconds(), key=abs)


def at_path(body: JsonValue, path: str) -> JsonValue:
    """Return the value at a dotted path; list items by number; None when it leads nowhere."""
    value = body
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
