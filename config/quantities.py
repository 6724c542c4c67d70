"""Durations, sizes and measures as people write them, read and written. Pure.

Invariant: a bare number is refused where a unit is needed, because `30` may mean seconds or
minutes to whoever reads the file next.
"""

import math
import re
from dataclasses import dataclass

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "y": 31536000.0,
}
_BYTES = {
    "b": 1,
    "kb": 1024,
    "mb": 1024**2,
    "gb": 1024**3,
    "tb": 1024**4,
    "k": 1024,
    "m": 1024**2,
    "g": 1024**3,
    "t": 1024**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}

DURATION_PATTERN = r"^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d|w|y)\s*)+$"
"""What `parse_duration` reads, for the JSON Schema too."""
SIZE_PATTERN = r"^\s*\d+(\.\d+)?\s*([kKmMgGtT]([iI]?[bB])?|[bB])\s*$"
"""What `parse_size` reads, for the JSON Schema too."""
MEASURE_PATTERN = r"^\s*-?\d+(\.\d+)?\s*(%|/s|/min|/h|/d|ms|s|m|h|d|w|y|[kKmMgGtT]i?[bB]|[bB])?\s*$"
"""What `parse_measure` reads, for the JSON Schema too."""

_DURATION = re.compile(DURATION_PATTERN, re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y)", re.ASCII)
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$", re.ASCII)
_MEASURE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z/%]*)\s*$", re.ASCII)
_PER_SECOND = {"/s": 1.0, "/min": 1 / 60.0, "/h": 1 / 3600.0, "/d": 1 / 86400.0}
_MAX_CHARS = 64


class QuantityError(ValueError):
    """A text that is not the quantity wanted; the message says how to write one."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number in its base unit."""

    value: float
    """Seconds, bytes, a fraction (5 % is 0.05), events a second, or a plain number."""
    unit: str
    """`s`, `bytes`, `fraction`, `/s`, or empty for a plain number."""
    text: str
    """As written."""


def parse_duration(text: str) -> float:
    """Return seconds: `30s`, `5m`, `1h30m`, `500ms`, `7d`.

    Raises:
        QuantityError: not a duration, without a unit, or too long to be meant (over 100 years).
    """
    if len(text) > _MAX_CHARS or not _DURATION.match(text):
        raise QuantityError("not a duration; write a number with a unit, such as 30s, 5m or 1h30m")
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not math.isfinite(total) or total > 100 * _SECONDS["y"]:
        raise QuantityError("longer than 100 years; check the unit")
    return total


def parse_size(text: str) -> int:
    """Return bytes: `512MiB`, `2gb`, `64k`. Units are powers of 1024, as Redis and Docker do.

    Raises:
        QuantityError: not a size, or without a unit.
    """
    match = _SIZE.match(text) if len(text) <= _MAX_CHARS else None
    unit = _BYTES.get(match.group(2).lower()) if match else None
    if match is None or unit is None:
        raise QuantityError("not a size; write a number with a unit, such as 512MiB or 2gb")
    return round(float(match.group(1)) * unit)


def parse_measure(text: str) -> Measure:
    """Return a number with its unit brought to the base one: `2s`, `5%`, `10/h`, `512MiB`, `100`.

    Raises:
        QuantityError: not a number with a known unit.
    """
    match = _MEASURE.match(text) if len(text) <= _MAX_CHARS else None
    if match is not None:
        number, unit = float(match.group(1)), match.group(2)
        if unit == "":
            return Measure(number, "", text)
        if unit == "%":
            return Measure(number / 100, "fraction", text)
        if unit in _PER_SECOND:
            return Measure(number * _PER_SECOND[unit], "/s", text)
        if unit in _SECONDS:
            return Measure(number * _SECONDS[unit], "s", text)
        if unit.lower() in _BYTES:
            return Measure(number * _BYTES[unit.lower()], "bytes", text)
    raise QuantityError("not a measure; write a number with a unit, such as 2s, 5%, 10/h or 512MiB")


def render_duration(seconds: float) -> str:
    """Return the shortest text that `parse_duration` reads back, to the millisecond."""
    left = round(seconds * 1000)
    if left == 0:
        return "0s"
    parts: list[str] = []
    for unit, in_ms in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, in_ms)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
