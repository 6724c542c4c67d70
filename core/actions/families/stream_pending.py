"""Which pending entries a wish means: by their ids, or by all that it asks of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.clients.acting.redis_answers import Place
from core.clients.acting.redis_streams import StreamControl
from core.clients.keyspace.port import PendingFacts, RawEntry
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import SafeText, clean
from core.redis.streams.payload import has_text

_PAGE = 1000
_EXAMINED = 100_000
"""More pending entries are not looked through for one plan."""
GONE = "gone from the stream; acknowledge it"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of pending entries."""

    ids: tuple[EntryId, ...] = ()
    """Empty: all that the rest lets through."""
    min_idle_s: float = 0.0
    min_deliveries: int = 0
    consumer: KeyName | None = None
    text: str = ""
    limit: int = 1000
    may_be_gone: bool = False
    """Whether those that are no longer in the stream are meant too."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which are meant, and which were asked for and are not."""

    rows: tuple[PendingFacts, ...]
    """The oldest first."""
    left_out: tuple[tuple[EntryId, str], ...]
    notes: tuple[SafeText, ...] = ()

    def without(self, consumer: KeyName) -> "Selection":
        """Return the same without what this consumer has."""
        own = tuple((x.id, "it has it already") for x in self.rows if x.consumer == consumer)
        rows = tuple(one for one in self.rows if one.consumer != consumer)
        return replace(self, rows=rows, left_out=(*self.left_out, *own))


async def select(control: StreamControl, place: Place, wanted: Wanted) -> Selection:
    """Look through a group's pending entries."""
    if wanted.ids:
        return await _named(control, place, wanted)
    rows: list[PendingFacts] = []
    left_out: list[tuple[EntryId, str]] = []
    start: EntryId | None = None
    examined = 0
    while len(rows) < wanted.limit and examined < _EXAMINED:
        page = await control.pending(place, start, _PAGE, wanted.consumer)
        examined += len(page)
        found, out = await _sifted(control, place, wanted, page)
        rows += found
        left_out += out
        if len(page) < _PAGE:
            return Selection(tuple(rows[: wanted.limit]), tuple(left_out), _more(rows, wanted))
        start = page[-1].id
    # Where few were found, another plan would look at the very same ones.
    how = "plan again" if len(rows) >= wanted.limit else "--set consumer= or ids="
    note = clean(f"looked through the oldest {examined}; {how} for what comes after")
    return Selection(tuple(rows[: wanted.limit]), tuple(left_out), (note,))


def _more(rows: Sequence[PendingFacts], wanted: Wanted) -> tuple[SafeText, ...]:
    more = len(rows) - wanted.limit
    return (clean(f"the oldest {wanted.limit}; plan again for {more} more"),) if more > 0 else ()


async def _sifted(
    control: StreamControl, place: Place, wanted: Wanted, page: Sequence[PendingFacts]
) -> tuple[list[PendingFacts], list[tuple[EntryId, str]]]:
    """Return which of a page are meant; what is gone would be lost by claiming it."""
    page = [
        one
        for one in page
        if one.deliveries >= wanted.min_deliveries and one.idle_s >= wanted.min_idle_s
    ]
    entries = await _entries(control, place, page)
    found: list[PendingFacts] = []
    left_out: list[tuple[EntryId, str]] = []
    for one in page:
        entry = entries.get(one.id)
        if entry is None and not wanted.may_be_gone:
            left_out.append((one.id, GONE))
        elif entry is None or not wanted.text or has_text(entry.fields, wanted.text):
            found.append(one)
    return found, left_out


async def _entries(
    control: StreamControl, place: Place, rows: Sequence[PendingFacts]
) -> dict[EntryId, RawEntry]:
    found = await control.entries_of(place.server, place.key, [one.id for one in rows])
    return {one.id: one for one in found if one is not None}


async def _named(control: StreamControl, place: Place, wanted: Wanted) -> Selection:
    """Look at the named ones; each that is not meant has a reason."""
    rows = await control.pending_of(place, wanted.ids)
    entries = await control.entries_of(place.server, place.key, wanted.ids)
    meant: list[PendingFacts] = []
    left_out: list[tuple[EntryId, str]] = []
    for one, row, entry in zip(wanted.ids, rows, entries, strict=True):
        why = _why_not(wanted, row, entry)
        if why or row is None:
            left_out.append((one, why))
        else:
            meant.append(row)
    return Selection(tuple(meant), tuple(left_out))


def _why_not(wanted: Wanted, row: PendingFacts | None, entry: RawEntry | None) -> str:
    if row is None:
        gone = " and gone from the stream" if entry is None else ""
        return f"not pending{gone}: acknowledged, or never delivered"
    if entry is None and not wanted.may_be_gone:
        return GONE
    if row.idle_s < wanted.min_idle_s:
        return f"younger than {wanted.min_idle_s:g} s: idle {row.idle_s:.3g} s"
    if wanted.consumer not in (None, row.consumer):
        return f"of {row.consumer.shown}"
    if row.deliveries < wanted.min_deliveries:
        return f"delivered {row.deliveries} times"
    if wanted.text and entry is not None and not has_text(entry.fields, wanted.text):
        return "without that text"
    return ""
