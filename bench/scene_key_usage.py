"""What the analytics of the scripted night tell of the API's keys."""

from datetime import datetime, timedelta

from core.model.key_store import EndpointUsage, KeyAnalytics
from core.model.text import clean

_ENDPOINTS = (
    ("/v1/search", 61_204, 402, 18.0, 96.0, 310.0),
    ("/v1/items/{id}", 33_870, 51, 9.0, 31.0, 84.0),
    ("/v1/export", 4_118, 377, 720.0, 2_900.0, 8_400.0),
    ("/v1/login", 2_940, 1_402, 41.0, 120.0, 402.0),
    ("/health", 1_702, 0, 0.8, 1.4, 3.1),
    ("/v1/[b]odd\x1b[31m", 12, 12, None, None, None),
)
_KEYS = (
    ("key_Zr81xk", 1_702, 1_402),
    ("key_3kQw0n", 61_031, 214),
    ("key_b7Tn2p", 18_220, 77),
    ("key_Xe9fLm", 12_114, 0),
    ("key_0hR31c", 9_870, 0),
    ("dev_key_12", 907, 0),
)
_WEEK = (5_900, 6_240, 6_110, 5_880, 6_420, 2_910, 2_480)


def analytics(now: datetime) -> KeyAnalytics:
    """Return a month of requests, one key of them refused most of the time."""
    days = tuple(
        (f"{now - timedelta(days=back):%Y-%m-%d}", _WEEK[back % 7] - 31 * back)
        for back in reversed(range(30))
    )
    hours = tuple(120 + 34 * (min(hour, 24 - hour) ** 2) // 10 for hour in range(24))
    total = sum(count for _, count, *_ in _ENDPOINTS)
    failed = sum(failed for _, _, failed, *_ in _ENDPOINTS)
    endpoints = tuple(
        EndpointUsage(clean(name), count, bad, p50, p95, p99)
        for name, count, bad, p50, p95, p99 in _ENDPOINTS
    )
    keys = tuple((clean(begins), count, refused) for begins, count, refused in _KEYS)
    return KeyAnalytics(total, total - failed, 17.0, 112.0, 640.0, endpoints, days, hours, keys)
