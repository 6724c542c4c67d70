"""Appending: what is acknowledged is on the disk, and what cannot be is refused."""

import fcntl
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.actions.audit.names import BALLAST
from core.actions.audit.record import ZERO, Event, parse_record
from core.actions.audit.writer import Limits
from core.errors import ActionError, AuditError
from tests.unit.core.actions.audit.logs import (
    NAME,
    FailingDisk,
    SetClock,
    fill,
    lines_of,
    open_log,
    problem,
    whole,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


def test_the_first_record_begins_the_chain_in_the_file_of_its_month(folder: Path) -> None:
    record = open_log(folder).append(Event.INTENT, verb="restart", target="gateway/api")
    assert (record.seq, record.prev) == (1, ZERO)
    assert parse_record(lines_of(folder)[0]) == record
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o007 == 0


def test_records_say_who_where_and_when_by_both_clocks(folder: Path) -> None:
    record = open_log(folder).append(Event.ARM, reason="deploy", session="S1", env="production")
    assert record.actor.user == "ops"
    assert record.origin.host == "box"
    assert (record.at, record.mono_us) == ("2026-03-01T03:00:00.000000Z", 100_000_000)
    assert (record.session, record.env) == ("S1", "production")


def test_another_process_goes_on_where_the_first_has_ended(folder: Path) -> None:
    one, other = open_log(folder), open_log(folder)
    for log in (one, other, one, other, other, one):
        fill(log, 1)
    assert whole(folder).records == 7  # the first is followed by an anchor


def test_a_clock_that_goes_back_an_hour_changes_no_order_and_both_times_are_kept(
    folder: Path,
) -> None:
    clock = SetClock()
    log = open_log(folder, clock)
    first = log.append(Event.ARM)
    clock.shift = timedelta(hours=-1)
    clock.mono_s += 5
    second = log.append(Event.DISARM)
    assert second.seq > first.seq
    assert second.at < first.at
    assert second.mono_us > first.mono_us
    whole(folder)


def test_a_new_month_begins_a_new_file_whose_first_record_carries_the_last_hash(
    folder: Path,
) -> None:
    clock = SetClock()
    log = open_log(folder, clock)
    before = fill(log, 3)[-1]
    clock.shift = timedelta(days=31)
    fill(log, 1)
    first = parse_record(lines_of(folder, "audit-202604.jsonl")[0])
    assert (first.ev, first.code, first.prev) == (Event.ROTATE, "month", before.hash)
    whole(folder)


def test_a_clock_that_goes_back_over_a_month_stays_in_the_newer_file(folder: Path) -> None:
    clock = SetClock(datetime(2026, 3, 1, 0, 10, tzinfo=UTC))
    log = open_log(folder, clock)
    fill(log, 1)
    clock.shift = timedelta(hours=-1)
    fill(log, 1)
    assert [path.name for path in folder.glob("audit-*")] == [NAME]


def test_a_file_that_is_long_enough_is_closed_packed_and_sealed(folder: Path) -> None:
    limits = Limits(rotate_bytes=4000, ballast_bytes=4096)
    log = open_log(folder, limits=limits)
    fill(log, 20)
    packed = folder / f"{NAME}.gz"
    assert packed.stat().st_mode & 0o777 == 0o400
    assert (folder / f"{NAME}.seal").is_file()
    assert not (folder / NAME).exists()
    assert (folder / "audit-202603-02.jsonl.gz").is_file()
    assert whole(folder).files >= 3


def test_the_packing_of_two_processes_at_once_loses_nothing(folder: Path) -> None:
    limits = Limits(rotate_bytes=3000, ballast_bytes=4096)
    logs = [open_log(folder, limits=limits) for _ in range(4)]
    threads = [threading.Thread(target=fill, args=(log, 30)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = whole(folder)
    assert result.records == result.last.seq
    assert result.records >= 120


def test_files_past_their_time_are_removed_with_a_record_that_vouches_for_them(
    folder: Path,
) -> None:
    clock = SetClock()
    log = open_log(folder, clock, limits=Limits(ballast_bytes=4096, keep_days=400))
    fill(log, 5)
    for days in (40, 80, 450):
        clock.shift = timedelta(days=days)
        fill(log, 5)
    assert not (folder / f"{NAME}.gz").exists()
    result = whole(folder)
    assert result.first_seq > 1
    newest = sorted(folder.glob("audit-*.jsonl"))[-1].name
    expired = [parse_record(line) for line in lines_of(folder, newest) if b'"expired"' in line]
    assert expired[0].before == "1-6"


def test_a_clock_that_jumps_ahead_removes_two_files_at_the_most(folder: Path) -> None:
    clock = SetClock()
    log = open_log(folder, clock, limits=Limits(rotate_bytes=3000, ballast_bytes=4096))
    fill(log, 60)
    before = len(list(folder.glob("audit-*.gz")))
    clock.shift = timedelta(days=3650)
    fill(log, 1)
    assert len(list(folder.glob("audit-*.gz"))) == before + 1 - 2


def test_old_files_that_go_without_a_record_are_missed(folder: Path) -> None:
    log = open_log(folder, limits=Limits(rotate_bytes=3000, ballast_bytes=4096))
    fill(log, 20)
    (folder / f"{NAME}.gz").unlink()
    assert "none says they expired" in problem(folder)


def test_checking_writes_a_probe_and_leaves_nothing_of_it(folder: Path) -> None:
    log = open_log(folder)
    log.check()
    assert sorted(path.name for path in folder.iterdir()) == [BALLAST]
    fill(log, 1)
    size = (folder / NAME).stat().st_size
    log.check()
    assert (folder / NAME).stat().st_size == size


def test_checking_says_that_the_disk_is_full(folder: Path) -> None:
    disk = FailingDisk()
    log = open_log(folder, disk=disk)
    disk.takes_bytes = 100
    with pytest.raises(AuditError, match="No space left"):
        log.check()
    disk.takes_bytes = None
    log.check()


def test_the_tail_hash_is_that_of_the_last_record_also_before_anything_is_opened(
    folder: Path,
) -> None:
    log = open_log(folder)
    assert log.tail_hash == ""
    last = fill(log, 3)[-1]
    assert log.tail_hash == open_log(folder).tail_hash == last.hash


def test_a_folder_that_others_can_write_to_is_refused(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(AuditError, match="others may write"):
        open_log(folder).append(Event.ARM)
    assert list(folder.iterdir()) == []


def test_every_refusal_is_an_action_error_that_stops_an_action(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(ActionError):
        open_log(folder).append(Event.INTENT)


def test_somebody_who_holds_the_lock_is_waited_for_no_longer_than_said(folder: Path) -> None:
    log = open_log(folder, limits=Limits(ballast_bytes=4096, lock_s=0.05))
    fill(log, 1)

    holder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(AuditError, match="has held the audit log"):
            log.append(Event.INTENT)
    finally:
        os.close(holder)
    assert fill(log, 1)[0].seq == 3


def test_a_lock_that_is_given_back_in_time_is_taken(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 1)

    holder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    timer = threading.Timer(0.05, os.close, [holder])
    timer.start()
    assert fill(log, 1)[0].seq == 3
    timer.join()
