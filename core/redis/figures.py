"""Numbers and moments as limiters and breakers write them. Pure; what is junk is never a zero."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

from core.model.text import SafeText, clean

_NUMBER = re.compile(rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_MOST = 1e15
"""No count, rate or capacity is larger; doubles count exactly up to there."""
_EARLIEST_S = 1e8
"""1973. Smaller figures are spans, or time since the machine started."""
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
"""Below this a stamp counts so many parts of a second: s, ms, µs, ns. They never overlap."""
_MAX_CHARS = 80
_SHOWN_CHARS = 40
_NOTHING = frozenset({b"", b"null", b"none", b"nil", b"undefined"})


class Unusable(ValueError):
    """What is written cannot be what it should be. Its text says why, in a word or three."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment."""

    time_s: float
    """Seconds since 1970."""
    is_whole: bool
    """It was written in whole seconds, and whoever wrote it reckons in them."""


def parse_number(data: bytes) -> float:
    """Return a number that is finite and not negative.

    Raises:
        Unusable: `empty`, `not a number`, `negative` or `too large`.
    """
    text = data.strip()
    if not text:
        raise Unusable("empty")
    if len(text) > _MAX_CHARS or not _NUMBER.fullmatch(text):
        raise Unusable("not a number")
    number = float(text)
    if number < 0:
        raise Unusable("negative")
    if not isfinite(number) or number > _MOST:
        raise Unusable("too large")
    return number


def parse_count(data: bytes) -> int:
    """Return a whole number that is not negative.

    Raises:
        Unusable: as `parse_number`, or `not a whole number`.
    """
    number = parse_number(data)
    if not number.is_integer():
        raise Unusable("not a whole number")
    return int(number)


def parse_stamp(data: bytes) -> Stamp:
    """Return a moment written as seconds, ms, µs or ns since 1970, or as ISO 8601 (else UTC).

    Raises:
        Unusable: `empty`, `not a time` or `negative`.
    """
    text = data.strip().strip(b'"')
    if not text:
        raise Unusable("empty")
    if _NUMBER.fullmatch(text) and len(text) <= _MAX_CHARS:
        return _counted(float(text), is_whole=b"." not in text)
    return Stamp(_iso_s(text[:_MAX_CHARS].decode("utf-8", "replace")), is_whole=False)


def is_nothing(data: bytes) -> bool:
    """Tell whether it is written that there is nothing: an empty text, null, or zero."""
    text = data.strip().lower()
    if text in _NOTHING:
        return True
    return len(text) <= _MAX_CHARS and bool(_NUMBER.fullmatch(text)) and float(text) == 0


def trouble(name: str, why: object, data: bytes | None = None) -> SafeText:
    """Return one line that names a field, what is wrong with it, and what is written there."""
    said = f"{clean(name, _SHOWN_CHARS)}: {why}"
    return clean(f"{said}: {clean(data[:200], _SHOWN_CHARS)}" if data else said)


def _counted(number: float, *, is_whole: bool) -> Stamp:
    if number < 0:
        raise Unusable("negative")
    if number < _EARLIEST_S:
        raise Unusable("not a time")
    for below, parts in _UNITS:
        if number < below:
            return Stamp(number / parts, is_whole=is_whole and parts == 1.0)
    raise Unusable("not a time")


def _iso_s(text: str) -> float:
    if not _ISO.match(text):
        raise Unusable("not a time")
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise Unusable("not a time") from error
