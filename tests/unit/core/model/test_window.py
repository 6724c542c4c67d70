"""A packed window gives back what was put in, bounded."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.check import NO_PROBES, Probe
from core.model.verdict import Verdict

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PROBES = st.builds(
    Probe,
    MOMENTS,
    st.sampled_from(Verdict),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(PROBES, max_size=30), st.integers(1, 12))
def test_a_window_holds_the_newest_values_unchanged(probes: list[Probe], size: int) -> None:
    window = NO_PROBES
    for probe in probes:
        window = window.with_newest(probe, size)
    kept = probes[-size:]
    assert list(window) == kept
    assert len(window) == len(kept)
    assert window[-3:] == tuple(kept[-3:])
    assert list(reversed(window)) == kept[::-1]
    assert [window[place] for place in range(len(kept))] == kept


def test_a_window_is_immutable_and_comparable() -> None:
    probe = Probe(datetime(2026, 3, 14, tzinfo=UTC), Verdict.DOWN, None)
    one = NO_PROBES.with_newest(probe, 3)
    assert len(NO_PROBES) == 0
    assert one == NO_PROBES.with_newest(probe, 3)
    assert one != NO_PROBES
    with pytest.raises(IndexError):
        _ = one[1]
