"""Reads a tar archive in two passes: what is in it, judged as a whole; then the bytes."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from core.clients.archive.entries import (
    USUAL,
    ArchiveLimits,
    ArchiveRefusedError,
    Entry,
    Names,
    checked_name,
    refused,
)
from core.clients.archive.headers import (
    BLOCK,
    NOTHING,
    Header,
    checked_id,
    parse_header,
    parse_pax,
    with_pax,
)
from core.clients.archive.packing import STEP_BYTES, Cancelled, PackedReader, never

_FILES = (b"0", b"\0")
_FOLDER = b"5"


class Sink(Protocol):
    """Where the bytes of entries go."""

    def open(self, entry: Entry) -> None:
        """An entry begins."""
        ...

    def write(self, data: bytes) -> None:
        """Some of the bytes of the file that was opened."""
        ...

    def close(self, entry: Entry) -> None:
        """The entry ended; its hash is known now."""
        ...


class _Nowhere:
    def open(self, entry: Entry) -> None: ...
    def write(self, data: bytes) -> None: ...
    def close(self, entry: Entry) -> None: ...


def list_archive(
    fd: int, limits: ArchiveLimits = USUAL, cancelled: Cancelled = never
) -> tuple[Entry, ...]:
    """Return every entry of an archive, hashed, in its order. Blocking; memory is bounded.

    Raises:
        ArchiveRefusedError: a rule is broken anywhere in it; damaged, or cut off.
        OSError: it cannot be read.
    """
    return tuple(read_archive(fd, _Nowhere(), limits, cancelled))


def read_archive(
    fd: int, sink: Sink, limits: ArchiveLimits = USUAL, cancelled: Cancelled = never
) -> Iterator[Entry]:
    """Yield each entry after its bytes went to `sink`.

    Raises:
        ArchiveRefusedError, OSError: as for `list_archive`, when it is reached.
    """
    packed = PackedReader(fd, limits, cancelled)
    names = Names(limits)
    for header in _headers(packed, limits):
        entry = _entry(header)
        if entry is None:
            continue
        names.admit(entry)
        sink.open(entry)
        done = _pump(packed, entry, sink)
        sink.close(done)
        yield done
    _check_end(packed)


def _headers(packed: PackedReader, limits: ArchiveLimits) -> Iterator[Header]:
    """Yield what stands before each entry, extended headers folded in, to the end mark."""
    records: dict[str, str] = {}
    while (block := packed.read_exactly(BLOCK)) != NOTHING:
        if not block:
            raise ArchiveRefusedError("the archive is cut off: it has no end mark")
        header = parse_header(block)
        if header.type in (b"x", b"g"):
            more = parse_pax(_body(packed, header, limits), header.type == b"g")
            records = records | more if header.type == b"x" else records
        elif header.type == b"L":
            raw = _body(packed, header, limits).split(b"\0", 1)[0]
            records = records | {"path": raw.decode("utf-8", "surrogateescape")}
        else:
            yield with_pax(header, records)
            records = {}
    if records:
        raise ArchiveRefusedError("an extended header without an entry")


def _body(packed: PackedReader, header: Header, limits: ArchiveLimits) -> bytes:
    """Return the bytes of an extended header, and pass what fills its last block."""
    if header.size_bytes > limits.max_header_bytes:
        raise refused(header.name, f"an extended header of {header.size_bytes} bytes")
    padded = -(-header.size_bytes // BLOCK) * BLOCK
    data = packed.read_exactly(padded)
    if len(data) < padded:
        raise ArchiveRefusedError("the archive ends in the middle of a header")
    return data[: header.size_bytes]


def _entry(header: Header) -> Entry | None:
    """Return an entry; None for the archive's own root.

    Raises:
        ArchiveRefusedError: it is neither a regular file nor a folder, or badly named.
    """
    is_folder = header.type == _FOLDER or (header.type == b"\0" and header.name.endswith("/"))
    if not is_folder and header.type not in _FILES:
        raise refused(header.name, f"{header.what}; only files and folders are unpacked")
    if is_folder and header.size_bytes:
        raise refused(header.name, "a folder with bytes of its own")
    if not is_folder and header.name.endswith("/"):
        raise refused(header.name, "a file that is called like a folder")
    name = checked_name(header.name)
    if not name and not is_folder:
        raise refused(header.name, "a file without a name")
    if not name:
        return None
    return Entry(
        name, is_folder, header.size_bytes, header.mode, header.mtime_s,
        checked_id(header.uid), checked_id(header.gid),
    )  # fmt: skip


def _pump(packed: PackedReader, entry: Entry, sink: Sink) -> Entry:
    """Hand a file's bytes on and return the entry with their hash."""
    if entry.is_folder:
        return entry
    hashing = hashlib.sha256()
    left = entry.size_bytes
    while left:
        data = packed.read(min(left, STEP_BYTES))
        if not data:
            raise refused(entry.name, "the archive is cut off in the middle of it")
        hashing.update(data)
        sink.write(data)
        left -= len(data)
    filling = -entry.size_bytes % BLOCK
    if len(packed.read_exactly(filling)) < filling:
        raise refused(entry.name, "the archive is cut off behind it")
    return replace(entry, sha256=hashing.hexdigest())


def _check_end(packed: PackedReader) -> None:
    """Read on to the end: a second mark and zeros are all that may follow."""
    if packed.read_exactly(BLOCK) != NOTHING:
        raise ArchiveRefusedError("the archive is cut off: its end mark is half")
    while data := packed.read(STEP_BYTES):
        if data.strip(b"\0"):
            raise ArchiveRefusedError("something follows the archive's end mark")
