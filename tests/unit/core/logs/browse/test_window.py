"""Where a window begins is found by looking at a few places."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from core.logs.browse.window import begin_of
from core.logs.parse.parser import detect
from core.model.log import LogPosition

START_S = 1_773_446_400  # 2026-03-14T00:00:00Z
STEP_S = 10


class Bytes:
    """A segment in memory that counts what is read of it."""

    def __init__(self, number: int, data: bytes) -> None:
        self.number = number
        self.name = str(number)
        self.begin_byte = 0
        self.end_byte = len(data)
        self.read_bytes = 0
        self._data = data

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        found = self._data[offset_byte : offset_byte + size_bytes]
        self.read_bytes += len(found)
        return found


def lines(count: int, first: int = 0) -> bytes:
    stamps = (datetime.fromtimestamp(START_S + (first + at) * STEP_S, UTC) for at in range(count))
    return b"".join(b"%s INFO %s\n" % (one.isoformat().encode(), b"x" * 60) for one in stamps)


def begin(segments: Sequence[Bytes], since_s: float) -> LogPosition | None:
    sample = segments[-1].read(0, 4096).splitlines()
    return begin_of(segments, detect(sample), since_s)


@pytest.mark.parametrize("place", [0, 1, 777, 40_000, 99_990])
def test_no_record_of_the_window_lies_before_it_and_little_that_is_not(place: int) -> None:
    count = 100_000
    segment = Bytes(0, lines(count))
    line_bytes = segment.end_byte // count
    found = begin([segment], START_S + place * STEP_S)
    offset = found.offset if found is not None else 0
    assert offset <= place * line_bytes
    assert place * line_bytes - offset < 1024 * 1024
    assert offset % line_bytes == 0
    assert segment.read_bytes < 1024 * 1024


def test_segments_from_before_the_window_are_not_looked_into() -> None:
    old, middle, new = Bytes(0, lines(9)), Bytes(1, lines(9000, 9)), Bytes(2, lines(9, 9009))
    found = begin([old, middle, new], START_S + 5000 * STEP_S)
    assert found is not None
    assert found.segment == 1
    assert old.read_bytes == 0


def test_a_log_that_lies_in_the_window_is_searched_from_its_beginning() -> None:
    assert begin([Bytes(0, lines(9)), Bytes(1, lines(9, 9))], 0.0) is None


def test_a_log_without_times_is_searched_from_its_beginning() -> None:
    assert begin([Bytes(0, b"no time here\n" * 100)], START_S) is None
