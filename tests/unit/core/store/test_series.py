"""Metrics: a scrape becomes series with a past; what is not there is said, never zero."""

from core.model.events import MetricsObserved
from core.model.metric import Family, MetricKind, MetricsState, Sample, Scrape, SeriesKey
from core.model.snapshot import EMPTY_SNAPSHOT
from core.model.text import clean
from core.store.history import SERIES_PER_SERVICE, SERIES_WINDOW
from core.store.reducer import reduce
from core.store.series import fold_scrape
from tests.fakes.world import at, service_id

API = service_id("api")


def sample(name: str, value: float, kind: MetricKind = MetricKind.COUNTER) -> Sample:
    return Sample(SeriesKey(API, clean(name)), kind, value)


def family(name: str, samples: int = 1) -> Family:
    return Family(clean(name), MetricKind.GAUGE, clean(""), samples)


def scraped(
    *samples: Sample,
    seconds: float = 0.0,
    state: str = "ok",
    families: tuple[Family, ...] = (),
    known_as: tuple[str, ...] = (),
) -> MetricsObserved:
    scrape = Scrape(at(seconds), state, clean(""), families, samples)
    return MetricsObserved(API, scrape, known_as)


def fold(*events: MetricsObserved) -> MetricsState:
    state = None
    for event in events:
        state = fold_scrape(state, event)
    assert state is not None
    return state


def test_a_counter_is_kept_raw_through_a_reset() -> None:
    state = fold(*(scraped(sample("hits", v), seconds=v) for v in (5, 9, 2)))
    assert [value for _, value in state.series[0].points] == [5, 9, 2]


def test_the_kept_scrape_has_no_samples_of_its_own() -> None:
    after = reduce(EMPTY_SNAPSHOT, scraped(sample("hits", 1)))
    assert after.metrics[API].scrape.samples == ()


def test_a_read_that_failed_keeps_the_series_as_old_as_they_are() -> None:
    state = fold(scraped(sample("hits", 1)), scraped(state="timeout", seconds=15))
    assert state.scrape.state == "timeout"
    assert list(state.series[0].points) == [(at(0), 1)]


def test_a_series_is_bounded_in_time_and_a_service_in_series() -> None:
    long = fold(*(scraped(sample("hits", t), seconds=t) for t in range(SERIES_WINDOW + 9)))
    assert len(long.series[0].points) == SERIES_WINDOW
    wide = fold(scraped(*(sample(f"m{n}", 1) for n in range(SERIES_PER_SERVICE + 7))))
    assert len(wide.series) == SERIES_PER_SERVICE
    assert wide.scrape.dropped == 7


def test_a_series_that_is_gone_is_kept_for_a_while_and_then_dropped() -> None:
    events = [scraped(sample("old", 1), sample("new", 1)), scraped(sample("new", 2), seconds=60)]
    assert {str(line.key.name) for line in fold(*events).series} == {"old", "new"}
    events.append(scraped(sample("new", 3), seconds=3600))
    assert {str(line.key.name) for line in fold(*events).series} == {"new"}


def test_an_expected_name_that_nothing_exposes_is_missing() -> None:
    state = fold(scraped(sample("up", 1), known_as=("up", "redis_stream_lag_seconds")))
    assert state.missing == ("redis_stream_lag_seconds",)


def test_a_family_without_samples_is_there_and_has_no_data() -> None:
    state = fold(scraped(families=(family("queue_depth", 0),), known_as=("queue_depth",)))
    assert state.missing == ()
    assert state.series == ()


def test_names_match_whatever_suffix_the_format_adds() -> None:
    samples = (sample("http_requests_total", 1), sample("latency_bucket", 1))
    state = fold(scraped(*samples, known_as=("http_requests", "latency", "latency_count")))
    assert state.missing == ()


def test_an_endpoint_without_metrics_misses_all_names() -> None:
    assert fold(scraped(state="not exposed", known_as=("a", "b"))).missing == ("a", "b")


def test_a_timeout_proves_nothing_about_names() -> None:
    state = fold(scraped(known_as=("a",)), scraped(state="timeout", known_as=("a", "b")))
    assert state.missing == ("a",)
