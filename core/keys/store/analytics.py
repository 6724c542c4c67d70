"""What the analytics file says of requests: rates, percentiles, endpoints, days, hours, keys. Pure.

Requests are counted while the file is parsed, and not kept: only their durations are.
"""

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from core.errors import ClientGarbled
from core.keys.store.addresses import Addresses
from core.keys.store.fields import as_moment
from core.keys.store.usage import count_of
from core.model.key_store import EndpointUsage, KeyAnalytics
from core.model.text import EMPTY, SafeText, clean

LIMIT_BYTES = 32 * 1024 * 1024
_ENDPOINTS, _KEYS, _DAYS = 50, 200, 90
_DISTINCT = 10_000
"""Endpoints and keys that are told apart; an attacker may ask for any address."""
_OTHERS = "(others)"
_HOURS = 24
_REFUSED = frozenset({401, 403})
_SHOWN = 10


def parse_analytics(
    data: bytes, now: datetime, name_key: Callable[[str], SafeText] | None = None
) -> KeyAnalytics:
    """Return what an analytics file says.

    Args:
        data: The file's bytes.
        now: Hours are counted back from it.
        name_key: What to call a key by its beginning; None: as it stands there, shortened.

    Raises:
        ClientGarbled: torn, or no analytics.
    """
    tally = _Tally(now)
    try:
        document: object = json.loads(data.decode("utf-8-sig"), object_hook=tally.take)
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "not UTF-8"
        raise ClientGarbled(f"it is torn or no JSON: {clean(what)}") from None
    if not isinstance(document, dict | list):
        raise ClientGarbled("it holds no requests")
    return tally.result(document, name_key or shortened)  # pyright: ignore[reportUnknownArgumentType] - any JSON


def shortened(beginning: str) -> SafeText:
    """Return the beginning of a key, never more than analytics are said to keep of it."""
    bare = beginning.removesuffix("...").removesuffix("…")
    return clean(f"{bare[:_SHOWN]}…")


def percentile(ordered: "array[float] | list[float]", part: float) -> float | None:
    """Return the value below which a part of all lie, by nearest rank; None: there are none."""
    return ordered[max(0, ceil(part * len(ordered)) - 1)] if ordered else None


class _Tally:
    """Counts requests one by one."""

    def __init__(self, now: datetime) -> None:
        self._hour = now.replace(minute=0, second=0, microsecond=0)
        self.total = self.succeeded = 0
        self.times: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        self.counts: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.days: Counter[str] = Counter()
        self.hours: Counter[int] = Counter()
        self.keys: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.addresses = Addresses(now)

    def take(self, fields: dict[str, object]) -> dict[str, object] | None:
        """Count an object if it is a request, and drop it; keep any other."""
        code = count_of(fields.get("status_code"))
        if code is None:
            return fields
        self.total += 1
        is_good = code < 400
        self.succeeded += is_good
        endpoint = _among(
            f"{fields.get('method', '')} {fields.get('endpoint', '')}".strip(), self.counts
        )
        self.counts[endpoint] += 1
        self.failed[endpoint] += not is_good
        took = fields.get("response_time_ms")
        if isinstance(took, int | float) and not isinstance(took, bool) and 0 <= took < 1e12:
            self.times[endpoint].append(took)
        key = fields.get("api_key_prefix")
        if isinstance(key, str) and key:
            key = _among(key, self.keys)
            self.keys[key] += 1
            self.refused[key] += code in _REFUSED
        text = fields.get("timestamp")
        at = as_moment(text) if isinstance(text, str) else None
        if at is not None:
            self._take_time(at)
            if isinstance(key, str) and key:
                self.addresses.take(key, fields, at)
        return None

    def _take_time(self, at: datetime) -> None:
        self.days[f"{at:%Y-%m-%d}"] += 1
        back = ceil((self._hour - at) / timedelta(hours=1))
        if 0 <= back < _HOURS:
            self.hours[back] += 1

    def result(self, document: object, name_key: Callable[[str], SafeText]) -> KeyAnalytics:
        """Return what was counted, with the days that the file itself has counted before."""
        every = array("d", sorted(one for times in self.times.values() for one in times))
        days = self.days | _counted_days(document)
        named: defaultdict[SafeText, list[int]] = defaultdict(lambda: [0, 0])
        for key, count in self.keys.most_common():
            pair = named[name_key(key)]
            pair[0] += count
            pair[1] += self.refused[key]
        addresses, against = self.addresses.result(name_key)
        return KeyAnalytics(
            self.total, self.succeeded,
            percentile(every, 0.50), percentile(every, 0.95), percentile(every, 0.99),
            tuple(self._endpoint(one, count) for one, count in self.counts.most_common(_ENDPOINTS)),
            tuple(sorted(days.items())[-_DAYS:]),
            tuple(self.hours[back] for back in range(_HOURS - 1, -1, -1)) if self.hours else (),
            tuple((name, *pair) for name, pair in list(named.items())[:_KEYS]),  # pyright: ignore[reportArgumentType] - a pair is two
            self._note(document), addresses, against,
        )  # fmt: skip

    def _endpoint(self, endpoint: str, count: int) -> EndpointUsage:
        times = sorted(self.times[endpoint]) if endpoint in self.times else []
        return EndpointUsage(
            clean(endpoint, 200), count, self.failed[endpoint],
            percentile(times, 0.50), percentile(times, 0.95), percentile(times, 0.99),
        )  # fmt: skip

    def _note(self, document: object) -> SafeText:
        counted = sum(_counted(document, "endpoints", "count").values())
        if counted > self.total:
            return clean(f"the last {self.total:,} of {counted:,} requests that were counted")
        return EMPTY if self.total else clean("no requests are recorded")


def _among(text: str, known: Counter[str]) -> str:
    return text if text in known or len(known) < _DISTINCT else _OTHERS


def _counted(document: object, part: str, field: str) -> Counter[str]:
    """Return what the file itself has counted, by name."""
    made: Counter[str] = Counter()
    below: object = document.get(part) if isinstance(document, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any JSON
    if not isinstance(below, dict):
        return made
    for name, fields in below.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
        count = count_of(fields.get(field)) if isinstance(fields, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - any JSON
        if count is not None:
            made[str(name)] = count  # pyright: ignore[reportUnknownArgumentType] - any JSON
    return made


def _counted_days(document: object) -> Counter[str]:
    days = _counted(document, "daily_stats", "total_requests")
    return Counter({str(clean(day, 10)): count for day, count in days.items()})
