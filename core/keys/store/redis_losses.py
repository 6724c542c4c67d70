"""Notices keys that vanish from a store in Redis without an action of ours, across restarts too.

A key that was to expire by itself, and is gone then, is no loss.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.keys.ids import KeyIds
from core.keys.store.redis_shapes import Form, RedisStore, text_of
from core.keys.store.sidecar import Known, Sidecar, compared
from core.model.key_store import KeyLoss
from core.model.redis_key import KeyName
from core.model.text import EMPTY, SafeText

_NAMED = 200
_SLACK = timedelta(seconds=2)
"""Between the server's clock and ours, and while it is asked."""
_MOVED = timedelta(minutes=10)
"""An end that has moved by less is not written down again."""
_PLACED = frozenset({Form.FIELD, Form.TEXT, Form.HASH})
_ELSEWHERE = SafeText("no copy of ours has them; a copy of the server may (backup.restore)")


class RedisLosses:
    """Compares a store with what it held before.

    Args:
        sidecar: Keeps what was there.
        ids: Makes the marks.
        place: What the store's place is called in there.
        having: Returns the name of the newest copy that has these keys; empty: none has.
    """

    def __init__(
        self,
        sidecar: Sidecar,
        ids: KeyIds,
        place: str,
        having: Callable[[frozenset[str]], SafeText] = lambda _: EMPTY,
    ) -> None:
        self._sidecar, self._ids, self._place, self._having = sidecar, ids, place, having
        self._known: Known | None = None
        self._backups: dict[frozenset[str], SafeText] = {}

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
        is_read, marks = read is not None and noticed <= read, frozenset(known.lost)
        if marks not in self._backups:
            self._backups = {marks: self._having(marks)}
        return KeyLoss(
            noticed, len(marks), short_ids, self._backups[marks], is_read, elsewhere=_ELSEWHERE
        )

    def dismiss(self, noticed: datetime, who: str, at: datetime) -> None:
        """Keep that a person has read of a loss, until more is lost.

        Raises:
            ClientError: it cannot be written.
        """
        self._sidecar.note_dismissed(noticed, who, at)

    def _compared(self, before: Known | None, store: RedisStore, now: datetime) -> Known:
        marks = frozenset(self._ids.marks([row.record.identity for row in store.rows]))
        unread = self._unread(before, store)
        removed = frozenset[str]()
        if before is not None:
            expected = before.marks | before.lost.keys()
            # What is there and cannot be read as a record has not vanished.
            marks |= frozenset((*unread.values(), *self._ids.marks(store.odd))) & expected
            if not marks >= expected:
                removed = self._sidecar.removed(before.written)
            removed |= {mark for mark, at in before.ends.items() if at <= now + _SLACK}
        known = compared(before, marks, removed, now)
        ends, places = self._ends(store, now), self._places(store) | unread
        is_news = known is not before or _has_moved(known.ends, ends) or known.places != places
        if known.ends != ends or known.places != places:
            known = replace(known, ends=ends, places=places)
        if is_news and (known.marks or known.lost or before):
            self._sidecar.write(self._place, known)
        return known

    def _places(self, store: RedisStore) -> dict[str, str]:
        """Return which key each place is about, where a place is that of one record."""
        rows = [row for row in store.rows if row.form in _PLACED]
        places = self._ids.marks([_place(row.key, row.field) for row in rows])
        return dict(
            zip(places, self._ids.marks([one.record.identity for one in rows]), strict=True)
        )

    def _unread(self, before: Known | None, store: RedisStore) -> dict[str, str]:
        """Return the places whose records cannot be read now, with the keys they were about."""
        known = before.places if before is not None else {}
        places = self._ids.marks([_place(one.key, one.member) for one in store.unread])
        return {place: known[place] for place in places if place in known}

    def _ends(self, store: RedisStore, now: datetime) -> dict[str, datetime]:
        return {
            self._ids.mark(row.record.identity): now + timedelta(seconds=left_s)
            for row in store.rows
            if (left_s := store.ttl_s.get(row.key)) is not None
        }


def _place(key: KeyName, member: bytes) -> str:
    """Return what is one text for each place, and is no API key."""
    return f"{len(key.raw)} {text_of(key.raw)} {text_of(member)}"


def _has_moved(before: dict[str, datetime], ends: dict[str, datetime]) -> bool:
    if before.keys() != ends.keys():
        return True
    return any(abs(ends[mark] - at) > _MOVED for mark, at in before.items())
