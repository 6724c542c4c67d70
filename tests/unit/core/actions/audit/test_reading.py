"""The newest records are read from the end, however long the log is."""

import gzip
from pathlib import Path

import pytest

from core.actions.audit import reading
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import Segment
from core.actions.audit.reading import open_segment, read_last, read_newest, read_records
from core.actions.audit.record import AuditRecord
from core.actions.audit.writer import Limits
from tests.unit.core.actions.audit.logs import NAME, fill, open_log


def newest(folder: Path, limit: int) -> tuple[tuple[AuditRecord, ...], bool]:
    opened = AuditFolder(folder, is_for_reading=True)
    try:
        return read_newest(opened, limit)
    finally:
        opened.close()


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "audit"
    log = open_log(folder)
    fill(log, 50)
    log.close()
    return folder


def everything(folder: Path) -> list[AuditRecord]:
    opened = AuditFolder(folder, is_for_reading=True)
    try:
        return list(read_records(opened))
    finally:
        opened.close()


@pytest.mark.parametrize("limit", [1, 7, 49])
def test_the_newest_come_first_and_older_ones_are_told_of(folder: Path, limit: int) -> None:
    found, is_cut = newest(folder, limit)
    assert list(found) == everything(folder)[::-1][:limit]
    assert is_cut


def test_a_short_log_is_read_whole_and_says_so(folder: Path) -> None:
    found, is_cut = newest(folder, 1000)
    assert list(found) == everything(folder)[::-1]
    assert not is_cut


def test_a_line_cut_by_where_reading_begins_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_NEWEST_BYTES", 2000)
    found, is_cut = newest(folder, 1000)
    assert is_cut
    assert 0 < len(found) < 10
    assert list(found) == everything(folder)[::-1][: len(found)]


def test_what_is_no_record_is_passed_over(folder: Path) -> None:
    path = folder / NAME
    path.write_bytes(path.read_bytes() + b"\xff\x00 no record\n")
    found, _ = newest(folder, 3)
    assert [one.seq for one in found] == [one.seq for one in everything(folder)[::-1][:2]]


def test_it_goes_on_in_the_packed_file_of_the_month_before(folder: Path) -> None:
    before = (folder / NAME).read_bytes()
    (folder / "audit-202602.jsonl.gz").write_bytes(gzip.compress(before))
    found, is_cut = newest(folder, 70)
    assert len(found) == 70
    assert is_cut


def test_the_last_wanted_are_found_without_reading_older_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "audit"
    log = open_log(place, limits=Limits(rotate_bytes=3000, ballast_bytes=4096))
    fill(log, 40)
    folder = AuditFolder(place, is_for_reading=True)
    every = list(read_records(folder))
    wanted = [one for one in every if one.seq % 2]
    opened: list[str] = []

    def watched(own: AuditFolder, segment: Segment) -> tuple[int, Segment]:
        opened.append(segment.name)
        return open_segment(own, segment)

    monkeypatch.setattr("core.actions.audit.reading.open_segment", watched)
    for limit in (1, 2, 7, 10_000):
        opened.clear()
        assert read_last(folder, limit, lambda one: one.seq % 2 == 1) == wanted[-limit:]
        assert (len(opened) == len(folder.segments())) == (limit == 10_000)
    some = every[3].hash.encode()
    assert [one.seq for one in read_last(folder, 5, lambda _one: True, some)] == [4, 5]
    assert [one.seq for one in read_records(folder, some)] == [4, 5]
    folder.close()
