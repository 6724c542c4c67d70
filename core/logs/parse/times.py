"""Times as logs write them, to seconds since 1970. Pure; nonsense is None, never an error.

A time without a zone is read in the zone that the caller names and is labelled NAIVE; a time
without a year takes the year that puts it latest before the caller's reference.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias

from core.model.log import TimeBasis

When: TypeAlias = tuple[float, TimeBasis]
"""Seconds since 1970 and where they come from."""

_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?"
_DAY_MONTH_YEAR = (
    r"\d{1,2}[/ ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[/ ]\d{4}[: ]"
    r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [+-]\d{4}\b)?"
)
_EPOCH = r"\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19}"
STAMP: Final = rf"(?:{_ISO}|{_DAY_MONTH_YEAR}|{_EPOCH})"
"""What leads a line as its time, as a pattern without groups."""

_ISO_PARTS = re.compile(
    r"(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d):(\d\d(?:[.,]\d{1,9})?) ?(Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DAY_PARTS = re.compile(
    r"(\d{1,2})[/ ]([A-Z][a-z]{2})[/ ](\d{4})[: ](\d\d:\d\d):(\d\d(?:[.,]\d{1,9})?) ?([+-]\d{4})?",
    re.ASCII,
)
_SHORT_PARTS = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d):(\d\d(?:\.\d{1,9})?)", re.ASCII)
_EPOCH_PARTS = re.compile(_EPOCH, re.ASCII)
_MONTHS: Final[Mapping[str, int]] = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_EPOCH_FROM, _EPOCH_MS_FROM, _EPOCH_US_FROM, _EPOCH_NS_FROM = 1e8, 1e11, 1e14, 1e17
_EPOCH_TO = 1e20
_DAY_S = 86_400
_ZONED, _NAIVE = TimeBasis.ZONED, TimeBasis.NAIVE
_YEARS_BACK = 9
"""Far enough that a 29 February is found, over a century without a leap day too."""


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What must be known to read times: the zone of naive ones, and about when it is."""

    zone: tzinfo = UTC
    reference_s: float | None = None
    """Seconds since 1970. Without it, a time without a year is not known."""

    def when(self, text: str) -> When | None:
        """Return the time that `text` is, in any of the known forms; None when it is none."""
        if match := _ISO_PARTS.fullmatch(text):
            minute, second, zone = match.groups()
            return self._join(minute, second, zone)
        if match := _DAY_PARTS.fullmatch(text):
            day, month, year, minute, second, zone = match.groups()
            number = _MONTHS.get(month, 0)
            return self._join(f"{year}-{number:02}-{int(day):02}T{minute}", second, zone)
        if _EPOCH_PARTS.fullmatch(text):
            return epoch(float(text))
        return None

    def when_field(self, value: object) -> When | None:
        """Return the time that a field gives: text in a known form, or seconds, ms, µs, ns."""
        if isinstance(value, str):
            return self.when(value if len(value) < 40 else "")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return epoch(value)

    def when_short(self, text: str) -> When | None:
        """Return the time of `Mar 14 09:26:53`, the latest that is not after the reference."""
        match = _SHORT_PARTS.fullmatch(text)
        if match is None or self.reference_s is None:
            return None
        month, day, minute, second = match.groups()
        number = _MONTHS.get(month, 0)
        this_year = _year(self.reference_s)
        for year in range(this_year + 1, this_year - _YEARS_BACK, -1):
            found = self._join(f"{year:04}-{number:02}-{int(day):02}T{minute}", second, None)
            # A day of grace: the machine that wrote it may be ahead of us, or in another zone.
            if found is not None and found[0] <= self.reference_s + _DAY_S:
                return found
        return None

    def _join(self, minute: str, second: str, zone: str | None) -> When | None:
        start = _minute_s(minute, zone, self.zone)
        if start is None or (seconds := float(second.replace(",", "."))) >= 61:
            return None
        return start + seconds, (_NAIVE if zone is None else _ZONED)


def epoch(number: float) -> When | None:
    """Return a count since 1970 in seconds, ms, µs or ns, told apart by size."""
    if not _EPOCH_FROM < number < _EPOCH_TO:
        return None
    if number >= _EPOCH_NS_FROM:
        return number / 1e9, _ZONED
    if number >= _EPOCH_US_FROM:
        return number / 1e6, _ZONED
    if number >= _EPOCH_MS_FROM:
        return number / 1e3, _ZONED
    return float(number), _ZONED


@lru_cache(maxsize=4096)
def _minute_s(minute: str, zone: str | None, naive_zone: tzinfo) -> float | None:
    """Return when `YYYY-MM-DD HH:MM` begins; the lines of one minute share the answer."""
    try:
        start = datetime.fromisoformat(minute.replace("/", "-"))
        if zone is None:
            return start.replace(tzinfo=naive_zone).timestamp()
        return start.replace(tzinfo=UTC).timestamp() - _offset_s(zone)
    except (ValueError, OverflowError):
        return None


def _offset_s(zone: str) -> int:
    if zone in {"Z", "UTC"}:
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _year(reference_s: float) -> int:
    try:
        return datetime.fromtimestamp(reference_s, UTC).year
    except (ValueError, OverflowError, OSError):
        return 1970
