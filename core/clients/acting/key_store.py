"""Changes key stores beside a tool that takes no lock: nothing of its is lost, nothing of ours.

After a write the new file is looked at again, and the old one watched, for two seconds.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from core.clients import key_state
from core.clients.acting import file_places, key_store_places
from core.clients.acting.key_store_changes import MOST, Change, Changed
from core.clients.acting.key_store_copies import Handovers, StoreCopies, StoreCopy
from core.clients.acting.key_store_places import StorePlace
from core.clients.acting.key_store_writes import (
    AgainError,
    Passed,
    StoreEdit,
    Writing,
    read_stable,
    refuse,
)
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.errors import ClientGarbled
from core.model.text import clean

__all__ = ["Changed", "KeyStoreControl", "LocalKeyStores", "StoreCopy", "StoreEdit", "StorePlace"]

REVEAL = "reveal"
"""In an action's folder: a new key, until the console has shown it."""
_TORN_TRIES, _TORN_S = 10, 0.02
_LOCK_S = 60.0
_CALL_S, _WRITE_S = 60.0, 7200.0
"""A write of very many keys takes long; its step's deadline comes before."""
_T = TypeVar("_T")


class KeyStoreControl(Protocol):
    """What steps need of key stores."""

    async def place(self, path: str) -> StorePlace:
        """Return where a store lies, links resolved, and why it is not written to.

        Raises:
            ClientMissing: there is nothing.
            ClientDenied: it may not be looked at, or is no regular file.
        """
        ...

    async def read(self, path: str) -> bytes:
        """Return its bytes; read again while they change (10 × 20 ms).

        Raises:
            ClientMissing, ClientDenied: as for `place`.
            ClientGarbled: too large, or it never stood still.
        """
        ...

    async def change(self, path: str, edit: StoreEdit, token: str) -> Changed:
        """Make a change and see it stay; a copy of what was there is kept before each write.

        Raises:
            ClientDenied: it is not written to here; it is as it was.
            ClientGarbled: it cannot be read now, or another program keeps rewriting it.
            ClientRefused: the disk is full or failed; the old file is still there.
        """
        ...

    async def tidy(self, path: str, edit: StoreEdit, token: str) -> bool:
        """Remove what a killed change of this token left, and merge what it had not; tell that."""
        ...

    async def copy(self, path: str, token: str) -> StoreCopy:
        """Keep a copy of a store as it is."""
        ...

    async def keep(self, path: str, data: bytes, token: str) -> StoreCopy:
        """Keep bytes among the copies of a store; of one that is no file `path` is its place."""
        ...

    async def copies(self, path: str) -> tuple[StoreCopy, ...]:
        """Return its copies, oldest first."""
        ...

    async def read_copy(self, path: str, name: str) -> bytes:
        """Return a copy.

        Raises:
            ClientMissing: there is none of this name.
        """
        ...

    async def before(self, path: str, token: str) -> bytes | None:
        """Return the store as it was before this action changed it; None: it kept no copy."""
        ...

    async def drop_copies(self, path: str, token: str) -> None:
        """Remove the copies of one action."""
        ...

    async def hand_in(self, token: str, data: bytes) -> None:
        """Keep a new key, or several, in a private file; what is there under the name stays."""
        ...

    async def handed(self, token: str) -> bytes | None:
        """Return what was handed in; None: it is not there (any more)."""
        ...

    async def forget(self, token: str) -> None:
        """Remove everything that was handed in under names that begin so."""
        ...

    def handed_path(self, token: str) -> str:
        """Return where that waits, for a program that reads it from standard input."""
        ...

    async def reveal(self, token: str, folder: Path) -> None:
        """Move what was handed in to an action's folder, where the console takes it once."""
        ...

    async def exports(self, *, is_made: bool = False) -> str:
        """Return our private folder for new keys of which nobody says where they go; make it.

        Raises:
            ClientDenied: it cannot be made, or others may enter it.
        """
        ...

    async def machine_key(self) -> bytes:
        """Return the random key that short ids are made with.

        Raises:
            ClientError: it can neither be read nor made.
        """
        ...

    async def note(self, name: str, line: str) -> None:
        """Add a line to a private file; lasts. It never holds a key."""
        ...

    async def notes(self, name: str) -> tuple[str, ...]:
        """Return its lines."""
        ...


class LocalKeyStores:
    """Changes stores of this machine; copies and new keys lie below one private folder."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        passed: Passed = lambda _name: None,
        read_tables: file_places.ReadTables = file_places.read_tables,
    ) -> None:
        """Touch nothing yet; `passed` is told of each place that a write passes."""
        self._folder = folder
        self._copies = StoreCopies(folder / "copies")
        self._handovers = Handovers(folder / "handover")
        self._clock, self._passed, self._read_tables = clock, passed, read_tables
        self._worker = BlockingWorker("keys", clock)

    async def place(self, path: str) -> StorePlace:
        """Return where a store lies."""
        return await self._run(lambda: key_store_places.place_of(path, self._read_tables()))

    async def read(self, path: str) -> bytes:
        """Return its bytes, once they stand still."""
        return await self._patiently(path, lambda: read_stable(path))

    async def change(self, path: str, edit: StoreEdit, token: str) -> Changed:
        """Make a change and see it stay."""
        place = await self.place(path)
        refuse(place)
        return await Change(self, self._writing(place, token), edit).run()

    async def tidy(self, path: str, edit: StoreEdit, token: str) -> bool:
        """Remove what a killed change of this token left; tell whether it merged."""
        writing = self._writing(await self.place(path), token)
        return await self.under_lock(path, lambda: writing.tidy(edit, self._clock.now()))

    async def copy(self, path: str, token: str) -> StoreCopy:
        """Keep a copy of a store as it is."""
        return await self.keep(path, await self.read(path), token)

    async def keep(self, path: str, data: bytes, token: str) -> StoreCopy:
        """Keep bytes among the copies of a store."""
        name = await self._run(lambda: self._copies.keep(path, data, token, self._clock.now()))
        return next(one for one in await self.copies(path) if one.name == name)

    async def copies(self, path: str) -> tuple[StoreCopy, ...]:
        """Return its copies, oldest first."""
        return await self._run(lambda: self._copies.of(path))

    async def read_copy(self, path: str, name: str) -> bytes:
        """Return a copy."""
        return await self._run(lambda: self._copies.read(path, name))

    async def before(self, path: str, token: str) -> bytes | None:
        """Return the store as it was before this action changed it."""
        return await self._run(lambda: self._copies.first(path, token))

    async def drop_copies(self, path: str, token: str) -> None:
        """Remove the copies of one action."""
        await self._run(lambda: self._copies.drop(path, token))

    async def hand_in(self, token: str, data: bytes) -> None:
        """Keep a new key in a private file."""
        await self._run(lambda: self._handovers.put(token, data))

    async def handed(self, token: str) -> bytes | None:
        """Return what was handed in."""
        return await self._run(lambda: self._handovers.take(token))

    async def forget(self, token: str) -> None:
        """Remove everything that was handed in under names that begin so."""
        await self._run(lambda: self._handovers.drop(token))

    def handed_path(self, token: str) -> str:
        """Return where that waits."""
        return str(self._handovers.path(token))

    async def reveal(self, token: str, folder: Path) -> None:
        """Move what was handed in to an action's folder."""
        await self._run(lambda: self._handovers.move(token, folder / REVEAL))

    async def machine_key(self) -> bytes:
        """Return the random key that short ids are made with."""
        return await self._run(lambda: key_state.machine_key(self._folder))

    async def exports(self, *, is_made: bool = False) -> str:
        """Return our private folder for new keys; make it."""
        folder = self._folder.parent / "exports"
        if is_made:
            await self._run(lambda: key_state.make_private_folder(folder))
        return str(folder)

    async def note(self, name: str, line: str) -> None:
        """Add a line to a private file."""
        data = f"{line}\n".encode()
        await self._run(lambda: key_state.append_private(self._folder / name, data))

    async def notes(self, name: str) -> tuple[str, ...]:
        """Return its lines."""
        data = await self._run(lambda: key_state.read_private(self._folder / name))
        return tuple((data or b"").decode("utf-8", "replace").splitlines())

    def close(self) -> None:
        """Let the thread end."""
        self._worker.close()

    def _writing(self, place: StorePlace, token: str) -> Writing:
        return Writing(place, token, self._copies, self._passed)

    async def _run(self, call: Callable[[], _T]) -> _T:
        return await self._worker.run(call, _CALL_S)

    async def pause(self, seconds: float) -> datetime:
        """Wait; return what time it is then."""
        await self._clock.sleep(seconds)
        return self._clock.now()

    async def under_lock(self, path: str, call: Callable[[], _T]) -> _T:
        """Call again while others of ours hold the lock, and while another tool writes.

        Raises:
            ClientGarbled: it cannot be read, or is being rewritten all the time.
        """
        begun_s, torn, again = self._clock.monotonic(), 0, 0
        while True:
            try:
                return await self._worker.run(call, _WRITE_S)
            except AgainError as error:
                again += not error.is_locked
                is_late = self._clock.monotonic() - begun_s > _LOCK_S
                if again >= MOST * _TORN_TRIES or is_late:
                    raise ClientGarbled(await self.rewritten(path, str(error))) from error
            except ClientGarbled:
                torn += 1
                if torn >= _TORN_TRIES:
                    raise
            await self._clock.sleep(_TORN_S)

    async def rewritten(self, path: str, why: str) -> str:
        """Return that another program keeps rewriting a store, and which has it open."""
        users = await self._run(lambda: key_store_places.users_of(path))
        who = f": {', '.join(users)}" if users else ""
        return f"another program keeps rewriting {clean(path)}{who} ({why})"

    async def _patiently(self, path: str, call: Callable[[], _T]) -> _T:
        for _ in range(_TORN_TRIES):
            try:
                return await self._run(call)
            except AgainError:
                await self._clock.sleep(_TORN_S)
        raise ClientGarbled(f"{clean(path)} is being written to all the time")
