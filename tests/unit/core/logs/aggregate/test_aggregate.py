"""Counts, tops, percentiles and histograms: exact as long as it fits, honest beyond."""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.aggregate import values
from core.logs.aggregate.counts import CountsOf, merge
from core.logs.aggregate.histogram import MAX_BUCKETS, WIDTHS_S, HistogramOf, width_for
from core.logs.aggregate.percentiles import RELATIVE_ERROR, DistributionOf
from core.logs.aggregate.tops import TopsOf
from core.model.log import LogLevel
from tests.unit.core.logs.query.records import NOW_S, record


def counted(times_s: list[float | None], level: LogLevel = LogLevel.INFO) -> CountsOf:
    counts = CountsOf()
    for at_s in times_s:
        counts.add(record(time_s=at_s, level=level))
    return counts


def test_the_error_rate_keeps_both_numbers() -> None:
    counts = CountsOf()
    for level in [LogLevel.ERROR] * 3 + [LogLevel.CRITICAL] + [LogLevel.INFO] * 56:
        counts.add(record(level=level))
    errors = counts.result().errors
    assert (errors.part, errors.whole) == (4, 60)
    assert errors.exact == Fraction(1, 15)
    assert f"{errors.percent:.2f}" == "6.67"


def test_a_rate_is_over_the_records_own_time() -> None:
    result = counted([NOW_S, NOW_S - 30, NOW_S - 60, None]).result()
    assert result.total == 4
    assert result.timeless == 1
    assert result.window_s == 60
    assert result.per_min == 3


def test_a_rate_is_over_the_window_when_one_was_asked_for() -> None:
    counts = CountsOf(NOW_S - 3600, NOW_S)
    counts.add(record(time_s=NOW_S - 10))
    assert counts.result().per_min == pytest.approx(1 / 60)


@pytest.mark.parametrize("times_s", [[], [None, None], [NOW_S], [NOW_S, NOW_S]])
def test_without_a_span_there_is_no_rate(times_s: list[float | None]) -> None:
    assert counted(times_s).result().per_s is None


def test_of_nothing_there_is_no_ratio() -> None:
    assert CountsOf().result().errors.percent is None


def test_counts_are_merged() -> None:
    one, other = [NOW_S, NOW_S - 5, None], [NOW_S - 20, NOW_S - 10]
    assert merge(counted(one).result(), counted(other).result()) == counted(one + other).result()
    assert merge(counted([]).result(), counted(one).result()) == counted(one).result()


def distribution(numbers: list[float], exact_values: int = 1000) -> DistributionOf:
    found = DistributionOf(exact_values)
    for number in numbers:
        found.add(number)
    return found


def test_percentiles_are_the_nearest_rank() -> None:
    result = distribution([float(n) for n in range(1, 21)]).result()
    assert [one.value for one in result.percentiles] == [10, 18, 19, 20]
    assert (result.minimum, result.average, result.maximum) == (1, 10.5, 20)
    assert result.relative_error == 0


def test_what_is_no_number_is_counted_and_measured_as_nothing() -> None:
    found = DistributionOf()
    for value in (None, math.nan, math.inf, 5):
        found.add(value)
    result = found.result()
    assert (result.count, result.without, result.average) == (1, 3, 5)
    assert DistributionOf().result().average is None
    assert DistributionOf().result().percentiles == ()


@given(st.lists(st.floats(-1e12, 1e12).filter(lambda n: n == 0 or abs(n) > 1e-6), min_size=11))
def test_beyond_what_is_kept_percentiles_are_off_by_no_more_than_is_said(
    numbers: list[float],
) -> None:
    shares = (0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0)
    exact = distribution(numbers, 10**6).result(shares)
    rough = distribution(numbers, 10).result(shares)
    assert rough.relative_error == RELATIVE_ERROR
    for true, near in zip(exact.percentiles, rough.percentiles, strict=True):
        assert near.value == pytest.approx(true.value, rel=RELATIVE_ERROR * 1.001)
    assert (rough.count, rough.minimum, rough.maximum) == (
        exact.count, exact.minimum, exact.maximum,
    )  # fmt: skip
    assert rough.average == exact.average


def test_the_memory_of_percentiles_is_bounded() -> None:
    chance = random.Random(1)
    found = distribution([10 ** chance.uniform(-30, 30) for _ in range(20_000)], 10)
    assert len(found._buckets) < 6400
    assert found._values is None


def tops(names: list[str], kept: int = 1000) -> TopsOf:
    found = TopsOf(values.texts("user"), kept)
    for at, name in enumerate(names):
        found.add(record(fields={"user": name}, time_s=NOW_S + at))
    return found


def test_the_top_values_come_with_count_first_and_last_time() -> None:
    result = tops(["a", "b", "a", "c", "a", "b"]).result(2)
    assert [(one.value, one.count) for one in result.values] == [("a", 3), ("b", 2)]
    assert (result.values[0].first_s, result.values[0].last_s) == (NOW_S, NOW_S + 4)
    assert (result.distinct, result.total, result.others, result.is_exact) == (3, 6, 1, True)


def test_records_out_of_order_and_without_time_keep_the_true_ends() -> None:
    found = TopsOf(values.texts("user"))
    for at_s in (None, NOW_S, NOW_S - 50, NOW_S - 10):
        found.add(record(fields={"user": "a"}, time_s=at_s))
    found.add(record())
    (only,) = found.result(5).values
    assert (only.count, only.first_s, only.last_s) == (4, NOW_S - 50, NOW_S)
    assert found.result(5).without == 1


@given(st.lists(st.sampled_from("aaaaabbbccdefghijklmnopqrstuvwxyz"), max_size=300),
       st.integers(2, 12))  # fmt: skip
def test_in_bounded_memory_counts_are_bounds_and_the_frequent_are_kept(
    names: list[str], kept: int
) -> None:
    truth, result = Counter(names), tops(names, kept).result(100)
    assert len(result.values) <= kept
    assert result.is_exact == (len(truth) <= kept)
    for one in result.values:
        assert one.count - one.excess <= truth[one.value] <= one.count
    for name, count in truth.items():
        if count > len(names) / kept:
            assert name in {one.value for one in result.values}


def test_a_value_is_taken_from_any_of_the_names_of_a_field() -> None:
    found = TopsOf(values.texts("ip"))
    found.add(record(fields={"details.client_ip": "203.0.113.36"}))
    found.add(record(fields={"client_ip": "203.0.113.36"}))
    assert found.result(1).values[0].count == 2
    in_ms = values.number("duration_ms")
    assert in_ms(record(fields={"process_time": 1.5})) == 1500
    assert in_ms(record(fields={"duration_ms": "n/a"})) is None
    assert in_ms(record()) is None


def test_a_long_value_is_cut() -> None:
    (value,) = values.texts("user")(record(fields={"user": "x" * 5000}))
    assert len(value) == 257


def histogram(times_s: list[float | None], buckets: int = 10, **window: float) -> HistogramOf:
    found = HistogramOf(buckets, **window)
    for at_s in times_s:
        found.add(record(time_s=at_s))
    return found


def test_the_width_follows_from_the_window() -> None:
    result = histogram([NOW_S - 10, None], 60, since_s=NOW_S - 3600, until_s=NOW_S).result()
    assert result.width_s == 60
    assert len(result.buckets) in {60, 61}
    assert result.timeless == 1
    assert sum(bucket.count for bucket in result.buckets) == 1


def test_buckets_begin_at_round_times_and_empty_ones_are_there() -> None:
    result = histogram([1000.0, 1095.0], 10).result()
    assert result.width_s == 10
    assert [bucket.begin_s for bucket in result.buckets] == [1000.0 + 10 * n for n in range(10)]
    assert [bucket.count for bucket in result.buckets] == [1, *[0] * 8, 1]


def test_a_bucket_knows_its_levels() -> None:
    found = HistogramOf(5)
    for level in (LogLevel.ERROR, LogLevel.ERROR, None):
        found.add(record(level=level))
    assert found.result().buckets[0].by_level == {LogLevel.ERROR: 2, None: 1}


@given(st.lists(st.one_of(st.none(), st.floats(-1e11, 1e11)), max_size=60), st.integers(1, 200))
def test_no_record_is_lost_and_no_more_buckets_are_made_than_asked_for(
    times_s: list[float | None], buckets: int
) -> None:
    result = histogram(times_s, buckets).result()
    shown = sum(bucket.count for bucket in result.buckets)
    assert shown + result.timeless + result.outside.count == len(times_s)
    assert len(result.buckets) <= max(buckets, 64) + 1


def test_buckets_of_an_unknown_span_stay_within_memory() -> None:
    found = HistogramOf(100)
    for at in range(3 * MAX_BUCKETS):
        found.add(record(time_s=NOW_S + 3 * at))
        assert len(found._counts) <= MAX_BUCKETS
    assert sum(bucket.count for bucket in found.result().buckets) == 3 * MAX_BUCKETS


def test_every_width_is_a_part_of_a_later_one() -> None:
    for at, width in enumerate(WIDTHS_S[:-1]):
        assert any(abs(w / width - round(w / width)) < 1e-9 for w in WIDTHS_S[at + 1 :])
    assert width_for(1e300, 10) == WIDTHS_S[-1]


def test_an_average_beyond_all_numbers_is_not_known() -> None:
    values_of = DistributionOf()
    for value in (1e308, 1e308, 1.0):
        values_of.add(value)
    found = values_of.result()
    assert (found.average, found.minimum, found.maximum) == (None, 1.0, 1e308)
