"""Copies of data, made whole and put back whole: files, archives, SQLite databases.

Everything is written beside its place under a name with the plan's token, made durable, and given
its name last; what is there already is never written over.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from core.clients.acting import backup_append_only, backup_copies, backup_places, backup_swaps, rdb
from core.clients.acting.backup_copies import Copied
from core.clients.acting.backup_places import Place
from core.clients.acting.rdb import RdbFacts
from core.clients.archive.entries import Entry
from core.clients.archive.packing import Cancelled
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.model.secret import Secret
from core.model.text import SafeText, clean


@dataclass(frozen=True, slots=True)
class Putting:
    """How a copy is put beside the place where it will live."""

    copy: str
    """The backup."""
    live: str
    """Where it belongs: owner and mode are those of what is there now."""
    staged: str
    """Where it is put."""
    inside: str | None
    """For an archive the member that belongs there, empty: all of it; None: the copy is no
    archive, it is the file itself."""
    mode: int
    """For a file where there is nothing to take the mode from."""
    owner: tuple[int, int] = (-1, -1)
    """The same for its owner; -1 changes nothing."""


IsOwn = Callable[[str], bool]
"""Tells of an absolute path whether it is a backup of the set itself."""


class BackupControl(Protocol):
    """What steps need to copy data and to put it back. Every call raises `ClientError`."""

    def host(self) -> SafeText:
        """Return the name of this machine, as manifests have it."""
        ...

    async def place(self, path: str) -> Place:
        """Return what is at a path; nothing is followed."""
        ...

    async def find(self, root: str, levels: tuple[str, ...]) -> tuple[Place, ...]:
        """Return files below a folder whose names match, an expression for each level."""
        ...

    async def measure(self, sources: tuple[str, ...]) -> int:
        """Return the bytes of files and folders, links not followed; those missing count 0."""
        ...

    async def hashes(self, path: str, limit_bytes: int) -> dict[str, str] | None:
        """Return the hash of every file at or below a path, by name relative to it.

        None: there are more bytes than the limit, so that it would take too long.
        """
        ...

    async def digest(self, path: str) -> Copied:
        """Hash a regular file."""
        ...

    async def copy_file(self, source: str, part: str) -> Copied:
        """Copy a file; one that changes meanwhile is copied again, or refused."""
        ...

    async def copy_sqlite(self, source: str, part: str) -> Copied:
        """Copy a database as one moment has it, whoever writes to it."""
        ...

    async def pack(
        self, sources: tuple[tuple[str, str], ...], part: str, name: str, is_own: IsOwn
    ) -> Copied:
        """Pack (path, name within) into an archive, packed as `name` says.

        What `is_own` knows, the set's own backups, is left out.
        """
        ...

    async def entries(self, path: str) -> tuple[Entry, ...]:
        """Read an archive whole and return what is in it, hashed; refused: `ClientGarbled`."""
        ...

    async def check_json(self, path: str) -> None:
        """Parse a file; `ClientGarbled` where it is no JSON."""
        ...

    async def check_sqlite(self, path: str) -> None:
        """Let SQLite check a database nobody writes to; `ClientGarbled` with what it says."""
        ...

    async def rdb_facts(self, path: str) -> RdbFacts:
        """Read start and end of a Redis snapshot; `ClientGarbled` where it has not those."""
        ...

    async def check_rdb(self, path: str) -> RdbFacts:
        """Read a Redis snapshot whole; `ClientGarbled` where its checksum is another."""
        ...

    async def publish(self, part: str, path: str, mode: int) -> Place:
        """Give a whole file its name, unless that is taken (`ClientDenied`)."""
        ...

    async def make_folder(self, path: str) -> None:
        """Make a folder and those above it, private, where they are not there."""
        ...

    async def remove(self, path: str) -> None:
        """Remove a file or folder of ours; harmless where there is none."""
        ...

    async def put(self, putting: Putting) -> None:
        """Put a copy beside its place, checked; nothing is left of it when it fails."""
        ...

    async def put_append_only(
        self, copy: str, live: str, staged: str, names: tuple[str, str]
    ) -> None:
        """Put a Redis snapshot as the base of a folder of appended commands beside its place.

        `names`: of the base, and of the manifest that names it.
        """
        ...

    async def carry_over(self, live: str, staged: str, is_own: IsOwn, is_all: bool) -> int:
        """Copy what only `live` has into the staged folder, and return how many files.

        Everything, or without `is_all` only what `is_own` knows: the set's own backups.
        """
        ...

    async def rename(self, path: str, to: str) -> None:
        """Rename within a folder; never over something."""
        ...

    async def swap(self, staged: str, live: str) -> None:
        """Exchange two names at once; where nothing is at `live`, the staged one goes there."""
        ...

    async def swap_back(self, staged: str, live: str, had_live: bool) -> None:
        """Take `swap` back, also one that was cut off."""
        ...

    async def hold_secret(self, secret: Secret) -> str:
        """Write a secret to a private file in memory for a tool to read, and return its path.

        `let_go` removes it; at the latest the machine's next start does.
        """
        ...

    async def let_go(self, path: str) -> None:
        """Remove what `hold_secret` wrote."""
        ...

    async def fold_sqlite(self, path: str) -> None:
        """Bring a database's own journals into it, so that the file alone is all of it.

        Raises `ClientDenied` while somebody has it open for writing.
        """
        ...


_QUICK_S, _LONG_S = 60.0, 86_400.0
"""Steps have deadlines of their own; these only end what they leave behind."""
_T = TypeVar("_T")


class LocalBackups:
    """Copies of this machine's data, one call at a time, in a thread of its own."""

    def __init__(self, clock: Clock) -> None:
        """Touch nothing yet."""
        self._worker = BlockingWorker("backups", clock)

    def host(self) -> SafeText:
        """Return the name of this machine."""
        return clean(socket.gethostname() or "this host", 64)

    async def place(self, path: str) -> Place:
        """Return what is at a path."""
        return await self._run(lambda _: backup_places.place_of(path), _QUICK_S)

    async def find(self, root: str, levels: tuple[str, ...]) -> tuple[Place, ...]:
        """Return files below a folder whose names match."""
        return await self._run(lambda _: backup_places.find(root, levels), _QUICK_S)

    async def measure(self, sources: tuple[str, ...]) -> int:
        """Return the bytes of files and folders."""
        return await self._run(lambda stop: backup_places.measure(sources, stop), _QUICK_S)

    async def hashes(self, path: str, limit_bytes: int) -> dict[str, str] | None:
        """Return the hash of every file at or below a path."""
        return await self._run(lambda stop: backup_places.hashes(path, limit_bytes, stop))

    async def digest(self, path: str) -> Copied:
        """Hash a regular file."""
        return await self._run(lambda stop: backup_copies.digest(path, stop))

    async def copy_file(self, source: str, part: str) -> Copied:
        """Copy a file."""
        return await self._run(lambda stop: backup_copies.copy_file(source, part, stop))

    async def copy_sqlite(self, source: str, part: str) -> Copied:
        """Copy a database as one moment has it."""
        return await self._run(lambda stop: backup_copies.copy_sqlite(source, part, stop))

    async def pack(
        self, sources: tuple[tuple[str, str], ...], part: str, name: str, is_own: IsOwn
    ) -> Copied:
        """Pack files and folders into an archive."""
        return await self._run(lambda stop: backup_copies.pack(sources, part, name, is_own, stop))

    async def entries(self, path: str) -> tuple[Entry, ...]:
        """Read an archive whole and return what is in it."""
        return await self._run(lambda stop: backup_copies.entries(path, stop))

    async def check_json(self, path: str) -> None:
        """Parse a file."""
        await self._run(lambda _: backup_copies.check_json(path))

    async def check_sqlite(self, path: str) -> None:
        """Let SQLite check a database."""
        await self._run(lambda stop: backup_copies.check_sqlite(path, stop))

    async def rdb_facts(self, path: str) -> RdbFacts:
        """Read start and end of a Redis snapshot."""
        return await self._run(lambda _: rdb.rdb_facts(path), _QUICK_S)

    async def check_rdb(self, path: str) -> RdbFacts:
        """Read a Redis snapshot whole."""
        return await self._run(lambda stop: rdb.check_rdb(path, stop))

    async def publish(self, part: str, path: str, mode: int) -> Place:
        """Give a whole file its name."""
        return await self._run(lambda _: backup_places.publish(part, path, mode), _QUICK_S)

    async def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        await self._run(lambda _: backup_places.make_folder(path), _QUICK_S)

    async def remove(self, path: str) -> None:
        """Remove a file or folder of ours."""
        await self._run(lambda _: backup_places.remove(path))

    async def put(self, putting: Putting) -> None:
        """Put a copy beside its place."""
        one = putting
        if one.inside is None:
            await self._run(
                lambda stop: backup_swaps.put_file(
                    one.copy, one.live, one.staged, (one.mode, *one.owner), stop
                )
            )
        else:
            inside = one.inside
            await self._run(
                lambda stop: backup_swaps.put_tree(one.copy, one.live, one.staged, inside, stop)
            )

    async def put_append_only(
        self, copy: str, live: str, staged: str, names: tuple[str, str]
    ) -> None:
        """Put a Redis snapshot as the base of appended commands."""
        await self._run(
            lambda stop: backup_append_only.put_append_only(copy, live, staged, names, stop)
        )

    async def carry_over(self, live: str, staged: str, is_own: IsOwn, is_all: bool) -> int:
        """Copy what only `live` has into the staged folder."""
        return await self._run(
            lambda stop: backup_swaps.carry_over(live, staged, is_own, is_all, stop)
        )

    async def rename(self, path: str, to: str) -> None:
        """Rename within a folder."""
        await self._run(lambda _: backup_swaps.rename_new(path, to), _QUICK_S)

    async def swap(self, staged: str, live: str) -> None:
        """Exchange two names at once."""
        await self._run(lambda _: backup_swaps.swap(staged, live), _QUICK_S)

    async def swap_back(self, staged: str, live: str, had_live: bool) -> None:
        """Take `swap` back."""
        await self._run(lambda _: backup_swaps.swap_back(staged, live, had_live), _QUICK_S)

    async def hold_secret(self, secret: Secret) -> str:
        """Write a secret to a private file in memory."""
        return await self._run(lambda _: backup_places.hold_secret(secret), _QUICK_S)

    async def let_go(self, path: str) -> None:
        """Remove what `hold_secret` wrote."""
        await self._run(lambda _: backup_places.let_go(path), _QUICK_S)

    async def fold_sqlite(self, path: str) -> None:
        """Bring a database's own journals into it."""
        await self._run(lambda _: backup_copies.fold_sqlite(path), _QUICK_S)

    def close(self) -> None:
        """Let the thread end."""
        self._worker.close()

    async def _run(self, call: Callable[[Cancelled], _T], deadline_s: float = _LONG_S) -> _T:
        """Run a call; when nobody waits for it any more, it is told to stop."""
        stop = threading.Event()
        try:
            return await self._worker.run(lambda: call(stop.is_set), deadline_s)
        finally:
            stop.set()
