"""Anchors: every so many records, to a second place that may refuse or block (F64)."""

import itertools
import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from core.actions.audit.anchors import Anchor, parse_anchors
from core.actions.audit.names import ANCHORS, HEAD
from core.actions.audit.record import Event, parse_record
from core.actions.audit.sinks import AnchorQueue, JournalSink
from core.actions.audit.verify import verify
from core.actions.audit.writer import Limits
from tests.unit.core.actions.audit.logs import (
    NAME,
    Place,
    SetClock,
    fill,
    lines_of,
    open_log,
    problem,
    whole,
)

EVERY_TEN = Limits(ballast_bytes=4096, anchor_records=10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_log_is_anchored_at_its_beginning_and_then_every_so_many_records(
    folder: Path, place: Place
) -> None:
    log = open_log(folder, sink=place, limits=EVERY_TEN)
    fill(log, 40)
    log.close()
    seqs = [one.seq for one in place.taken]
    assert seqs[0] == 2
    assert {later - earlier for earlier, later in itertools.pairwise(seqs)} == {11}
    for one in place.taken:
        assert parse_record(lines_of(folder)[one.seq - 1]).hash == one.hash
    stored, _ = parse_anchors((folder / ANCHORS).read_text())
    assert list(stored) == place.taken


def test_processes_that_each_write_little_anchor_together(folder: Path, place: Place) -> None:
    for _ in range(24):
        log = open_log(folder, sink=place, limits=EVERY_TEN)
        fill(log, 1)
        log.close()
    assert [one.seq for one in place.taken] == [2, 13, 24]


def test_ten_minutes_are_enough_for_an_anchor(folder: Path, place: Place) -> None:
    clock = SetClock()
    log = open_log(folder, clock, sink=place)
    fill(log, 3)
    clock.shift = timedelta(minutes=10)
    fill(log, 1)
    log.close()
    assert [one.seq for one in place.taken] == [2, 6]


def test_verifying_counts_what_no_anchor_covers(folder: Path) -> None:
    log = open_log(folder, limits=EVERY_TEN)
    fill(log, 7)
    assert whole(folder).unanchored == 6
    log.anchor()
    assert whole(folder).unanchored == 0


def test_a_tail_that_is_lost_is_found_by_the_head_by_an_anchor_or_counted(folder: Path) -> None:
    fill(open_log(folder, limits=EVERY_TEN), 18)
    lines = lines_of(folder)
    (folder / NAME).write_bytes(b"".join(lines[:15]))
    assert "up to 20 were acknowledged and are gone" in problem(folder)
    (folder / HEAD).unlink()
    result = verify(folder)
    assert (result.bad, result.unanchored) == (None, 2)
    (folder / NAME).write_bytes(b"".join(lines[:9]))
    assert "up to 13 were anchored and are gone" in problem(folder)


def test_an_anchor_kept_elsewhere_shows_a_chain_that_was_written_anew(
    folder: Path, tmp_path: Path, place: Place
) -> None:
    fill(open_log(folder, sink=place, limits=EVERY_TEN), 18)
    clock = SetClock()
    clock.shift = timedelta(seconds=1)
    forged = tmp_path / "forged"
    fill(open_log(forged, clock, limits=EVERY_TEN), 18)
    assert verify(forged).bad is None
    bad = verify(forged, anchors=place.taken).bad
    assert bad is not None
    assert (bad.seq, bad.line) == (2, 2)
    assert "not the one that was written" in bad.why


def test_a_place_that_blocks_holds_nobody_up_and_is_recorded(folder: Path, place: Place) -> None:
    clock = SetClock()
    log = open_log(folder, clock, sink=place, limits=EVERY_TEN)
    place.gate.clear()
    fill(log, 5)
    assert place.was_asked.wait(30)
    clock.mono_s += 600
    assert "takes nothing" in log.sink_trouble
    fill(log, 30)
    down = [parse_record(line) for line in lines_of(folder) if b'"sink_down"' in line]
    assert [(one.target, one.ev) for one in down] == [("elsewhere", Event.SINK_DOWN)]
    place.gate.set()
    log.close()
    assert log.sink_trouble == ""
    fill(log, 1)
    assert b'"sink_up"' in (folder / NAME).read_bytes()
    whole(folder)


def test_a_place_that_refuses_is_recorded_once_and_its_return_too(
    folder: Path, place: Place
) -> None:
    log = open_log(folder, sink=place, limits=EVERY_TEN)
    place.refusal = "no route"
    fill(log, 1)
    log.close()
    assert log.sink_trouble == "elsewhere: no route"
    fill(log, 8)
    place.refusal = ""
    log.anchor()
    log.close()
    fill(log, 2)
    words = [parse_record(line).ev for line in lines_of(folder)]
    assert [word for word in words if word.startswith("sink")] == ["sink_down", "sink_up"]


def test_a_queue_holds_a_thousand_anchors_and_gives_up_the_oldest(place: Place) -> None:
    queue = AnchorQueue(place, SetClock(), deadline_s=30)
    place.gate.clear()
    for seq in range(1, 1103):
        queue.offer(Anchor(seq, "00", ""))
    place.gate.set()
    assert queue.drain()
    assert len(place.taken) + queue.lost == 1102
    assert place.taken[-1].seq == 1102
    assert 1000 <= len(place.taken) <= 1001


def test_closing_waits_for_a_blocked_place_no_longer_than_its_deadline(place: Place) -> None:
    queue = AnchorQueue(place, SetClock(), deadline_s=0.05)
    place.gate.clear()
    queue.offer(Anchor(1, "00", ""))
    assert not queue.drain()
    place.gate.set()


def test_the_journal_is_sent_one_datagram_in_its_own_format(tmp_path: Path) -> None:
    path = str(tmp_path / "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(path)
        journal.settimeout(30)
        anchor = Anchor(7, "ab" * 32, "2026-03-01T03:00:00.000000Z")
        JournalSink(path).send(anchor)
        fields = dict(line.split("=", 1) for line in journal.recv(4096).decode().splitlines())
    assert fields["SYSLOG_IDENTIFIER"] == "quarterdeck-audit"
    assert fields["QUARTERDECK_AUDIT_SEQ"] == "7"
    assert json.loads(fields["MESSAGE"])["hash"] == "ab" * 32
    assert parse_anchors(fields["MESSAGE"])[0] == (anchor,)


def test_a_journal_that_is_not_there_is_a_trouble_and_no_failure(tmp_path: Path) -> None:
    queue = AnchorQueue(JournalSink(str(tmp_path / "none")), SetClock())
    queue.offer(Anchor(1, "00", ""))
    assert queue.drain()
    assert queue.trouble.startswith("journald: ")


def test_lines_that_are_no_anchors_are_counted() -> None:
    text = 'x\n\n{"seq":1,"hash":"a","ts":"t"}\n{"seq":"?"}\nMar 01 box q[1]: {"seq":3,"hash":"b",'
    found, odd = parse_anchors(text + '"ts":"u"}\n')
    assert [one.seq for one in found] == [1, 3]
    assert odd == 2


def test_a_torn_anchor_of_a_crash_does_not_swallow_the_next(folder: Path) -> None:
    log = open_log(folder, limits=EVERY_TEN)
    fill(log, 1)
    with (folder / ANCHORS).open("ab") as file:
        file.write(b'{"seq":')
    log.anchor()
    stored, odd = parse_anchors((folder / ANCHORS).read_text())
    assert ([one.seq for one in stored], odd) == ([2, 3], 0)
