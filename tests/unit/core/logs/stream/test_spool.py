"""A spool keeps the last of a stream, in order, and counts what it had to drop."""

import threading

import pytest

from core.errors import LogUnreadableError
from core.logs.stream import spool as spool_module
from core.logs.stream.reading import records_before
from core.logs.stream.spool import Spool
from core.logs.stream.tail import Tail
from core.model.follow import FollowWord
from core.model.log import SeamKind
from tests.unit.core.logs.stream.segments import continues

KIB = 1024


def numbered(begin: int, end: int) -> bytes:
    return b"".join(b"line %07d of the stream\n" % number for number in range(begin, end))


def test_what_is_fed_is_read_and_followed() -> None:
    spool = Spool("s/a/log")
    tail = Tail(spool, continues)
    spool.feed(b"one\ntwo\nhal")
    batch = tail.read(0)
    assert [record.raw for record in batch.records] == [b"one", b"two", b"hal"]
    spool.feed(b"f\n")
    assert [record.raw for record in tail.read(0).records] == [b"half"]
    raws = [record.raw for record in records_before(spool.segments, None, continues)]
    assert raws == [b"one", b"two", b"half"]
    spool.close()


def test_the_oldest_lines_make_room_and_are_counted() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    fed = numbered(0, 20_000)
    for at in range(0, len(fed), 1000):
        spool.feed(fed[at : at + 1000])
    (ring,) = spool.segments
    kept = ring.read(ring.begin_byte, 64 * KIB)
    assert fed.endswith(kept)
    assert kept.startswith(b"line ")
    assert len(kept) > 48 * KIB
    assert spool.dropped_bytes + len(kept) == len(fed)
    assert spool.dropped_lines + kept.count(b"\n") == 20_000
    (seam,) = spool.poll(5).seams
    assert seam.kind is SeamKind.SKIPPED
    assert f"{spool.dropped_lines} lines" in seam.note
    assert spool.poll(6).seams == ()
    spool.close()


def test_a_piece_larger_than_the_ring_leaves_its_end() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    fed = numbered(0, 20_000)
    spool.feed(fed)
    (ring,) = spool.segments
    assert fed.endswith(ring.read(ring.begin_byte, 64 * KIB))
    spool.close()


def test_a_line_longer_than_the_ring_is_torn_and_the_next_one_whole() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    spool.feed(b"x" * (300 * KIB) + b"\nnext\n")
    assert records_before(spool.segments, None, continues)[-1].raw == b"next"
    assert spool.dropped_bytes > 200 * KIB
    spool.close()


def test_reading_what_was_dropped_is_an_error_and_no_other_text() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    spool.feed(numbered(0, 10_000))
    with pytest.raises(LogUnreadableError, match="dropped"):
        spool.segments[0].read(0, 100)
    spool.close()


def test_a_slow_reader_learns_how_much_it_lost() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    tail = Tail(spool, continues)
    spool.feed(numbered(0, 10))
    tail.read(0)
    spool.feed(numbered(10, 20_000))
    batch = tail.read(0)
    first = int(batch.records[0].raw.split()[1])
    assert batch.lost_bytes == len(numbered(10, first))
    assert any(seam.kind is SeamKind.SKIPPED for seam in batch.seams)
    spool.close()


def test_a_full_disk_is_told_and_nothing_is_passed_off_as_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spool = Spool("s/a/log")
    spool.feed(b"one\n")
    real = spool_module.os.pwrite

    def full(fd: int, data: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool_module.os, "pwrite", full)
    spool.feed(b"lost\n")
    monkeypatch.setattr(spool_module.os, "pwrite", real)
    spool.feed(b"two\n")
    change = spool.poll(0)
    assert [seam.note for seam in change.seams] == ["5 bytes not kept: no room on the disk"]
    assert [one.raw for one in records_before(spool.segments, None, continues)] == [b"one", b"two"]
    spool.close()


def test_seams_stand_where_they_were_marked() -> None:
    spool = Spool("s/a/log")
    spool.feed(b"before\n")
    spool.mark(SeamKind.REOPENED, "the engine hung up; reading again")
    spool.tell(FollowWord.FOLLOWING)
    spool.feed(b"after\n")
    (seam,) = spool.poll(3).seams
    assert (seam.position.offset, seam.kind, seam.at_s) == (7, SeamKind.REOPENED, 3)
    assert spool.state.word is FollowWord.FOLLOWING
    spool.close()


def test_readers_see_whole_truths_while_the_writer_drops() -> None:
    spool = Spool("s/a/log", 64 * KIB)
    wrong: list[bytes] = []
    done = threading.Event()

    def read() -> None:
        (ring,) = spool.segments
        while not done.is_set():
            begin = ring.begin_byte
            try:
                data = ring.read(begin, 4 * KIB)
            except LogUnreadableError:
                continue
            wrong.extend(
                line for line in data.splitlines()[:-1] if not line.endswith(b" of the stream")
            )

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(0, 60_000, 50):
        spool.feed(numbered(number, number + 50))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    spool.close()


def test_each_change_wakes_whoever_waits() -> None:
    woken: list[int] = []
    spool = Spool("s/a/log", on_change=lambda: woken.append(1))
    spool.feed(b"x\n")
    spool.mark(SeamKind.REOPENED, "again")
    spool.tell(FollowWord.ENDED, "over")
    assert len(woken) == 3
    assert spool.watched_paths == ()
    spool.close()
    with pytest.raises(LogUnreadableError):
        spool.segments[0].read(0, 1)
