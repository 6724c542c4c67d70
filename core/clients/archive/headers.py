"""Tar headers as bytes: read (ustar, pax, the long names of GNU) and made (ustar, pax). Pure."""

from dataclasses import dataclass

from core.clients.archive.entries import ArchiveRefusedError, Entry, refused

BLOCK = 512
NOTHING = bytes(BLOCK)

_HARMLESS = frozenset(
    {"atime", "ctime", "mtime", "uid", "gid", "uname", "gname", "comment", "path", "size"}
)
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a FIFO",
    b"S": "a sparse file",
    b"K": "a long link name",
    b"M": "a part of another volume",
    b"V": "a volume label",
    b"D": "a GNU dump folder",
}
_MAX_ID = 2**31 - 1
_LAST_S = 2**34
"""In the year 2514; file systems end soon after."""


@dataclass(frozen=True, slots=True)
class Header:
    """One header block, as it says."""

    name: str
    type: bytes
    size_bytes: int
    mode: int
    mtime_s: int
    uid: int
    gid: int

    @property
    def what(self) -> str:
        """What it is, for a person, where it is nothing that we unpack."""
        return _KINDS.get(self.type, f"a type that is not known ({self.type!r})")


def parse_header(block: bytes) -> Header:
    """Return what a block says.

    Raises:
        ArchiveRefusedError: its sum is wrong, or a number is none.
    """
    if len(block) != BLOCK:
        raise ArchiveRefusedError("the archive ends in the middle of a header")
    stored = _number(block[148:156], "the sum of a header")
    if stored != sum(block) - sum(block[148:156]) + 8 * 0x20:
        raise ArchiveRefusedError("a header's sum is wrong: damaged, or no tar archive")
    name = _text(block[0:100])
    if block[257:263] == b"ustar\0" and (prefix := _text(block[345:500])):
        name = f"{prefix}/{name}"
    return Header(
        name,
        block[156:157],
        _number(block[124:136], name),
        _number(block[100:108], name) & 0o777,
        _moment(_number(block[136:148], name, is_signed=True)),
        _number(block[108:116], name),
        _number(block[116:124], name),
    )


def parse_pax(raw: bytes, is_global: bool) -> dict[str, str]:
    """Return the records of an extended header.

    Raises:
        ArchiveRefusedError: it is malformed, or says what we do not follow (sparse files, links,
            names for all that comes).
    """
    records: dict[str, str] = {}
    at = 0
    while at < len(raw):
        end, length = _pax_length(raw, at)
        key, equals, value = raw[end + 1 : at + length - 1].partition(b"=")
        if not equals or raw[at + length - 1 : at + length] != b"\n":
            raise ArchiveRefusedError("an extended header is malformed")
        name = key.decode("utf-8", "replace")
        if name in records or _is_refused(name, is_global):
            raise refused(name, "an extended header that we do not follow")
        records[name] = value.decode("utf-8", "surrogateescape")
        at += length
    return records


def with_pax(header: Header, records: dict[str, str]) -> Header:
    """Return a header with what an extended one says instead.

    Raises:
        ArchiveRefusedError: a value is not what its name promises.
    """
    try:
        size = int(records.get("size", header.size_bytes))
        mtime = int(float(records.get("mtime", header.mtime_s)))
        uid, gid = int(records.get("uid", header.uid)), int(records.get("gid", header.gid))
    except (ValueError, OverflowError) as error:
        raise refused(header.name, "a number that is none in its extended header") from error
    if size < 0:
        raise refused(header.name, "a negative size")
    name = records.get("path", header.name)
    return Header(name, header.type, size, header.mode, _moment(mtime), uid, gid)


def made_headers(entry: Entry) -> bytes:
    """Return the blocks that stand before an entry's bytes, an extended header first if needed."""
    name = entry.name + ("/" if entry.is_folder else "")
    raw = name.encode("utf-8", "surrogateescape")
    records: dict[str, bytes] = {}
    if len(raw) > 100 or not name.isascii():
        records["path"] = raw
    if entry.size_bytes >= 8**11:
        records["size"] = str(entry.size_bytes).encode()
    for key, value in (("uid", entry.uid), ("gid", entry.gid)):
        if value >= 8**7:
            records[key] = str(value).encode()
    block = _block(
        raw[:100],
        b"5" if entry.is_folder else b"0",
        (entry.mode, entry.uid % 8**7, entry.gid % 8**7),
        entry.size_bytes % 8**11,
        entry.mtime_s % 8**11,
    )
    if not records:
        return block
    body = b"".join(_pax_record(key, value) for key, value in records.items())
    extended = _block(b"././@PaxHeader", b"x", (0o644, 0, 0), len(body), 0)
    return extended + body + padding(len(body)) + block


def padding(size_bytes: int) -> bytes:
    """Return the zeros that fill the last block."""
    return bytes(-size_bytes % BLOCK)


def _moment(mtime_s: int) -> int:
    return min(max(0, mtime_s), _LAST_S)


def _is_refused(key: str, is_global: bool) -> bool:
    if key.startswith(("SCHILY.", "LIBARCHIVE.", "RHT.")):
        return False  # attributes and times beyond ours: not restored, and harmless
    return key != "comment" if is_global else key not in _HARMLESS


def _pax_length(raw: bytes, at: int) -> tuple[int, int]:
    end = raw.find(b" ", at, at + 12)
    digits = raw[at:end]
    if end < 0 or not digits.isdigit():
        raise ArchiveRefusedError("an extended header is malformed")
    length = int(digits)
    if length <= end - at + 2 or at + length > len(raw):
        raise ArchiveRefusedError("an extended header is malformed")
    return end, length


def _pax_record(key: str, value: bytes) -> bytes:
    """Return a record: its length, which counts itself, key, value and a line feed."""
    rest = b" " + key.encode() + b"=" + value + b"\n"
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def _block(
    name: bytes, kind: bytes, rights: tuple[int, int, int], size_bytes: int, mtime_s: int
) -> bytes:
    mode, uid, gid = rights
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    block[100:108] = b"%07o\0" % mode
    block[108:116] = b"%07o\0" % uid
    block[116:124] = b"%07o\0" % gid
    block[124:136] = b"%011o\0" % size_bytes
    block[136:148] = b"%011o\0" % mtime_s
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _number(raw: bytes, name: str, is_signed: bool = False) -> int:
    """Return an octal number, or one in base 256 as GNU writes large ones."""
    if raw[0] & 0x80:
        value = int.from_bytes(raw, "big", signed=False) & (2 ** (8 * len(raw) - 1) - 1)
        if raw[0] & 0x40:
            value -= 2 ** (8 * len(raw) - 1)
    else:
        digits = raw.strip(b" \0")
        if digits and not all(digit in b"01234567" for digit in digits):
            raise refused(name, "a number that is none")
        value = int(digits or b"0", 8)
    if value < 0 and not is_signed:
        raise refused(name, "a negative number")
    return value


def checked_id(value: int) -> int:
    """Return a user's or group's number; -1, which changes nothing, where it cannot be one."""
    return value if 0 <= value <= _MAX_ID else -1
