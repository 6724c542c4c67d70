"""Whether consumers work, and what is said of groups and streams."""

from dataclasses import replace

import pytest

from core.clients.keyspace.port import ConsumerFacts
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.stream import Consumer, ConsumerState, EntryId, Group
from core.model.text import EMPTY
from core.model.verdict import Verdict
from core.redis.streams.judging import consumer_of, group_verdict, stream_verdict, why_pending

HOUR_S = 3600.0
WORKING, IDLE = ConsumerState.WORKING, ConsumerState.IDLE
STUCK, GONE = ConsumerState.STUCK, ConsumerState.GONE
SPEC = StreamSpec("events", ("events",), groups=("manager",), max_lag_s=60.0, max_depth=100)


def consumer(
    pending: int = 0,
    idle_s: float = 1.0,
    inactive_s: float | None = 1.0,
    *,
    stuck: int = 0,
    lag: int | None = 0,
    is_new: bool = True,
) -> Consumer:
    facts = ConsumerFacts(KeyName(b"c"), pending, idle_s, inactive_s)
    return consumer_of(facts, stuck, lag, HOUR_S, tells_inactive=is_new)


@pytest.mark.parametrize(
    ("seen", "state", "reason"),
    [
        (consumer(2), WORKING, "got something 1 s ago"),
        (consumer(0), WORKING, "got something 1 s ago"),
        (consumer(0, 1, 900), IDLE, "asks; last got something 15 min ago"),
        (consumer(0, 1, None), IDLE, "never got anything"),
        (consumer(0, 7200, 7200), IDLE, "has asked for nothing for 2 h; nothing waits"),
        (consumer(0, 7200, 7200, lag=4), GONE, "has asked for nothing for 2 h while entries wait"),
        (consumer(3, 7200, 7200), GONE, "has asked for nothing for 2 h and holds 3 entries"),
        (consumer(4, 1, 1, stuck=3), STUCK, "3 of its 4 pending idle over 1 h"),
        (consumer(1, 1, 7200), STUCK, "asks, but last got something 2 h ago, and holds 1 entry"),
    ],
)
def test_a_consumer_of_a_new_server(seen: Consumer, state: ConsumerState, reason: str) -> None:
    assert (seen.state, seen.reason) == (state, reason)


@pytest.mark.parametrize(
    ("idle_s", "pending", "lag", "state"),
    [
        (1, 2, 0, WORKING),
        (900, 0, 0, IDLE),
        (7200, 0, 0, IDLE),
        (7200, 0, 4, GONE),
        (7200, 3, 0, STUCK),
    ],
)
def test_before_7_2_who_asks_in_vain_cannot_be_told_from_who_is_gone(
    idle_s: float, pending: int, lag: int, state: ConsumerState
) -> None:
    seen = consumer(pending, idle_s, None, lag=lag, is_new=False)
    assert seen.state is state
    assert seen.inactive_s is None
    if state in {IDLE, STUCK}:
        assert "a server before 7.2 does not tell" in seen.reason


GROUP = Group(
    name=KeyName(b"manager"),
    consumers=(consumer(1),),
    consumer_count=1,
    pending=1,
    last_delivered=EntryId(1),
    entries_read=1,
    lag_entries=0,
    is_lag_counted=False,
    lag_s=0.0,
    lag_reason=EMPTY,
    oldest_pending=None,
    oldest_idle_s=None,
    verdict=Verdict.UNKNOWN,
    reason=EMPTY,
)


def test_a_group_that_keeps_up_is_ok() -> None:
    assert group_verdict(GROUP, SPEC) == (Verdict.OK, "")


@pytest.mark.parametrize(
    ("group", "verdict", "reason"),
    [
        (replace(GROUP, lag_entries=4, lag_s=7200.0), Verdict.DEGRADED, "2 h behind, over 60 s"),
        (
            replace(GROUP, lag_entries=90, lag_s=9.0, pending=30),
            Verdict.DEGRADED,
            "120 entries not done, over 100",
        ),
        (
            replace(GROUP, stuck_count=3, pending=90, pending_examined=50),
            Verdict.DEGRADED,
            "at least 3 pending entries idle over 1 h",
        ),
        (replace(GROUP, max_deliveries=7), Verdict.DEGRADED, "one was delivered 7 times"),
        (
            replace(GROUP, consumers=(), consumer_count=0, lag_entries=1, lag_s=1.0),
            Verdict.DEGRADED,
            "no consumer, and 1 entry waits",
        ),
        (
            replace(GROUP, consumers=(consumer(1, 7200, 7200),), lag_entries=1, lag_s=61.0),
            Verdict.DOWN,
            "all its consumers are gone (1); 61 s behind, over 60 s",
        ),
        (
            replace(GROUP, lag_entries=None, lag_s=None, lag_reason=consumer().reason),
            Verdict.UNKNOWN,
            "its lag is not known: got something 1 s ago",
        ),
    ],
)
def test_a_group_in_trouble_says_why(group: Group, verdict: Verdict, reason: str) -> None:
    assert group_verdict(group, SPEC) == (verdict, reason)


def test_a_stream_is_as_its_worst_group() -> None:
    bad = replace(GROUP, verdict=Verdict.DOWN, reason=consumer().reason)
    good = replace(GROUP, verdict=Verdict.OK, name=KeyName(b"audit"))
    verdict, reason = stream_verdict([bad, good], 9, SPEC, is_dead_letters=False)
    assert (verdict, reason) == (Verdict.DOWN, "manager: got something 1 s ago")
    assert stream_verdict([good], 9, SPEC, is_dead_letters=False) == (
        Verdict.DEGRADED,
        "no group of manager is there",
    )


def test_dead_letters_are_a_finding_and_none_are_ok() -> None:
    assert stream_verdict([], 6, SPEC, is_dead_letters=True) == (Verdict.DEGRADED, "6 dead letters")
    assert stream_verdict([], 0, SPEC, is_dead_letters=True)[0] is Verdict.OK


def test_a_stream_nobody_named_is_unknown_unless_in_trouble() -> None:
    unnamed = StreamSpec("", ())
    assert stream_verdict([], 3, unnamed, is_dead_letters=False)[0] is Verdict.UNKNOWN
    bad = replace(GROUP, verdict=Verdict.DEGRADED)
    assert stream_verdict([bad], 3, unnamed, is_dead_letters=False)[0] is Verdict.DEGRADED


@pytest.mark.parametrize(
    ("deliveries", "usual", "is_poison"),
    [(5, 5, True), (4, 1, True), (4, 2, False), (2, 0.4, False)],
)
def test_poison_is_what_comes_back_far_more_often(
    deliveries: int, usual: float, is_poison: bool
) -> None:
    why = why_pending(1, deliveries, usual, None, HOUR_S, is_gone=False)
    assert ("poison" in why) == is_poison


def test_why_an_entry_is_stuck_has_every_reason_and_none_for_one_that_is_not() -> None:
    gone = consumer(3, 7200, 7200)
    why = why_pending(7200, 7, 1, gone, HOUR_S, is_gone=True)
    assert why.startswith("its entry was deleted or trimmed from the stream")
    assert "its consumer is gone: has asked for nothing for 2 h" in why
    assert why.endswith("idle 2 h, over 1 h")
    assert why_pending(1, 1, 1, consumer(1), HOUR_S, is_gone=False) == ""
