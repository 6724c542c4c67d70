"""One change of a key store, seen through beside a tool that takes no lock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from core.clients.acting.key_store_copies import StoreCopy
from core.clients.acting.key_store_writes import (
    Merging,
    Orphan,
    StoreEdit,
    Writing,
    Written,
    let_go,
)
from core.errors import ClientGarbled

MOST = 5
"""So often a change is begun anew, done again, or takes in what another tool wrote."""
_LOOKS_AFTER_S = (0.0, 0.5, 1.5)
"""Pauses: at once, at half a second and at two seconds."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change came to, once it was looked at for two seconds."""

    path: str
    """Where it was made: links resolved."""
    is_changed: bool
    """False: it was as it should be already."""
    merged: int = 0
    """So often something was taken in that another tool had written into the replaced file."""
    redone: int = 0
    """So often another tool had written over it."""
    is_in_place: bool = False


class Stores(Protocol):
    """What a change asks of the stores that it is made in."""

    async def tidy(self, path: str, edit: StoreEdit, token: str) -> bool:
        """Remove what a killed change of this token left; tell whether it merged."""
        ...

    async def keep(self, path: str, data: bytes, token: str) -> StoreCopy:
        """Keep bytes among the copies of a store."""
        ...

    async def pause(self, seconds: float) -> datetime:
        """Wait; return what time it is then."""
        ...

    async def under_lock(self, path: str, call: Callable[[], _T]) -> _T:
        """Call again while others of ours hold the lock, and while another tool writes."""
        ...

    async def rewritten(self, path: str, why: str) -> str:
        """Return that another program keeps rewriting a store, and which has it open."""
        ...


class Change:
    """One change: written, watched, taken in and done again until it stays.

    Args:
        stores: Where it is made.
        writing: How its file is written.
        edit: What is changed.
    """

    def __init__(self, stores: Stores, writing: Writing, edit: StoreEdit) -> None:
        self._stores, self._writing, self._edit = stores, writing, edit
        self._path = writing.place.path
        self._orphans: list[Orphan] = []
        self._merged = self._redone = 0

    async def run(self) -> Changed:
        """Make it and see it stay.

        Raises:
            ClientError: the store cannot be read or written, or another tool never lets it be.
        """
        try:
            self._merged += await self._stores.tidy(self._path, self._edit, self._writing.token)
            first = await self._write(self._edit)
            if first.before != first.after:
                await self._watch()
            return Changed(
                self._path, first.before != first.after, self._merged, self._redone,
                self._writing.place.is_mounted,
            )  # fmt: skip
        finally:
            for one in self._orphans:
                let_go(self._path, one)

    async def _write(self, edit: StoreEdit) -> Written:
        now = await self._stores.pause(0)
        written = await self._stores.under_lock(self._path, lambda: self._writing.write(edit, now))
        if written.orphan is not None:
            self._take(written.orphan)
        return written

    def _take(self, orphan: Orphan) -> None:
        """Watch one more: the second name is the newest one's."""
        for one in self._orphans:
            one.second_name = ""
        self._orphans.append(orphan)

    async def _watch(self) -> None:
        pauses = list(_LOOKS_AFTER_S)
        while pauses:
            await self._stores.pause(pauses.pop(0))
            is_news = await self._merge(is_last=not pauses)
            is_news = await self._redo() or is_news
            if is_news:
                pauses = list(_LOOKS_AFTER_S[1:])

    async def _merge(self, *, is_last: bool) -> bool:
        """Take in what another tool has written into a file that we replaced."""
        is_news = False
        for orphan in tuple(self._orphans):
            data = orphan.changed()
            if data is None:
                continue
            try:
                written = await self._write(Merging(self._edit, orphan.base, data))
            except ClientGarbled:
                if is_last:  # half a write, left so: all that can be done is to keep it
                    await self._stores.keep(self._path, data, self._writing.token)
                    orphan.taken = data
                continue
            orphan.taken = data
            self._merged += written.before != written.after
            is_news = True
            if self._merged > MOST:
                raise ClientGarbled(
                    await self._stores.rewritten(self._path, "into the file that was replaced")
                )
        return is_news

    async def _redo(self) -> bool:
        """Make the change again where another tool has written over it."""
        written = await self._write(self._edit)
        if written.before == written.after:
            return False
        self._redone += 1
        if self._redone > MOST:
            raise ClientGarbled(await self._stores.rewritten(self._path, "over what was changed"))
        return True
