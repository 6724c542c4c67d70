"""Folders, and files that are too large to hold: listed, moved, copied, packed, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core.clients.acting import bulk_files, bulk_folders, written_files
from core.clients.acting.bulk_folders import FolderFacts, Stamp
from core.clients.blocking import BlockingWorker

_DEADLINE_S = 60.0
_LONG_S = 3600.0
"""Some gigabytes on a slow disk."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive."""

    name: str
    size_bytes: int
    sha256: str


class BulkControl(Protocol):
    """What steps need beyond single small files. Nothing is ever written over."""

    async def stamps(self, paths: tuple[str, ...]) -> tuple[Stamp | None, ...]:
        """Return what regular files are, without reading them; None: there is none."""
        ...

    async def written_files(self) -> frozenset[tuple[int, int]] | None:
        """Return device and inode of the files that some process has open for writing.

        None: we may not see other users' processes, so that it is not known.
        """
        ...

    async def folder(self, path: str) -> FolderFacts:
        """List a folder, not what is below its folders.

        Raises:
            ClientMissing: it is not there.
            ClientDenied: it may not be listed, or is no folder.
            ClientGarbled: it has more entries than anybody could judge.
        """
        ...

    async def make_folder(self, path: str, mode: int) -> None:
        """Make one folder; its parent is there.

        Raises:
            ClientDenied: something is there already, or it may not be made.
        """
        ...

    async def drop_folder(self, path: str) -> None:
        """Remove an empty folder; harmless where there is none.

        Raises:
            ClientDenied: it is not empty, or no folder.
        """
        ...

    async def move(self, path: str, to: str, was_inode: int) -> None:
        """Give a file or folder another name on the same file system.

        Raises:
            ClientGarbled: another one has the name by now.
            ClientDenied: `to` is taken, on another file system, or may not be written.
        """
        ...

    async def copy(self, path: str, to: str, token: str) -> str:
        """Copy a file that may grow, as far as it goes now; return the copy's SHA-256.

        Owner, mode and time of change go with it.
        """
        ...

    async def pack(self, path: str, to: str, was_sha256: str, token: str) -> None:
        """Put a file, gzipped, beside: read back and proven to unpack to the same bytes.

        Owner, mode and time of change go with it.

        Raises:
            ClientGarbled: it has changed meanwhile; nothing is left of the packed one.
            ClientRefused: the disk is full or failed; nothing is left of it.
        """
        ...

    async def unpacked_sha256(self, path: str) -> str:
        """Return the SHA-256 of what a gzipped file unpacks to.

        Raises:
            ClientGarbled: it is not whole.
        """
        ...

    async def put_together(
        self, members: tuple[tuple[str, str, str], ...], to: str, token: str
    ) -> None:
        """Make a new `.tar.gz`, private, of (path, name inside, SHA-256), read back and proven.

        Raises:
            ClientGarbled: a file has changed meanwhile; nothing is left of the archive.
        """
        ...

    async def members(self, path: str) -> tuple[Member, ...]:
        """Read every byte of an archive of ours and return what is inside.

        Raises:
            ClientGarbled: it is not whole, or holds what we never put into one.
        """
        ...


class BulkFiles:
    """Does it on this machine."""

    def __init__(self, worker: BlockingWorker) -> None:
        """Take the thread that works on files."""
        self._bulk = worker

    async def stamps(self, paths: tuple[str, ...]) -> tuple[Stamp | None, ...]:
        """Return what regular files are, without reading them."""
        return await self._do(lambda: tuple(map(bulk_folders.read_stamp, paths)))

    async def written_files(self) -> frozenset[tuple[int, int]] | None:
        """Return device and inode of the files that some process has open for writing."""
        return await self._do(written_files.read_written_files)

    async def folder(self, path: str) -> FolderFacts:
        """List a folder."""
        return await self._do(lambda: bulk_folders.read_folder(path))

    async def make_folder(self, path: str, mode: int) -> None:
        """Make one folder."""
        await self._do(lambda: bulk_folders.make_folder(path, mode))

    async def drop_folder(self, path: str) -> None:
        """Remove an empty folder."""
        await self._do(lambda: bulk_folders.drop_folder(path))

    async def move(self, path: str, to: str, was_inode: int) -> None:
        """Give a file or folder another name."""
        await self._do(lambda: bulk_folders.move(path, to, was_inode))

    async def copy(self, path: str, to: str, token: str) -> str:
        """Copy a file."""
        return await self._do(lambda: bulk_files.copy(path, to, token), _LONG_S)

    async def pack(self, path: str, to: str, was_sha256: str, token: str) -> None:
        """Put a file, gzipped, beside."""
        await self._do(lambda: bulk_files.pack(path, to, was_sha256, token), _LONG_S)

    async def unpacked_sha256(self, path: str) -> str:
        """Return the SHA-256 of what a gzipped file unpacks to."""
        return await self._do(lambda: bulk_files.unpacked_sha256(path), _LONG_S)

    async def put_together(
        self, members: tuple[tuple[str, str, str], ...], to: str, token: str
    ) -> None:
        """Make a new archive."""
        await self._do(lambda: bulk_files.put_together(members, to, token), _LONG_S)

    async def members(self, path: str) -> tuple[Member, ...]:
        """Read every byte of an archive of ours."""
        found = await self._do(lambda: bulk_files.members(path), _LONG_S)
        return tuple(Member(*one) for one in found)

    async def _do(self, call: Callable[[], _T], deadline_s: float = _DEADLINE_S) -> _T:
        return await self._bulk.run(call, deadline_s)
