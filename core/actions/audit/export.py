"""Copies the log, unpacked, into one new file."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from core.actions.audit.folder import AuditFolder
from core.actions.audit.reading import SegmentLines, open_segment
from core.errors import AuditError
from core.model.text import clean

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Exported:
    """What was copied."""

    lines: int
    size_bytes: int
    sha256: str


def export(path: Path, target: Path) -> Exported:
    """Copy every line of the log in a folder to a file that only its owner can read.

    Raises:
        AuditError: something stands there already, or it cannot be written whole; then it is gone.
    """
    folder = AuditFolder(path, is_for_reading=True)
    shown = clean(str(target))
    try:
        try:
            out = os.open(target, _FLAGS, 0o600)
        except FileExistsError as error:
            raise AuditError(f"{shown} is there already; it is never written over") from error
        try:
            return _copied(folder, out)
        except BaseException:
            target.unlink()
            raise
        finally:
            os.close(out)
    except OSError as error:
        raise AuditError(f"{shown} cannot be written: {error.strerror}") from error
    finally:
        folder.close()


def _copied(folder: AuditFolder, out: int) -> Exported:
    digest = hashlib.sha256()
    count = size_bytes = 0
    for segment in folder.segments():
        file, found = open_segment(folder, segment)
        try:
            for lines in SegmentLines(file, found.is_packed):
                data = b"".join(line + b"\n" for line in lines)
                _write_all(out, data)
                digest.update(data)
                count += len(lines)
                size_bytes += len(data)
        finally:
            os.close(file)
    os.fsync(out)
    return Exported(count, size_bytes, digest.hexdigest())


def _write_all(out: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(out, rest) :]
