"""A record without a time has that of the one before it, however it is come upon."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.browse.inheriting import Inheritor
from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.widening import REACH_BYTES, REACH_LINES
from core.model.log import LogRecord, TimeBasis
from tests.unit.core.logs.browse.logs import (
    BEGIN_S,
    NOW_S,
    Body,
    MemoryLog,
    bodies,
    opened,
    plain,
    raws_of,
    records_of,
)
from tests.unit.core.logs.stream.segments import MemorySegment

BARE = b"print without anything\n"


def inheritor(log: OpenedLog) -> Inheritor:
    return Inheritor(log.source, log.segments, log.parser, has_times=log.has_times)


def last_of(log: OpenedLog) -> LogRecord:
    return log.before(None)[-1]


@settings(deadline=None)
@given(body=bodies(most=20), seed=st.integers(0, 2**32))
def test_reading_on_reading_back_and_looking_here_and_there_give_the_same(
    body: Body, seed: int
) -> None:
    log = body.opened()
    raws = [raw for raw in raws_of(log) if not log.parser.is_note(raw.raw)]
    wanted = {record.position: record for record in records_of(log)}
    shuffled = random.Random(seed).sample(raws, len(raws))
    for order in (raws, raws[::-1], raws[::3], shuffled):
        one = inheritor(log)
        for raw in order:
            assert one.read(raw) == wanted[raw.position]


def test_a_time_is_inherited_across_the_border_of_segments() -> None:
    log = opened(plain(BEGIN_S), b"", BARE * 2 + plain(BEGIN_S + 9) + BARE)
    times = [(record.time_s, record.time_basis) for record in log.after(None)]
    assert times[1] == (BEGIN_S + 0.123, TimeBasis.INHERITED)
    assert times[-1] == (BEGIN_S + 9.123, TimeBasis.INHERITED)


def test_a_time_is_inherited_so_far_and_no_further() -> None:
    stamp = plain(BEGIN_S)
    few, many = opened(stamp + BARE * (REACH_LINES - 1)), opened(stamp + BARE * REACH_LINES * 2)
    assert last_of(few).time_s == BEGIN_S + 0.123
    assert last_of(many).time_s is None
    times = [record.time_s for record in records_of(many)]
    assert times.index(None) == REACH_LINES + 1
    wide = opened(stamp + b"x" * REACH_BYTES + b"\n" + BARE)
    assert [record.time_s for record in wide.after(None)][2] is None


def test_a_log_without_times_is_not_looked_through_for_them() -> None:
    segment = MemorySegment(BARE * 5000)
    log = OpenedLog(MemoryLog((segment,)), NOW_S)
    one = inheritor(log)
    raws = raws_of(log)
    read_bytes = segment.read_bytes
    assert [one.read(raw).time_s for raw in raws[::100]] == [None] * 50
    assert segment.read_bytes == read_bytes
