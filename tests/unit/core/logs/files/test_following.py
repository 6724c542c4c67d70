"""A followed file: nothing is lost, nothing is shown twice, and each seam is told."""

import bz2
import gzip
import lzma
import os
import shutil
from pathlib import Path

import pytest
from backports import zstd

from core.logs.files import listing
from core.logs.files.file_segment import Numbers
from core.logs.files.log_file import LogFile
from core.logs.files.opening import LogMovedError
from core.logs.files.packed_file import PackedFile
from core.model.follow import FollowWord
from core.model.log import SeamKind
from tests.unit.core.logs.files.following import NOW_S, Shown, append

LINE = "2026-03-14 12:00:00 line {}\n"


def lines(begin: int, end: int) -> str:
    return "".join(LINE.format(number) for number in range(begin, end))


def raws(begin: int, end: int) -> list[bytes]:
    return lines(begin, end).encode().splitlines()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def following(path: Path, text: str = lines(0, 3)) -> Shown:
    path.write_text(text)
    return Shown(LogFile(str(path)))


def test_what_is_there_is_history_and_what_is_added_is_shown(path: Path) -> None:
    shown = following(path)
    assert shown.order == []
    assert shown.history() == raws(0, 3)
    append(path, lines(3, 5))
    assert shown.read() == raws(3, 5)
    assert shown.read() == []
    assert shown.seams == []


def test_a_line_that_has_not_ended_is_shown_and_replaced_when_it_grows(path: Path) -> None:
    shown = following(path)
    append(path, "half")
    assert shown.read() == [b"half"]
    append(path, " a line\nnext\n")
    assert shown.read() == [b"half a line", b"next"]
    assert list(shown.records.values()) == [b"half a line", b"next"]


def test_a_record_that_goes_on_takes_the_place_of_its_beginning(path: Path) -> None:
    shown = following(path)
    append(path, "Traceback\n")
    shown.read()
    append(path, "  frame\n  frame\nafter\n")
    shown.read()
    assert list(shown.records.values()) == [b"Traceback\n  frame\n  frame", b"after"]


def test_a_file_that_does_not_exist_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "later" / "app.log"
    shown = Shown(LogFile(str(path)))
    assert shown.log.state.word is FollowWord.WAITING
    assert "does not exist" in shown.log.state.note
    path.parent.mkdir()
    shown.read()
    path.write_text(lines(0, 2))
    assert shown.read() == raws(0, 2)
    assert shown.kinds == [SeamKind.APPEARED]
    assert shown.log.state.word is FollowWord.FOLLOWING


def test_rename_and_create_goes_on_in_the_new_file_after_the_old_ones_end(path: Path) -> None:
    shown = following(path)
    append(path, lines(3, 4))
    path.rename(f"{path}.1")
    append(path.with_name("app.log.1"), lines(4, 5))
    path.write_text(lines(5, 6))
    assert shown.read() == raws(3, 6)
    assert shown.kinds == [SeamKind.ROTATED]
    assert "app.log.1" in shown.seams[0].note
    assert shown.history() == raws(0, 6)


def test_a_writer_that_goes_on_in_the_renamed_file_is_heard(path: Path) -> None:
    shown = following(path)
    with path.open("a") as writer:
        path.rename(f"{path}.1")
        path.write_text(lines(4, 5))
        assert shown.read() == raws(4, 5)
        writer.write(lines(3, 4))
        writer.flush()
        assert shown.read() == raws(3, 4)
    assert shown.history() == raws(0, 5)


def test_rotations_that_nobody_saw_are_found_in_their_order(path: Path) -> None:
    shown = following(path)
    for turn in range(3, 6):
        for number in range(turn, 0, -1):
            old = path.with_name(f"app.log.{number}")
            if old.exists():
                old.rename(path.with_name(f"app.log.{number + 1}"))
        path.rename(f"{path}.1")
        path.write_text(lines(turn, turn + 1))
    assert shown.read() == raws(3, 6)
    assert shown.history() == raws(0, 6)


def test_copytruncate_reads_the_rest_out_of_the_copy(path: Path) -> None:
    shown = following(path)
    append(path, lines(3, 5))
    shutil.copy2(path, f"{path}.1")
    os.truncate(path, 0)
    append(path, lines(5, 6))
    assert shown.read() == raws(3, 6)
    assert shown.kinds == [SeamKind.TRUNCATED]
    assert "app.log.1" in shown.seams[0].note
    assert shown.history() == raws(0, 6)


def test_a_copy_that_is_not_cut_yet_is_not_shown(path: Path) -> None:
    shown = following(path)
    shutil.copy2(path, f"{path}.1")
    assert shown.read() == []
    append(path, lines(3, 4))
    assert shown.read() == raws(3, 4)
    os.truncate(path, 0)
    shown.read()
    assert shown.history() == raws(0, 3)


def test_copytruncate_is_noticed_when_the_new_text_is_longer_than_the_old(path: Path) -> None:
    shown = following(path)
    shutil.copy2(path, f"{path}.1")
    path.write_text(lines(3, 40))
    assert shown.read() == raws(3, 40)
    assert shown.kinds == [SeamKind.TRUNCATED]


def test_the_hole_of_a_writer_that_does_not_append_is_skipped_and_told(path: Path) -> None:
    path.write_text(lines(0, 3) * 4000)
    with path.open("r+") as writer:
        writer.seek(0, os.SEEK_END)
        shown = Shown(LogFile(str(path)))
        os.truncate(path, 0)
        writer.write(lines(3, 4))
    given = shown.read()
    assert given[-1].endswith(raws(3, 4)[0])
    assert "without data skipped" in shown.seams[0].note
    assert sum(map(len, given)) < 8192


def test_truncation_to_nothing_says_that_it_is_gone(path: Path) -> None:
    shown = following(path)
    os.truncate(path, 0)
    assert shown.read() == []
    assert shown.kinds == [SeamKind.TRUNCATED]
    assert "is gone" in shown.seams[0].note
    append(path, lines(3, 4))
    assert shown.read() == raws(3, 4)


def test_deletion_and_re_creation(path: Path) -> None:
    shown = following(path)
    append(path, lines(3, 4))
    path.unlink()
    assert shown.read() == raws(3, 4)
    assert shown.log.state.word is FollowWord.GONE
    path.write_text(lines(4, 5))
    assert shown.read() == raws(4, 5)
    assert shown.kinds == [SeamKind.VANISHED, SeamKind.APPEARED]


def test_deletion_and_re_creation_between_two_looks(path: Path) -> None:
    shown = following(path)
    path.unlink()
    path.write_text(lines(3, 4))
    assert shown.read() == raws(3, 4)
    assert shown.kinds == [SeamKind.REPLACED]


def test_the_space_of_a_deleted_file_is_given_back_when_it_is_quiet(path: Path) -> None:
    shown = following(path)
    path.unlink()
    shown.read()
    assert shown.history() == raws(0, 3)
    for _ in range(3):
        shown.now_s += 10
        shown.read()
    assert shown.log.segments == ()
    assert shown.kinds == [SeamKind.VANISHED, SeamKind.VANISHED]


def test_an_editor_that_renames_its_copy_over_the_file_shows_nothing_twice(path: Path) -> None:
    shown = following(path)
    copy = path.with_name("app.log.tmp")
    copy.write_text(lines(0, 4))
    copy.rename(path)
    assert shown.read() == raws(3, 4)
    assert shown.kinds == [SeamKind.REPLACED]
    assert shown.history() == raws(0, 4)


def test_a_file_renamed_over_with_other_text_is_another_file(path: Path) -> None:
    shown = following(path)
    copy = path.with_name("app.log.tmp")
    copy.write_text(lines(7, 9))
    copy.rename(path)
    assert shown.read() == raws(7, 9)
    assert shown.kinds == [SeamKind.REPLACED]


def test_the_roll_at_midnight(tmp_path: Path) -> None:
    (tmp_path / "app_20260313.jsonl").write_text(lines(0, 1))
    today = tmp_path / "app_20260314.jsonl"
    today.write_text(lines(1, 2))
    shown = Shown(LogFile(f"{tmp_path}/app_%Y%m%d.jsonl"))
    assert shown.history() == raws(0, 2)
    shown.now_s += 86_400
    append(today, lines(2, 3))
    (tmp_path / "app_20260315.jsonl").write_text(lines(3, 4))
    assert shown.read() == raws(2, 4)
    append(today, lines(9, 10))
    assert shown.read() == raws(9, 10), "its last words, after midnight"
    assert shown.kinds == [SeamKind.ROTATED]


def test_a_glob_that_gains_files(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(lines(0, 1))
    shown = Shown(LogFile(f"{tmp_path}/*.log"))
    (tmp_path / "b.log").write_text(lines(1, 2))
    assert shown.read() == raws(1, 2)
    append(tmp_path / "a.log", lines(2, 3))
    append(tmp_path / "b.log", lines(3, 4))
    assert sorted(shown.read()) == raws(2, 4)
    (tmp_path / "a.log").rename(tmp_path / "a.log.1")
    (tmp_path / "a.log").write_text(lines(4, 5))
    assert shown.read() == raws(4, 5)


def test_a_name_that_looks_like_a_pattern_is_a_name_where_it_exists(tmp_path: Path) -> None:
    odd = tmp_path / "app[1]_%d*.log"
    shown = following(odd)
    append(odd, lines(3, 4))
    odd.rename(f"{odd}.1")
    odd.write_text(lines(4, 5))
    assert shown.read() == raws(3, 5)
    assert shown.history() == raws(0, 5)


def test_rotated_and_packed_siblings_are_read_through_time(path: Path) -> None:
    shown_first = lines(0, 1).encode()
    path.with_name("app.log.5.zst").write_bytes(_zstd(shown_first))
    path.with_name("app.log.4.xz").write_bytes(lzma.compress(lines(1, 2).encode()))
    path.with_name("app.log.3.bz2").write_bytes(bz2.compress(lines(2, 3).encode()))
    path.with_name("app.log.2.gz").write_bytes(gzip.compress(lines(3, 4).encode()))
    path.with_name("app.log.1").write_text(lines(4, 5))
    path.with_name("app.log.bak").write_text("not a sibling\n")
    shown = following(path, lines(5, 6))
    assert shown.history() == raws(0, 6)
    assert [segment.number for segment in shown.log.segments] == sorted(
        segment.number for segment in shown.log.segments
    )
    assert shown.log.segments[-2].number < 0


def _zstd(data: bytes) -> bytes:
    return zstd.compress(data)


def test_packing_moves_what_was_shown_and_shows_it_no_second_time(path: Path) -> None:
    shown = following(path)
    path.rename(f"{path}.1")
    path.write_text(lines(3, 4))
    shown.read()
    rotated = path.with_name("app.log.1")
    packed = path.with_name("app.log.1.gz")
    packed.write_bytes(gzip.compress(rotated.read_bytes()))
    rotated.unlink()
    assert shown.read() == []
    assert shown.history() == raws(0, 4)
    packed.rename(path.with_name("app.log.2.gz"))
    append(path, lines(4, 5))
    assert shown.read() == raws(4, 5)
    assert shown.history() == raws(0, 5)


def test_copytruncate_whose_copy_is_packed_at_once(path: Path) -> None:
    shown = following(path)
    append(path, lines(3, 4))
    path.with_name("app.log.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.write_text(lines(4, 5))
    assert shown.read() == raws(3, 5)
    assert shown.history() == raws(0, 5)


def test_a_packed_copy_that_was_renamed_while_it_was_looked_at_is_known_after_many_more(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = following(path)
    append(path, lines(3, 4))
    assert shown.read() == raws(3, 4)
    for number in range(4, 24, 2):
        for old in range(12, 0, -1):
            packed = path.with_name(f"app.log.{old}.gz")
            if packed.exists():
                packed.rename(path.with_name(f"app.log.{old + 1}.gz"))
        path.with_name("app.log.1.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.write_text(lines(number, number + 2))
    peek, misses = PackedFile.peek, [1]

    def moved_once(self: PackedFile, size_bytes: int) -> bytes:
        head = peek(self, size_bytes)
        if head.startswith(raws(0, 1)[0]) and misses:
            misses.pop()
            raise LogMovedError("it has another name now")
        return head

    monkeypatch.setattr(PackedFile, "peek", moved_once)
    for _ in range(3):
        shown.read()
    assert misses == []
    assert sorted(shown.order) == sorted(raws(3, 24))
    assert shown.history() == raws(0, 24)


def test_a_damaged_archive_gives_what_can_be_read_and_a_seam(path: Path) -> None:
    whole = gzip.compress(b"".join(os.urandom(30).hex().encode() + b"\n" for _ in range(20_000)))
    path.with_name("app.log.1.gz").write_bytes(whole[: len(whole) // 2])
    shown = following(path)
    assert len(shown.history()) > 100
    shown.read()
    assert shown.kinds == [SeamKind.UNREADABLE]
    assert "damaged" in shown.seams[0].note


def test_what_is_no_archive_is_empty_and_told(path: Path) -> None:
    path.with_name("app.log.1.xz").write_text("not packed at all\n")
    shown = following(path)
    assert shown.history() == raws(0, 3)
    shown.read()
    assert shown.kinds == [SeamKind.UNREADABLE]


def test_a_link_to_the_current_file_works_and_its_new_target_is_followed(tmp_path: Path) -> None:
    first, second = tmp_path / "app-1.log", tmp_path / "app-2.log"
    first.write_text(lines(0, 1))
    second.write_text(lines(1, 2))
    link = tmp_path / "current.log"
    link.symlink_to(first)
    shown = Shown(LogFile(str(link)))
    assert shown.history()[-1:] == raws(0, 1)
    link.unlink()
    link.symlink_to(second)
    assert shown.read() == raws(1, 2)


def test_retention_drops_the_oldest_without_a_word(path: Path) -> None:
    path.with_name("app.log.1").write_text(lines(0, 1))
    shown = following(path, lines(1, 2))
    path.with_name("app.log.1").unlink()
    for _ in range(2):
        shown.now_s += 5
        shown.read()
    assert shown.history() == raws(1, 2)
    assert shown.seams == []


def test_a_poll_without_change_reads_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = following(path)
    os.utime(path.parent, (NOW_S - 60, NOW_S - 60))
    shown.read()
    reads: list[int] = []
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda *args: reads.append(1) or real(*args))
    monkeypatch.setattr(os, "listdir", lambda *_: pytest.fail("looked into the folder"))
    for _ in range(10):
        assert shown.log.poll(shown.now_s).grown == ()
    assert reads == []


@pytest.mark.parametrize("pattern", ["app.log", "app*", "app_%Y%m%d.log"])
def test_of_too_many_files_the_youngest_are_read_and_the_rest_is_told(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_MAX_FILES", 4)
    names = [f"app_2026030{day}.log" for day in range(1, 7)]
    if "%" not in pattern:
        names = [*(f"app.log.{number}" for number in range(5, 0, -1)), "app.log"]
    for at, name in enumerate(names):
        (tmp_path / name).write_text(lines(at, at + 1))
        os.utime(tmp_path / name, (1000 + at, 1000 + at))
    shown = Shown(LogFile(f"{tmp_path}/{pattern}"))
    assert shown.history() == raws(2, 6)
    shown.read()
    assert shown.kinds == [SeamKind.SKIPPED]


def test_numbers_of_very_many_files_are_each_given_once() -> None:
    numbers = Numbers()
    older = [numbers.take_between(None, 0 if at else None) for at in range(50)]
    assert older == sorted(older, reverse=True)
    between = [numbers.take_between(older[1], older[0]) for _ in range(20)]
    younger = [numbers.take_between(None, None) for _ in range(50)]
    assert younger == sorted(younger)
    assert len({*older, *between, *younger}) == 120
