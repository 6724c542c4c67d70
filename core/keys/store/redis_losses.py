"""Notices keys that vanish from a store in Redis without an action of ours, across restarts too.

A key that was to expire by itself, and is gone then, is no loss.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from core.keys.ids import KeyIds
from core.keys.store.redis_shapes import RedisStore
from core.keys.store.sidecar import Known, Sidecar, compared
from core.model.key_store import KeyLoss
from core.model.text import SafeText

_NAMED = 200
_SLACK = timedelta(seconds=2)
"""Between the server's clock and ours, and while it is asked."""
_MOVED = timedelta(minutes=10)
"""An end that has moved by less is not written down again."""
_ELSEWHERE = SafeText("no copy of ours has them; a copy of the server may (backup.restore)")


class RedisLosses:
    """Compares a store with what it held before.

    Args:
        sidecar: Keeps what was there.
        ids: Makes the marks.
        place: What the store's place is called in there.
    """

    def __init__(self, sidecar: Sidecar, ids: KeyIds, place: str) -> None:
        self._sidecar, self._ids, self._place = sidecar, ids, place
        self._known: Known | None = None

    def look(self, store: RedisStore, now: datetime) -> KeyLoss | None:
        """Return what has vanished and has not come back; None: nothing.

        A store of which not all was read has lost nothing; one that is gone has no rows, and has
        lost all.
        """
        before = self._known or self._sidecar.read(self._place)
        known = self._compared(before, store, now) if store.is_whole else before
        self._known = known
        if known is None or not known.lost:
            return None
        noticed, read = max(known.lost.values()), self._sidecar.dismissed()
        short_ids = tuple(f"k-{mark[:6]}" for mark in sorted(known.lost)[:_NAMED])
        is_read = read is not None and noticed <= read
        return KeyLoss(
            noticed, len(known.lost), short_ids, SafeText(""), is_read, elsewhere=_ELSEWHERE
        )

    def dismiss(self, noticed: datetime, who: str, at: datetime) -> None:
        """Keep that a person has read of a loss, until more is lost.

        Raises:
            ClientError: it cannot be written.
        """
        self._sidecar.note_dismissed(noticed, who, at)

    def _compared(self, before: Known | None, store: RedisStore, now: datetime) -> Known:
        marks = frozenset(self._ids.marks([row.record.identity for row in store.rows]))
        removed = frozenset[str]()
        if before is not None:
            expected = before.marks | before.lost.keys()
            # What is there and cannot be read as a record has not vanished.
            marks |= frozenset(self._ids.marks(store.odd)) & expected
            if not marks >= expected:
                removed = self._sidecar.removed(before.written)
            removed |= {mark for mark, at in before.ends.items() if at <= now + _SLACK}
        known = compared(before, marks, removed, now)
        ends = self._ends(store, now)
        is_news = known is not before or _has_moved(known.ends, ends)
        if known.ends != ends:
            known = replace(known, ends=ends)
        if is_news and (known.marks or known.lost or before):
            self._sidecar.write(self._place, known)
        return known

    def _ends(self, store: RedisStore, now: datetime) -> dict[str, datetime]:
        return {
            self._ids.mark(row.record.identity): now + timedelta(seconds=left_s)
            for row in store.rows
            if (left_s := store.ttl_s.get(row.key)) is not None
        }


def _has_moved(before: dict[str, datetime], ends: dict[str, datetime]) -> bool:
    if before.keys() != ends.keys():
        return True
    return any(abs(ends[mark] - at) > _MOVED for mark, at in before.items())
