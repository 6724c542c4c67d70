"""A pipe is read when it is looked at, no further than its reader wants, to its end."""

import fcntl
import os
from collections.abc import Iterator

import pytest

from core.model.follow import FollowWord
from core.sources.log_input import PipedInput

Ends = tuple[int, int]


@pytest.fixture(params=["low", "beyond 1023"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    reading, writing = os.pipe()
    if request.param != "low":  # a console with many sockets open; select() would refuse it
        low, reading = reading, fcntl.fcntl(reading, fcntl.F_DUPFD_CLOEXEC, 1024)
        os.close(low)
    yield reading, writing
    os.close(reading)
    try:
        os.close(writing)
    except OSError:  # the test has closed it
        return


def content(log: PipedInput) -> bytes:
    (segment,) = log.segments
    return segment.read(segment.begin_byte, segment.end_byte - segment.begin_byte)


def test_what_is_there_at_first_counts_as_new(ends: Ends) -> None:
    os.write(ends[1], b"one\n")
    log = PipedInput(ends[0])
    assert log.poll(0.0).grown == ()
    assert [growth.begin_byte for growth in log.poll(1.0).grown] == [0]
    assert content(log) == b"one\n"
    log.close()


def test_nothing_is_read_while_the_reader_is_behind(ends: Ends) -> None:
    log = PipedInput(ends[0])
    log.poll(0.0)
    os.write(ends[1], b"one\n")
    log.is_paused = True
    assert log.poll(1.0).grown == ()
    log.is_paused = False
    assert len(log.poll(2.0).grown) == 1
    log.close()


def test_it_ends_when_the_other_end_is_closed(ends: Ends) -> None:
    log = PipedInput(ends[0])
    log.poll(0.0)
    os.write(ends[1], b"last")
    os.close(ends[1])
    log.poll(1.0)
    assert log.state.word is FollowWord.ENDED
    assert content(log) == b"last"
    log.close()
