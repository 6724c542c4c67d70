"""Line numbers come from one count per MiB."""

import pytest

from core.errors import LogUnreadableError
from core.logs.stream.line_index import STEP_BYTES, LineIndex
from tests.unit.core.logs.stream.segments import MemorySegment

TEXT = b"".join(b"line %07d\n" % number for number in range(300_000))


def counted(data: bytes = TEXT) -> LineIndex:
    index = LineIndex(MemorySegment(data))
    index.advance()
    return index


def test_line_and_offset_agree_everywhere() -> None:
    index = counted()
    for line in (0, 1, 80_659, 80_660, 161_319, 299_999):
        offset = index.offset_near(line)
        assert offset == line * 13
        assert index.line_at(offset) == line
        assert index.line_at(offset + 12) == line


def test_it_goes_on_where_it_was_when_the_segment_grows() -> None:
    segment = MemorySegment(TEXT[: STEP_BYTES + 5])
    index = LineIndex(segment)
    assert index.advance()
    segment.data = TEXT
    assert not index.is_complete
    assert index.advance()
    assert index.offset_near(250_000) == 250_000 * 13
    assert segment.read_bytes < len(TEXT) + 4 * STEP_BYTES


def test_it_can_be_done_in_parts_with_progress_and_cancelled() -> None:
    index = LineIndex(MemorySegment(TEXT))
    assert not index.advance(max_bytes=1)
    assert 0.2 < index.progress < 0.4
    assert not index.advance(lambda: True)
    assert index.counted_byte == STEP_BYTES
    assert index.line_at(len(TEXT)) is None
    assert index.advance()
    assert index.progress == 1.0


def test_ten_gigabytes_cost_ten_thousand_numbers() -> None:
    class Huge(MemorySegment):
        @property
        def end_byte(self) -> int:
            return 10 * 1024**3

        def read(self, offset_byte: int, size_bytes: int) -> bytes:
            return step

    step = b"x" * (STEP_BYTES - 1) + b"\n"
    index = LineIndex(Huge(b""))
    index.advance(max_bytes=64 * STEP_BYTES)
    assert len(index._ends) == 65
    assert index._ends.itemsize == 8


def test_what_does_not_exist_has_no_number() -> None:
    index = counted()
    assert index.offset_near(300_001) is None
    assert index.offset_near(-1) is None
    assert index.line_at(len(TEXT) + 1) is None
    assert counted(b"").offset_near(0) == 0


def test_a_segment_that_became_shorter_is_told() -> None:
    class Shrunk(MemorySegment):
        def read(self, offset_byte: int, size_bytes: int) -> bytes:
            return b""

    with pytest.raises(LogUnreadableError):
        LineIndex(Shrunk(TEXT)).advance()
