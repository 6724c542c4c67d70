"""Closed segments: packed with their hashes kept beside them, removed when they are old.

Packing may be struck by a crash between any two statements: the plain file goes last, and while it
is there it counts.
"""

import fcntl
import hashlib
import json
import os
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from core.actions.audit.chain import Link
from core.actions.audit.disk import Disk, append_whole
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import Segment
from core.actions.audit.reading import SegmentLines
from core.actions.audit.record import parse_record
from core.errors import AuditError

_BLOCK_BYTES = 256 * 1024
_TAIL_BYTES = 16 * 1024
_GZIP = 31
_SEAL_BYTES = 4096
_SUFFIX = ".packing"


@dataclass(frozen=True, slots=True)
class Seal:
    """What is kept of a closed segment beside its packed file."""

    first_seq: int
    last_seq: int
    last_hash: str
    last_at: str
    """UTC, ISO 8601."""
    plain_bytes: int
    sha256: str
    """Of the packed file."""

    @property
    def last(self) -> Link:
        """The last record."""
        return Link(self.last_seq, self.last_hash)

    @property
    def text(self) -> str:
        """How it is stored."""
        return json.dumps(asdict(self), sort_keys=True) + "\n"

    def is_expired(self, now: datetime, keep_days: int) -> bool:
        """Return whether its last record is older than `keep_days` days."""
        return datetime.fromisoformat(self.last_at) < now - timedelta(days=keep_days)


def read_seal(folder: AuditFolder, segment: Segment) -> Seal | None:
    """Return a segment's seal; None where there is none to be read."""
    try:
        raw = folder.read(segment.seal_name, _SEAL_BYTES)
        seal = Seal(**cast("dict[str, Any]", json.loads(raw)))
    except (OSError, ValueError, TypeError):
        return None
    # It has one form, so that no edit of it passes.
    return seal if seal.text.encode() == raw else None


def end_of(folder: AuditFolder, segment: Segment) -> Link | None:
    """Return the last record of a segment, from its seal or its last line; None: not known."""
    if segment.is_packed:
        seal = read_seal(folder, segment)
        return seal.last if seal is not None else None
    line = last_line(folder, segment)
    try:
        record = parse_record(line)
    except ValueError:
        return None
    return Link(record.seq, record.hash)


def last_line(folder: AuditFolder, segment: Segment) -> bytes:
    """Return the last whole line of a plain segment; empty where there is none to be read."""
    try:
        file = folder.open(segment.plain_name)
    except OSError:
        return b""
    try:
        size = os.fstat(file).st_size
        raw = os.pread(file, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
    finally:
        os.close(file)
    return raw.rpartition(b"\n")[0].rpartition(b"\n")[2]


def pack(folder: AuditFolder, segment: Segment, disk: Disk) -> bool:
    """Pack a closed segment; return whether it was: not when another process does, or it is broken.

    Raises:
        AuditError: it cannot be packed; it stays as it is.
    """
    part_name = segment.plain_name + _SUFFIX
    try:
        plain = folder.open(segment.plain_name)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise AuditError(f"{segment.plain_name} cannot be packed: {error.strerror}") from error
    try:
        part = folder.open(part_name, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_still(folder, part_name, part):
                return False
            os.ftruncate(part, 0)
            seal = _packed(plain, part, disk)
            _keep(folder, segment, part, seal, disk)
        finally:
            os.close(part)
    except (BlockingIOError, ValueError):
        return False
    except OSError as error:
        with suppress(OSError):
            folder.remove(part_name)
        raise AuditError(f"{segment.plain_name} cannot be packed: {error.strerror}") from error
    finally:
        os.close(plain)
    return True


def _is_still(folder: AuditFolder, name: str, file: int) -> bool:
    """Tell whether a file stands at its name: who held the lock before may have renamed it."""
    seen, own = folder.look(name), os.fstat(file)
    return seen is not None and (seen.st_dev, seen.st_ino) == (own.st_dev, own.st_ino)


def _packed(plain: int, part: int, disk: Disk) -> Seal:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    digest = hashlib.sha256()
    read_bytes = written_bytes = 0
    while block := os.pread(plain, _BLOCK_BYTES, read_bytes):
        read_bytes += len(block)
        digest.update(block)
        if packed := packer.compress(block):
            append_whole(disk, part, packed, written_bytes)
            written_bytes += len(packed)
    append_whole(disk, part, packer.flush(), written_bytes)
    return _read_back(part, read_bytes, digest.hexdigest())


def _read_back(part: int, size_bytes: int, sha256: str) -> Seal:
    """Read what was packed and return what to keep of it.

    Raises:
        AuditError: it is not what was packed.
        ValueError: its first or last line is no record: it is a broken one, and stays plain.
    """
    digest = hashlib.sha256()
    lines = SegmentLines(part, is_packed=True)
    first = last = b""
    for block in lines:
        first = first or block[0]
        last = block[-1]
        digest.update(b"".join(line + b"\n" for line in block))
    digest.update(lines.torn)
    if lines.size_bytes != size_bytes or digest.hexdigest() != sha256:
        raise AuditError("a packed audit file does not read back as it was")
    begin, end = parse_record(first), parse_record(last)
    return Seal(begin.seq, end.seq, end.hash, end.at, size_bytes, lines.packed_sha256)


def _keep(folder: AuditFolder, segment: Segment, part: int, seal: Seal, disk: Disk) -> None:
    seal_part = segment.seal_name + _SUFFIX
    file = folder.open(seal_part, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        append_whole(disk, file, seal.text.encode("ascii"), 0)
        os.rename(seal_part, segment.seal_name, src_dir_fd=folder.file, dst_dir_fd=folder.file)
        # Not before: what a crash leaves must be writable for the next attempt.
        os.fchmod(file, 0o400)
    finally:
        os.close(file)
    packed = Segment(segment.month, segment.number, is_packed=True)
    source = segment.plain_name + _SUFFIX
    os.rename(source, packed.name, src_dir_fd=folder.file, dst_dir_fd=folder.file)
    os.fchmod(part, 0o400)
    disk.flush_folder(folder.file)
    folder.remove(segment.plain_name)
