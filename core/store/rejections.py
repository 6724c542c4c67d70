"""Who was refused lately, as the counters of services tell. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from core.model.limit import Rejections
from core.model.metric import MetricKind, MetricsState, Point, Series
from core.model.text import clean
from core.store.metric_math import rate_per_s

WINDOW = timedelta(seconds=60)
_REFUSALS = re.compile(r"429|rate_?limit\w*_(?:exceeded|rejected|blocked|hits)|throttled|rejected")
_CODES = frozenset({"status", "status_code", "code", "http_status", "response_code"})
_CLIENTS = (
    "client", "client_ip", "ip", "remote_addr", "client_id", "user", "user_id", "tenant",
)  # fmt: skip


def metric_rejections(metrics: Iterable[MetricsState]) -> Mapping[str, Rejections]:
    """Return what counters tell, by `system/service`; services without such a counter lack.

    Counters of one client add up within a metric; of several metrics that count the same refusals
    the highest is taken.
    """
    found: dict[str, Rejections] = {}
    for state in metrics:
        counters = [one for one in state.series if _is_of_refusals(one)]
        if state.scrape.state != "ok" or not counters:
            continue
        service = counters[0].key.service
        found[f"{service.system}/{service.service}"] = _told(counters)
    return found


def _is_of_refusals(series: Series) -> bool:
    key = series.key
    if series.kind is not MetricKind.COUNTER and not key.name.endswith("_total"):
        return False
    has_code = any(name in _CODES and value == "429" for name, value in key.labels)
    return has_code or _REFUSALS.search(key.name) is not None


def _told(counters: Iterable[Series]) -> Rejections:
    rates: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    unlabelled: list[str] = []
    for one in counters:
        client = _client(one)
        rate = rate_per_s(tuple(_recent(one)))
        if client is None:
            unlabelled.append(str(one.key.name))
        elif rate is not None:
            rates[one.key.name][client] += 60.0 * rate
    if not rates:
        names = ", ".join(dict.fromkeys(unlabelled))
        why = f"metric {names} has no label for the client" if names else "it was read once so far"
        return Rejections("metric", {}, why=clean(why))
    per_client: dict[str, float] = {}
    for clients in rates.values():
        for client, per_min in clients.items():
            per_client[client] = max(per_client.get(client, 0.0), per_min)
    return Rejections("metric", per_client, source=clean(f"metric {', '.join(rates)}, last minute"))


def _client(series: Series) -> str | None:
    labels = {str(name): str(value) for name, value in series.key.labels}
    return next((labels[name] for name in _CLIENTS if labels.get(name)), None)


def _recent(series: Series) -> list[Point]:
    points = list(series.points)
    if not points:
        return []
    since = points[-1][0] - WINDOW
    return [point for point in points if point[0] >= since]
