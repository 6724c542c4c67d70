"""002: Prometheus text of the business engine; two families are declared and never have samples."""

import threading
from collections import Counter
from pathlib import Path

_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
KIND = "text/plain; version=1.0.0; charset=utf-8"
_DECLARED_ONLY = (
    "# HELP redis_stream_lag_seconds Redis Stream lag in seconds per consumer group\n"
    "# TYPE redis_stream_lag_seconds gauge\n"
    "# HELP queue_depth Current queue depth by stream\n"
    "# TYPE queue_depth gauge\n"
)


class Exposition:
    """Counts requests and renders them."""

    def __init__(self, started_at: float) -> None:
        self._started_at = started_at
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._errors: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[tuple[str, str, str], list[int]] = {}
        self._sums: dict[tuple[str, str, str], float] = {}

    def add(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one answered request."""
        key = (method, route, f"{status // 100}xx")
        with self._lock:
            self._counts[key] += 1
            self._sums[key] = self._sums.get(key, 0.0) + took_s
            buckets = self._buckets.setdefault(key, [0] * len(_BOUNDS))
            for index, bound in enumerate(_BOUNDS):
                buckets[index] += took_s <= bound
            if status >= 400:
                self._errors[(method, route, status)] += 1

    def text(self) -> str:
        """Return the whole page."""
        with self._lock:
            parts = [self._counters(), self._error_counters(), self._histogram()]
        memory = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
        parts.append(_DECLARED_ONLY)
        parts.append(
            "# HELP process_resident_memory_bytes Resident memory size in bytes.\n"
            "# TYPE process_resident_memory_bytes gauge\n"
            f"process_resident_memory_bytes {memory:.8e}\n"
            "# HELP process_start_time_seconds Start time of the process since unix epoch.\n"
            "# TYPE process_start_time_seconds gauge\n"
            f"process_start_time_seconds {self._started_at:.11e}\n"
        )
        return "".join(parts)

    def _counters(self) -> str:
        lines = [
            "# HELP api_requests_total Total API requests",
            "# TYPE api_requests_total counter",
        ]
        lines += [f"api_requests_total{_labels(k)} {float(n)}" for k, n in self._counts.items()]
        return "\n".join(lines) + "\n"

    def _error_counters(self) -> str:
        lines = ["# HELP api_errors_total Total API errors", "# TYPE api_errors_total counter"]
        for (method, route, status), count in self._errors.items():
            kind = "client_error" if status < 500 else "server_error"
            labels = f'error_type="{kind}",method="{method}",route="{route}",status_code="{status}"'
            lines.append(f"api_errors_total{{{labels}}} {float(count)}")
        return "\n".join(lines) + "\n"

    def _histogram(self) -> str:
        name = "api_request_latency_seconds"
        lines = [f"# HELP {name} API request latency in seconds", f"# TYPE {name} histogram"]
        for key, buckets in self._buckets.items():
            for bound, count in zip((*_BOUNDS, "+Inf"), (*buckets, self._counts[key]), strict=True):
                le = bound if isinstance(bound, str) else f"{bound:g}"
                lines.append(f"{name}_bucket{_labels(key, le)} {float(count)}")
            lines.append(f"{name}_count{_labels(key)} {float(self._counts[key])}")
            lines.append(f"{name}_sum{_labels(key)} {self._sums[key]:.6f}")
        lines += [f"# HELP {name}_created {name}", f"# TYPE {name}_created gauge"]
        lines += [f"{name}_created{_labels(k)} {self._started_at:.6f}" for k in self._buckets]
        return "\n".join(lines) + "\n"


def _labels(key: tuple[str, str, str], le: str = "") -> str:
    method, route, status = key
    first = f'le="{le}",' if le else ""
    return f'{{{first}method="{method}",route="{route}",status_class="{status}"}}'
