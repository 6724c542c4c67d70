"""Archives of ours: what goes in comes out, with names, bytes, modes and times."""

import os
from pathlib import Path

import pytest

from core.clients.archive.entries import ArchiveRefusedError, Entry
from core.clients.archive.headers import made_headers, parse_header, parse_pax
from core.clients.archive.packing import Packing, packing_of_name
from core.clients.archive.reader import list_archive
from core.clients.archive.unpack import unpack_archive
from core.clients.archive.writer import Packed, Source, pack_archive
from core.errors import ClientGarbled


def pack(folder: Path, target: Path, packing: Packing = Packing.NONE, name: str = "app") -> Packed:
    fd = os.open(target, os.O_RDWR | os.O_CREAT)
    try:
        return pack_archive(fd, packing, (Source(str(folder), name),), lambda _path: False)
    finally:
        os.close(fd)


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            int(path.stat().st_mtime),
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder with names of every kind."""
    folder = tmp_path / "app"
    for name in (
        "plain.txt",
        "deep/er/still/file",
        "ümläut",
        "w" * 150,
        "l" * 99 + "/" + "m" * 200,
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(1000))
    (folder / "empty").write_bytes(b"")
    (folder / "full block").write_bytes(b"x" * 512)
    (folder / "nothing in it").mkdir()
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o755)
    (folder / "private").mkdir(mode=0o700)
    (folder / "private" / "key").write_bytes(b"secret")
    (folder / "private" / "key").chmod(0o400)
    (Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xe9"))).write_bytes(b"old name")
    os.utime(folder / "plain.txt", (1_000_000_000, 1_000_000_000))
    return folder


@pytest.mark.parametrize("packing", Packing)
def test_what_goes_in_comes_out(app: Path, tmp_path: Path, packing: Packing) -> None:
    packed = pack(app, tmp_path / "a", packing)
    fd = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        entries = list_archive(fd)
        unpack_archive(fd, entries, str(tmp_path), "new")
    finally:
        os.close(fd)
    assert entries == packed.entries
    assert tree(tmp_path / "new" / "app") == tree(app)


def test_links_and_pipes_are_left_out_and_named(app: Path, tmp_path: Path) -> None:
    (app / "link").symlink_to("/etc/passwd")
    os.mkfifo(app / "pipe")
    packed = pack(app, tmp_path / "a")
    assert packed.left_out == ("app/link -> /etc/passwd", "app/pipe (p)")
    assert not any("link" in one.name or "pipe" in one.name for one in packed.entries)


def test_what_is_excluded_is_not_packed(app: Path, tmp_path: Path) -> None:
    fd = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
    try:
        packed = pack_archive(
            fd, Packing.NONE, (Source(str(app), ""),), lambda path: path.endswith("/private")
        )
    finally:
        os.close(fd)
    assert not any(one.name.startswith("private") for one in packed.entries)
    assert any(one.name == "plain.txt" for one in packed.entries)


def test_a_part_is_unpacked_under_another_name(app: Path, tmp_path: Path) -> None:
    pack(app, tmp_path / "a")
    fd = os.open(tmp_path / "a", os.O_RDONLY)

    def wanted(name: str) -> str | None:
        return name.removeprefix("app/deep/") if name.startswith("app/deep/") else None

    try:
        unpack_archive(fd, list_archive(fd), str(tmp_path), "new", wanted=wanted)
    finally:
        os.close(fd)
    assert list(tree(tmp_path / "new")) == ["er", "er/still", "er/still/file"]


def test_a_log_that_grows_is_packed_as_long_as_it_was(app: Path, tmp_path: Path) -> None:
    grown = app / "plain.txt"

    def grow(path: str) -> bool:
        with grown.open("ab") as file:
            file.write(b"more\n")
        return False

    fd = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
    try:
        packed = pack_archive(fd, Packing.GZIP, (Source(str(app), "app"),), grow)
        assert list_archive(fd) == packed.entries
    finally:
        os.close(fd)


def test_packing_and_unpacking_stop_when_cancelled(app: Path, tmp_path: Path) -> None:
    pack(app, tmp_path / "a")
    fd = os.open(tmp_path / "a", os.O_RDWR)
    try:
        with pytest.raises(ArchiveRefusedError, match="cancelled"):
            list_archive(fd, cancelled=lambda: True)
        with pytest.raises(ClientGarbled, match="cancelled"):
            pack_archive(
                fd, Packing.NONE, (Source(str(app), ""),), lambda _path: False, lambda: True
            )
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("name", "size"), [("a", 0), ("a" * 100, 8**11 - 1), ("a" * 101, 8**11), ("ü/b", 5)]
)
def test_a_header_says_what_it_was_made_of(name: str, size: int) -> None:
    entry = Entry(name, False, size, 0o640, 1_700_000_000, 1000, 3_000_000)
    raw = made_headers(entry)
    header = parse_header(raw[-512:])
    assert (header.mode, header.mtime_s, header.uid) == (0o640, 1_700_000_000, 1000)
    records = parse_pax(raw[512 : 512 + parse_header(raw[:512]).size_bytes], False)
    assert records["gid"] == "3000000"
    assert records.get("path", header.name) == name
    assert int(records.get("size", header.size_bytes)) == size


@pytest.mark.parametrize(
    ("name", "packing"),
    [
        ("a.tar.gz", "gzip"),
        ("a.tgz", "gzip"),
        ("a.tar.zst", "zstd"),
        ("a.txz", "xz"),
        ("a", "none"),
    ],
)
def test_the_name_tells_the_packing(name: str, packing: str) -> None:
    assert packing_of_name(name) == packing
