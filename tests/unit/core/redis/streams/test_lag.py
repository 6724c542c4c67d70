"""How far a group is behind: the server's word, what is seen, and what nobody can know."""

import pytest

from core.clients.keyspace.port import GroupFacts, StreamFacts
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.redis.streams.lag import COUNT_LIMIT, Waiting, lag_of, needs_count

MS = 1_773_479_613_000
NOW_S = MS / 1000 + 90


def facts(length: int = 9, added: int | None = 10) -> StreamFacts:
    first, last = EntryId(MS), EntryId(MS + 60_000)
    return StreamFacts(length, first, last, last, added, None, 1)


def group(lag: int | None, after_ms: int = 30_000) -> GroupFacts:
    return GroupFacts(KeyName(b"g"), 1, 0, EntryId(MS + after_ms), 5, lag)


def waiting(count: int | None = None) -> Waiting:
    return Waiting(EntryId(MS + 40_000), count)


def test_the_servers_figure_is_taken_and_its_age_is_that_of_the_oldest_entry() -> None:
    lag = lag_of(facts(), group(3), waiting(3), NOW_S)
    assert (lag.entries, lag.is_counted, lag.seconds, lag.reason) == (3, False, 50.0, "")


def test_what_was_not_counted_is_believed() -> None:
    assert lag_of(facts(), group(3000), waiting(), NOW_S).entries == 3000


def test_nothing_that_waits_is_no_lag_whatever_the_server_says() -> None:
    assert lag_of(facts(), group(0), Waiting(None), NOW_S).seconds == 0.0
    told = lag_of(facts(), group(2), Waiting(None), NOW_S)
    assert (told.entries, told.is_counted) == (0, True)
    assert told.reason == "no entry waits; the server says 2"
    unknown = lag_of(facts(), group(None), Waiting(None), NOW_S)
    assert unknown.entries == 0
    assert "XDEL" in unknown.reason


def test_a_figure_that_does_not_fit_is_said() -> None:
    lag = lag_of(facts(), group(7), waiting(4), NOW_S)
    assert (lag.entries, lag.is_counted) == (4, True)
    assert lag.reason == "counted; the server says 7"


def test_a_zero_that_cannot_be_is_no_zero() -> None:
    lag = lag_of(facts(), group(0), waiting(), NOW_S)
    assert lag.entries is None
    assert lag.reason == "the server says 0, yet entries wait"
    new = Waiting(EntryId(MS + 60_001))
    assert lag_of(facts(), group(0, 60_000), new, NOW_S).entries == 0, "it came after the look"


@pytest.mark.parametrize(("added", "why"), [(10, "XGROUP SETID"), (None, "before 7.0")])
def test_what_the_server_cannot_tell_is_counted_and_says_why(added: int | None, why: str) -> None:
    lag = lag_of(facts(added=added), group(None), waiting(4), NOW_S)
    assert (lag.entries, lag.is_counted) == (4, True)
    assert why in lag.reason


def test_what_is_too_much_to_count_is_not_known_but_its_age_is() -> None:
    lag = lag_of(facts(), group(None), waiting(COUNT_LIMIT), NOW_S)
    assert lag.entries is None
    assert lag.seconds == 50.0
    assert "more than 5,000" in lag.reason


def test_a_group_before_the_first_entry_lags_by_all_without_counting() -> None:
    behind = group(None, -1)
    assert not needs_count(facts(), behind, EntryId(MS))
    assert lag_of(facts(), behind, Waiting(EntryId(MS)), NOW_S).entries == 9


def test_little_is_counted_again_and_much_is_not() -> None:
    first = EntryId(MS + 40_000)
    assert needs_count(facts(), group(None), first)
    assert needs_count(facts(), group(200), first)
    assert not needs_count(facts(), group(201), first)
    assert not needs_count(facts(), group(None), None)


def test_ids_that_are_no_times_have_no_age() -> None:
    lag = lag_of(facts(), group(3), Waiting(EntryId(5, 5), 3), NOW_S)
    assert lag.seconds is None
    assert lag.reason == "its ids are no times, so that no age can be told"


def test_an_entry_of_a_clock_that_is_ahead_does_not_make_the_lag_negative() -> None:
    assert lag_of(facts(), group(1), waiting(1), MS / 1000).seconds == 0.0
