"""Graces of a store's keys as they are looked at: until when, and what waits for their ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.clients.key_files import KeyFiles
from core.clients.key_state import read_private
from core.clients.waits import Waits
from core.errors import ClientError
from core.keys.ids import KeyIds
from core.keys.store.ends import End, moment_text, parse_ends
from core.keys.store.shapes import Record
from core.model.text import EMPTY, SafeText, clean

_NOTHING = "nothing waits for it any more: key.end ends it then"


@dataclass(frozen=True, slots=True)
class Grace:
    """Of one key."""

    mark: str
    until: datetime
    waits: SafeText = EMPTY
    """What waits for it; empty: nothing does."""
    said: SafeText = EMPTY
    """Why it was not ended; empty: nobody has tried."""

    def finding(self, now: datetime) -> str:
        """Return what is wrong with it; empty: nothing is."""
        if now < self.until:
            return "" if self.waits else f"ends at {moment_text(self.until)}, but {_NOTHING}"
        why = f" ({self.said})" if self.said else ""
        return f"its grace is over since {moment_text(self.until)}, and it is still live{why}"


class Graces:
    """Reads the ends that are noted of one store, again and again.

    Args:
        folder: Of the console's state about keys.
        system: Whose store.
        store: Its name.
    """

    def __init__(self, folder: Path, system: str, store: str) -> None:
        self._path = folder / system / f"{store}.due"
        self._waits, self._files = Waits(folder), KeyFiles()
        self._read: tuple[object, tuple[End, ...]] = (None, ())

    def look(self) -> tuple[Grace, ...]:
        """Return every grace that is noted and not struck out."""
        stamp = self._files.stamp(str(self._path))
        if stamp is None:
            return ()
        if stamp != self._read[0]:
            self._read = stamp, _parsed(self._path)
        return tuple(map(self._grace, self._read[1]))

    def _grace(self, end: End) -> Grace:
        wait = self._waits.read(end.order) if end.order else None
        if wait is None:
            return Grace(end.mark, end.moment)
        who = wait.who() if wait.is_waited_for() else EMPTY
        return Grace(end.mark, end.moment, who, clean(wait.said))


def _parsed(path: Path) -> tuple[End, ...]:
    try:
        return parse_ends((read_private(path) or b"").decode("utf-8", "replace").splitlines())
    except ClientError:
        return ()


def next_end(graces: Sequence[Grace], now: datetime) -> datetime | None:
    """Return when the next grace is over; None: none is to come."""
    return min((one.until for one in graces if one.until > now), default=None)


def by_name(graces: Sequence[Grace], records: Sequence[Record], ids: KeyIds) -> dict[str, Grace]:
    """Return the graces of keys that are there, by their keys."""
    of = {one.mark: one for one in graces}
    if not of:
        return {}
    names = (one.identity for one in records)
    return {name: of[mark] for name in names if (mark := ids.mark(name)) in of}
