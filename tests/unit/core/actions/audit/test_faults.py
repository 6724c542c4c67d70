"""What may happen to the log from outside (safety.md, F56 to F66): noticed and refused."""

import errno
import gzip
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.actions.audit.names import BALLAST, HEAD
from core.actions.audit.record import Event, parse_record
from core.actions.audit.verify import verify
from core.actions.audit.writer import AuditLog
from core.errors import AuditBroken, AuditError
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


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


# --- F56: full at the first byte, in the middle of a line, at the flush


@pytest.mark.parametrize("room_bytes", [0, 1, 74, 300])
def test_a_disk_that_fills_refuses_the_record_and_the_tail_is_clean(
    folder: Path, disk: FailingDisk, room_bytes: int
) -> None:
    log = open_log(folder, disk=disk)
    fill(log, 3)
    before = (folder / NAME).read_bytes()
    disk.takes_bytes = room_bytes
    with pytest.raises(AuditError, match="No space left"):
        log.append(Event.INTENT)
    assert (folder / NAME).read_bytes() == before
    whole(folder)
    disk.takes_bytes = None
    assert log.append(Event.INTENT).seq == 5
    whole(folder)


def test_a_disk_that_takes_a_line_in_pieces_gets_all_of_it(
    folder: Path, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "write", lambda file, data: os.write(file, data[:50]))
    fill(open_log(folder, disk=disk), 3)
    assert whole(folder).records == 4


def test_half_a_record_that_cannot_be_taken_back_ends_the_file(
    folder: Path, disk: FailingDisk
) -> None:
    log = open_log(folder, disk=disk)
    fill(log, 3)
    disk.takes_bytes, disk.truncate_errors = 74, 1
    with pytest.raises(AuditError, match="cannot be taken back"):
        log.append(Event.INTENT)
    disk.takes_bytes = None
    with pytest.raises(AuditError, match="cannot be taken back"):
        log.append(Event.INTENT)


# --- F57: a failed flush, then "success"


def test_a_failed_flush_ends_the_file_and_is_never_tried_again(
    folder: Path, disk: FailingDisk
) -> None:
    log = open_log(folder, disk=disk)
    fill(log, 3)
    disk.flush_errors, disk.flushed = 1, 0
    with pytest.raises(AuditError, match="flushing failed"):
        log.append(Event.INTENT)
    for again in (log.append, lambda _: log.check()):
        with pytest.raises(AuditError, match="flushing failed"):
            again(Event.INTENT)
    assert disk.flushed == 1


def test_after_a_failed_flush_the_next_process_begins_a_new_file_and_says_so(
    folder: Path, disk: FailingDisk
) -> None:
    log = open_log(folder, disk=disk)
    fill(log, 3)
    disk.flush_errors = 1
    with pytest.raises(AuditError):
        log.append(Event.INTENT)
    open_log(folder).append(Event.INTENT)
    first, second, *_ = map(parse_record, lines_of(folder, "audit-202603-02.jsonl"))
    assert (first.ev, first.code, first.target) == (Event.SINK_DOWN, "flush", NAME)
    assert second.ev == Event.INTENT
    whole(folder)


def test_a_folder_that_cannot_be_flushed_takes_no_first_record(
    folder: Path, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folder: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(disk, "flush_folder", fail)
    log = open_log(folder, disk=disk)
    with pytest.raises(AuditError, match="cannot be flushed"):
        log.append(Event.INTENT)
    with pytest.raises(AuditError, match="cannot be flushed"):
        log.append(Event.INTENT)


# --- F58, F59: taken away, replaced, cut, made read-only while it is open


def _replace(folder: Path, make: Callable[[Path], object]) -> None:
    (folder / NAME).rename(folder / "elsewhere")
    make(folder / NAME)


BREAKS: dict[str, Callable[[Path], object]] = {
    "deleted": lambda folder: (folder / NAME).unlink(),
    "renamed": lambda folder: (folder / NAME).rename(folder / "audit.old"),
    "renamed away": lambda folder: (folder / NAME).rename(folder.parent / "audit.old"),
    "emptied": lambda folder: os.truncate(folder / NAME, 0),
    "cut in a line": lambda folder: os.truncate(folder / NAME, 1000),
    "cut at a line": lambda folder: (folder / NAME).write_bytes(b"".join(lines_of(folder)[:3])),
    "a link": lambda folder: _replace(folder, lambda path: path.symlink_to("elsewhere")),
    "a link to nothing": lambda folder: _replace(folder, lambda path: path.symlink_to("/nowhere")),
    "a pipe": lambda folder: _replace(folder, os.mkfifo),
    "a folder": lambda folder: _replace(folder, lambda path: path.mkdir()),
    "an empty file": lambda folder: _replace(folder, lambda path: path.touch(0o600)),
    "a second name": lambda folder: _replace(
        folder, lambda path: path.hardlink_to(folder / "elsewhere")
    ),
    "a middle line edited": lambda folder: _edit(folder, 2),
    "the last line edited": lambda folder: _edit(folder, -1),
    "another line added": lambda folder: _add(folder, b'{"forged":true}\n{"forged":true}\n'),
    "the folder gone": lambda folder: folder.rename(folder.parent / "gone"),
    "the folder replaced": lambda folder: (
        folder.rename(folder.parent / "gone"),
        folder.mkdir(0o700),
    ),
    "everything deleted": lambda folder: [path.unlink() for path in folder.glob("*.jsonl")],
}


def _edit(folder: Path, index: int) -> None:
    lines = lines_of(folder)
    lines[index] = lines[index].replace(b"gateway/api", b"gateway/apx")
    (folder / NAME).write_bytes(b"".join(lines))


def _add(folder: Path, data: bytes) -> None:
    with (folder / NAME).open("ab") as file:
        file.write(data)


IN_PLACE = {"a middle line edited", "the last line edited", "a second name"}
"""Neither inode nor size tells; the next opening, or verifying, does."""


FOLDERS = {"the folder gone", "the folder replaced"}
"""Who opens the log later begins a new one: only an anchor kept elsewhere tells."""


@pytest.mark.parametrize("what", sorted(BREAKS.keys() - IN_PLACE))
def test_it_is_noticed_before_the_next_record(folder: Path, what: str) -> None:
    log = open_log(folder)
    fill(log, 5)
    BREAKS[what](folder)
    for attempt in (lambda: log.append(Event.INTENT), log.check):
        with pytest.raises(AuditBroken):
            attempt()


def test_an_edit_in_place_is_noticed_by_the_time_of_change(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 5)
    whole_text, changed = (folder / NAME).read_bytes(), (folder / NAME).stat().st_ctime_ns
    while (folder / NAME).stat().st_ctime_ns == changed:
        _edit(folder, 2)
        assert len((folder / NAME).read_bytes()) == len(whole_text)
    with pytest.raises(AuditBroken, match="behind record 2: it was edited"):
        log.append(Event.INTENT)


def test_a_file_that_was_only_touched_is_read_again_and_gone_on_with(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 5)
    os.utime(folder / NAME)
    assert log.append(Event.INTENT).seq == 7
    whole(folder)


@pytest.mark.parametrize("what", sorted(BREAKS.keys() - FOLDERS))
def test_it_is_noticed_by_a_process_that_opens_the_log_later(folder: Path, what: str) -> None:
    fill(open_log(folder), 5)
    BREAKS[what](folder)
    with pytest.raises(AuditBroken):
        open_log(folder).append(Event.INTENT)


@pytest.mark.parametrize("what", sorted(BREAKS.keys() - FOLDERS))
def test_verifying_names_it(folder: Path, what: str) -> None:
    fill(open_log(folder), 5)
    whole(folder)
    BREAKS[what](folder)
    assert problem(folder) != ""


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o666, 0o620])
def test_a_file_made_read_only_or_open_to_others_is_refused_until_it_is_put_right(
    folder: Path, mode: int
) -> None:
    log = open_log(folder)
    fill(log, 2)
    (folder / NAME).chmod(mode)
    for one in (log, open_log(folder)):
        with pytest.raises(AuditError, match="chmod 0600"):
            one.append(Event.INTENT)
    (folder / NAME).chmod(0o600)
    assert fill(log, 1)[0].seq == 4


def test_copytruncate_under_an_open_log_is_reported(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 20)
    shutil.copy(folder / NAME, folder / f"{NAME}.1")
    os.truncate(folder / NAME, 0)
    with pytest.raises(AuditBroken, match="was cut from"):
        log.append(Event.INTENT)
    assert "are gone" in problem(folder)


def test_a_file_that_is_put_back_is_gone_on_with(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 3)
    (folder / NAME).rename(folder.parent / "aside")
    with pytest.raises(AuditBroken):
        log.append(Event.INTENT)
    (folder.parent / "aside").rename(folder / NAME)
    assert log.append(Event.INTENT).seq == 5
    whole(folder)


# --- F60 and what answers for it


def broken_log(folder: Path) -> AuditLog:
    log = open_log(folder)
    fill(log, 6)
    _edit(folder, 3)
    return open_log(folder)


def test_a_bad_line_in_the_middle_blocks_and_is_never_repaired(folder: Path) -> None:
    log = broken_log(folder)
    before = (folder / NAME).read_bytes()
    for _ in range(2):
        with pytest.raises(AuditBroken, match="behind record 3: it was edited"):
            log.append(Event.INTENT)
    assert (folder / NAME).read_bytes() == before
    bad = verify(folder).bad
    assert bad is not None
    assert (bad.seq, bad.file, bad.line) == (4, NAME, 4)


def test_an_override_by_name_goes_on_in_a_new_file_and_the_break_stays_reported(
    folder: Path,
) -> None:
    log = broken_log(folder)
    record = log.override("ops lead", "disk was swapped, ticket 12")
    assert (record.seq, record.code) == (8, "override")
    assert record.reason == "ops lead: disk was swapped, ticket 12"
    assert "behind record 3" in record.before
    log.append(Event.INTENT)
    open_log(folder).append(Event.COMMITTED)
    result = verify(folder)
    assert [(one.seq, one.is_overridden) for one in result.breaks] == [(4, True)]
    assert result.last.seq >= 10


@pytest.mark.parametrize("what", sorted(BREAKS))
def test_whatever_broke_the_log_can_be_overridden_and_stays_reported(
    folder: Path, what: str
) -> None:
    log = open_log(folder)
    fill(log, 5)
    BREAKS[what](folder)
    if what in IN_PLACE:
        log = open_log(folder)
    with pytest.raises(AuditBroken):
        log.append(Event.INTENT)
    assert log.override("ops lead", "seen").seq >= 6
    log.append(Event.INTENT)
    open_log(folder).append(Event.INTENT)
    assert verify(folder).bad is not None


@pytest.mark.parametrize("name", ["", "  "])
def test_an_override_needs_a_name(folder: Path, name: str) -> None:
    with pytest.raises(AuditError, match="needs the name"):
        broken_log(folder).override(name, "because")


def test_a_log_that_is_whole_is_not_overridden(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 1)
    with pytest.raises(AuditError, match="not broken"):
        log.override("ops lead", "because")


# --- F61: torn by a crash


@pytest.mark.parametrize("tail", [b'{"act', b"\0" * 300, b'{"seq":6,"hash":"00"}\n', b"\n"])
def test_a_torn_end_is_set_aside_cut_off_and_recorded(folder: Path, tail: bytes) -> None:
    fill(open_log(folder), 4)
    _add(folder, tail)
    assert problem(folder) != ""
    log = open_log(folder)
    assert log.append(Event.INTENT).seq == 7
    aside = folder / f"{NAME}.6.torn"
    assert aside.read_bytes() == tail
    recover = parse_record(lines_of(folder)[5])
    assert (recover.ev, recover.code, recover.target) == (Event.RECOVER, "torn", aside.name)
    whole(folder)


def test_a_torn_end_of_another_writer_is_set_aside_by_one_that_is_open(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 2)
    _add(folder, b'{"half":')
    log.append(Event.INTENT)
    assert (folder / f"{NAME}.4.torn").is_file()
    whole(folder)


def test_a_bad_last_line_that_was_acknowledged_is_no_torn_end(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 4)
    _edit(folder, -1)
    with pytest.raises(AuditBroken):
        open_log(folder).append(Event.INTENT)
    assert list(folder.glob("*.torn")) == []


def test_a_head_that_a_crash_has_left_behind_is_no_harm(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 2)
    old = (folder / HEAD).read_bytes()
    fill(log, 2)
    for left in (old, b"\0" * 160, b""):
        (folder / HEAD).write_bytes(left)
        fill(open_log(folder), 1)
        whole(folder)


def test_a_new_file_without_its_first_record_is_gone_on_with(folder: Path) -> None:
    clock = SetClock()
    last = fill(open_log(folder, clock), 2)[-1]
    (folder / "audit-202603-02.jsonl").touch(0o600)
    record = open_log(folder, clock).append(Event.INTENT)
    assert (record.seq, record.prev) == (last.seq + 1, last.hash)
    whole(folder)


# --- F65: the disk fills while an action runs


def test_the_end_of_an_action_is_written_with_the_space_held_back(
    folder: Path, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(folder, disk=disk)
    log.append(Event.INTENT)

    def write(file: int, data: bytes) -> int:
        if (folder / BALLAST).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(file, data)

    monkeypatch.setattr(disk, "write", write)
    with pytest.raises(AuditError, match="No space left"):
        log.append(Event.STEP_BEGIN)
    assert log.append(Event.ROLLED_BACK, is_ending=True).ev == Event.ROLLED_BACK
    whole(folder)


def test_nothing_new_begins_until_the_space_is_held_back_again(
    folder: Path, disk: FailingDisk
) -> None:
    log = open_log(folder, disk=disk)
    log.append(Event.INTENT)
    (folder / BALLAST).unlink()
    disk.reserve_errors = 2
    for attempt in (lambda: log.append(Event.INTENT), log.check):
        with pytest.raises(AuditError, match="No space left"):
            attempt()
    assert log.append(Event.COMMITTED, is_ending=True).seq == 3
    assert log.append(Event.INTENT).seq == 4
    assert (folder / BALLAST).stat().st_size == 64 * 1024


def test_a_packed_file_that_does_not_unpack_is_named(folder: Path) -> None:
    clock = SetClock()
    log = open_log(folder, clock)
    fill(log, 3)
    clock.shift = timedelta(days=31)
    fill(log, 3)
    packed = folder / f"{NAME}.gz"
    packed.chmod(0o600)
    again = gzip.decompress(packed.read_bytes())
    packed.write_bytes(gzip.compress(again))
    assert "not the file that was sealed" in problem(folder)
    packed.write_bytes(packed.read_bytes()[:-20])
    assert "cannot be unpacked" in problem(folder)
