"""Verifying: what it names, where it begins, and that it is bounded in memory."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import ANCHORS, HEAD, Segment, parse_segment, segments_of
from core.actions.audit.reading import read_records
from core.actions.audit.verify import Break, verify
from core.actions.audit.writer import Limits
from core.errors import AuditError
from tests.unit.core.actions.audit.logs import (
    NAME,
    SMALL,
    SetClock,
    fill,
    lines_of,
    open_log,
    whole,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


def first_break(folder: Path, since: datetime | None = None) -> Break:
    bad = verify(folder, since).bad
    assert bad is not None
    return bad


def rewrite(folder: Path, lines: list[bytes]) -> None:
    (folder / NAME).write_bytes(b"".join(lines))


def test_an_empty_folder_and_none_at_all(folder: Path) -> None:
    with pytest.raises(AuditError, match="cannot be opened"):
        verify(folder)
    folder.mkdir(0o700)
    assert whole(folder).records == 0


@pytest.mark.parametrize(
    ("edit", "seq", "line", "why"),
    [
        (lambda x: [*x[:2], x[2].replace(b"restart", b"restarT"), *x[3:]], 3, 3, "it was edited"),
        (lambda x: [*x[:2], *x[3:]], 3, 3, "record 4 stands where 3 belongs"),
        (lambda x: [*x[:2], x[3], x[2], *x[4:]], 3, 3, "record 4 stands where 3 belongs"),
        (lambda x: [*x[:3], x[2], *x[3:]], 4, 4, "record 3 stands where 4 belongs"),
        (lambda x: [*x[:3], b"{}\n", *x[3:]], 4, 4, "it was edited"),
        (lambda x: [*x[:3], b"\n", *x[3:]], 4, 4, "not a record"),
        (lambda x: [*x[:3], b"\xff\x00", *x[3:]], 4, 4, "not a record"),
        (lambda x: [*x, x[-1][:40]], 9, 9, "half a line"),
        (lambda x: x[1:], 1, 1, "none says they expired"),
        (lambda x: [], 1, 0, "were acknowledged and are gone"),
    ],
    ids=["edited", "dropped", "swapped", "doubled", "object", "blank", "bytes", "torn", "1", "all"],
)
def test_the_first_bad_record_is_named(
    folder: Path, edit: object, seq: int, line: int, why: str
) -> None:
    fill(open_log(folder), 7)
    rewrite(folder, edit(lines_of(folder)))  # type: ignore[operator]
    bad = first_break(folder)
    assert (bad.seq, bad.file, bad.line) == (seq, NAME, line)
    assert why in bad.why


def test_records_of_another_host_do_not_fit_in(folder: Path, tmp_path: Path) -> None:
    fill(open_log(folder), 7)
    clock = SetClock()
    clock.shift = timedelta(seconds=3)
    fill(open_log(tmp_path / "other", clock), 7)
    foreign = lines_of(tmp_path / "other")
    rewrite(folder, [*lines_of(folder)[:4], *foreign[4:]])
    bad = first_break(folder)
    assert (bad.seq, bad.why) == (5, "it follows another record than the one before it")


def test_a_file_of_another_host_in_the_middle_is_named(folder: Path, tmp_path: Path) -> None:
    for where in (folder, tmp_path / "other"):
        clock = SetClock()
        clock.shift = timedelta(seconds=3 if where != folder else 0)
        log = open_log(where, clock)
        fill(log, 3)
        clock.shift += timedelta(days=31)
        fill(log, 3)
    for name in (f"{NAME}.gz", f"{NAME}.seal"):
        (folder / name).unlink()
        (tmp_path / "other" / name).rename(folder / name)
    bad = first_break(folder)
    assert bad.file == "audit-202603.jsonl.gz" or "missing before it" in bad.why


def test_since_begins_with_the_file_of_that_month(folder: Path) -> None:
    clock = SetClock()
    log = open_log(folder, clock)
    fill(log, 5)
    clock.shift = timedelta(days=31)
    fill(log, 5)
    (folder / f"{NAME}.seal").unlink()
    assert first_break(folder).file == f"{NAME}.gz"
    since = datetime(2026, 4, 1, tzinfo=UTC)
    result = verify(folder, since)
    assert (result.bad, result.first_seq) == (None, 7)


def test_what_is_written_while_it_runs_is_not_taken_for_a_torn_end(folder: Path) -> None:
    log = open_log(folder)
    fill(log, 5)
    whole(folder)
    fill(log, 5)
    assert whole(folder).records == 11


def test_lines_that_are_no_anchors_are_a_break(folder: Path) -> None:
    fill(open_log(folder), 2)
    (folder / ANCHORS).write_bytes((folder / ANCHORS).read_bytes().replace(b'"seq"', b'"sex"'))
    assert first_break(folder).file == ANCHORS


def test_an_edited_seal_is_named(folder: Path) -> None:
    clock = SetClock()
    log = open_log(folder, clock)
    fill(log, 5)
    clock.shift = timedelta(days=31)
    fill(log, 5)
    seal = folder / f"{NAME}.seal"
    seal.chmod(0o600)
    row = json.loads(seal.read_text())
    row["last_at"] = "2020-01-01T00:00:00.000000Z"
    seal.write_text(json.dumps(row, sort_keys=True) + "\n")
    assert first_break(folder).why == "its seal was edited"
    for text in ("{}", json.dumps(row), ""):
        seal.write_text(text)
        assert "seal is gone" in first_break(folder).why


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_endless_line_takes_no_memory_and_is_named(folder: Path, is_packed: bool) -> None:
    fill(open_log(folder), 2)
    (folder / HEAD).unlink()
    flood = b"a" * (64 * 1024 * 1024)
    if is_packed:
        (folder / f"{NAME}.gz").write_bytes(gzip.compress((folder / NAME).read_bytes() + flood))
        (folder / NAME).unlink()
        (folder / "audit-202604.jsonl").touch(0o600)
    else:
        with (folder / NAME).open("ab") as file:
            file.write(flood)
    del flood
    tracemalloc.start()
    try:
        assert first_break(folder).seq == 4
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_records_are_read_in_order_over_packed_and_plain_files(folder: Path) -> None:
    log = open_log(folder, limits=Limits(rotate_bytes=3000, ballast_bytes=SMALL.ballast_bytes))
    fill(log, 20)
    opened = AuditFolder(folder)
    seqs = [record.seq for record in read_records(opened)]
    opened.close()
    assert seqs == list(range(1, whole(folder).last.seq + 1))


def test_names_of_segments_sort_in_the_order_of_their_records() -> None:
    names = ["audit-202603-02.jsonl", "audit-202603.jsonl", "audit-202602-10.jsonl.gz", "x"]
    names += ["audit-202602-09.jsonl", "audit-202603.jsonl.gz", "audit-2026.jsonl"]
    assert [one.name for one in segments_of(names)] == [
        "audit-202602-09.jsonl",
        "audit-202602-10.jsonl.gz",
        "audit-202603.jsonl",
        "audit-202603-02.jsonl",
    ]
    assert parse_segment("audit-202603-01.jsonl") is None
    at = datetime(2026, 3, 31, tzinfo=UTC)
    assert Segment(202603).next(at) == Segment(202603, 2)
    assert Segment(202603, 9999).next(at) == Segment(202604)
    assert Segment(202607).next(at) == Segment(202607, 2)
