"""Hostile archives, built from raw headers: refused by name, and no byte outside the new folder."""

import gzip
import lzma
import os
import tracemalloc
import zlib
from pathlib import Path

import pytest

from core.clients.archive.entries import ArchiveLimits, ArchiveRefusedError
from core.clients.archive.reader import list_archive
from core.clients.archive.unpack import unpack_archive

LIMITS = ArchiveLimits(max_entries=50, max_bytes=1 << 20, max_ratio=50, ratio_from_bytes=64 * 1024)
END = bytes(1024)


def header(
    name: bytes,
    kind: bytes = b"0",
    size: bytes | int = 0,
    link: bytes = b"",
    prefix: bytes = b"",
    magic: bytes = b"ustar\x0000",
) -> bytes:
    block = bytearray(512)
    block[0 : len(name[:100])] = name[:100]
    block[100:108] = b"0000777\0"
    block[108:116] = block[116:124] = b"0000000\0"
    block[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157 : 157 + len(link[:100])] = link[:100]
    block[257:265] = magic
    block[345 : 345 + len(prefix)] = prefix
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def body(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def file(name: bytes, data: bytes = b"own") -> bytes:
    return header(name, b"0", len(data)) + body(data)


def record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    data = b"".join(record(*one) for one in records)
    return header(b"././@PaxHeader", kind, len(data)) + body(data)


def gnu_long(name: bytes, kind: bytes = b"L") -> bytes:
    return header(b"././@LongLink", kind, len(name) + 1) + body(name + b"\0")


def link(name: bytes, to: bytes, kind: bytes = b"2") -> bytes:
    return header(name, kind, 0, to)


def cve_2025_4517(outside: bytes) -> bytes:
    """Links whose resolved path grows beyond PATH_MAX, so that a check by realpath stops early."""
    word, steps, path = b"d" * 247, b"abcdefghijklmnop", b""
    parts: list[bytes] = []
    for letter in steps:
        one = bytes([letter])
        parts += (
            [header(path + word, b"5")]
            if not path
            else [pax((b"path", path + word)) + header(b"x", b"5")]
        )
        parts.append(pax((b"path", path + one)) + link(b"x", word))
        path += word + b"/"
    long_link = b"/".join(bytes([letter]) for letter in steps) + b"/" + b"l" * 254
    parts.append(pax((b"path", long_link), (b"linkpath", b"../" * len(steps))) + link(b"x", b"y"))
    parts.append(
        pax((b"path", b"escape"), (b"linkpath", long_link + b"/../" + outside)) + link(b"x", b"y")
    )
    parts.append(link(b"flaglink", b"escape/victim", b"1"))
    return b"".join(parts) + file(b"flaglink", b"overwritten") + END


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 8]) + data[at + 1 :]


def xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "dot dot": (file(b"../victim") + END, "'..'"),
    "dot dot in the middle": (file(b"a/../../victim") + END, "'..'"),
    "dot dot at the end": (header(b"a/..", b"5") + END, "'..'"),
    "dot dot behind a dot": (file(b"./../victim") + END, "'..'"),
    "dot dot in the prefix": (header(b"victim", b"0", prefix=b"..") + END, "'..'"),
    "dot dot in pax": (pax((b"path", b"../victim")) + file(b"ok") + END, "'..'"),
    "dot dot in a long name": (gnu_long(b"../victim") + file(b"ok") + END, "'..'"),
    "absolute": (file(b"/etc/victim") + END, "absolute"),
    "absolute twice": (file(b"//etc/victim") + END, "absolute"),
    "absolute behind a dot": (file(b".//etc/victim") + END, "absolute"),
    "absolute in pax": (pax((b"path", b"/etc/victim")) + file(b"ok") + END, "absolute"),
    "absolute root": (header(b"/", b"5") + END, "absolute"),
    "symbolic link": (link(b"a", b"/etc/passwd") + END, "symbolic link"),
    "symbolic link within": (link(b"a", b"b") + END, "symbolic link"),
    "chain of links": (
        link(b"a", b".") + link(b"a/b", b"..") + file(b"a/b/victim") + END,
        "symbolic link",
    ),
    "hard link": (link(b"a", b"/etc/shadow", b"1") + END, "hard link"),
    "hard link with bytes": (
        header(b"a", b"1", 3, b"../victim") + body(b"own") + END,
        "hard link",
    ),
    "long link name": (gnu_long(b"../x" * 100, b"K") + link(b"a", b"x") + END, "long link name"),
    "character device": (header(b"a", b"3") + END, "character device"),
    "block device": (header(b"a", b"4") + END, "block device"),
    "fifo": (header(b"a", b"6") + END, "FIFO"),
    "sparse of GNU": (header(b"a", b"S", 10) + body(b"x" * 10) + END, "sparse"),
    "sparse of pax": (
        pax((b"GNU.sparse.realsize", b"107374182400")) + file(b"a") + END,
        "extended header",
    ),
    "sparse of 100 GiB": (header(b"a", b"0", 100 << 30) + END, "bytes unpacked"),
    "contiguous": (header(b"a", b"7") + END, "not known"),
    "volume label": (header(b"a", b"V") + END, "volume"),
    "unknown type": (header(b"a", b"Z") + END, "not known"),
    "the same file twice": (file(b"a") + file(b"a") + END, "twice"),
    "the same file with a dot": (file(b"a") + file(b"./a") + END, "twice"),
    "the same folder twice": (header(b"a", b"5") + header(b"a/", b"5") + END, "twice"),
    "a folder, then a file": (header(b"a", b"5") + file(b"a") + END, "twice"),
    "a file over a folder that is implied": (file(b"a/b") + file(b"a") + END, "folder is"),
    "below a file": (file(b"a") + file(b"a/b") + END, "below a file"),
    "an escape in the name": (file(b"a\x1b]0;own\x07") + END, "control"),
    "a line feed in the name": (file(b"a\nroot::0:0") + END, "control"),
    "a bidi override": (file("a\u202egpj.sh".encode()) + END, "control"),
    "a C1 control": (file("a\x9b2J".encode()) + END, "control"),
    "NUL in the name of pax": (pax((b"path", b"a\0b")) + file(b"x") + END, "control"),
    "no name": (header(b"") + END, "no name"),
    "an empty word": (file(b"a//b") + END, "empty word"),
    "a dot inside": (file(b"a/./b") + END, "empty word"),
    "a word too long": (pax((b"path", b"w" * 256)) + file(b"x") + END, "255 bytes"),
    "a name too long": (pax((b"path", b"w/" * 2100 + b"w")) + file(b"x") + END, "4095"),
    "too deep": (pax((b"path", b"w/" * 70 + b"w")) + file(b"x") + END, "deep"),
    "CVE-2025-4517": (cve_2025_4517(b"../"), "entry"),
    "a size below zero": (header(b"a", b"0", b"\xff" * 12) + END, "negative"),
    "a size that is none": (header(b"a", b"0", b"99999999999\0") + END, "number"),
    "a size of pax below zero": (pax((b"size", b"-1")) + file(b"a") + END, "negative"),
    "a size of pax that is none": (pax((b"size", b"1e3")) + file(b"a") + END, "number"),
    "a folder with bytes": (header(b"a", b"5", 3) + body(b"own") + END, "bytes of its own"),
    "a file that ends in a slash": (pax((b"path", b"a/")) + file(b"x") + END, "like a folder"),
    "a huge extended header": (header(b"a", b"x", 1 << 30) + END, "extended header"),
    "a record of pax without end": (
        header(b"a", b"x", 20) + body(b"99999999 path=../vic") + END, "malformed"),
    "a record of pax of length 0": (header(b"a", b"x", 9) + body(b"0 path=a\n") + END, "malformed"),
    "a path for all": (pax((b"path", b"../v"), kind=b"g") + file(b"x") + END, "extended header"),
    "an extended header alone": (pax((b"path", b"a")) + END, "without an entry"),
    "more entries than the cap": (
        b"".join(file(b"f%d" % number, b"") for number in range(60)) + END, "more than 50 entries"),
    "more bytes than the cap": (
        b"".join(file(b"f%d" % number, os.urandom(300_000)) for number in range(4)) + END,
        "bytes unpacked",
    ),
    "a bomb of gzip": (gzip.compress(file(b"a", bytes(900_000)) + END), "bomb"),
    "a bomb of xz": (xz(file(b"a", bytes(900_000)) + END), "bomb"),
    "a bomb behind the end": (gzip.compress(file(b"a") + END + bytes(9 << 20)), "bomb"),
    "a second archive behind": (file(b"a") + END + file(b"../victim") + END, "follows"),
    "cut in a header": ((file(b"a") + END)[:700] + b"", "cut off|middle"),
    "cut in a file": ((file(b"a", b"x" * 5000))[:3000], "cut off"),
    "cut before the end mark": (file(b"a"), "cut off"),
    "half an end mark": (file(b"a") + bytes(512), "cut off"),
    "cut gzip": (gzip.compress(file(b"a", os.urandom(5000)) + END)[:-200], "cut off"),
    "damaged gzip": (
        flipped(gzip.compress(file(b"a", os.urandom(5000)) + END), 300),
        "damaged|wrong|number",
    ),
    "a wrong sum": (file(b"a").replace(b"0000777", b"0000776", 1) + END, "sum"),
    "nothing": (b"", "cut off"),
    "no archive": (b"<html>404</html>" * 64, "sum|number"),
    "bzip2": (b"BZh91AY&SY" + bytes(100), "bzip2"),
}  # fmt: skip


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kind, mode, bytes or target, times."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted([folder, *folder.rglob("*")]):
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (facts.st_mode, facts.st_ino, facts.st_nlink, content)
    return found


def opened(folder: Path, data: bytes) -> int:
    path = folder / "hostile.tar"
    path.write_bytes(data)
    return os.open(path, os.O_RDONLY)


@pytest.fixture
def around(tmp_path: Path) -> Path:
    """The folder around the destination, with a victim that the archives aim at."""
    (tmp_path / "around").mkdir()
    (tmp_path / "around" / "victim").write_text("untouched")
    (tmp_path / "around" / "into").mkdir()
    return tmp_path / "around"


def test_there_are_at_least_forty() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused_when_it_is_listed_and_nothing_is_written(
    case: str, around: Path, tmp_path: Path
) -> None:
    data, why = HOSTILE[case]
    fd = opened(tmp_path, data)
    before = snapshot(around)
    try:
        with pytest.raises(ArchiveRefusedError, match=why) as caught:
            list_archive(fd, LIMITS)
    finally:
        os.close(fd)
    assert str(caught.value).isprintable()
    assert snapshot(around) == before


@pytest.mark.parametrize("case", HOSTILE)
def test_unpacked_without_a_plan_it_leaves_nothing_either(
    case: str, around: Path, tmp_path: Path
) -> None:
    """The second pass keeps the same rules: it does not lean on the first."""
    fd = opened(tmp_path, HOSTILE[case][0])
    before = snapshot(around)
    try:
        with pytest.raises(ArchiveRefusedError):
            unpack_archive(fd, (), str(around / "into"), "new", limits=LIMITS)
    finally:
        os.close(fd)
    assert snapshot(around) == before


def test_an_archive_that_changes_between_the_passes_is_refused(
    around: Path, tmp_path: Path
) -> None:
    fd = opened(tmp_path, file(b"a", b"one") + END)
    planned = list_archive(fd)
    os.close(fd)
    fd = opened(tmp_path, file(b"a", b"two") + END)
    before = snapshot(around)
    try:
        with pytest.raises(ArchiveRefusedError, match="has changed"):
            unpack_archive(fd, planned, str(around / "into"), "new")
    finally:
        os.close(fd)
    assert snapshot(around) == before


def test_an_existing_folder_is_never_unpacked_into(around: Path, tmp_path: Path) -> None:
    fd = opened(tmp_path, file(b"victim") + END)
    planned = list_archive(fd)
    before = snapshot(around)
    try:
        with pytest.raises(FileExistsError):
            unpack_archive(fd, planned, str(around), "into")
    finally:
        os.close(fd)
    assert snapshot(around) == before


def test_a_link_in_place_of_the_parent_is_not_followed(around: Path, tmp_path: Path) -> None:
    fd = opened(tmp_path, file(b"a") + END)
    planned = list_archive(fd)
    (tmp_path / "alias").symlink_to(around)
    before = snapshot(around)
    try:
        with pytest.raises(OSError, match=r"alias|director"):
            unpack_archive(fd, planned, str(tmp_path / "alias"), "new")
    finally:
        os.close(fd)
    assert snapshot(around) == before


def test_a_link_that_appears_in_the_new_folder_is_not_followed(
    around: Path, tmp_path: Path
) -> None:
    """Another user's process swaps a folder for a link while we unpack."""
    fd = opened(tmp_path, header(b"a", b"5") + file(b"a/victim") + END)
    planned = list_archive(fd)
    before = snapshot(around / "victim")

    def swap(name: str) -> str:
        if name == "a/victim":
            (around / "into" / "new" / "a").rmdir()
            (around / "into" / "new" / "a").symlink_to(around)
        return name

    try:
        with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
            unpack_archive(fd, planned, str(around / "into"), "new", wanted=swap)
    finally:
        os.close(fd)
    assert snapshot(around / "victim") == before
    assert not (around / "into" / "new").exists()


def test_setuid_and_sticky_bits_are_not_taken_over(around: Path, tmp_path: Path) -> None:
    block = bytearray(header(b"a", b"0", 3))
    block[100:108] = b"0006755\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    fd = opened(tmp_path, bytes(block) + body(b"own") + END)
    try:
        unpack_archive(fd, list_archive(fd), str(around / "into"), "new")
    finally:
        os.close(fd)
    assert (around / "into" / "new" / "a").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("mtime", [b"\x80" + b"\xff" * 10, b"\xff" * 12, b"77777777777\0"])
def test_a_time_beyond_all_times_is_no_reason_to_fail(
    around: Path, tmp_path: Path, mtime: bytes
) -> None:
    block = bytearray(header(b"a", b"0", 3))
    block[136:148] = mtime.ljust(12, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    fd = opened(tmp_path, bytes(block) + body(b"own") + END)
    try:
        unpack_archive(fd, list_archive(fd), str(around / "into"), "new")
    finally:
        os.close(fd)
    assert (around / "into" / "new" / "a").read_bytes() == b"own"


def test_a_bomb_takes_bounded_memory(tmp_path: Path) -> None:
    """A gigabyte of zeros behind a megabyte of gzip is given up early."""
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(header(b"a", b"0", 1 << 30))
    for _ in range(64):
        packed += packer.compress(bytes(16 << 20))
    fd = opened(tmp_path, packed + packer.flush())
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveRefusedError, match="bomb"):
            list_archive(fd)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
        os.close(fd)
