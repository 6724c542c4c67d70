"""A pipe is read to its end into a spool."""

import os

from core.logs.stream.pipe import PipeFeed
from core.logs.stream.reading import records_before
from core.logs.stream.spool import Spool
from core.model.follow import FollowWord
from tests.unit.core.logs.stream.segments import continues


def test_everything_in_the_pipe_arrives_and_its_end_is_told() -> None:
    reader, writer = os.pipe()
    spool = Spool("-")
    feed = PipeFeed(reader, spool)
    feed.start()
    for number in range(1000):
        os.write(writer, b"line %d\n" % number)
    os.write(writer, b"no end")
    os.close(writer)
    assert feed.join(20)
    assert spool.state.word is FollowWord.ENDED
    raws = [record.raw for record in records_before(spool.segments, None, continues)]
    assert raws[-2:] == [b"line 999", b"no end"]
    os.close(reader)
    spool.close()


def test_closing_ends_the_reading_of_a_silent_pipe() -> None:
    reader, writer = os.pipe()
    feed = PipeFeed(reader, Spool("-"))
    feed.start()
    assert not feed.join(0)
    feed.close()
    assert feed.join(20)
    os.close(reader)
    os.close(writer)


def test_a_descriptor_that_cannot_be_read_is_told() -> None:
    spool = Spool("-")
    reader, writer = os.pipe()
    feed = PipeFeed(writer, spool)
    os.close(reader)
    feed.start()
    assert feed.join(20)
    assert spool.state.word in {FollowWord.REFUSED, FollowWord.ENDED}
    os.close(writer)
