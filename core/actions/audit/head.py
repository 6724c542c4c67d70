"""Small files beside the log: the last acknowledged record, the salt, room for the end.

The head is overwritten in place after every record and never flushed: after a crash it may be
older than the log, which is fine. A log that is older than its head was cut or put back.
"""

import json
import os
import secrets
from typing import Any, cast

from core.actions.audit.chain import Link
from core.actions.audit.disk import Disk, append_whole
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import BALLAST, HEAD, SALT
from core.errors import AuditError

_HEAD_BYTES = 160
_SALT_BYTES = 32


def read_head(folder: AuditFolder) -> Link | None:
    """Return the last acknowledged record; None where that is not known."""
    try:
        raw = folder.read(HEAD, _HEAD_BYTES)
        row = cast("dict[str, Any]", json.loads(raw))
        link = Link(int(row["seq"]), str(row["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return link if len(link.hash) == len(Link().hash) and link.hash.isascii() else None


def write_head(folder: AuditFolder, link: Link) -> None:
    """Note the last acknowledged record.

    Raises:
        OSError: it cannot be noted; what it said before is still true, only older.
    """
    row = json.dumps({"seq": link.seq, "hash": link.hash}).ljust(_HEAD_BYTES - 1) + "\n"
    file = folder.open(HEAD, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(file, row.encode("ascii"), 0)
    finally:
        os.close(file)


def read_or_make_salt(folder: AuditFolder, disk: Disk) -> bytes:
    """Return what secrets are digested with, the same for the life of this installation.

    Raises:
        AuditError: there is none, and none can be made.
    """
    try:
        try:
            salt = folder.read(SALT, _SALT_BYTES)
        except FileNotFoundError:
            salt = secrets.token_bytes(_SALT_BYTES)
            _store_salt(folder, disk, salt)
    except OSError as error:
        raise AuditError(f"the audit log's salt cannot be had: {error.strerror}") from error
    if len(salt) < _SALT_BYTES:
        raise AuditError(f"the audit log's salt is damaged; remove {folder.path}/{SALT}")
    return salt


def _store_salt(folder: AuditFolder, disk: Disk, salt: bytes) -> None:
    file = folder.open(SALT, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        append_whole(disk, file, salt, 0)
        disk.flush_folder(folder.file)
    except OSError:
        folder.remove(SALT)
        raise
    finally:
        os.close(file)


class Ballast:
    """Space held back, so that the end of what runs can be written when the disk is full."""

    def __init__(self, folder: AuditFolder, disk: Disk, size_bytes: int) -> None:
        self._folder = folder
        self._disk = disk
        self._size_bytes = size_bytes

    def is_there(self) -> bool:
        """Whether it takes its space."""
        seen = self._folder.look(BALLAST)
        return seen is not None and seen.st_size == self._size_bytes

    def hold(self) -> None:
        """Take the space again, unless it is held.

        Raises:
            OSError: there is not enough: nothing new may begin.
        """
        if self.is_there():
            return
        file = self._folder.open(BALLAST, os.O_RDWR | os.O_CREAT)
        try:
            self._disk.reserve(file, self._size_bytes)
        except OSError:
            os.ftruncate(file, 0)
            raise
        finally:
            os.close(file)

    def release(self) -> bool:
        """Give the space back; tell whether there was any."""
        try:
            self._folder.remove(BALLAST)
        except OSError:
            return False
        return True
