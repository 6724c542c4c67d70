"""Metrics in every dialect that the systems speak, and bodies that are not metrics."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.http_values import HttpAnswer
from core.clients.prometheus import parse_scrape
from core.model.ids import ServiceId
from core.model.metric import MetricKind, Scrape
from core.model.text import clean
from core.store.metric_math import quantile, rate_per_s, ratio, total, used_share

ROOT = Path(__file__).parents[3] / "data/manifest/metrics"
NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
SERVICE = ServiceId("system", "service")


def scraped(body: bytes, status: int = 200, limit: int = 2000) -> Scrape:
    answer = HttpAnswer(status, (("content-type", clean("text/plain")),), body, False, 0.01)
    return parse_scrape(answer, SERVICE, NOW, limit)


def recorded(name: str) -> Scrape:
    return scraped((ROOT / name).read_bytes())


def values(scrape: Scrape) -> dict[str, float]:
    return {str(sample.key.name): sample.value for sample in scrape.samples}


def test_the_business_engine_gives_its_figures() -> None:
    samples = recorded("002_metrics_full.txt").samples
    assert total(samples, "redis_stream_lag_seconds") == 75.5
    assert total(samples, "queue_depth") == 140
    assert total(samples, "api_requests_total") == 103
    assert total(samples, "api_errors_total") == 3
    assert total(samples, "api_request_latency_seconds_count") == 100
    assert quantile(samples, "api_request_latency_seconds", 0.95) == (0.1, 0.25)
    assert total(samples, "up") is None
    assert total(samples, "db_connections") is None


def test_a_family_that_is_declared_without_samples_is_no_data() -> None:
    scrape = recorded("002_metrics_declared_only.txt")
    counts = {str(family.name): family.samples for family in scrape.families}
    assert scrape.state == "ok"
    assert counts["redis_stream_lag_seconds"] == 0
    assert "redis_stream_lag_seconds" not in values(scrape)


def test_openmetrics_with_exemplars_statesets_and_creation_times() -> None:
    scrape = recorded("002_metrics_openmetrics.txt")
    found = values(scrape)
    assert found["api_requests_total"] == 1027
    assert not any(name.endswith("_created") for name in found)
    assert total(scrape.samples, "circuit", lambda labels: labels["circuit"] == "open") == 1


def test_rates_between_two_reads() -> None:
    before, after = (recorded(f"003_runbook_names_{name}.txt") for name in ("t0", "t1_60s"))

    def rate(name: str) -> float | None:
        first, second = total(before.samples, name), total(after.samples, name)
        assert first is not None
        assert second is not None
        return rate_per_s(((NOW, first), (NOW + timedelta(seconds=60), second)))

    rps = rate("http_requests_total")
    assert rps == 10.0
    assert ratio(rate("http_requests_5xx_total"), rps) == pytest.approx(0.06)
    assert ratio(rate("http_requests_429_total"), rps) == pytest.approx(0.05)
    assert rate_per_s(((NOW, 1.0),)) is None


def test_a_counter_that_starts_again_does_not_run_backwards() -> None:
    points = tuple((NOW + timedelta(seconds=10 * i), v) for i, v in enumerate((90.0, 100.0, 5.0)))
    assert rate_per_s(points) == pytest.approx(15 / 20)


def test_grouped_status_labels_and_braces_in_label_values() -> None:
    samples = recorded("003_instrumentator.txt").samples
    errors = total(samples, "http_requests_total", lambda labels: labels["status"] == "5xx")
    assert ratio(errors, total(samples, "http_requests_total")) == pytest.approx(20 / 1012)
    assert quantile(samples, "http_request_duration_highr_seconds", 0.95) == (1.0, 2.5)


def test_no_limit_is_not_a_share() -> None:
    used = {
        name: used_share(found["redis_memory_used_bytes"], found["redis_memory_max_bytes"])
        for name in ("nomax", "82pct")
        if (found := values(recorded(f"003_redis_exporter_{name}.txt")))
    }
    assert used["nomax"] is None
    assert used["82pct"] == pytest.approx(0.8196, abs=1e-4)


@pytest.mark.parametrize(
    "legend", ["1closed_2open_3half", "0closed_1open_2half", "0closed_1half_2open"]
)
def test_the_legend_of_a_state_gauge_is_kept_beside_the_raw_number(legend: str) -> None:
    scrape = recorded(f"cb_state_{legend}.txt")
    assert scrape.families[0].help
    assert scrape.families[0].kind is MetricKind.GAUGE


def test_json_metrics_become_gauges_and_their_errors_are_said() -> None:
    good, failed = recorded("004_metrics.json"), recorded("004_metrics_app_error.json")
    assert values(good)["application_cost_records_24h"] == 1542
    assert values(good)["system_cpu_percent"] == 15.2
    assert failed.state == "partly failed"
    assert "application: [Errno -2]" in failed.reason
    assert "application_cost_records_24h" not in values(failed)


def test_line_ends_of_another_system_are_read() -> None:
    assert recorded("crlf.txt").state == "ok"


def test_bodies_that_are_not_metrics_are_named() -> None:
    assert recorded("not_metrics.html").state == "not metrics"
    assert scraped(b'{"detail":"Not Found"}', status=404).state == "not exposed"
    assert scraped(b"").state == "empty"
    assert scraped(b"hello world, this is text").state == "not metrics"
    assert scraped(b"{").state == "not metrics"
    assert scraped(json.dumps({"a": "b"}).encode()).state == "not metrics"


def test_samples_beyond_the_limit_are_counted() -> None:
    body = "# TYPE x gauge\n" + "".join(f'x{{n="{n}"}} 1\n' for n in range(50))
    scrape = scraped(body.encode(), limit=20)
    assert (len(scrape.samples), scrape.dropped) == (20, 30)


@given(st.binary(max_size=300))
def test_no_body_raises(body: bytes) -> None:
    assert scraped(body).state


@given(st.text(alphabet='ab{}="\\,# 1.eE+-NaInf\n_:TYPEgaugeO', max_size=120))
def test_nothing_that_looks_like_metrics_raises(text: str) -> None:
    assert scraped(text.encode()).state
