"""A scan finds what a plain line filter finds, in order, bounded, and ends when it is told to."""

import os
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LogUnreadableError
from core.logs.query.prefilter import Prefilter
from core.logs.scan.candidates import Effort, candidates
from core.logs.scan.chunk import Chunk, Order
from core.logs.scan.finders import Finder, finder_of, finder_without_hyperscan
from tests.unit.core.logs.scan.naive import lines_of, matching_starts
from tests.unit.core.logs.scan.segments import FileSegment, MemorySegment


def never() -> bool:
    return False


def plain_finder(prefilter: Prefilter | None) -> Finder:
    if prefilter is None or not prefilter.patterns:
        return finder_of(prefilter)
    return finder_without_hyperscan(prefilter)


LINES = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b"", b"\r", b"needle", b"a needle\r", b"NEEDLE", b"-need", b"le-7", b"7"]),
    ),
    max_size=30,
)
DATA = st.tuples(LINES.map(b"\n".join), st.sampled_from([b"", b"\n"])).map(b"".join)
PREFILTERS = st.sampled_from(
    [
        None,
        Prefilter((), False),
        Prefilter((b"needle",), False),
        Prefilter((b"needle",), True),
        Prefilter((rb"[a-f]{2}", rb"le\-[0-9]"), False),
        Prefilter((rb"(?:^|[^0-9])7(?:[^0-9]|$)",), False),
        Prefilter((b"\x00", rb"\x01"), False),
        Prefilter((rb"ne(?:ed)?le?",), True),
    ]
)


@given(
    data=DATA,
    prefilter=PREFILTERS,
    chunk_bytes=st.integers(1, 90),
    order=st.sampled_from(Order),
    find=st.sampled_from([finder_of, plain_finder]),
    ends=st.tuples(st.integers(0, 400), st.integers(0, 400)),
)
def test_it_finds_what_a_line_filter_finds(
    data: bytes,
    prefilter: Prefilter | None,
    chunk_bytes: int,
    order: Order,
    find: Callable[[Prefilter | None], Finder],
    ends: tuple[int, int],
) -> None:
    begin, end = min(ends), max(ends)
    effort = Effort(chunk_bytes=chunk_bytes)
    chunks = list(
        candidates(MemorySegment(data), prefilter, order, begin, end, never, effort, find)
    )
    if order is Order.NEWEST_FIRST:
        chunks.reverse()
    found = [start for chunk in chunks for start in chunk.line_starts]
    assert found == matching_starts(data, prefilter, begin, end)
    assert_covers(chunks, min(begin, len(data)), min(end, len(data)))


def assert_covers(ascending: list[Chunk], begin: int, end: int) -> None:
    if not ascending:
        assert begin == end
        return
    assert (ascending[0].begin_byte, ascending[-1].end_byte) == (begin, end)
    assert all(one.end_byte == other.begin_byte for one, other in pairwise(ascending))
    assert max(chunk.scanned_bytes for chunk in ascending) == end - begin
    assert {chunk.total_bytes for chunk in ascending} == {end - begin}


@given(data=DATA, chunk_bytes=st.integers(1, 40), longest=st.integers(1, 30))
def test_a_line_longer_than_is_kept_is_a_candidate_and_no_other_is_missed(
    data: bytes, chunk_bytes: int, longest: int
) -> None:
    prefilter = Prefilter((b"needle",), False)
    effort = Effort(chunk_bytes=chunk_bytes, longest_line_bytes=longest)
    found = [
        start
        for chunk in candidates(
            MemorySegment(data), prefilter, Order.OLDEST_FIRST, 0, len(data), never, effort
        )
        for start in chunk.line_starts
    ]
    long = {offset for offset, line in lines_of(data) if len(line) >= longest}
    wanted = set(matching_starts(data, prefilter))
    assert found == sorted(set(found))
    assert wanted <= set(found) <= wanted | long


@pytest.mark.parametrize("order", Order)
def test_a_line_of_many_chunks_is_never_held_whole(order: Order) -> None:
    segment = MemorySegment(b"first needle\n" + b"x" * 3_000_000 + b"\nlast needle\n")
    effort = Effort(chunk_bytes=10_000, longest_line_bytes=50_000)
    prefilter = Prefilter((b"needle",), False)
    chunks = list(candidates(segment, prefilter, order, 0, segment.end_byte, never, effort))
    found = sorted(start for chunk in chunks for start in chunk.line_starts)
    assert found == [0, 13, 13 + 3_000_001]
    assert segment.largest_read_bytes < 100_000


def test_a_spool_that_dropped_its_oldest_part_begins_with_a_line() -> None:
    segment = MemorySegment(b"xxxneedle\nneedle\n", begin_byte=3)
    (chunk,) = candidates(segment, Prefilter((b"needle",), False), Order.OLDEST_FIRST, 0, 99, never)
    assert chunk.line_starts == (3, 10)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_chunks_come_in_the_order_asked_for_whatever_the_threads(threads: int) -> None:
    segment = MemorySegment(b"".join(b"line %06d\n" % number for number in range(5000)))
    effort = Effort(threads=threads, chunk_bytes=512)
    newest = list(candidates(segment, None, Order.NEWEST_FIRST, 0, segment.end_byte, never, effort))
    assert [chunk.end_byte for chunk in newest] == list(range(segment.end_byte, 0, -512))
    assert all(list(chunk.line_starts) == sorted(chunk.line_starts) for chunk in newest)


def test_only_the_lines_known_at_the_start_are_scanned_while_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"needle 1\nneedle 2\n")
    chunks = candidates(
        FileSegment(path), Prefilter((b"needle",), False), Order.OLDEST_FIRST, 0, 10**9, never
    )
    with path.open("ab") as file:
        file.write(b"needle 3\n")
    assert [chunk.line_starts for chunk in chunks] == [(0, 9)]


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_file_that_is_cut_or_vanishes_meanwhile_is_unreadable(
    damage: str, tmp_path: Path
) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(b"some needle\n" * 5000)
    effort = Effort(threads=1, ahead=1, chunk_bytes=1000)
    segment = FileSegment(path)
    chunks = candidates(
        segment, Prefilter((b"needle",), False), Order.OLDEST_FIRST, 0, 10**9, never, effort
    )
    assert next(chunks).line_starts[0] == 0
    if damage == "cut":
        os.truncate(path, 0)
    else:
        path.unlink()
    with pytest.raises(LogUnreadableError, match=r"app\.log"):
        list(chunks)
    assert all_threads_ended()


def test_a_cancelled_scan_ends_at_once_and_leaves_no_thread() -> None:
    segment = MemorySegment(b"needle\n" * 200_000)
    is_cancelled = False
    effort = Effort(chunk_bytes=1000)
    chunks = candidates(
        segment, None, Order.NEWEST_FIRST, 0, segment.end_byte, lambda: is_cancelled, effort
    )
    first = next(chunks)
    is_cancelled = True
    assert list(chunks) == []
    assert first.scanned_bytes == 1000
    assert all_threads_ended()


def test_a_scan_that_is_cancelled_does_not_wait_for_a_disk_that_hangs() -> None:
    released = threading.Event()

    class Hanging(MemorySegment):
        def read(self, offset_byte: int, size_bytes: int) -> bytes:
            released.wait(30)
            return super().read(offset_byte, size_bytes)

    segment = Hanging(b"needle\n" * 1000)
    asked = iter([False, False, True])
    try:
        chunks = candidates(
            segment, None, Order.NEWEST_FIRST, 0, 7000, lambda: next(asked, True), Effort()
        )
        assert list(chunks) == []
    finally:
        released.set()


def all_threads_ended() -> bool:
    scanning = [thread for thread in threading.enumerate() if "_run" in thread.name]
    for thread in scanning:
        thread.join(30)
    return not any(thread.is_alive() for thread in scanning)
