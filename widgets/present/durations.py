"""Spans of time and moments as people read them. Pure: the present moment is an argument.

Moments are UTC and say so with a `Z`; spans have at most two units.
"""

from datetime import UTC, datetime

from widgets.present.numbers import MISSING

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86400


def duration_text(seconds: float | None) -> str:
    """Return a span in its two largest units: `12 s`, `3 m 04 s`, `2 h 05 m`, `2 d 4 h`."""
    if seconds is None:
        return MISSING
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} m {whole % _MINUTE_S:02d} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02d} m"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def short_duration(seconds: float | None) -> str:
    """Return a span in its largest unit, at most five characters: `12s`, `3m`, `2h`, `400d`."""
    if seconds is None:
        return MISSING
    whole = max(0, int(seconds))
    for size, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def since_text(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was; `–` when it is not known."""
    return MISSING if moment is None else duration_text((now - moment).total_seconds())


def ago_text(moment: datetime | None, now: datetime) -> str:
    """Return the shortest telling of how long ago: `12s ago`; a moment to come is `now`."""
    if moment is None:
        return MISSING
    seconds = (now - moment).total_seconds()
    return f"{short_duration(seconds)} ago" if seconds >= 1 else "now"


def until_text(moment: datetime | None, now: datetime) -> str:
    """Return how long until a moment: `in 3 s`, `now`, `12 s overdue`; `–` when not known."""
    if moment is None:
        return MISSING
    seconds = (moment - now).total_seconds()
    if seconds >= 1:
        return f"in {duration_text(seconds)}"
    return "now" if seconds > -2 else f"{duration_text(-seconds)} overdue"


def clock_text(moment: datetime | None, now: datetime) -> str:
    """Return a moment as `14:02:11Z`, with its date when it is not of the same UTC day."""
    if moment is None:
        return MISSING
    moment, now = moment.astimezone(UTC), now.astimezone(UTC)
    if moment.date() == now.date():
        return f"{moment:%H:%M:%S}Z"
    return f"{moment:%m-%d %H:%M}Z" if moment.year == now.year else f"{moment:%Y-%m-%d}"
