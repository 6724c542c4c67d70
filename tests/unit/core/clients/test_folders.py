"""Folders are measured within bounds and never beyond themselves."""

import os
from itertools import count
from pathlib import Path

import pytest

from core.clients import folders
from core.clients.folders import read_folder


def test_files_in_all_depths_count_and_the_newest_is_told(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep.log").write_bytes(b"x" * 100_000)
    (tmp_path / "old.log").write_bytes(b"x")
    os.utime(tmp_path / "old.log", (1_000_000, 1_000_000))
    os.utime(tmp_path / "a" / "b" / "deep.log", (2_000_000, 2_000_000))
    folder = read_folder(str(tmp_path))
    assert folder.files == 2
    assert folder.size_bytes is not None
    assert folder.size_bytes >= 100_000
    assert folder.newest_at is not None
    assert folder.newest_at.timestamp() == 2_000_000
    assert folder.is_complete


def test_links_inside_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "big").write_bytes(b"x" * 1_000_000)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    size = read_folder(str(inside)).size_bytes
    assert size is not None
    assert size < 100_000


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 500_000)
    before = read_folder(str(tmp_path)).size_bytes
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert read_folder(str(tmp_path)).size_bytes == before


def test_a_sparse_file_counts_what_it_takes_not_what_it_claims(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    size = read_folder(str(tmp_path)).size_bytes
    assert size is not None
    assert size < 1_000_000


def test_absent_and_wrong_things_say_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert read_folder(str(tmp_path / "none")).note == "does not exist"
    assert read_folder(str(tmp_path / "file")).note == "is not a folder"
    assert read_folder(str(tmp_path / "none")).size_bytes is None


def test_a_walk_beyond_its_time_is_a_lower_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_CHECK_EVERY", 1)
    for number in range(20):
        (tmp_path / str(number)).write_text("x")
    ticks = count()
    folder = read_folder(str(tmp_path), budget_s=5.0, monotonic=lambda: float(next(ticks)))
    assert not folder.is_complete
    assert folder.files < 20
    assert "at least this much" in folder.note


def test_a_fifo_neither_hangs_nor_counts_as_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_folder(str(tmp_path)).files == 0
