"""What `rate_limits.json` says: this month's and today's requests of each key. Pure.

One file has two kinds of records (facts.md, 4): `<key>_2026-03` with counts, and `<key>:<path>`
with the times of the last requests. What says neither is left alone.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.errors import ClientGarbled
from core.keys.store.fields import as_moment
from core.model.text import clean

_PERIOD = re.compile(r"^(?P<key>.+)_(?P<period>\d{4}-\d{2}(?:-\d{2})?)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """One key's requests. None: no record says."""

    month: int | None = None
    today: int | None = None
    overage: int | None = None
    """Requests beyond the quota, as the server counts them."""
    last_used: datetime | None = None
    used_since: datetime | None = None
    """It was used then or later: the begin of the last month that has a count."""


UsageOf = Callable[[str], KeyUsage]
"""Returns the usage of a key; of one without records nothing is known."""


def parse_usage(data: bytes, now: datetime) -> dict[str, KeyUsage]:
    """Return the usage by key of this month and this day, UTC; earlier months do not count.

    Raises:
        ClientGarbled: torn, or no object of records.
    """
    document = loaded(data)
    if not isinstance(document, dict):
        raise ClientGarbled("it is no object of usage records")
    found: dict[str, KeyUsage] = {}
    for name, record in document.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
        if not isinstance(name, str) or not isinstance(record, dict):
            continue
        fields: dict[str, object] = record  # pyright: ignore[reportUnknownVariableType] - any JSON
        key, usage = _one(name, fields, now)
        if usage is not None:
            found[key] = joined(found.get(key), usage)
    return found


def loaded(data: bytes) -> object:
    """Return what JSON says, numbers as numbers.

    Raises:
        ClientGarbled: it is none.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "not UTF-8"
        raise ClientGarbled(f"it is torn or no JSON: {clean(what)}") from None


def count_of(value: object) -> int | None:
    """Return a count; None: it is none, or below nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 1e18 else None


def latest(*moments: datetime | None) -> datetime | None:
    """Return the last of those that are known."""
    return max((at for at in moments if at is not None), default=None)


def _one(name: str, fields: dict[str, object], now: datetime) -> tuple[str, KeyUsage | None]:
    """Return whose record it is, and what it says; None: nothing."""
    path_at = name.find(":/")
    times = fields.get("requests")
    if path_at > 0 and isinstance(times, list):
        texts: list[object] = times  # pyright: ignore[reportUnknownVariableType] - any JSON
        return name[:path_at], of_times(texts, now)
    match = _PERIOD.match(name)
    count = count_of(fields.get("count"))
    if match is None or count is None:
        return name, None
    last = fields.get("last_request")
    last_used = as_moment(last) if isinstance(last, str) else None
    overage = count_of(fields.get("overage_requests"))
    return match["key"], of_period(match["period"], count, now, last_used, overage)


def of_period(
    period: str,
    count: int,
    now: datetime,
    last_used: datetime | None = None,
    overage: int | None = None,
) -> KeyUsage:
    """Return what a count of a month (`2026-03`) or of a day (`2026-03-14`) says now."""
    since = as_moment(f"{period}-01"[:10]) if count else None
    if period == f"{now:%Y-%m-%d}":
        return KeyUsage(today=count, last_used=last_used, used_since=since)
    if period == f"{now:%Y-%m}":
        return KeyUsage(count, None, overage, last_used, since)
    return KeyUsage(last_used=last_used, used_since=since)


def of_times(texts: list[object], now: datetime) -> KeyUsage:
    """Return what the times of the last requests say."""
    moments = [at for one in texts if isinstance(one, str) and (at := as_moment(one)) is not None]
    today = sum(at.date() == now.date() for at in moments)
    return KeyUsage(today=today, last_used=max(moments, default=None))


def joined(one: KeyUsage | None, other: KeyUsage) -> KeyUsage:
    """Return what two records of one key say together."""
    if one is None:
        return other
    return KeyUsage(
        _sum(one.month, other.month),
        _sum(one.today, other.today),
        _sum(one.overage, other.overage),
        latest(one.last_used, other.last_used),
        latest(one.used_since, other.used_since),
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
