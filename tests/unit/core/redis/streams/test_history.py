"""Rates: from looks that can be compared, and from no others."""

from core.model.stream import StreamSample
from core.redis.streams.history import rate_in_per_s, rate_per_s


def sample(at_s: float, length: int, added: int | None) -> StreamSample:
    return StreamSample(at_s, length, added, None, 0)


def test_one_look_tells_no_rate() -> None:
    assert rate_per_s([]) is None
    assert rate_per_s([(0.0, 5)]) is None
    assert rate_in_per_s([]) is None


def test_trimming_does_not_change_what_was_added() -> None:
    assert rate_in_per_s([sample(0, 500, 1000), sample(10, 7, 1050)]) == 5.0


def test_an_older_server_tells_by_the_length_while_it_grows() -> None:
    assert rate_in_per_s([sample(0, 10, None), sample(10, 30, None)]) == 2.0
    assert rate_in_per_s([sample(0, 10, None), sample(10, 5, None)]) is None


def test_what_falls_began_anew_and_never_gives_a_negative_rate() -> None:
    figures = [(0.0, 900), (5.0, 1000), (10.0, 3), (15.0, 13)]
    assert rate_per_s(figures[:3]) is None
    assert rate_per_s(figures) == 2.0


def test_only_the_last_minute_counts() -> None:
    figures = [(0.0, 0), (100.0, 10_000), (130.0, 10_030), (160.0, 10_060)]
    assert rate_per_s(figures) == 1.0


def test_looks_at_the_same_moment_tell_nothing() -> None:
    assert rate_per_s([(1.0, 1), (1.2, 100)]) is None
