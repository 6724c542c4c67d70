"""Changes files so that a reader sees the old bytes or the new ones, also after a power loss.

Write all, fsync, rename, fsync the folder. Owner, mode and extended attributes are kept. A path is
opened without following a link in its last part; whoever plans resolves a link once, and shows it.
"""

from dataclasses import dataclass
from typing import Protocol


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


class FileControl(Protocol):
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
