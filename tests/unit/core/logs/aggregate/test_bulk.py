"""The histogram's range is that of the bulk; what lies outside is counted, never dropped."""

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.logs.aggregate.bulk import FEW, GAP_S, OF_FEW, PRESSED, SHARE, bulk_of
from core.logs.aggregate.histogram import Histogram, HistogramOf
from tests.unit.core.logs.aggregate.test_aggregate import record

NOW_S = 1_773_480_413.0
WILD_S = (0.0, 4_102_358_400.0)
"""1970, and the end of 2099."""
HOUR = st.lists(st.floats(NOW_S - 3600, NOW_S), min_size=40, max_size=120)
MOMENTS = st.lists(
    st.tuples(st.one_of(st.floats(-1e10, 1e10), st.floats(NOW_S, NOW_S + 60)), st.integers(1, 99)),
    max_size=60,
).map(lambda found: sorted(dict(found).items()))


def of(times_s: Sequence[float], buckets: int = 60, **window: float) -> Histogram:
    found = HistogramOf(buckets, **window)
    for at_s in times_s:
        found.add(record(time_s=at_s))
    return found.result()


def shown(found: Histogram) -> int:
    return sum(one.count for one in found.buckets)


@given(MOMENTS)
def test_the_bulk_is_a_stretch_and_almost_everything(moments: list[tuple[float, int]]) -> None:
    begin, end = bulk_of(moments)
    total = sum(count for _, count in moments)
    outside = total - sum(count for _, count in moments[begin:end])
    assert 0 <= begin <= end <= len(moments)
    assert begin < end or not moments
    assert outside <= max(total // SHARE, FEW if total >= OF_FEW else 0)


@given(MOMENTS)
def test_what_is_left_out_would_have_pressed_the_rest_flat(
    moments: list[tuple[float, int]],
) -> None:
    begin, end = bulk_of(moments)
    if not moments:
        return
    span_s = moments[end - 1][0] - moments[begin][0]
    gaps: list[float] = []
    if begin:
        gaps.append(moments[begin][0] - moments[begin - 1][0])
    if end < len(moments):
        gaps.append(moments[end][0] - moments[end - 1][0])
    assert all(gap_s >= GAP_S and gap_s >= PRESSED * span_s for gap_s in gaps)


@given(MOMENTS)
def test_time_has_no_direction_here(moments: list[tuple[float, int]]) -> None:
    mirrored = [(-at_s, count) for at_s, count in reversed(moments)]
    begin, end = bulk_of(moments)
    other_begin, other_end = bulk_of(mirrored)
    # Of two ends that are alike only one may go: which, is all that may differ.
    assert (end - begin < len(moments)) == (other_end - other_begin < len(moments))


@given(HOUR, st.lists(st.sampled_from(WILD_S), max_size=2))
def test_a_wild_time_changes_no_bar_and_is_told(times_s: list[float], wild: list[float]) -> None:
    plain, found = of(times_s), of([*wild, *times_s])
    assert (found.width_s, found.buckets) == (plain.width_s, plain.buckets)
    assert found.outside.before == wild.count(WILD_S[0])
    assert found.outside.after == wild.count(WILD_S[1])
    assert found.outside.first_s == (WILD_S[0] if found.outside.before else None)
    assert found.outside.last_s == (WILD_S[1] if found.outside.after else None)


@given(st.lists(st.one_of(st.none(), st.floats(-1e11, 1e11)), max_size=80), st.randoms())
def test_no_record_is_lost_whatever_the_order(times_s: list[float | None], luck: Random) -> None:
    shuffled = list(times_s)
    luck.shuffle(shuffled)
    one, other = HistogramOf(60), HistogramOf(60)
    for first, second in zip(times_s, shuffled, strict=True):
        one.add(record(time_s=first))
        other.add(record(time_s=second))
    assert one.result() == other.result()
    found = one.result()
    assert shown(found) + found.timeless + found.outside.count == len(times_s)


@given(HOUR)
def test_without_a_wild_time_all_are_shown(times_s: list[float]) -> None:
    assert of(times_s).outside.count == 0


def test_a_quiet_weekend_and_many_old_records_are_no_wild_times() -> None:
    day_s = 86_400.0
    week = [NOW_S - 7 * day_s + at * 3600 for at in range(24 * 5)] + [NOW_S]
    assert of(week).outside.count == 0
    halves = [*(NOW_S - 400 * day_s + at for at in range(50)), *(NOW_S + at for at in range(50))]
    assert of(halves).outside.count == 0
    assert of([NOW_S - 400 * day_s, NOW_S]).outside.count == 0


def test_a_clock_that_jumped_twice_is_left_out_step_by_step() -> None:
    times_s = [0.0, NOW_S - 2 * 365 * 86_400.0, *(NOW_S + at for at in range(100))]
    found = of(times_s)
    assert (found.outside.before, found.outside.first_s) == (2, 0.0)
    assert found.buckets[0].begin_s >= NOW_S - 10


def test_an_end_that_was_asked_for_is_shown_whatever_lies_there() -> None:
    times_s = [NOW_S - 400 * 86_400.0, *(NOW_S + at for at in range(100))]
    found = of(times_s, since_s=NOW_S - 500 * 86_400.0)
    assert found.outside.count == 0
    assert shown(found) == len(times_s)


def test_the_bulk_becomes_another_as_records_come() -> None:
    found = HistogramOf(60)
    for at_s in (0.0, NOW_S):
        found.add(record(time_s=at_s))
    assert found.result().width_s > 86_400
    for at in range(600):
        found.add(record(time_s=NOW_S + at))
    result = found.result()
    assert result.width_s == 10
    assert result.outside.before == 1
