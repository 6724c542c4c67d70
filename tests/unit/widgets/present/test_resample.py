"""Points in time brought to equal slices."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.model.check import Probe
from core.model.verdict import Verdict
from widgets.present.resample import resample, slice_s, worst_per_slice

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_the_last_slice_holds_now_and_each_holds_the_mean_of_its_points() -> None:
    points = [(ago(20), 1.0), (ago(10), 2.0), (ago(9), 4.0), (ago(0), 8.0)]
    assert resample(points, 4, 10, NOW) == (None, 1.0, 3.0, 8.0)


def test_a_value_speaks_for_the_slices_until_the_next_reading_and_no_longer() -> None:
    points = [(ago(50), 1.0)]
    assert resample(points, 6, 10, NOW, carry_s=20) == (1.0, 1.0, 1.0, None, None, None)


def test_points_outside_the_window_or_without_a_value_are_not_drawn() -> None:
    assert resample([(ago(500), 1.0), (ago(0), None)], 3, 10, NOW) == (None, None, None)


@given(st.integers(1, 10_000), st.integers(1, 400))
def test_slices_reach_over_the_window(window_s: int, slices: int) -> None:
    assert slice_s(window_s, slices) * slices >= window_s


def test_a_chart_stands_still_while_time_moves_within_one_slice() -> None:
    points = [(ago(n), float(n)) for n in range(100, 0, -7)]
    early, late = NOW + timedelta(seconds=1), NOW + timedelta(seconds=9)
    assert resample(points, 12, 10, early) == resample(points, 12, 10, late)


def test_one_bad_probe_in_a_slice_makes_the_slice_bad() -> None:
    probes = [
        Probe(ago(1), Verdict.OK, 0.1),
        Probe(ago(4), Verdict.DOWN, None),
        Probe(ago(15), Verdict.OK, 0.1),
    ]
    worst = worst_per_slice(probes, 3, 10, NOW - timedelta(seconds=0.001), 0)
    assert worst == (None, Verdict.OK, Verdict.DOWN)
