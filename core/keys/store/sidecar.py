"""What a store held when it was last read, as marks: so that keys that vanish are noticed.

An action that takes keys away says so beforehand (`note_removed`); whoever else does causes a
loss. Marks are HMACs: no key is kept here.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.clients.key_state import append_private, read_private, replace_private
from core.errors import ClientError
from core.keys.ids import keys_folder
from core.model.state import StateFolders

_FORMAT = 2
_NOTED_BEFORE = timedelta(minutes=10)
"""A removal is noted before it happens, and other keys may come meanwhile."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was there."""

    marks: frozenset[str]
    written: datetime
    lost: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Marks that vanished, and when that was noticed."""
    ends: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Marks of keys that expire by themselves, and when; of a file's keys none is kept."""
    places: dict[str, str] = field(default_factory=dict[str, str])
    """By the mark of where a record is, in Redis: the mark of the key that it is about."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The files about one store: what each of its files held, and what actions took away.

    Args:
        folder: Of the console's state about keys.
        system: Whose store.
        store: Its name.
    """

    folder: Path
    system: str
    store: str

    def read(self, path: str) -> Known | None:
        """Return what is known of one file of the store; None: nothing, or nothing usable."""
        try:
            data = read_private(self._seen(path))
            return None if data is None else _parsed(data)
        except (ClientError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, path: str, known: Known) -> bool:
        """Keep what is known; tell whether that worked."""
        document = {
            "format": _FORMAT,
            "written": known.written.isoformat(),
            "count": len(known.marks),
            # One text: very many texts take five times as long, there and back. A set's order is
            # no order of the file's.
            "marks": " ".join(known.marks),
            "lost": {mark: at.isoformat() for mark, at in known.lost.items()},
            "ends": {mark: at.isoformat() for mark, at in known.ends.items()},
            "places": known.places,
        }
        try:
            replace_private(self._seen(path), json.dumps(document).encode())
        except ClientError:
            return False
        return True

    def note_removed(self, marks: Iterable[str], at: datetime) -> None:
        """Say, before it is done, that an action takes these keys away.

        Raises:
            ClientError: it cannot be written.
        """
        lines = "".join(f"{mark} {at.astimezone(UTC).isoformat()}\n" for mark in marks)
        append_private(self._path("removed"), lines.encode())

    def removed(self, since: datetime) -> frozenset[str]:
        """Return the marks that actions took away since a moment, or shortly before it."""
        try:
            data = read_private(self._path("removed")) or b""
        except ClientError:
            return frozenset()
        rows = (line.split() for line in data.decode("ascii", "replace").splitlines())
        return frozenset(
            row[0] for row in rows if len(row) == 2 and _is_since(row[1], since - _NOTED_BEFORE)
        )

    def dismissed(self) -> datetime | None:
        """Return when the newest loss was noticed that a person has read of; None: none."""
        try:
            lines = (read_private(self._path("dismissed")) or b"").decode("ascii").splitlines()
            return max((datetime.fromisoformat(one.split()[0]) for one in lines), default=None)
        except (ClientError, ValueError, IndexError):
            return None

    def note_dismissed(self, noticed: datetime, who: str, at: datetime) -> None:
        """Keep that a person has read of a loss.

        Args:
            noticed: When it was.
            who: The person.
            at: Now.

        Raises:
            ClientError: it cannot be written.
        """
        words = (noticed.astimezone(UTC).isoformat(), at.astimezone(UTC).isoformat(), who)
        append_private(self._path("dismissed"), f"{' '.join(words)}\n".encode("ascii", "replace"))

    def _seen(self, path: str) -> Path:
        return self._path(f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}.seen.json")

    def _path(self, ending: str) -> Path:
        return self.folder / self.system / f"{self.store}.{ending}"


def sidecar_of(folders: StateFolders, system: str, store: str) -> Sidecar:
    """Return the files about one store; touches nothing yet."""
    return Sidecar(keys_folder(folders), system, store)


def compared(
    known: Known | None, marks: frozenset[str], removed: frozenset[str], now: datetime
) -> Known:
    """Return what is known after a look; what vanished without an action is lost. Pure."""
    if known is None:
        return Known(marks, now)
    if not known.lost and marks == known.marks:
        return known
    gone = (known.marks | known.lost.keys()) - marks - removed
    lost = {mark: known.lost.get(mark, now) for mark in gone}
    is_same = marks == known.marks and lost == known.lost
    return known if is_same else Known(marks, now, lost)


def _parsed(data: bytes) -> Known:
    document = json.loads(data)
    written = datetime.fromisoformat(document["written"])
    marks = document["marks"]
    # The first format had a list of them.
    marks = frozenset(marks.split() if isinstance(marks, str) else map(str, marks))
    lost, ends = _moments(document["lost"]), _moments(document.get("ends", {}))
    places = {str(place): str(mark) for place, mark in document.get("places", {}).items()}
    return Known(marks, written, lost, ends, places)


def _moments(texts: dict[str, str]) -> dict[str, datetime]:
    return {str(mark): datetime.fromisoformat(at) for mark, at in texts.items()}


def _is_since(text: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) >= moment
    except ValueError:
        return False
