"""Restart counters within a window."""

from datetime import timedelta

from core.sources.restarts import RestartWatch, is_crash_loop
from tests.fakes.clock import START


def test_restarts_before_we_looked_do_not_count() -> None:
    assert RestartWatch().count("a", 0.0, 50) == 0


def test_restarts_count_while_they_are_recent() -> None:
    watch = RestartWatch(window_s=100.0)
    watch.count("a", 0.0, 5)
    assert watch.count("a", 10.0, 7) == 2
    assert watch.count("a", 100.0, 7) == 2
    assert watch.count("a", 200.0, 7) == 0


def test_names_are_counted_apart_and_a_new_run_starts_anew() -> None:
    watch = RestartWatch()
    watch.count("a", 0.0, 1)
    watch.count("a", 1.0, 4)
    assert watch.count("b", 2.0, 9) == 0
    assert watch.count("a", 3.0, 0) == 0
    assert watch.count("a", 4.0, None) == 0


def test_a_loop_is_over_when_it_has_settled() -> None:
    assert is_crash_loop(2, START - timedelta(seconds=29), START)
    assert not is_crash_loop(2, START - timedelta(seconds=31), START)
    assert not is_crash_loop(1, START, START)
