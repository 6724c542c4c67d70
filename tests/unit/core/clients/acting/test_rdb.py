"""Snapshots of Redis: known by their start, proven to their last byte."""

from pathlib import Path

import pytest

from core.clients.acting.rdb import check_rdb, crc64, rdb_facts
from core.errors import ClientGarbled
from tests.fakes.acting_redis import rdb_of


def never() -> bool:
    return False


def at(folder: Path, data: bytes) -> str:
    path = folder / "dump.rdb"
    path.write_bytes(data)
    return str(path)


def test_the_checksum_is_that_of_redis_in_one_go_and_in_parts() -> None:
    assert crc64(b"123456789") == 0xE9C6D914C4B8D9CA
    data = bytes(range(256)) * 5
    for cut in (0, 1, 7, 8, 9, 500, len(data)):
        assert crc64(data[cut:], crc64(data[:cut])) == crc64(data)


def test_it_says_who_wrote_it_and_when(tmp_path: Path) -> None:
    facts = check_rdb(at(tmp_path, rdb_of(1700000000, content=b"x" * 100_000)), never)
    assert (facts.format, facts.server, facts.made_at_s) == (10, "7.0.15", 1700000000)
    assert facts.is_checksummed


def sealed(body: bytes) -> bytes:
    return body + crc64(body).to_bytes(8, "little")


@pytest.mark.parametrize(
    ("head", "form"), [(b"REDIS0003", 3), (b"REDIS0012", 12), (b"VALKEY080", 80)]
)
def test_every_magic_with_its_version_is_known(tmp_path: Path, head: bytes, form: int) -> None:
    facts = check_rdb(at(tmp_path, sealed(head + b"\xff")), never)
    assert (facts.format, facts.server, facts.made_at_s) == (form, "", None)


@pytest.mark.parametrize(
    "pairs",
    [
        b"\xfa\x05ctime\xc3\x01\x01a",
        b"\xfa\x7f\xffshort",
        b"\xfa\x80\xff\xff\xff\xff",
        b"\xfa\x05ctime\x03abc",
        b"\xfa",
    ],
)
def test_pairs_that_cannot_be_read_say_nothing(tmp_path: Path, pairs: bytes) -> None:
    assert rdb_facts(at(tmp_path, sealed(b"REDIS0010" + pairs + b"\xff"))).made_at_s is None


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "begin"),
        (b"REDIS0010", "begin"),
        (b"REDIS00x0\xff" + bytes(8), "begin"),
        (b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", "begin"),
        (b"REDIS0010" + bytes(40), "cut off"),
        (rdb_of(1)[:-3], "cut off"),
        (rdb_of(1).replace(b"7.0.15", b"7.0.16"), "CRC64"),
        (rdb_of(1)[:-1] + b"\0", "CRC64"),
    ],
)
def test_what_is_none_or_not_whole_is_told(tmp_path: Path, data: bytes, word: str) -> None:
    with pytest.raises(ClientGarbled, match=word):
        check_rdb(at(tmp_path, data), never)


def test_nobody_who_waits_ends_it(tmp_path: Path) -> None:
    with pytest.raises(ClientGarbled, match="cancelled"):
        check_rdb(at(tmp_path, rdb_of(1)), lambda: True)
