"""What counters of refusals tell of each client."""

from datetime import UTC, datetime, timedelta

from core.model.ids import ServiceId
from core.model.limit import Rejections
from core.model.metric import NO_POINTS, MetricKind, MetricsState, Scrape, Series, SeriesKey
from core.model.text import clean
from core.store.rejections import metric_rejections

BEGAN = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
API = ServiceId("shop", "api")


def counter(name: str, *values: float, **labels: str) -> Series:
    """Return a counter read every 15 s."""
    points = NO_POINTS
    for at, value in enumerate(values):
        points = points.with_newest((BEGAN + timedelta(seconds=15 * at), value), 100)
    pairs = tuple(sorted((clean(one), clean(text)) for one, text in labels.items()))
    return Series(SeriesKey(API, clean(name), pairs), MetricKind.COUNTER, points)


def told(*series: Series, state: str = "ok") -> Rejections | None:
    scrape = Scrape(BEGAN, state, clean(""))
    return metric_rejections([MetricsState(scrape, series, ())]).get("shop/api")


def test_refusals_of_a_client_are_a_rate_of_the_last_minute() -> None:
    found = told(
        counter("requests_total", 0, 1000, 1010, 1010, 1020, 1030, status="429", client="10.0.0.1"),
        counter("requests_total", 0, 9000, 9001, 9002, 9003, 9004, status="200", client="10.0.0.1"),
        counter("requests_total", 4, 4, 4, 4, 4, 4, status="429", client="10.0.0.2"),
    )
    assert found is not None
    assert found.per_client == {"10.0.0.1": 30.0, "10.0.0.2": 0.0}
    assert found.source == "metric requests_total, last minute"


def test_a_counter_that_begins_anew_loses_nothing() -> None:
    found = told(counter("rate_limit_exceeded_total", 90, 100, 5, 15, client_ip="10.0.0.1"))
    assert found is not None
    assert found.per_client == {"10.0.0.1": 60 * 25 / 45}


def test_what_is_counted_twice_is_taken_once() -> None:
    found = told(
        counter("http_requests_429_total", 0, 15, client="a"),
        counter("requests_total", 0, 14, code="429", client="a"),
    )
    assert found is not None
    assert found.per_client == {"a": 60.0}


def test_a_counter_without_a_label_for_the_client_says_so() -> None:
    found = told(counter("http_requests_429_total", 0, 15))
    assert found is not None
    assert found.per_client == {}
    assert found.why == "metric http_requests_429_total has no label for the client"


def test_one_read_is_no_rate_and_no_counter_tells_nothing() -> None:
    once = told(counter("http_requests_429_total", 7, client="a"))
    assert once is not None
    assert once.why == "it was read once so far"
    assert told(counter("http_requests_total", 0, 15)) is None
    assert told(counter("http_requests_429_total", 0, 15, client="a"), state="timeout") is None
