"""Ages and moments as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from widgets.present.durations import (
    ago_text,
    clock_text,
    duration_text,
    short_duration,
    since_text,
    until_text,
)

NOW = datetime(2026, 3, 1, 3, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (None, "–", "–"),
        (0, "0 s", "0s"),
        (-5, "0 s", "0s"),
        (12.9, "12 s", "12s"),
        (59, "59 s", "59s"),
        (60, "1 m 00 s", "1m"),
        (184, "3 m 04 s", "3m"),
        (3599, "59 m 59 s", "59m"),
        (3600, "1 h 00 m", "1h"),
        (7500, "2 h 05 m", "2h"),
        (86399, "23 h 59 m", "23h"),
        (86400, "1 d 0 h", "1d"),
        (187200, "2 d 4 h", "2d"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds, long: str, short: str) -> None:
    assert duration_text(seconds) == long
    assert short_duration(seconds) == short


def test_since_and_ago_know_that_a_moment_may_be_unknown_or_ahead_of_the_clock() -> None:
    assert since_text(None, NOW) == ago_text(None, NOW) == "–"
    assert since_text(NOW + timedelta(seconds=3), NOW) == "0 s"
    assert ago_text(NOW + timedelta(seconds=3), NOW) == "now"
    assert ago_text(NOW - timedelta(minutes=3), NOW) == "3m ago"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8, "in 8 s"), (0.4, "now"), (-1, "now"), (-12, "12 s overdue"), (-200, "3 m 20 s overdue")],
)
def test_what_is_late_says_so(seconds: float, text: str) -> None:
    assert until_text(NOW + timedelta(seconds=seconds), NOW) == text
    assert until_text(None, NOW) == "–"


def test_a_moment_is_utc_and_says_so_and_shows_its_date_when_it_is_not_today() -> None:
    east = timezone(timedelta(hours=5))
    assert clock_text(datetime(2026, 3, 1, 8, 2, 11, tzinfo=east), NOW) == "03:02:11Z"
    assert clock_text(NOW - timedelta(days=1), NOW) == "02-28 03:14Z"
    assert clock_text(NOW - timedelta(days=400), NOW) == "2025-01-25"
    assert clock_text(None, NOW) == "–"
