"""Pages of several logs: in time order, each record once, the same from either end."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.browse.counting import Counting
from core.logs.browse.merging import (
    Ends,
    ends_at,
    ends_now,
    find,
    page_after,
    page_before,
    steps,
)
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.query import Query, parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from core.model.log import LogPosition, LogRecord
from tests.unit.core.logs.browse.logs import (
    BEGIN_S,
    NOW_S,
    Body,
    bodies,
    matching,
    opened,
    plain,
    records_of,
)

BARE = b"print without anything\n"
QUERIES = st.sampled_from(("needle", "level>=error", "nowhere", "")).map(
    lambda text: parse_query(text, NOW_S)
)
EXAMPLES = settings(deadline=None, max_examples=60)


def logs_of(made: Sequence[Body]) -> list[OpenedLog]:
    return [body.opened(f"log {number}") for number, body in enumerate(made)]


def back(
    logs: Sequence[OpenedLog], wanted: int, query: Query | None = None
) -> tuple[list[LogRecord], Ends]:
    """Page back from the end to the start."""
    found: list[LogRecord] = []
    ends: Ends = {}
    while True:
        page = page_before(logs, ends, wanted, query)
        assert len(page.records) == wanted or page.is_last
        assert page.scanned_bytes <= page.total_bytes
        found[:0], ends = page.records, page.ends
        if page.is_last:
            return found, ends


def on(
    logs: Sequence[OpenedLog], ends: Ends, wanted: int, query: Query | None = None
) -> tuple[list[LogRecord], Ends]:
    """Page on to the end."""
    found: list[LogRecord] = []
    while True:
        page = page_after(logs, ends, wanted, query)
        assert len(page.records) == wanted or page.is_last
        found += page.records
        ends = page.ends
        if page.is_last:
            return found, ends


def naive(logs: Sequence[OpenedLog]) -> list[LogRecord]:
    """Merge by the latest time so far; before the first time of a log the first time counts."""
    keyed: list[tuple[float, int, int, LogRecord]] = []
    for number, log in enumerate(logs):
        records = records_of(log)
        times = [record.time_s for record in records if record.time_s is not None]
        latest_s = -math.inf if times else math.inf
        keys: list[float] = []
        for record in records:
            latest_s = latest_s if record.time_s is None else max(latest_s, record.time_s)
            keys.append(latest_s)
        first_s = min((key for key in keys if key > -math.inf), default=math.inf)
        keyed += [
            (max(key, first_s), number, at, record)
            for at, (key, record) in enumerate(zip(keys, records, strict=True))
        ]
    return [record for *_, record in sorted(keyed, key=lambda one: one[:3])]


def assert_each_once(found: Sequence[LogRecord], wanted: Sequence[Sequence[LogRecord]]) -> None:
    """Each log's records are all there, in its own order."""
    for number, records in enumerate(wanted):
        assert [record for record in found if record.source == f"log {number}"] == list(records)
    assert len(found) == sum(map(len, wanted))


@EXAMPLES
@given(made=st.lists(bodies(segments=2), min_size=1, max_size=4), wanted=st.integers(1, 30))
def test_back_to_the_start_and_on_to_the_end_are_the_naive_merge(
    made: list[Body], wanted: int
) -> None:
    logs = logs_of(made)
    found, begins = back(logs, wanted)
    assert found == (naive(logs) if len(logs) > 1 else records_of(logs[0]))
    assert begins == {log.source: log.begin_position() for log in logs}
    again, ends = on(logs, begins, wanted)
    assert again == found
    assert on(logs, ends, wanted) == ([], ends)


@EXAMPLES
@given(
    made=st.lists(bodies(most=60, segments=2, back_s=20_000), min_size=2, max_size=3),
    wanted=st.integers(1, 60),
)
def test_times_in_any_disorder_lose_and_double_nothing(made: list[Body], wanted: int) -> None:
    logs = logs_of(made)
    each = [records_of(log) for log in logs]
    found, begins = back(logs, wanted)
    assert_each_once(found, each)
    assert_each_once(on(logs, begins, wanted)[0], each)


@EXAMPLES
@given(
    made=st.lists(bodies(segments=2), min_size=1, max_size=3),
    wanted=st.integers(1, 8),
    query=QUERIES,
)
def test_pages_of_matches_lose_and_double_nothing(
    made: list[Body], wanted: int, query: Query
) -> None:
    logs = logs_of(made)
    each = [matching(log, query) for log in logs]
    found, begins = back(logs, wanted, query)
    assert_each_once(found, each)
    assert_each_once(on(logs, begins, wanted, query)[0], each)


@EXAMPLES
@given(
    made=st.lists(bodies(back_s=0, segments=2), min_size=1, max_size=3),
    wanted=st.integers(1, 8),
    query=QUERIES,
)
def test_where_times_ascend_matches_stand_as_they_do_among_all(
    made: list[Body], wanted: int, query: Query
) -> None:
    logs = logs_of([body for body in made if not body.is_transcoded] or [Body((b"",))])
    asked = [record for record in naive(logs) if record.time_s and query.matches(record)]
    found, begins = back(logs, wanted, query)
    assert [record for record in found if record.time_s] == asked
    again, _ = on(logs, begins, wanted, query)
    assert [record for record in again if record.time_s] == asked


@EXAMPLES
@given(
    made=st.lists(bodies(segments=2), min_size=1, max_size=3),
    moves=st.lists(st.tuples(st.booleans(), st.integers(1, 12), st.booleans()), max_size=12),
)
def test_going_back_and_forth_with_and_without_a_query_one_sees_what_is_there(
    made: list[Body], moves: list[tuple[bool, int, bool]]
) -> None:
    logs = logs_of(made)
    ends: Ends = ends_now(logs)
    for is_back, wanted, is_asked in moves:
        query = parse_query("needle", NOW_S) if is_asked else None
        page = (page_before if is_back else page_after)(logs, ends, wanted, query)
        for log in logs:
            low, high = _between(ends[log.source], page.ends[log.source])
            assert [record for record in page.records if record.source == log.source] == [
                record
                for record in records_of(log)
                if low <= record.position < high and (query is None or query.matches(record))
            ]
        ends = page.ends


def _between(one: LogPosition | None, other: LogPosition | None) -> list[LogPosition]:
    assert one is not None
    assert other is not None
    return sorted((one, other))


def test_a_log_without_times_stands_at_the_end() -> None:
    logs = [opened(BARE * 3, source="log 0"), opened(plain(BEGIN_S) * 3, source="log 1")]
    found, begins = back(logs, 2)
    assert [record.source for record in found] == ["log 1"] * 3 + ["log 0"] * 3
    assert on(logs, begins, 2)[0] == found


def test_a_clock_that_was_wrong_for_a_moment_holds_nothing_up() -> None:
    one = [plain(BEGIN_S + at) for at in range(400)]
    one[100] = plain(BEGIN_S + 9e9)
    one[300] = plain(3600)
    logs = [
        opened(b"".join(one), source="log 0"),
        opened(b"".join(plain(BEGIN_S + at + 0.5) for at in range(400)), source="log 1"),
    ]
    found, begins = back(logs, 50)
    again, _ = on(logs, begins, 50)
    for records in (found, again):
        places = [at for at, record in enumerate(records) if record.source == "log 0"]
        assert all(abs(place - 2 * at) < 200 for at, place in enumerate(places))
    assert again == found


def test_ends_at_a_record_shown_continue_above_and_below_it() -> None:
    logs = [
        opened(b"".join(plain(BEGIN_S + 2 * at) for at in range(20)), source="log 0"),
        opened(b"".join(plain(BEGIN_S + 3 * at) for at in range(20)), source="log 1"),
    ]
    whole = naive(logs)
    below = ends_now(logs)
    for at in range(len(whole) + 1):
        ends = ends_at(whole, at, below)
        assert list(page_before(logs, ends, 100).records) == whole[:at]
        assert list(page_after(logs, ends, 100).records) == whole[at:]


@pytest.mark.parametrize("order", Order)
def test_matches_are_found_one_by_one_in_the_order_of_time(order: Order) -> None:
    logs = [
        opened(
            b"".join(
                plain(BEGIN_S + at * 3 + number, b"needle" if at % 7 == number else b"hay")
                for at in range(200)
            ),
            source=f"log {number}",
        )
        for number in range(3)
    ]
    query = parse_query("needle", NOW_S)
    wanted = [record for record in naive(logs) if query.matches(record)]
    found: list[LogRecord] = []
    ends: Ends = {}
    while (page := find(logs, query, ends, order)).records:
        found += page.records
        ends = page.ends
    assert page.is_last
    assert found == (wanted if order is Order.OLDEST_FIRST else wanted[::-1])


def test_a_log_is_only_searched_as_far_as_is_needed() -> None:
    rare = b"".join(
        plain(BEGIN_S + at * 60, b"needle" if at == 0 else b"hay") for at in range(60_000)
    )
    often = b"".join(plain(BEGIN_S + at * 60, b"needle") for at in range(60_000))
    logs = [opened(rare, source="log 0"), opened(often, source="log 1")]
    page = page_before(logs, {}, 100, parse_query("needle", NOW_S))
    assert len(page.records) == 100
    assert page.scanned_bytes < page.total_bytes / 2
    following = page_before(logs, page.ends, 100, parse_query("needle", NOW_S))
    assert following.records[-1].position < page.records[0].position


def test_a_page_that_is_cancelled_can_be_continued() -> None:
    logs = [
        opened(b"".join(plain(BEGIN_S + at) for at in range(3000)), source=f"log {number}")
        for number in range(2)
    ]
    query = parse_query("needle", NOW_S)
    found: list[LogRecord] = []
    ends: Ends = {}
    bits = 0
    while True:
        asked = 0

        def cancelled() -> bool:
            nonlocal asked
            asked += 1
            return asked > 40

        page = page_before(logs, ends, 5000, query, cancelled)
        found[:0], ends = page.records, page.ends
        bits += 1
        if page.is_last:
            break
    assert bits > 1
    assert found == naive(logs)


def test_steps_tell_how_far_it_is_and_stopping_ends_the_threads() -> None:
    logs = [
        opened(b"".join(plain(BEGIN_S + at, b"hay") for at in range(60_000)), source=f"log {one}")
        for one in range(2)
    ]
    query = parse_query("needle", NOW_S)
    pages = list(steps(logs, {}, 10, query, Order.NEWEST_FIRST))
    scanned = [page.scanned_bytes for page in pages]
    assert scanned == sorted(scanned)
    assert pages[-1].scanned_bytes == pages[-1].total_bytes == sum(log.size_bytes for log in logs)
    assert pages[-1].is_last
    half = steps(logs, {}, 10, query, Order.NEWEST_FIRST)
    next(half)
    half.close()


def test_counting_takes_every_match_once_and_tells_how_far_it_is() -> None:
    class Sink:
        def __init__(self) -> None:
            self.records: list[LogRecord] = []

        def add(self, record: LogRecord) -> None:
            self.records.append(record)

    logs = [
        opened(
            b"".join(plain(BEGIN_S + at, b"needle" if at % 3 else b"hay") for at in range(3000)),
            source=f"log {number}",
        )
        for number in range(3)
    ]
    query = parse_query("needle", NOW_S)
    sink = Sink()
    progress = list(Counting(logs, query, [sink], replace(Effort(), chunk_bytes=20_000)).steps())
    assert progress[-1].is_complete
    assert progress[-1].matched == len(sink.records) == 6000
    assert progress[-1].scanned_bytes == progress[-1].total_bytes
    assert len({(record.source, record.position) for record in sink.records}) == 6000
    known = [one.reached_s for one in progress if one.reached_s is not None]
    assert known == sorted(known, reverse=True)
