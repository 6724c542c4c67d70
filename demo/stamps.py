"""Times as the systems write them."""

import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return the present, UTC."""
    return datetime.now(UTC)


def ago(**span: float) -> datetime:
    """Return a moment in the past."""
    return now() - timedelta(**span)


def naive(moment: datetime) -> str:
    """Return an ISO time without a zone, as `datetime.utcnow().isoformat()` gives it."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def offset(moment: datetime) -> str:
    """Return an ISO time with `+00:00`."""
    return moment.isoformat(timespec="microseconds")


def zulu(moment: datetime) -> str:
    """Return an ISO time in whole seconds with `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def asctime(moment: datetime) -> str:
    """Return the time of Python's logging: `2026-03-14 09:26:53,123`."""
    return moment.strftime("%Y-%m-%d %H:%M:%S,") + f"{moment.microsecond // 1000:03d}"


def epoch() -> float:
    """Return seconds since 1970."""
    return time.time()
