"""Packed logs are unpacked within bounds, lazily, and as far as they are whole."""

import bz2
import gzip
import lzma
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from backports import zstd

from core.logs.files.log_file import LogFile
from core.logs.files.naming import split_packing
from core.logs.files.opening import open_log
from core.logs.files.packed_file import PackedFile, Shelf
from core.logs.files.unpacking import UnpackRule
from core.logs.stream.followed import prepare

MIB = 1024 * 1024
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd.compress}
TEXT = random.Random(7).randbytes(300_000).hex().encode()


def packed_file(path: Path, shelf: Shelf) -> PackedFile:
    with_identity = open_log(str(path))
    with_identity.close()
    return PackedFile(shelf, str(path), with_identity.identity, split_packing(path.name)[1])


def packed(folder: Path, ending: str, data: bytes, rule: UnpackRule | None = None) -> PackedFile:
    path = folder / f"app.log.1{ending}"
    path.write_bytes(data)
    return packed_file(path, Shelf(rule or UnpackRule()))


@pytest.mark.parametrize("ending", PACKERS)
def test_every_format_comes_back_whole_and_from_any_place(ending: str, tmp_path: Path) -> None:
    file = packed(tmp_path, ending, PACKERS[ending](TEXT))
    assert file.end_byte == 0
    assert file.prepare()
    assert (file.end_byte, file.note) == (len(TEXT), "")
    assert file.read(0, len(TEXT)) == TEXT
    assert file.read(299_990, 50) == TEXT[299_990:300_040]
    assert file.read(len(TEXT), 10) == b""
    assert file.peek(100) == TEXT[:100]


@pytest.mark.parametrize("ending", PACKERS)
def test_two_archives_in_one_file_are_read_as_one(ending: str, tmp_path: Path) -> None:
    file = packed(tmp_path, ending, PACKERS[ending](b"one\n") + PACKERS[ending](b"two\n"))
    file.prepare()
    assert file.read(0, 100) == b"one\ntwo\n"


@pytest.mark.parametrize("ending", PACKERS)
def test_half_an_archive_gives_what_is_there(ending: str, tmp_path: Path) -> None:
    whole = PACKERS[ending](TEXT * 5)
    file = packed(tmp_path, ending, whole[: len(whole) * 2 // 3])
    file.prepare()
    assert "damaged" in file.note
    assert (TEXT * 5).startswith(file.read(0, file.end_byte))
    assert file.end_byte > 0 or ending == ".bz2"


@pytest.mark.parametrize("ending", PACKERS)
def test_any_flipped_byte_ends_well(ending: str, tmp_path: Path) -> None:
    whole = bytearray(PACKERS[ending](TEXT[:5000]))
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        whole[at] ^= 0xFF
        file = packed(tmp_path, ending, bytes(whole))
        assert file.prepare()
        assert file.end_byte <= 64 * MIB
        file.release()
        whole[at] ^= 0xFF


def test_a_bomb_stops_at_the_limit_and_says_so(tmp_path: Path) -> None:
    rule = UnpackRule(max_bytes=3 * MIB)
    file = packed(tmp_path, ".gz", gzip.compress(bytes(64 * MIB), 1), rule)
    file.prepare()
    assert 2 * MIB < file.end_byte <= 3 * MIB
    assert "the limit is" in file.note


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    file = packed(tmp_path, ".gz", gzip.compress(TEXT), UnpackRule(min_free_bytes=2**60))
    file.prepare()
    assert file.end_byte == 0
    assert "nearly full" in file.note


def test_unpacking_can_be_cancelled_and_done_again(tmp_path: Path) -> None:
    file = packed(tmp_path, ".gz", gzip.compress(TEXT))
    assert file.prepare(lambda: True) is False
    assert file.end_byte == 0
    assert file.prepare()
    assert file.end_byte == len(TEXT)


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    file = packed(tmp_path, ".xz", lzma.compress(TEXT), UnpackRule(folder=str(room)))
    file.prepare()
    assert list(room.iterdir()) == []


def test_only_so_many_stay_unpacked_and_the_others_are_unpacked_again(tmp_path: Path) -> None:
    shelf = Shelf(UnpackRule(max_files=2))
    files: list[PackedFile] = []
    for number in range(5):
        path = tmp_path / f"app.log.{number}.gz"
        path.write_bytes(gzip.compress(b"%d\n" % number))
        files.append(packed_file(path, shelf))
    before = open_files()
    for _ in range(2):
        assert [file.read(0, 10) for file in files] == [b"%d\n" % number for number in range(5)]
    assert len(open_files() - before) == 2
    shelf.close()
    assert not open_files() - before


def open_files() -> set[tuple[str, str]]:
    """Return what is open, by number and name: what earlier tests have left may close meanwhile."""
    found: set[tuple[str, str]] = set()
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # that of the folder itself is gone by now
            found.add((one.name, str(one.readlink())))
    return {one for one in found if not one[1].startswith("/proc/")}


def test_nothing_is_unpacked_before_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(b"old\n"))
    (tmp_path / "app.log").write_text("new\n")
    log = LogFile(str(tmp_path / "app.log"))
    log.poll(0)
    old = log.segments[0]
    assert old.end_byte == 0
    assert prepare(old)
    assert (old.end_byte, os.path.basename(old.name)) == (4, "app.log.1.gz")  # noqa: PTH119
