"""A file that someone else could have written is not used."""

import os
import stat
from pathlib import Path

import pytest

from config.files import FileRefused, Kind, read_private, reason_against

US = 1000


def facts(mode: int, uid: int = US, kind: int = stat.S_IFREG) -> os.stat_result:
    return os.stat_result((kind | mode, 1, 1, 1, uid, uid, 10, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "uid", "kind", "expected"),
    [
        (0o600, US, "configuration", ""),
        (0o644, 0, "configuration", ""),
        (0o640, US, "secret", ""),
        (0o664, 4711, "shipped", ""),
        (0o644, 4711, "configuration", "owned by user 4711"),
        (0o664, US, "configuration", "written by others (mode 0664)"),
        (0o646, US, "configuration", "written by others (mode 0646)"),
        (0o620, US, "secret", "written by others"),
        (0o644, US, "secret", "every user can read (mode 0644)"),
        (0o600, 4711, "secret", "owned by user 4711"),
    ],
)
def test_owner_and_mode_decide_whether_a_file_is_used(
    mode: int, uid: int, kind: Kind, expected: str
) -> None:
    refusal = reason_against("/etc/x", facts(mode, uid), kind, US)
    assert (refusal is None) == (expected == "")
    if refusal is not None:
        assert expected in refusal.what
        assert "/etc/x" in refusal.remedy


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(FileRefused, match="not a regular file"):
        read_private(str(tmp_path / "pipe"), "configuration")


def test_a_folder_a_missing_file_and_an_odd_name_are_told_apart(tmp_path: Path) -> None:
    for path, what in (
        (str(tmp_path), "a folder"),
        (str(tmp_path / "none"), "no such file"),
        ("a\0b", "cannot be opened"),
    ):
        with pytest.raises(FileRefused, match=what):
            read_private(path, "configuration")


def test_a_large_file_is_refused_and_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)
    path.chmod(0o600)
    with pytest.raises(FileRefused, match="larger than 2 MiB"):
        read_private(str(path), "configuration")


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    path.chmod(0o600)
    with pytest.raises(FileRefused, match="line 2 is not UTF-8"):
        read_private(str(path), "configuration")


def test_a_byte_order_mark_is_not_content(tmp_path: Path) -> None:
    path = tmp_path / "bom"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\n")
    path.chmod(0o600)
    assert read_private(str(path), "configuration") == "version: 1\n"
