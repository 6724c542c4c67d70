"""Reads a Redis snapshot (RDB) from its first byte to its checksum. Blocking."""

import os
import struct
from dataclasses import dataclass
from functools import cache

from core.clients.acting.file_handles import opened, spot_of, told
from core.clients.archive.packing import STEP_BYTES, Cancelled
from core.errors import ClientGarbled
from core.model.text import SafeText, clean

_POLYNOMIAL = 0x95AC9329AC4BC9B5
"""CRC-64 of Jones, as Redis has it: reflected, begins with 0, nothing turned at the end."""
_MAGIC = ((b"REDIS", 4), (b"VALKEY", 3))
"""What it begins with, and how many digits of a version follow; Valkey has its own since 9."""
_START_BYTES = 9
_FOOT_BYTES = 8
_HEAD_BYTES = 4096
_AUX, _END = 0xFA, 0xFF
_SIZES = {0xC0: 1, 0xC1: 2, 0xC2: 4}
"""Integers in place of a text."""


@dataclass(frozen=True, slots=True)
class RdbFacts:
    """What a whole snapshot says of itself."""

    format: int
    """Of the file."""
    server: SafeText
    """The version that wrote it; empty: it does not say."""
    made_at_s: int | None
    """By the server's clock, seconds since 1970; None: it does not say."""
    is_checksummed: bool
    """False: the server writes none (`rdbchecksum no`): only start and end were seen."""


def check_rdb(path: str, cancelled: Cancelled) -> RdbFacts:
    """Read a snapshot as a whole and compare its checksum.

    Raises:
        ClientGarbled: it is none, or not whole.
    """
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        facts, wanted = _ends(handle, path)
        if wanted:
            size = os.fstat(handle).st_size - _FOOT_BYTES
            if wanted != _checksum(handle, size, path, cancelled):
                raise ClientGarbled(f"{clean(path)} is damaged: its checksum (CRC64) is another")
    return facts


def rdb_facts(path: str) -> RdbFacts:
    """Read a snapshot's start and end.

    Raises:
        ClientGarbled: it has not those of a snapshot.
    """
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        return _ends(handle, path)[0]


def _ends(handle: int, path: str) -> tuple[RdbFacts, int]:
    """Return what a snapshot says of itself, and its checksum; 0: it has none."""
    size = os.fstat(handle).st_size
    head = os.pread(handle, _HEAD_BYTES, 0)
    version = _version(head)
    if version is None or size < _START_BYTES + 1 + _FOOT_BYTES:
        raise ClientGarbled(f"{clean(path)} is no Redis snapshot: it does not begin as one")
    foot = os.pread(handle, _FOOT_BYTES + 1, size - _FOOT_BYTES - 1)
    if foot[:1] != bytes([_END]):
        raise ClientGarbled(f"{clean(path)} was cut off: it does not end as a snapshot")
    checksum = int.from_bytes(foot[1:], "little")
    words = _said(head)
    server = words.get(b"redis-ver") or words.get(b"valkey-ver", b"")
    made_at = words.get(b"ctime", b"")
    facts = RdbFacts(
        version,
        clean(server.decode("ascii", "replace"), 64),
        int(made_at) if made_at.isdigit() else None,
        checksum != 0,
    )
    return facts, checksum


def _version(head: bytes) -> int | None:
    for magic, digits in _MAGIC:
        number = head[len(magic) : len(magic) + digits]
        if head.startswith(magic) and len(number) == digits and number.isdigit():
            return int(number)
    return None


def _said(head: bytes) -> dict[bytes, bytes]:
    """Return the pairs at a snapshot's start, as far as they are plain."""
    found: dict[bytes, bytes] = {}
    at = _START_BYTES
    try:
        while head[at] == _AUX:
            name, at = _text(head, at + 1)
            value, at = _text(head, at)
            found[name] = value
    except (IndexError, ValueError):
        return found
    return found


def _text(head: bytes, at: int) -> tuple[bytes, int]:
    """Return one short text or integer, and where the next begins.

    Raises:
        ValueError: it is packed, or longer than what was read.
    """
    first = head[at]
    if size := _SIZES.get(first):
        number = int.from_bytes(head[at + 1 : at + 1 + size], "little", signed=True)
        return str(number).encode(), at + 1 + size
    if first >> 6 == 0:
        begin, length = at + 1, first & 0x3F
    elif first >> 6 == 1:
        begin, length = at + 2, (first & 0x3F) << 8 | head[at + 1]
    else:
        raise ValueError(first)
    if begin + length > len(head):
        raise ValueError(length)
    return head[begin : begin + length], begin + length


def _checksum(handle: int, size: int, path: str, cancelled: Cancelled) -> int:
    crc, at = 0, 0
    while at < size:
        if cancelled():
            raise ClientGarbled(f"reading {clean(path)} was cancelled")
        data = os.pread(handle, min(STEP_BYTES, size - at), at)
        if not data:
            raise ClientGarbled(f"{clean(path)} became shorter while it was read")
        crc = crc64(data, crc)
        at += len(data)
    return crc


def crc64(data: bytes, crc: int = 0) -> int:
    """Return the checksum of bytes that follow others whose checksum is `crc`."""
    t0, t1, t2, t3, t4, t5, t6, t7 = _tables()
    whole = len(data) - len(data) % 8
    # Eight bytes a step: byte by byte a gigabyte would take minutes more.
    for first, second in struct.iter_unpack("<II", data[:whole]):
        low, high = first ^ crc & 0xFFFFFFFF, second ^ crc >> 32
        crc = (
            t7[low & 255]
            ^ t6[low >> 8 & 255]
            ^ t5[low >> 16 & 255]
            ^ t4[low >> 24]
            ^ t3[high & 255]
            ^ t2[high >> 8 & 255]
            ^ t1[high >> 16 & 255]
            ^ t0[high >> 24]
        )
    for byte in data[whole:]:
        crc = t0[(crc ^ byte) & 255] ^ crc >> 8
    return crc


@cache
def _tables() -> tuple[tuple[int, ...], ...]:
    """Return what one byte comes to, 0 to 7 bytes before the end of a word."""
    first: list[int] = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        first.append(crc)
    tables = [tuple(first)]
    for _ in range(7):
        tables.append(tuple(first[crc & 255] ^ crc >> 8 for crc in tables[-1]))
    return tuple(tables)
