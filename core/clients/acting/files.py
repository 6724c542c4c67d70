"""Changes files so that a reader sees the old bytes or the new ones, also after a power loss.

Write all, fsync, rename, fsync the folder. Owner, mode and extended attributes are kept. A path is
opened without following a link in its last part; whoever plans resolves a link once, and shows it.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core.clients.acting import file_places, file_writes
from core.clients.acting.bulk import BulkControl, BulkFiles
from core.clients.acting.file_handles import hash_of, opened, spot_of, told
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.errors import ClientGarbled
from core.model.text import clean


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as it is now."""

    path: str
    sha256: str
    size_bytes: int
    inode: int
    mode: int
    """Permission bits."""
    uid: int
    gid: int
    links: int
    """Hard links; more than one: an in-place writer elsewhere sees our change."""
    is_mounted: bool
    """It is a mount of its own (a file bound into a container): a rename would not be seen."""


class FileControl(BulkControl, Protocol):
    """What steps need of the file system. Blocking work runs in a thread."""

    async def facts(self, path: str) -> FileFacts:
        """Hash a regular file.

        Raises:
            ClientMissing: it is not there.
            ClientDenied: it may not be read, or is not a regular file.
        """
        ...

    async def read(self, path: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        """Return its bytes; stable: read again while it changes (10 × 20 ms).

        Raises:
            ClientMissing, ClientDenied: as for `facts`.
            ClientGarbled: larger than the limit, or it never stood still.
        """
        ...

    async def replace(self, path: str, data: bytes, was_sha256: str, token: str) -> None:
        """Put `data` in the place of a file whose hash is still `was_sha256`.

        Through `.<name>.<token>.tmp` beside it; a mounted file is written in place, under a lock.

        Raises:
            ClientGarbled: it has changed meanwhile; nothing was done.
            ClientDenied: read-only, immutable, not ours; nothing was done.
            ClientRefused: the disk is full or failed; the old file is still there.
        """
        ...

    async def create(self, path: str, data: bytes, mode: int, token: str) -> None:
        """Make a new file with these bytes; an existing one is never written over.

        Raises:
            ClientDenied: something is there already, or it may not be written.
            ClientRefused: the disk is full or failed; nothing is left of it.
        """
        ...

    async def remove(self, path: str, was_sha256: str) -> None:
        """Remove a file that still has this hash; harmless where there is none.

        Raises:
            ClientGarbled: it is another one by now; nothing was done.
        """
        ...

    async def clear_temporary(self, path: str, token: str) -> bool:
        """Remove what a killed `replace` or `create` of this token left; tell whether it did."""
        ...

    async def free_bytes(self, folder: str) -> int:
        """Return what this user may still write there."""
        ...

    async def link_target(self, path: str) -> str:
        """Return where a symbolic link points, as it is written.

        Raises:
            ClientMissing: there is nothing.
            ClientGarbled: it is no link.
        """
        ...

    async def swap_link(self, path: str, to: str, was: str, token: str) -> None:
        """Point a link elsewhere at once, by rename; only while it still points to `was`.

        Raises:
            ClientGarbled: it points elsewhere by now, or is no link.
        """
        ...


_DEADLINE_S = 60.0
_HASH_DEADLINE_S = 600.0
"""A log of many gigabytes is hashed as a whole."""
_TRIES, _TRY_AGAIN_S = 10, 0.02

_T = TypeVar("_T")


class LocalFiles(BulkFiles):
    """Changes files of this machine, one call at a time, in a thread of its own."""

    def __init__(
        self, clock: Clock, read_tables: file_places.ReadTables = file_places.read_tables
    ) -> None:
        """Touch nothing yet; `read_tables` gives the tables of mounts, ours first."""
        worker = BlockingWorker("files", clock)
        super().__init__(worker)
        self._clock = clock
        self._worker = worker
        self._read_tables = read_tables

    async def facts(self, path: str) -> FileFacts:
        """Hash a regular file."""
        return await self._run(lambda: self._facts(path), _HASH_DEADLINE_S)

    async def read(self, path: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        """Return its bytes, once they stand still."""
        for _ in range(_TRIES):
            data = await self._run(lambda: _read_once(path, limit_bytes))
            if data is not None:
                return data
            await self._clock.sleep(_TRY_AGAIN_S)
        raise ClientGarbled(f"{clean(path)} is being written to all the time")

    async def replace(self, path: str, data: bytes, was_sha256: str, token: str) -> None:
        """Put `data` in the place of a file whose hash is still `was_sha256`."""
        await self._run(
            lambda: file_writes.replace_file(
                path, data, was_sha256, token, is_mounted=self._is_mounted(path)
            )
        )

    async def create(self, path: str, data: bytes, mode: int, token: str) -> None:
        """Make a new file with these bytes."""
        await self._run(lambda: file_writes.create_file(path, data, mode, token))

    async def remove(self, path: str, was_sha256: str) -> None:
        """Remove a file that still has this hash."""
        await self._run(lambda: file_writes.remove_file(path, was_sha256), _HASH_DEADLINE_S)

    async def clear_temporary(self, path: str, token: str) -> bool:
        """Remove what a killed change of this token left."""
        return await self._run(lambda: file_writes.clear_temporary(path, token))

    async def free_bytes(self, folder: str) -> int:
        """Return what this user may still write there."""

        def look() -> int:
            with told(folder):
                return file_places.free_bytes(folder)

        return await self._run(look)

    async def link_target(self, path: str) -> str:
        """Return where a symbolic link points, as it is written."""
        return await self._run(lambda: file_writes.link_target(path))

    async def swap_link(self, path: str, to: str, was: str, token: str) -> None:
        """Point a link elsewhere at once."""
        await self._run(lambda: file_writes.swap_link(path, to, was, token))

    def close(self) -> None:
        """Let the thread end."""
        self._worker.close()

    async def _run(self, call: Callable[[], _T], deadline_s: float = _DEADLINE_S) -> _T:
        return await self._worker.run(call, deadline_s)

    def _is_mounted(self, path: str) -> bool:
        tables = tuple(file_places.parse_mounts(table) for table in self._read_tables())
        folder, name = os.path.split(path)
        return file_places.is_mounted_alone(os.path.join(os.path.realpath(folder), name), tables)  # noqa: PTH118

    def _facts(self, path: str) -> FileFacts:
        with spot_of(path) as spot, told(path), opened(spot) as handle:
            seen = os.fstat(handle)
            return FileFacts(
                path=path,
                sha256=hash_of(handle),
                size_bytes=seen.st_size,
                inode=seen.st_ino,
                mode=stat.S_IMODE(seen.st_mode),
                uid=seen.st_uid,
                gid=seen.st_gid,
                links=seen.st_nlink,
                is_mounted=self._is_mounted(path),
            )


def _read_once(path: str, limit_bytes: int) -> bytes | None:
    """Return a file's bytes; None: it changed while they were read."""
    with spot_of(path) as spot, told(path), opened(spot) as handle:
        before = os.fstat(handle)
        if before.st_size > limit_bytes:
            raise ClientGarbled(
                f"{clean(path)} has {before.st_size} bytes; at most {limit_bytes} are read"
            )
        data = os.pread(handle, before.st_size + 1, 0)
        after = os.fstat(handle)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        return data if same and len(data) == after.st_size else None
