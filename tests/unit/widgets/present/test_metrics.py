"""Metric series: rates for counters, four texts for nothing."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.scene import calm, loading
from core.model.ids import ServiceId
from core.model.metric import MetricKind, Series, SeriesKey
from core.model.text import clean
from widgets.present.absence import Absence
from widgets.present.fitting import width_of
from widgets.present.metrics import (
    current_text,
    drawn_values,
    metric_cells,
    metric_chart,
    metric_entries,
    metric_sort,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def series(kind: MetricKind, *values: float, name: str = "x_total") -> Series:
    points = tuple((NOW + timedelta(seconds=10 * n), value) for n, value in enumerate(values))
    return Series(SeriesKey(ServiceId("shop", "api"), clean(name)), kind, points)


def plain(lines) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def test_a_counter_is_drawn_as_its_rate_and_a_gauge_as_it_is() -> None:
    assert drawn_values(series(MetricKind.COUNTER, 0, 50, 70)) == (5.0, 2.0)
    assert drawn_values(series(MetricKind.GAUGE, 0, 50, 70)) == (0, 50, 70)


def test_a_counter_that_was_reset_has_a_gap_and_never_a_negative_rate() -> None:
    assert drawn_values(series(MetricKind.COUNTER, 100, 120, 5, 15)) == (2.0, None, 1.0)


def test_a_counter_read_once_has_no_rate_yet() -> None:
    assert current_text(series(MetricKind.COUNTER, 100)) == "–"
    assert current_text(series(MetricKind.GAUGE, 100)) == "100"


def test_the_counting_parts_of_a_histogram_are_rates() -> None:
    assert current_text(series(MetricKind.HISTOGRAM, 0, 50, name="h_count")) == "5/s"


def test_no_data_not_exposed_and_loading_are_told_apart() -> None:
    entries = {entry.key: entry for entry in metric_entries(calm())}
    engine = "local/business-engine/api"
    assert entries[f"{engine} queue_depth "].why == "no data"
    assert entries[f"{engine} db_connections_active "].why == "not exposed by this build"
    assert entries["local/api-gateway/proxy-service metrics "].absence is Absence.NOT_EXPOSED
    assert {entry.absence for entry in metric_entries(loading())} == {Absence.LOADING}
    shorts = {plain([metric_cells(entry)[4]]) for entry in entries.values() if not entry.series}
    assert shorts == {"no data", "not exposed"}


def test_every_row_has_a_key_of_its_own_and_a_cell_for_each_column() -> None:
    entries = metric_entries(calm())
    assert len({entry.key for entry in entries}) == len(entries)
    for entry in entries:
        assert len(metric_cells(entry)) == len(metric_sort(entry)) == 7


def trend_of(*values: float) -> tuple[str, str]:
    entry = metric_entries(calm())[0]
    drawn, bounds = metric_cells(replace(entry, series=series(MetricKind.GAUGE, *values)))[5:]
    return plain([drawn]).strip(), plain([bounds])


def test_a_trend_tells_between_which_bounds_it_is_drawn() -> None:
    assert trend_of(1_000_000, 1_000_001, 1_000_007) == ("▁▂▇", "1.00 M +7")
    assert trend_of(0, 6) == ("▁▇", "0…6")


def test_a_series_that_never_changes_is_flat_and_says_so() -> None:
    assert trend_of(42, 42, 42) == ("▄▄▄", "steady")
    assert trend_of(0, 0, 0) == ("▁▁▁", "steady")


def test_a_trend_leaves_out_what_is_no_number() -> None:
    assert trend_of(1, math.nan, math.inf, 3) == ("▁  ▇", "1…3")
    assert trend_of(math.nan) == ("", "")


def test_a_chart_shows_value_help_and_age_and_fits() -> None:
    picture = calm()
    entry = metric_entries(picture)[0]
    for width in (40, 80, 120):
        lines = metric_chart(entry, picture, width, 12)
        assert max(width_of(one) for one in lines) <= width
        assert len(lines) <= 12
    text = plain(metric_chart(entry, picture, 120, 12))
    assert "/s" in text
    assert "Requests by method" in text
    assert "reads over" in text


def test_a_series_of_nan_and_infinity_is_drawn_without_them() -> None:
    picture = calm()
    entry = metric_entries(picture)[0]
    odd = series(MetricKind.GAUGE, math.nan, math.inf, name="odd")
    assert entry.series is not None
    lines = metric_chart(replace(entry, series=odd), picture, 80, 10)
    assert "NaN" in plain(lines) or "+Inf" in plain(lines)
