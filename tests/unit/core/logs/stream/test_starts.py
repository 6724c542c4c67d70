"""A walk over lines that begin no record can be ended anywhere, and is made once."""

import itertools
from collections.abc import Callable

import pytest

from core.logs.stream.reading import record_at, records_after, records_before
from core.logs.stream.starts import Starts
from tests.unit.core.logs.stream.segments import MemorySegment, continues

MIB = 1024 * 1024
SHORTEST = b" \n"


class Clerk:
    """Counts how many lines were judged, and how many between two looks at whether to go on."""

    def __init__(self, asks_left: int = 1_000_000) -> None:
        self.judged = 0
        self.most_between = 0
        self._asks_left = asks_left
        self._judged_before = 0

    def continues(self, line: bytes, before: bytes | None) -> bool:
        self.judged += 1
        self.most_between = max(self.most_between, self.judged - self._judged_before)
        return continues(line, before)

    def cancelled(self) -> bool:
        self._judged_before = self.judged
        self._asks_left -= 1
        return self._asks_left < 0


def back(segment: MemorySegment, clerk: Clerk) -> object:
    return records_before([segment], None, clerk.continues, cancelled=clerk.cancelled)


def on(segment: MemorySegment, clerk: Clerk) -> object:
    return records_after([segment], None, clerk.continues, cancelled=clerk.cancelled)


def over(segment: MemorySegment, clerk: Clerk) -> object:
    return record_at(Starts(segment, clerk.continues, clerk.cancelled), MIB + 7)


WAYS = (back, on, over)


@pytest.mark.parametrize("way", WAYS)
def test_it_asks_whether_to_go_on_every_few_kilobytes(
    way: Callable[[MemorySegment, Clerk], object],
) -> None:
    clerk = Clerk()
    way(MemorySegment(SHORTEST * MIB), clerk)
    assert clerk.judged > 500_000
    assert clerk.most_between <= 8192


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asks", [0, 1, 2, 20, 150, 200])
def test_cancelled_it_gives_nothing_that_it_does_not_know(
    way: Callable[[MemorySegment, Clerk], object], asks: int
) -> None:
    clerk = Clerk(asks)
    segment = MemorySegment(SHORTEST * MIB)
    found = way(segment, clerk)
    assert clerk.judged <= asks * 8192
    assert segment.read_bytes <= (asks + 1) * MIB
    assert not found or found == way(segment, Clerk())


def test_no_line_is_judged_twice_however_often_its_record_is_asked_for() -> None:
    clerk = Clerk()
    segment = MemorySegment(SHORTEST * (2 * MIB))
    starts = Starts(segment, clerk.continues)
    found = {record_at(starts, at) for at in range(0, 4 * MIB, MIB // 8)}
    assert [record and record.is_rest for record in sorted(found, key=str)].count(True) == 2
    once = len(segment.data) // len(SHORTEST)
    # The first block begins the record, the last may still grow: these are looked at anew.
    assert clerk.judged < 4 * once


def test_what_is_remembered_changes_no_answer_when_the_segment_grows() -> None:
    lines = b" " * 1023 + b"\n"
    segment = MemorySegment(lines * 2048)
    starts = Starts(segment, continues)
    places = (0, 5, MIB - 1, MIB, 2 * MIB - 1, 2 * MIB, 3 * MIB - 2, 3 * MIB + 1)
    for more in (b"", b" half", b" and whole\n", lines * 1024, b"a record\n", b"  more\n"):
        segment.data += more
        for at, reader in itertools.product(places, (starts, Starts(segment, continues))):
            assert record_at(reader, at) == record_at(Starts(segment, continues), at)


def test_what_is_remembered_changes_no_answer_when_the_beginning_is_dropped() -> None:
    segment = MemorySegment((b" " * 1023 + b"\n") * 2048)
    starts = Starts(segment, continues)
    assert record_at(starts, 2 * MIB - 1) is not None
    segment.begin_byte = MIB + 300_000
    assert record_at(starts, 2 * MIB - 1) == record_at(Starts(segment, continues), 2 * MIB - 1)
