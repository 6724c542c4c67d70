"""Seconds since 1970 as moments, also those that no calendar has."""

from datetime import UTC, datetime

import pytest

from core.model.moment import moment_at


def test_seconds_are_a_moment_by_utc() -> None:
    assert moment_at(1_772_334_000.0) == datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert moment_at(-1.0) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("at_s", [None, 99_999_999_999_999.0, 1e300, float("inf"), float("nan")])
def test_what_is_in_no_calendar_is_not_known(at_s: float | None) -> None:
    assert moment_at(at_s) is None
