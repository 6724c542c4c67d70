"""000: the file of API keys, the usage of each, and the analytics, in their real shapes."""

import threading
import time
from pathlib import Path
from typing import Any

from demo.json_file import read_json, write_json
from demo.stamps import naive, now

REFUSED = "Invalid or inactive API key"
MISSING = "API key required. Include X-API-Key header."
_KEPT_REQUESTS = 1000
_WRITE_EVERY_S = 5.0
_PER_MINUTE = {"free": 10, "dev": 60, "pro": 60}


class KeyStore:
    """Reads the file for every request, so that what an operator changes counts at once."""

    def __init__(self, folder: Path) -> None:
        self._keys = folder / "api_keys.json"
        self._usage = folder / "rate_limits.json"
        self._lock = threading.Lock()

    def admit(self, key: str, path: str) -> str:
        """Count a request; return why it is refused, or nothing."""
        if not key:
            return MISSING
        record = read_json(self._keys).get(key)
        if not record or not record.get("active"):
            return REFUSED
        with self._lock:
            return self._count(key, path, record)

    def _count(self, key: str, path: str, record: dict[str, Any]) -> str:
        usage = read_json(self._usage)
        stamp = naive(now())
        month = usage.setdefault(
            f"{key}_{now():%Y-%m}", {"count": 0, "first_request": stamp, "overage_requests": 0}
        )
        is_over = month["count"] >= int(record["requests_per_month"])
        if is_over and record["tier"] == "free":
            return REFUSED  # the real text for a quota that is used up (fact 4)
        month["count"] += 1
        month["last_request"] = stamp
        month["overage_requests"] += is_over
        window = usage.setdefault(f"{key}:{path}", {"requests": []})
        window["limit"] = _PER_MINUTE.get(str(record["tier"]), 60)
        window["requests"] = [*window["requests"], stamp][-window["limit"] :]
        write_json(self._usage, usage)
        return ""


class Analytics:
    """What `api_analytics.json` keeps; written every few seconds, for it is rewritten whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._written_at = 0.0
        blank: dict[str, Any] = {"requests": [], "endpoints": {}, "keys": {}, "daily_stats": {}}
        self._data = blank | read_json(path)

    def add(self, method: str, path: str, key: str, status: int, took_s: float) -> None:
        """Remember one request."""
        stamp = naive(now())
        prefix = f"{(key or 'anonymous')[:10]}..."
        entry = {
            "timestamp": stamp,
            "endpoint": path,
            "method": method,
            "api_key_prefix": prefix,
            "status_code": status,
            "response_time_ms": round(took_s * 1000, 3),
        }
        with self._lock:
            self._data["requests"] = [*self._data["requests"], entry][-_KEPT_REQUESTS:]
            self._count(f"{method} {path}", prefix, stamp, is_good=status < 400)
            if time.monotonic() - self._written_at > _WRITE_EVERY_S:
                self._written_at = time.monotonic()
                write_json(self._path, self._data)

    def _count(self, endpoint: str, prefix: str, stamp: str, *, is_good: bool) -> None:
        blank = {"count": 0, "success_count": 0, "error_count": 0, "avg_response_time": 0}
        at = self._data["endpoints"].setdefault(endpoint, blank)
        at["count"] += 1
        at["success_count" if is_good else "error_count"] += 1
        user = self._data["keys"].setdefault(prefix, {"count": 0, "last_used": None})
        user["count"] += 1
        user["last_used"] = stamp
        blank_day = {"total_requests": 0, "successful_requests": 0, "failed_requests": 0}
        day = self._data["daily_stats"].setdefault(stamp[:10], blank_day)
        day["total_requests"] += 1
        day["successful_requests" if is_good else "failed_requests"] += 1
