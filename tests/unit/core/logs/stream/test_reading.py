"""Records come whole and the same, whichever way they are read and however long they are."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.segment import Segment
from core.logs.stream.reading import (
    RECORD_BYTES,
    RawRecord,
    ReadLimit,
    record_at,
    records_after,
    records_before,
)
from core.logs.stream.starts import Starts
from core.model.log import LogPosition
from tests.unit.core.logs.stream.segments import MemorySegment, continues

MIB = 1024 * 1024
ONE = ReadLimit(records=1)


def forwards(segments: Sequence[Segment], limit: ReadLimit) -> list[RawRecord]:
    found: list[RawRecord] = []
    position: LogPosition | None = None
    while records := records_after(segments, position, continues, limit):
        found += records
        position = records[-1].next_position
    return found


def backwards(segments: Sequence[Segment], limit: ReadLimit) -> list[RawRecord]:
    found: list[RawRecord] = []
    position: LogPosition | None = None
    while records := records_before(segments, position, continues, limit):
        found[:0] = records
        position = records[0].position
    return found


def test_lines_are_records_and_indented_lines_belong_to_the_one_above() -> None:
    segment = MemorySegment(b"one\ntwo\n  more\n  yet more\nthree\n")
    raws = [record.raw for record in records_after([segment], None, continues)]
    assert raws == [b"one", b"two\n  more\n  yet more", b"three"]


def test_the_last_records_are_read_from_the_end() -> None:
    segment = MemorySegment(b"".join(b"line %d\n" % number for number in range(200_000)))
    records = records_before([segment], None, continues, ReadLimit(records=2))
    assert [record.raw for record in records] == [b"line 199998", b"line 199999"]
    assert segment.read_bytes < MIB


def test_a_line_that_has_not_ended_is_given_as_open() -> None:
    segment = MemorySegment(b"whole\nhal")
    assert [record.is_open for record in records_after([segment], None, continues)] == [False, True]
    assert [record.is_open for record in records_before([segment], None, continues)] == [
        False,
        True,
    ]


def test_records_are_read_across_segments_in_both_directions() -> None:
    segments = [MemorySegment(b"a\nb\n", -1), MemorySegment(b"", 0), MemorySegment(b"c\n", 1)]
    assert [record.raw for record in forwards(segments, ONE)] == [b"a", b"b", b"c"]
    assert [record.raw for record in backwards(segments, ONE)] == [b"a", b"b", b"c"]


def test_a_record_that_straddles_the_blocks_of_reading_comes_whole() -> None:
    body = b"".join(b"  frame %06d\n" % number for number in range(20_000))
    segment = MemorySegment(b"x" * 100_000 + b"\nTraceback\n" + body + b"after\n")
    records = records_before([segment], None, continues, ReadLimit(records=2))
    assert records[0].raw == b"Traceback\n" + body.removesuffix(b"\n")
    assert not records[0].is_cut


def test_a_record_longer_than_is_kept_is_cut_and_its_rest_is_told_apart() -> None:
    segment = MemorySegment(b"first\n" + b"x" * (5 * MIB) + b"\nlast\n")
    records = forwards([segment], ReadLimit())
    assert [record.raw for record in records if not record.is_rest][0::2] == [b"first", b"last"]
    cut = records[1]
    assert (cut.is_cut, len(cut.raw)) == (True, RECORD_BYTES)
    assert all(record.is_rest for record in records[2:-1])
    assert records == backwards([segment], ReadLimit())


def test_a_file_without_any_newline_costs_a_bounded_read_a_call() -> None:
    segment = MemorySegment(b"x" * (64 * MIB))
    records = records_before([segment], None, continues, ReadLimit(size_bytes=2 * MIB))
    assert sum(len(record.raw) for record in records) <= 3 * MIB
    assert segment.read_bytes < 12 * MIB
    assert segment.largest_bytes <= 4 * MIB


def test_a_file_of_nothing_but_continued_lines_is_cut_the_same_both_ways() -> None:
    segment = MemorySegment(b"  indented line\n" * (3 * MIB // 16))
    one_way, other_way = forwards([segment], ReadLimit()), backwards([segment], ReadLimit())
    assert one_way == other_way
    assert [record.is_rest for record in one_way] == [False, True]


def test_a_spool_that_dropped_its_beginning_is_read_from_what_is_left() -> None:
    segment = MemorySegment(b"dropped\nkept\nkept too\n", begin_byte=8)
    assert [record.raw for record in backwards([segment], ONE)] == [b"kept", b"kept too"]
    assert [record.raw for record in forwards([segment], ONE)] == [b"kept", b"kept too"]


def test_the_record_of_any_byte_is_found() -> None:
    segment = MemorySegment(b"one\ntwo\n  more\nthree\n")
    starts = Starts(segment, continues)
    found = [record_at(starts, offset) for offset in range(len(segment.data))]
    assert {record.raw for record in found if record} == {b"one", b"two\n  more", b"three"}
    assert record_at(starts, 9) == record_at(starts, 4)
    assert record_at(starts, len(segment.data)) is None


def test_reading_can_be_cancelled() -> None:
    segment = MemorySegment(b"line\n" * 1000)
    assert len(records_after([segment], None, continues, cancelled=lambda: True)) == 0


def whole(segments: Sequence[MemorySegment], records: Sequence[RawRecord]) -> list[bytes]:
    """Put the bytes of each segment together again from its records."""
    parts = {segment.number: b"" for segment in segments}
    for record in records:
        (segment,) = (one for one in segments if one.number == record.position.segment)
        assert record.position.offset == len(parts[segment.number])
        span = segment.data[record.position.offset : record.end_byte]
        assert span.startswith(record.raw)
        if not record.is_cut:
            assert span in (record.raw, record.raw + b"\n")
        parts[segment.number] += span
    return [parts[segment.number] for segment in segments]


@given(
    st.lists(st.binary(max_size=60), max_size=3),
    st.integers(1, 5),
    st.integers(1, 100),
)
def test_any_bytes_come_back_unchanged_in_both_directions(
    parts: list[bytes], count: int, size: int
) -> None:
    segments = [MemorySegment(part, number - 1) for number, part in enumerate(parts)]
    limit = ReadLimit(count, size)
    one_way, other_way = forwards(segments, limit), backwards(segments, limit)
    assert one_way == other_way
    assert whole(segments, one_way) == parts


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_long_lines_come_back_unchanged_in_both_directions(seed: int) -> None:
    dice = random.Random(seed)
    sizes = [dice.choice((1, 40, 5_000, 17_000, 131_072, 700_000, MIB, 2 * MIB)) for _ in range(8)]
    starts = [dice.choice((b"", b" ", b"x")) for _ in sizes]
    data = b"".join(start + b"y" * size + b"\n" for start, size in zip(starts, sizes, strict=True))
    segment = MemorySegment(data)
    one_way, other_way = forwards([segment], ReadLimit(3)), backwards([segment], ReadLimit(2))
    assert one_way == other_way
    assert whole([segment], one_way) == [data]
    assert all(len(record.raw) <= RECORD_BYTES for record in one_way)
