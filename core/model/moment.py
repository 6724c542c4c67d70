"""Moments that outside programs tell as numbers. Pure."""

from datetime import UTC, datetime


def moment_at(at_s: float | None) -> datetime | None:
    """Return seconds since 1970 as a moment; None: not known, or in no year of the calendar.

    A commit, for one, may be of the year 3170843.
    """
    if at_s is None:
        return None
    try:
        return datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
