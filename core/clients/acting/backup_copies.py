"""Makes copies whole, and checks them: files, archives, SQLite databases, JSON. Blocking."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from core.clients.acting.backup_places import forget
from core.clients.acting.file_handles import opened, spot_of, told
from core.clients.archive.entries import Entry
from core.clients.archive.packing import STEP_BYTES, Cancelled, packing_of_name, write_all
from core.clients.archive.reader import list_archive
from core.clients.archive.writer import Source, pack_archive
from core.errors import ClientDenied, ClientGarbled, ClientRefused
from core.model.text import clean

_TRIES = 5
_JSON_BYTES = 256 * 1024 * 1024
_BUSY_S = 5.0
_PAGES = 2048
"""Copied at a time, so that whoever writes to the database is never held for long."""
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that was made or read, as its bytes are."""

    size_bytes: int
    sha256: str
    entries: tuple[Entry, ...] = ()
    """Of an archive."""
    left_out: tuple[str, ...] = ()


@contextmanager
def _made(part: str) -> Generator[int]:
    """Open a new private file; on failure nothing is left of it, else it is durable."""
    with spot_of(part, is_change=True) as spot, told(part):
        handle = os.open(spot.name, _NEW, 0o600, dir_fd=spot.folder)
        try:
            yield handle
            os.fsync(handle)
        except BaseException:
            forget(part)
            raise
        finally:
            os.close(handle)


def digest(path: str, cancelled: Cancelled) -> Copied:
    """Hash a regular file."""
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        return _hashed(handle, path, cancelled)


def _hashed(handle: int, path: str, cancelled: Cancelled) -> Copied:
    hashing, at = hashlib.sha256(), 0
    while data := os.pread(handle, STEP_BYTES, at):
        if cancelled():
            raise ClientGarbled(f"reading {clean(path)} was cancelled")
        hashing.update(data)
        at += len(data)
    return Copied(at, hashing.hexdigest())


def copy_file(source: str, part: str, cancelled: Cancelled) -> Copied:
    """Copy a file, read back from the disk; one that changes meanwhile is copied again.

    Raises:
        ClientGarbled: it never stood still, or the disk gave back other bytes.
    """
    with spot_of(source) as spot, told(source), opened(spot) as old:
        for _ in range(_TRIES):
            before = os.fstat(old)
            with _made(part) as new:
                sha = _pump(old, new, source, cancelled)
            after = os.fstat(old)
            back = digest(part, cancelled)
            if back.sha256 != sha:
                forget(part)
                raise ClientGarbled(f"{clean(part)} is not what was written to it")
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                return back
            forget(part)
    raise ClientGarbled(f"{clean(source)} is being written to all the time")


def _pump(old: int, new: int, name: str, cancelled: Cancelled) -> str:
    hashing, at = hashlib.sha256(), 0
    while data := os.pread(old, STEP_BYTES, at):
        if cancelled():
            raise ClientGarbled(f"copying {clean(name)} was cancelled")
        hashing.update(data)
        write_all(new, data)
        at += len(data)
    return hashing.hexdigest()


def pack(
    sources: tuple[tuple[str, str], ...],
    part: str,
    name: str,
    is_own: Callable[[str], bool],
    cancelled: Cancelled,
) -> Copied:
    """Pack (path, name within) into a new archive; what `is_own` knows is left out."""
    with _made(part) as new:
        packed = pack_archive(
            new,
            packing_of_name(name),
            tuple(Source(*one) for one in sources),
            is_own,
            cancelled,
        )
        whole = _hashed(new, part, cancelled)
    return Copied(whole.size_bytes, whole.sha256, packed.entries, packed.left_out)


def entries(path: str, cancelled: Cancelled) -> tuple[Entry, ...]:
    """Read an archive whole."""
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        return list_archive(handle, cancelled=cancelled)


def check_json(path: str) -> None:
    """Parse a file.

    Raises:
        ClientGarbled: it is no JSON, or too large to be parsed at once.
    """
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        size = os.fstat(handle).st_size
        if size > _JSON_BYTES:
            raise ClientGarbled(f"{clean(path)} has {size} bytes: too large to be parsed")
        data = os.pread(handle, size, 0)
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ClientGarbled(f"{clean(path)} is no JSON: {clean(str(error), 200)}") from error


@contextmanager
def _database(path: str, options: str) -> Generator[sqlite3.Connection]:
    """Open a database, what SQLite says turned into our errors."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(path)}?{options}", uri=True, timeout=_BUSY_S)
        ) as database:
            yield database
    except sqlite3.OperationalError as error:
        said = clean(str(error), 200)
        if "locked" in said or "busy" in said:
            raise ClientDenied(f"{clean(path)} is in use: {said}") from error
        raise ClientRefused(f"{clean(path)}: {said}") from error
    except sqlite3.Error as error:
        raise ClientGarbled(f"{clean(path)}: {clean(str(error), 200)}") from error


def copy_sqlite(source: str, part: str, cancelled: Cancelled) -> Copied:
    """Copy a database through SQLite's own backup, and check the copy."""
    digest_of_nothing(source)

    def on_pages(_status: int, _left: int, _total: int) -> None:
        if cancelled():
            raise ClientGarbled(f"copying {clean(source)} was cancelled")

    with _made(part):
        pass  # private from the first byte on: SQLite itself would take the mask of the process
    try:
        with _database(source, "mode=ro") as old, _database(part, "mode=rw") as new:
            old.backup(new, pages=_PAGES, progress=on_pages)
            new.execute("PRAGMA journal_mode=DELETE")
        check_sqlite(part, cancelled)
        with spot_of(part) as spot, told(part), opened(spot, os.O_RDWR) as handle:
            os.fsync(handle)
            return _hashed(handle, part, cancelled)
    except BaseException:
        forget(part)
        raise


def digest_of_nothing(path: str) -> None:
    """Refuse a path that is no regular file: SQLite would follow a link."""
    with spot_of(path) as spot, told(path), opened(spot):
        pass


def check_sqlite(path: str, cancelled: Cancelled) -> None:
    """Let SQLite check a database that nobody writes to."""
    digest_of_nothing(path)
    with _database(path, "mode=ro&immutable=1") as database:
        database.set_progress_handler(lambda: int(cancelled()), 100_000)
        said = [str(row[0]) for row in database.execute("PRAGMA integrity_check(3)")]
    if said != ["ok"]:
        raise ClientGarbled(f"{clean(path)} is damaged: {clean('; '.join(said), 300)}")


def fold_sqlite(path: str) -> None:
    """Roll back or fold in what a database's journals hold; nobody may have it open for writing."""
    digest_of_nothing(path)
    with _database(path, "mode=rw") as database:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN IMMEDIATE")
        database.rollback()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    for suffix in ("-wal", "-journal"):
        size = os.path.getsize(path + suffix) if os.path.lexists(path + suffix) else 0  # noqa: PTH202
        if size:
            raise ClientDenied(f"{clean(path)} is in use: {size} bytes are left in {suffix[1:]}")
