"""Numbers, quantities, times, levels and networks as people write them in a query. Pure."""

import math
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from core.logs.query.fields import unit_ms
from core.logs.query.tree import Network
from core.model.log import LogLevel

_MILLISECONDS = {
    "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1000.0, "sec": 1000.0,
    "m": 60_000.0, "min": 60_000.0, "h": 3_600_000.0, "d": 86_400_000.0, "w": 604_800_000.0,
    "y": 31_536_000_000.0,
}  # fmt: skip
_SIZE_FACTORS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}
_SIZE_SUFFIXES = {"_kb": 1 << 10, "_mb": 1 << 20, "_gb": 1 << 30, "_tb": 1 << 40}

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?", re.ASCII)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|sec|s|min|m|h|d|w|y))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|sec|s|min|m|h|d|w|y)", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmgt]?)i?b", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(\.\d+)?", re.ASCII)
_MAX_CHARS = 64
_DAY_S = 86_400.0
_LONGEST_MS = 100 * _MILLISECONDS["y"]

LEVEL_WORDS = {
    "trace": LogLevel.TRACE, "debug": LogLevel.DEBUG,
    "info": LogLevel.INFO, "information": LogLevel.INFO, "notice": LogLevel.INFO,
    "warn": LogLevel.WARN, "warning": LogLevel.WARN,
    "error": LogLevel.ERROR, "err": LogLevel.ERROR,
    "critical": LogLevel.CRITICAL, "crit": LogLevel.CRITICAL, "fatal": LogLevel.CRITICAL,
    "alert": LogLevel.CRITICAL, "emerg": LogLevel.CRITICAL, "emergency": LogLevel.CRITICAL,
    "panic": LogLevel.CRITICAL,
}  # fmt: skip
"""What may be written for a level, in any case."""


def parse_number(text: str) -> float | None:
    """Return a plain number, finite; None for anything else."""
    if len(text) > _MAX_CHARS or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def parse_duration_ms(text: str) -> float | None:
    """Return milliseconds of `1.5s`, `250ms`, `1h30m`; None for anything else."""
    if len(text) > _MAX_CHARS or not _DURATION.fullmatch(text):
        return None
    total = sum(float(number) * _MILLISECONDS[unit] for number, unit in _PART.findall(text))
    return total if total <= _LONGEST_MS else None


def parse_size_bytes(text: str) -> float | None:
    """Return bytes of `512MiB`, `10kb`; units are powers of 1024. None for anything else."""
    match = _SIZE.fullmatch(text) if len(text) <= _MAX_CHARS else None
    if match is None:
        return None
    return float(match.group(1)) * _SIZE_FACTORS[f"{match.group(2).lower()}b"]


def parse_quantity(text: str, field: str) -> float | None:
    """Return a number in the unit of a field's name, None when it is no quantity.

    A duration for a field whose unit does not show is in seconds, a size in bytes.
    """
    number = parse_number(text)
    if number is not None:
        return number
    duration_ms = parse_duration_ms(text)
    if duration_ms is not None:
        return duration_ms / (unit_ms(field) or 1000.0)
    size_bytes = parse_size_bytes(text)
    if size_bytes is None:
        return None
    return size_bytes / next(
        (each for suffix, each in _SIZE_SUFFIXES.items() if field.lower().endswith(suffix)), 1
    )


def parse_level(text: str) -> LogLevel | None:
    """Return the level of a word, or of a number on the scale of Python's logging."""
    level = LEVEL_WORDS.get(text.lower())
    if level is None and text.isascii() and text.isdigit() and len(text) < 4:
        return next((each for each in reversed(LogLevel) if int(text) >= each), LogLevel.TRACE)
    return level


def parse_time_s(text: str, now_s: float) -> float | None:
    """Return seconds since 1970 of a moment, or of an age before `now_s`; None for neither.

    `1h` (ago), `2026-03-14T09:00Z`, `2026-03-14`, `09:00` (the last one that was), `today`,
    `yesterday`, `now`, and seconds or milliseconds since 1970. Without a zone it is UTC.
    """
    age_ms = parse_duration_ms(text)
    if age_ms is not None:
        return now_s - age_ms / 1000
    midnight_s = now_s - now_s % _DAY_S
    words = {"now": now_s, "today": midnight_s, "yesterday": midnight_s - _DAY_S}
    if text.lower() in words:
        return words[text.lower()]
    match = _CLOCK.fullmatch(text)
    if match is not None:
        return _last_clock_s(match, midnight_s, now_s)
    match = _EPOCH.fullmatch(text)
    if match is not None:
        whole, thousandths, fraction = match.groups(default="")
        return float(f"{whole}.{thousandths}{fraction[1:]}") if thousandths else float(text)
    return _iso_s(text)


def _last_clock_s(match: re.Match[str], midnight_s: float, now_s: float) -> float | None:
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    at_s = midnight_s + timedelta(hours=hour, minutes=minute, seconds=second).total_seconds()
    return at_s if at_s <= now_s else at_s - _DAY_S


def _iso_s(text: str) -> float | None:
    if len(text) > _MAX_CHARS or not text[:4].isdigit() or "-" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def parse_network(text: str) -> Network | None:
    """Return a network of `203.0.113.0/24`, `2001:db8::/32`, or of one address; None otherwise."""
    if len(text) > _MAX_CHARS or not text or not (text[0].isalnum() or text[0] in ":["):
        return None
    if text.isdigit():
        return None
    try:
        return ip_network(text.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return None
