"""What is much is asked in portions: while a server does one of them it serves nobody else."""

from collections.abc import Sequence

from core.clients.acting import redis_answers as read
from core.clients.acting.redis_call import Talk, Word, sound
from core.clients.keyspace.port import RawEntry
from core.model.redis_key import KeyName
from core.model.stream import EntryId

PORTIONS_S = 60.0
"""A conversation of many portions may last so long."""
_PORTION_BYTES = 512 * 1024
_FIRST, _GROWTH = 2, 16
"""Entries in the first portion, whose size nobody knows; how many times more in the next."""
_TRIMMED = 200
"""Entries that go with one command. Fewer than a node of the stream has would let none go."""


class Portion:
    """How many entries are asked for at once: as many as were small enough before."""

    def __init__(self) -> None:
        self.count = _FIRST

    def learn(self, entries: Sequence[RawEntry]) -> None:
        """See how large these were."""
        size = sum(len(name) + len(value) for one in entries for name, value in one.fields)
        average = size // max(1, len(entries)) + 1
        self.count = max(1, min(self.count * _GROWTH, _PORTION_BYTES // average))


async def entries_after(
    one: Talk, key: KeyName, start: EntryId | None, count: int
) -> list[RawEntry]:
    """Return so many entries from after an id on; fewer: there are no more."""
    found: list[RawEntry] = []
    portion = Portion()
    while len(found) < count:
        some = min(portion.count, count - len(found))
        after = f"({found[-1].id}" if found else _after(start)
        answer = await one.ask("XRANGE", key.raw, after, "+", "COUNT", some)
        entries = [read.entry_of(row) for row in read.rows_of(answer)]
        found += entries
        if len(entries) < some:
            break
        portion.learn(entries)
    return found


async def entries_named(one: Talk, key: KeyName, ids: Sequence[EntryId]) -> list[RawEntry | None]:
    """Return these entries in their order; None: it is not there."""
    found: list[RawEntry | None] = []
    portion = Portion()
    while len(found) < len(ids):
        some = ids[len(found) : len(found) + portion.count]
        answers = sound(await one.all([("XRANGE", key.raw, f"{x}", f"{x}") for x in some]))
        rows = [read.rows_of(answer) for answer in answers]
        entries = [read.entry_of(row[0]) if row else None for row in rows]
        found += entries
        portion.learn([entry for entry in entries if entry is not None])
    return found


async def trim_before(one: Talk, key: KeyName, min_id: EntryId, count: int) -> int:
    """Remove the entries before an id, of many whole nodes first; return how many went."""
    gone = 0
    head: tuple[Word, ...] = ("XTRIM", key.raw, "MINID")
    while count > _TRIMMED and (
        some := read.whole_of(await one.ask(*head, "~", f"{min_id}", "LIMIT", _TRIMMED))
    ):
        gone += some
    return gone + read.whole_of(await one.ask(*head, "=", f"{min_id}"))


def _after(start: EntryId | None) -> str:
    return "-" if start is None else f"({start}"
