"""Files too large to hold: copied, gzipped, put into an archive, and read back. Blocking."""

import gzip
import hashlib
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from core.clients.acting.file_handles import hash_of, made, opened, spot_of, told, write_all
from core.clients.acting.file_places import guard_changeable
from core.clients.acting.file_writes import appear
from core.errors import ClientGarbled, ClientRefused
from core.model.text import clean

_CHUNK_BYTES = 1024 * 1024
_LEVEL = 6


def copy(path: str, to: str, token: str) -> str:
    """Copy a file as far as it goes now; return the copy's SHA-256."""
    with spot_of(path) as spot, told(path), opened(spot) as old, spot_of(to, is_change=True) as aim:
        name, sha = aim.temporary(token), hashlib.sha256()
        with told(to), made(aim, name) as new:
            left = os.fstat(old).st_size
            while left > 0 and (chunk := os.read(old, min(_CHUNK_BYTES, left))):
                sha.update(chunk)
                write_all(new, chunk)
                left -= len(chunk)
            _keep(old, new)
            os.fsync(new)
            if hash_of(new) != sha.hexdigest():
                raise ClientRefused(f"{clean(to)}: the disk does not hold what was written")
            appear(aim, name)
        aim.sync()
        return sha.hexdigest()


def pack(path: str, to: str, was_sha256: str, token: str) -> None:
    """Gzip a file into another, and prove it before it appears."""
    with spot_of(path) as spot, told(path), opened(spot) as old, spot_of(to, is_change=True) as aim:
        guard_changeable(aim, aim.folder)
        name, sha = aim.temporary(token), hashlib.sha256()
        with told(to), made(aim, name) as new:
            seen = os.fstat(old)
            with os.fdopen(os.dup(new), "wb") as raw:
                stamp = int(seen.st_mtime)
                with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=stamp) as packed:
                    while chunk := os.read(old, _CHUNK_BYTES):
                        sha.update(chunk)
                        packed.write(chunk)
            _keep(old, new)
            os.fsync(new)
            if sha.hexdigest() != was_sha256:
                raise ClientGarbled(f"{clean(path)} was changed by somebody meanwhile")
            if _unpacked(new, to) != was_sha256:
                raise ClientRefused(f"{clean(to)} does not unpack to what was packed")
            appear(aim, name)
        aim.sync()


def _keep(old: int, new: int) -> None:
    """Give a copy owner, mode and time of the original, as far as we may."""
    seen = os.fstat(old)
    with suppress(PermissionError):  # another user's log, packed by an operator: it becomes theirs
        os.fchown(new, seen.st_uid, seen.st_gid)
    os.fchmod(new, stat.S_IMODE(seen.st_mode) & ~0o6111)
    os.utime(new, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def unpacked_sha256(path: str) -> str:
    """Return the SHA-256 of what a gzipped file unpacks to."""
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        return _unpacked(handle, path)


def _unpacked(handle: int, path: str) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    sha = hashlib.sha256()
    try:
        with os.fdopen(os.dup(handle), "rb") as raw, gzip.GzipFile(fileobj=raw) as packed:
            while chunk := packed.read(_CHUNK_BYTES):
                sha.update(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ClientGarbled(f"{clean(path)} is no whole gzip file") from error
    return sha.hexdigest()


def put_together(members: Iterable[tuple[str, str, str]], to: str, token: str) -> None:
    """Make a new archive of (path, name inside, SHA-256), and prove it before it appears."""
    wanted = sorted(members, key=lambda one: one[1])
    with spot_of(to, is_change=True) as aim:
        name = aim.temporary(token)
        with told(to), made(aim, name) as new:
            with (
                os.fdopen(os.dup(new), "wb") as raw,
                gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
            ):
                for path, inside, _ in wanted:
                    _add(archive, path, inside)
            os.fsync(new)
            found = {inside: sha for inside, _, sha in _members(new, to)}
            for path, inside, sha in wanted:
                if found.get(inside) != sha:
                    raise ClientGarbled(f"{clean(path)} was changed by somebody meanwhile")
            appear(aim, name)
        aim.sync()


def _add(archive: tarfile.TarFile, path: str, inside: str) -> None:
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        seen = os.fstat(handle)
        entry = tarfile.TarInfo(inside)
        entry.size, entry.mtime = seen.st_size, int(seen.st_mtime)
        entry.mode = stat.S_IMODE(seen.st_mode) & 0o666
        entry.uid, entry.gid = seen.st_uid, seen.st_gid
        with os.fdopen(os.dup(handle), "rb") as file:
            archive.addfile(entry, _Exactly(file, path))


class _Exactly(io.RawIOBase):
    """A file that must not end before its size: tarfile would fill up what is missing."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise ClientGarbled(f"{clean(self._path)} was cut off by somebody meanwhile")
        return data


def members(path: str) -> tuple[tuple[str, int, str], ...]:
    """Read every byte of an archive and return (name inside, size in bytes, SHA-256)."""
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        return _members(handle, path)


def _members(handle: int, path: str) -> tuple[tuple[str, int, str], ...]:
    os.lseek(handle, 0, os.SEEK_SET)
    found: list[tuple[str, int, str]] = []
    try:
        with (
            os.fdopen(os.dup(handle), "rb") as raw,
            tarfile.open(fileobj=raw, mode="r|gz") as archive,
        ):
            for entry in archive:
                file = archive.extractfile(entry) if entry.isreg() else None
                if file is None:
                    raise ClientGarbled(f"{clean(path)} holds {clean(entry.name)}, no plain file")
                sha = hashlib.sha256()
                while chunk := file.read(_CHUNK_BYTES):
                    sha.update(chunk)
                found.append((entry.name, entry.size, sha.hexdigest()))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ClientGarbled(f"{clean(path)} is no whole archive") from error
    return tuple(found)
