"""Where a window begins is found by looking at a few places."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import EVERYTHING, Span
from core.logs.browse.window import begin_of
from core.logs.parse.parser import detect
from core.logs.query.query import parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from core.model.log import LogPosition
from tests.unit.core.logs.browse.logs import MemoryLog, records_of
from tests.unit.core.logs.stream.segments import MemorySegment

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


HOUR_S = 3600
NOW_S = START_S + 100_000.0


@dataclass(frozen=True)
class Writing:
    """How a log was written whose clock was not to be trusted."""

    seed: int
    steps_back_at: tuple[float, ...]
    """Shares of the log after which the clock was set back by an hour, and later put right, each
    time for longer than it takes to fill what lies between two samples."""
    pace_s: float
    """Between two lines, about."""
    parts: int

    def opened(self) -> OpenedLog:
        chance = random.Random(self.seed)
        clock_s, lines = float(START_S), list[bytes]()
        steps = {int(share * _LINES) for share in self.steps_back_at}
        rights = {at + _LINES // 5 for at in steps}
        for number in range(_LINES):
            clock_s += chance.uniform(0, 2 * self.pace_s)
            clock_s += HOUR_S * ((number in rights) - (number in steps))
            kind = chance.random()
            if kind < 0.2:
                lines.append(b'INFO:     203.0.113.7:4711 - "GET /%d HTTP/1.1" 200 OK' % number)
            elif kind < 0.25:
                lines.append(b"  more of it\n\tand more " + b"y" * chance.randrange(2000))
            elif kind < 0.2505:
                lines.append(b"1970-01-01T00:00:07Z INFO the clock was not set")
            else:
                at = datetime.fromtimestamp(clock_s + chance.uniform(-2, 2), UTC)
                text = b"x" * chance.choice((20, 60, 300))
                lines.append(b"%s INFO %d %s" % (at.isoformat().encode(), number, text))
        cuts = sorted(chance.randrange(_LINES) for _ in range(self.parts - 1))
        data = [b"\n".join(lines[a:b]) + b"\n" for a, b in pairwise((0, *cuts, _LINES)) if b > a]
        segments = tuple(MemorySegment(one, number) for number, one in enumerate(data))
        return OpenedLog(MemoryLog(segments), NOW_S)


_LINES = 6000
WRITINGS = st.builds(
    Writing,
    st.integers(0, 1 << 32),
    st.floats(0.02, 0.98).flatmap(
        lambda share: st.sampled_from(((), (share,), (share * 0.4, share * 0.4 + 0.36)))
    ),
    st.sampled_from((0.05, 0.5, 2.0, 20.0)),
    st.integers(1, 3),
)


@settings(deadline=None, max_examples=20, phases=(Phase.generate,))
@given(
    writing=WRITINGS,
    share=st.floats(0, 1),
    length=st.floats(0.01, 1),
    order=st.sampled_from(Order),
    chunk_bytes=st.sampled_from((4_000, 40_000, 400_000)),
)
def test_a_window_is_what_a_naive_pass_finds_whatever_the_clock_did(
    writing: Writing, share: float, length: float, order: Order, chunk_bytes: int
) -> None:
    log = writing.opened()
    records = records_of(log)
    since_s = START_S + share * writing.pace_s * _LINES
    until_s = since_s + length * writing.pace_s * _LINES
    for asked in (
        parse_query(f"since={since_s:.0f}", NOW_S),
        parse_query(f"since={since_s:.0f} until={until_s:.0f}", NOW_S),
    ):
        span = EVERYTHING
        if order is Order.OLDEST_FIRST:
            span = Span(begin_of(log.segments, log.parser, round(since_s)))
        founds = list(log.search(asked, Effort(chunk_bytes=chunk_bytes)).run(order, span))
        founds = founds if order is Order.OLDEST_FIRST else founds[::-1]
        found = [record.position for one in founds for record in one.records]
        assert found == [record.position for record in records if asked.is_in_window(record)]
