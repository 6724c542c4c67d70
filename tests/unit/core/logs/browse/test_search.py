"""A search finds what a naive pass finds, each record once, from either end, in any pieces."""

import gzip
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import Found, Span
from core.logs.files.log_file import LogFile
from core.logs.query.query import Query, parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from core.logs.stream.starts import STRETCH_BYTES
from core.model.log import LogPosition, LogRecord
from tests.unit.core.logs.browse.logs import (
    BEGIN_S,
    NOW_S,
    Body,
    MemoryLog,
    bodies,
    matching,
    opened,
    plain,
    raws_of,
)
from tests.unit.core.logs.stream.segments import MemorySegment

ASKED = (
    "", "needle", "-needle", "level>=error", "level=warn", "status>=500", "duration_ms>5000",
    "/need+le/", "needle or status=200", '"no needle"', "nowhere", "indented", "two needle",
)  # fmt: skip
BOUNDS = st.one_of(st.none(), st.integers(0, 20_000).map(lambda ago_s: int(NOW_S) - ago_s))


def query(text: str, since_s: int | None = None, until_s: int | None = None) -> Query:
    since = "" if since_s is None else f" since={since_s}"
    until = "" if until_s is None else f" until={until_s}"
    return parse_query(text + since + until, NOW_S)


QUERIES = st.builds(query, st.sampled_from(ASKED), BOUNDS, BOUNDS)
EFFORTS = st.builds(
    Effort,
    threads=st.integers(1, 2),
    ahead=st.integers(1, 4),
    longest_line_bytes=st.sampled_from((64, 1 << 20)),
    chunk_bytes=st.one_of(st.integers(1, 60), st.integers(60, 4000)),
)


def ascending(founds: Sequence[Found], order: Order) -> list[LogRecord]:
    """Return what was found, oldest first, and hold each piece to what is promised of it."""
    founds = founds if order is Order.OLDEST_FIRST else founds[::-1]
    records = [record for found in founds for record in found.records]
    positions = [record.position for record in records]
    assert positions == sorted(set(positions))
    assert all(one.reached <= other.reached for one, other in pairwise(founds))
    for found in founds:
        assert all(entry.record.position < entry.end for entry in found.entries)
        assert 0 <= found.scanned_bytes <= found.total_bytes
    return records


@settings(deadline=None, max_examples=150)
@given(body=bodies(), asked=QUERIES, order=st.sampled_from(Order), effort=EFFORTS)
def test_it_finds_what_a_naive_pass_finds(
    body: Body, asked: Query, order: Order, effort: Effort
) -> None:
    log = body.opened()
    founds = list(log.search(asked, effort).run(order))
    assert ascending(founds, order) == matching(log, asked)


@settings(deadline=None, max_examples=60)
@given(
    body=bodies(),
    asked=QUERIES,
    order=st.sampled_from(Order),
    effort=EFFORTS,
    cuts=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3000)), max_size=3),
)
def test_spans_that_adjoin_give_everything_once(
    body: Body,
    asked: Query,
    order: Order,
    effort: Effort,
    cuts: list[tuple[int, int]],
) -> None:
    log = body.opened()
    search = log.search(asked, effort)
    places = [None, *sorted(LogPosition(part * 1024, offset) for part, offset in cuts), None]
    found = [
        record
        for begin, end in pairwise(places)
        for record in ascending(list(search.run(order, Span(begin, end))), order)
    ]
    assert found == matching(log, asked)


@settings(deadline=None, max_examples=80)
@given(
    body=bodies(),
    asked=QUERIES,
    order=st.sampled_from(Order),
    effort=EFFORTS,
    taken=st.integers(1, 40),
)
def test_a_search_goes_on_where_it_was_left(
    body: Body, asked: Query, order: Order, effort: Effort, taken: int
) -> None:
    log = body.opened()
    run = log.search(asked, effort).run(order)
    first = [found for found, _ in zip(run, range(taken), strict=False)]
    run.close()
    reached = first[-1].reached if first else None
    is_back = order is Order.NEWEST_FIRST
    span = Span(end=reached) if is_back else Span(begin=reached)
    rest = list(log.search(asked).run(order, span)) if first else []
    assert ascending([*first, *rest], order) == matching(log, asked)
    if reached is not None:
        borders = {raw.position for raw in raws_of(log)} | {
            LogPosition(segment.number, at)
            for segment in log.segments
            for at in (segment.begin_byte, segment.end_byte)
        }
        assert reached in borders


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 1 << 20])
def test_a_record_is_found_by_any_of_its_lines(order: Order, chunk_bytes: int) -> None:
    body = (
        plain(BEGIN_S, b"before", b"INFO")
        + plain(BEGIN_S, b"first", b"INFO")
        + b"  second\n" * 20
        + b"  third\n"
        + plain(BEGIN_S, b"behind", b"INFO")
    )
    log = opened(body)
    for word in ("first", "second", "third"):
        founds = list(log.search(query(word), Effort(chunk_bytes=chunk_bytes)).run(order))
        assert len(ascending(founds, order)) == 1


@pytest.mark.parametrize("order", Order)
def test_a_record_over_the_border_of_two_chunks_comes_once(order: Order) -> None:
    head = b"".join(plain(BEGIN_S + at, b"quiet %d" % at, b"INFO") for at in range(100))
    record = plain(BEGIN_S + 100, b"needle", b"INFO") + b"  needle in more\n" * 3
    body = head + record + plain(BEGIN_S + 101, b"last", b"INFO")
    for border in range(len(head) - 1, len(head) + len(record) + 2):
        effort = Effort(chunk_bytes=border if order is Order.OLDEST_FIRST else len(body) - border)
        founds = list(opened(body).search(query("needle"), effort).run(order))
        (found,) = ascending(founds, order)
        assert found.raw == record.removesuffix(b"\n")


@pytest.mark.parametrize("order", Order)
def test_long_lines_and_long_records_are_found_once(order: Order) -> None:
    long = (
        plain(BEGIN_S, b"a" * 300_000 + b" needle")
        + plain(BEGIN_S, b"many lines")
        + b"  needle of many\n" * 60_000
        + b"needle " + b"z" * (3 << 20) + b" needle\n"
        + plain(BEGIN_S, b"b" * 20_000 + b" needle")
        + b"c" * 5000 + b" needle"
    )  # fmt: skip
    log = opened(long)
    founds = list(log.search(query("needle")).run(order))
    assert ascending(founds, order) == matching(log, query("needle"))


def test_a_window_ends_a_search_that_goes_back_before_all_is_read() -> None:
    hours = [plain(BEGIN_S + at * 60, b"needle %d" % at) for at in range(4000)]
    log = opened(b"".join(hours))
    asked = query("needle", since_s=int(BEGIN_S) + 3900 * 60)
    founds = list(log.search(asked, Effort(chunk_bytes=1000)).run(Order.NEWEST_FIRST))
    assert len(ascending(founds, Order.NEWEST_FIRST)) == 100
    assert founds[-1].scanned_bytes < founds[-1].total_bytes / 10


def test_one_wrong_time_ends_no_search() -> None:
    lines = [plain(BEGIN_S + at, b"needle %d" % at) for at in range(400)]
    lines[200] = plain(3_600, b"the clock was not set")
    asked = query("needle", since_s=int(BEGIN_S))
    founds = opened(b"".join(lines)).search(asked, Effort(chunk_bytes=100)).run(Order.NEWEST_FIRST)
    assert len(ascending(list(founds), Order.NEWEST_FIRST)) == 399


def test_a_search_can_be_run_again_and_twice_at_once() -> None:
    log = opened(b"".join(plain(BEGIN_S + at) for at in range(50)))
    search = log.search(query("needle"), Effort(chunk_bytes=100))
    one, other = search.run(Order.NEWEST_FIRST), search.run(Order.OLDEST_FIRST)
    pairs = list(zip(one, other, strict=False))
    assert len([found for pair in pairs for record in pair for found in record.records]) == 100
    assert len(ascending(list(search.run(Order.NEWEST_FIRST)), Order.NEWEST_FIRST)) == 50


@pytest.mark.parametrize("order", Order)
def test_packed_siblings_are_searched_with_the_live_file(tmp_path: Path, order: Order) -> None:
    parts = [
        b"".join(plain(BEGIN_S + part * 100 + at, b"needle %d" % at) for at in range(30))
        for part in range(3)
    ]
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(parts[0]))
    (tmp_path / "app.log.1").write_bytes(parts[1])
    (tmp_path / "app.log").write_bytes(parts[2])
    log = OpenedLog(LogFile(str(tmp_path / "app.log")), NOW_S)
    founds = list(log.search(query("needle"), Effort(chunk_bytes=500)).run(order))
    assert [record.raw + b"\n" for record in ascending(founds, order)] == b"".join(
        parts
    ).splitlines(keepends=True)
    log.close()


@pytest.mark.parametrize("order", Order)
def test_a_cancelled_search_ends_within_a_step_and_leaves_no_thread(order: Order) -> None:
    log = opened(b"".join(plain(BEGIN_S + at) for at in range(5000)))
    stop = threading.Event()
    before = threading.active_count()
    run = log.search(query("needle"), Effort(chunk_bytes=10_000)).run(order, cancelled=stop.is_set)
    found = [next(run)]
    stop.set()
    found += run
    assert len(found) <= 2
    assert len(ascending(found, order)) < 1000
    assert threading.active_count() <= before


class _OwnReads(MemorySegment):
    """Counts what the thread that searches reads itself, since it asked whether to go on."""

    reader = threading.get_ident()
    since_asked_bytes = 0
    most_bytes = 0

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        if threading.get_ident() == self.reader:
            self.since_asked_bytes += size_bytes
            self.most_bytes = max(self.most_bytes, self.since_asked_bytes)
        return super().read(offset_byte, size_bytes)

    def goes_on(self) -> bool:
        self.since_asked_bytes = 0
        return False


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("text", ["needle", "-needle"])
def test_a_log_of_one_endless_record_is_searched_in_small_steps(order: Order, text: str) -> None:
    segment = _OwnReads(b"  another frame\n" * (4 << 16))
    log = OpenedLog(MemoryLog((segment,)), NOW_S)
    list(log.search(query(text)).run(order, cancelled=segment.goes_on))
    # Two records and what is read around them; walking to their ends asks on the way.
    assert segment.most_bytes < 3 * STRETCH_BYTES


def test_a_chunk_full_of_matches_comes_in_pieces() -> None:
    log = opened(b"".join(plain(BEGIN_S + at) for at in range(3000)))
    founds = list(log.search(query("needle")).run(Order.NEWEST_FIRST))
    assert len(founds) > 10
    assert max(len(found.records) for found in founds) <= 256
