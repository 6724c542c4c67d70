"""Reads the log's files as blocks of lines, bounded in memory, plain and packed alike."""

import hashlib
import os
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import Segment
from core.actions.audit.record import AuditRecord, parse_record
from core.errors import AuditError

_BLOCK_BYTES = 1024 * 1024
_PACKED_BYTES = 128 * 1024
_MAX_REST_BYTES = 64 * 1024
_NEWEST_BYTES = 4 * 1024 * 1024
_GZIP = 31
"""zlib's word for: with a gzip header and its checksum."""


class SegmentLines:
    """The lines of one segment, in blocks.

    After the last block `torn` holds what follows the last line feed, and `size_bytes` counts all
    that was read, unpacked; `packed_sha256` is that of a packed file as it stands.
    """

    def __init__(
        self, file: int, is_packed: bool, from_bytes: int = 0, until_bytes: int | None = None
    ) -> None:
        """Take an open file, which stays the caller's.

        Args:
            file: the descriptor.
            is_packed: whether it is gzip.
            from_bytes: where to begin, of a plain one.
            until_bytes: where to end, of a plain one: what came later is not looked at.
        """
        self.torn = b""
        self.size_bytes = 0
        self._digest = hashlib.sha256()
        self._file = file
        self._is_packed = is_packed
        self._from_bytes = from_bytes
        self._until_bytes = until_bytes

    @property
    def packed_sha256(self) -> str:
        """The hash of what was read of a packed file, before unpacking."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[list[bytes]]:
        """Yield lists of whole lines without their line feeds.

        Raises:
            AuditError: it cannot be read or unpacked to its end.
        """
        rest = b""
        try:
            for block in self._unpacked() if self._is_packed else self._plain():
                self.size_bytes += len(block)
                lines = (rest + block).split(b"\n")
                rest = lines.pop()
                if lines:
                    yield lines
                if len(rest) > _MAX_REST_BYTES:
                    break
        except OSError as error:
            raise AuditError(f"it cannot be read: {error.strerror}") from error
        except zlib.error as error:
            raise AuditError(f"it cannot be unpacked: {error}") from error
        self.torn = rest

    def _plain(self) -> Iterator[bytes]:
        at = self._from_bytes
        while True:
            most = _BLOCK_BYTES
            if self._until_bytes is not None:
                most = min(most, self._until_bytes - at)
            block = os.pread(self._file, most, at) if most > 0 else b""
            if not block:
                return
            at += len(block)
            yield block

    def _unpacked(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(_GZIP)
        at = 0
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail
            if not packed:
                packed = os.pread(self._file, _PACKED_BYTES, at)
                at += len(packed)
                self._digest.update(packed)
                if not packed:
                    raise zlib.error("it ends too early")
            block = unpacker.decompress(packed, _BLOCK_BYTES)
            if block:
                yield block
        if unpacker.unused_data or os.pread(self._file, 1, at):
            raise zlib.error("something follows its end")


def open_segment(folder: AuditFolder, segment: Segment) -> tuple[int, Segment]:
    """Return a descriptor of a segment, and how it stands now: another process may pack it.

    Raises:
        AuditError: it cannot be opened, or is no regular file.
    """
    try:
        try:
            return folder.open(segment.name), segment
        except FileNotFoundError:
            packed = Segment(segment.month, segment.number, is_packed=True)
            return folder.open(packed.name), packed
    except OSError as error:
        raise AuditError(f"{segment.name} cannot be opened: {error.strerror}") from error


def read_lines(folder: AuditFolder) -> Iterator[tuple[Segment, bytes]]:
    """Yield every whole line of the log, oldest first, with the file it stands in.

    Raises:
        AuditError: a file cannot be read.
    """
    for segment in folder.segments():
        for line in _lines_of(folder, segment):
            yield segment, line


def _lines_of(folder: AuditFolder, segment: Segment) -> Iterator[bytes]:
    file, found = open_segment(folder, segment)
    try:
        for lines in SegmentLines(file, found.is_packed):
            yield from lines
    finally:
        os.close(file)


def read_records(folder: AuditFolder, part: bytes = b"") -> Iterator[AuditRecord]:
    """Yield the records, oldest first; a line that is none is passed over: `verify` names it.

    Lines without `part` are passed over unread.

    Raises:
        AuditError: a file cannot be read.
    """
    return _records(line for _, line in read_lines(folder) if part in line)


def read_last(
    folder: AuditFolder, limit: int, is_wanted: Callable[[AuditRecord], bool], part: bytes = b""
) -> list[AuditRecord]:
    """Return the newest records that are wanted, oldest first.

    Files before those that hold them are not read; lines without `part` are passed over.

    Raises:
        AuditError: a file cannot be read.
    """
    found: deque[AuditRecord] = deque()
    for segment in reversed(folder.segments()):
        lines = (line for line in _lines_of(folder, segment) if part in line)
        own = deque(filter(is_wanted, _records(lines)), maxlen=limit - len(found))
        found.extendleft(reversed(own))
        if len(found) >= limit:
            break
    return list(found)


def read_newest(folder: AuditFolder, limit: int) -> tuple[tuple[AuditRecord, ...], bool]:
    """Return the newest records, the newest first, and whether there are older ones.

    Of a long file only the end is read, so that this takes no longer as the log grows.

    Raises:
        AuditError: a file cannot be read.
    """
    found: list[AuditRecord] = []
    segments = folder.segments()
    for at, segment in enumerate(reversed(segments)):
        lines, is_whole = _newest_lines(folder, segment, limit - len(found))
        found += _records(reversed(lines))
        if len(found) >= limit or not is_whole:
            return tuple(found), not is_whole or at + 1 < len(segments)
    return tuple(found), False


def _newest_lines(folder: AuditFolder, segment: Segment, limit: int) -> tuple[deque[bytes], bool]:
    """Return a segment's last lines, and whether these are all it has."""
    file, found = open_segment(folder, segment)
    try:
        begin = 0 if found.is_packed else max(0, os.fstat(file).st_size - _NEWEST_BYTES)
        lines: deque[bytes] = deque(maxlen=limit)
        count = 0
        for block in SegmentLines(file, found.is_packed, begin):
            # Half a line stands where it begins in the middle.
            whole = block[1:] if begin and not count else block
            count += len(block)
            lines.extend(whole)
    finally:
        os.close(file)
    return lines, not begin and count <= limit


def _records(lines: Iterable[bytes]) -> Iterator[AuditRecord]:
    for line in lines:
        try:
            yield parse_record(line)
        except ValueError:
            continue
