"""Notices keys that vanish from a store without an action of ours, across restarts too."""

from collections.abc import Sequence
from datetime import datetime

from core.keys.ids import KeyIds
from core.keys.store.comparing import Copies
from core.keys.store.held import Held
from core.keys.store.shapes import Shape
from core.keys.store.sidecar import Known, Sidecar, compared
from core.model.key_store import KeyLoss, StoreState
from core.model.text import EMPTY, SafeText, clean

_NAMED = 200


class Losses:
    """Compares each file of a store with what it held before.

    Args:
        sidecar: Keeps what was there.
        ids: Makes the marks.
    """

    def __init__(self, sidecar: Sidecar, ids: KeyIds) -> None:
        self._sidecar, self._ids = sidecar, ids
        self._known: dict[str, Known] = {}
        self._marks: dict[str, frozenset[str]] = {}
        self._alive: dict[str, Held] = {}
        self._backups: dict[frozenset[str], SafeText] = {}

    def look(self, held: Sequence[Held], copies: Copies, now: datetime) -> KeyLoss | None:
        """Return what has vanished and has not come back; None: nothing.

        A file that cannot be read now has lost nothing; one that is gone has lost all.
        """
        lost: dict[str, datetime] = {}
        places: list[str] = []
        for one in held:
            if one.state is StoreState.UNREADABLE or (one.is_current and one.shape is None):
                continue
            known = self._compare(one, now)
            if known.lost:
                lost |= known.lost
                places.append(one.path)
        if not lost:
            return None
        marks = frozenset(lost)
        if marks not in self._backups:
            self._backups = {marks: self._backup(places, marks, copies)}
        short_ids = tuple(f"k-{mark[:6]}" for mark in sorted(marks)[:_NAMED])
        noticed, read = max(lost.values()), self._sidecar.dismissed()
        is_read = read is not None and noticed <= read
        return KeyLoss(noticed, len(marks), short_ids, self._backups[marks], is_read)

    def dismiss(self, noticed: datetime, who: str, at: datetime) -> None:
        """Keep that a person has read of a loss, until more is lost.

        Raises:
            ClientError: it cannot be written.
        """
        self._sidecar.note_dismissed(noticed, who, at)

    def _compare(self, held: Held, now: datetime) -> Known:
        before = self._known.get(held.path) or self._sidecar.read(held.path)
        marks = self._marks_of(held)
        expected = frozenset[str]() if before is None else before.marks
        if before is not None and before.lost:
            expected |= before.lost.keys()
        gone = not marks >= expected
        removed = self._sidecar.removed(before.written) if before and gone else frozenset[str]()
        known = compared(before, marks, removed, now)
        if known is not before and (known.marks or known.lost or before):
            self._sidecar.write(held.path, known)
        self._known[held.path] = known
        return known

    def _marks_of(self, held: Held) -> frozenset[str]:
        if not held.is_current or held.shape is None:
            return frozenset()
        if self._alive.get(held.path) is not held:
            marks = frozenset(self._ids.marks([one.identity for one in held.shape.all_records]))
            self._marks[held.path] = marks
            self._alive[held.path] = held
        return self._marks[held.path]

    def _backup(self, places: Sequence[str], marks: frozenset[str], copies: Copies) -> SafeText:
        """Return the name of the newest copy that has all that vanished."""

        def has_them(shape: Shape) -> bool:
            return marks <= {self._ids.mark(one.identity) for one in shape.all_records}

        found = (copies.newest(place, has_them) for place in places)
        return next((clean(copy.rpartition("/")[2]) for copy in found if copy), EMPTY)
