"""How far a group is behind: what the server says, what we see, and where the two differ. Pure.

A server counts entries ever added and ever read. It gives up after XDEL or XGROUP SETID, and can
be told wrong figures; whether an entry waits can always be seen.
"""

from dataclasses import dataclass

from core.clients.keyspace.port import GroupFacts, StreamFacts
from core.model.stream import EntryId
from core.model.text import EMPTY, SafeText, clean
from core.redis.streams.words import age_s

COUNT_LIMIT = 5_000
"""No more entries are counted by us."""
CHECK_LIMIT = 200
"""A server's own figure up to here is counted again."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind."""

    entries: int | None
    is_counted: bool
    seconds: float | None
    reason: SafeText


@dataclass(frozen=True, slots=True)
class Waiting:
    """What we see behind a group's last delivered id."""

    first: EntryId | None
    """The oldest entry that was not delivered; None: there is none."""
    count: int | None = None
    """Entries not delivered, `COUNT_LIMIT` for more; None: not counted."""


def needs_count(facts: StreamFacts, group: GroupFacts, first: EntryId | None) -> bool:
    """Tell whether the entries that wait are to be counted, given the oldest of them."""
    if first is None or _is_all(facts, group):
        return False
    return group.lag is None or group.lag <= CHECK_LIMIT


def lag_of(facts: StreamFacts, group: GroupFacts, waiting: Waiting, now_s: float) -> Lag:
    """Return how far a group is behind.

    Args:
        facts: Of the stream, read before the group.
        group: As the server tells it.
        waiting: As we see it, read after the group.
        now_s: The server's clock.
    """
    if waiting.first is None:
        said = f"no entry waits; the server says {group.lag:,}" if group.lag else ""
        return Lag(0, group.lag != 0, 0.0, clean(said) if said else _why(facts, group))
    seconds = age_s(waiting.first, now_s)
    late_s = None if seconds is None else max(seconds, 0.0)
    entries, reason = _entries(facts, group, waiting)
    if late_s is None and not reason:
        reason = SafeText("its ids are no times, so that no age can be told")
    return Lag(entries, entries is not None and entries != group.lag, late_s, reason)


def _entries(
    facts: StreamFacts, group: GroupFacts, waiting: Waiting
) -> tuple[int | None, SafeText]:
    if group.lag is not None:
        return _checked(facts, group, waiting)
    if _is_all(facts, group):
        return facts.length, _why(facts, group)
    if waiting.count is None:
        return None, clean(f"{_unable(facts)}; not counted yet")
    if waiting.count >= COUNT_LIMIT:
        return None, clean(f"{_unable(facts)}; more than {COUNT_LIMIT:,} were counted")
    return waiting.count, _why(facts, group)


def _checked(
    facts: StreamFacts, group: GroupFacts, waiting: Waiting
) -> tuple[int | None, SafeText]:
    """Hold the server's figure against what we see."""
    said = group.lag or 0
    seen = seen_count(facts, group, waiting)
    if seen is not None and seen != said:
        return seen, clean(f"counted; the server says {said:,}")
    is_old = waiting.first is not None and facts.last is not None and waiting.first <= facts.last
    if seen is None and said == 0 and is_old:
        return None, SafeText("the server says 0, yet entries wait")
    return said, EMPTY


def seen_count(facts: StreamFacts, group: GroupFacts, waiting: Waiting) -> int | None:
    """Return how many entries wait by what we saw; None: they were not counted to the end."""
    if waiting.first is None:
        return 0
    if waiting.count is not None:
        return waiting.count if waiting.count < COUNT_LIMIT else None
    return facts.length if _is_all(facts, group) else None


def _is_all(facts: StreamFacts, group: GroupFacts) -> bool:
    """Tell whether nothing of what is in the stream was delivered."""
    return facts.first is not None and group.last_delivered < facts.first


def _why(facts: StreamFacts, group: GroupFacts) -> SafeText:
    """Return why it was counted by us; empty: the server could tell."""
    return EMPTY if group.lag is not None else clean(f"counted; {_unable(facts)}")


def _unable(facts: StreamFacts) -> str:
    if facts.entries_added is None:
        return "a server before 7.0 does not tell"
    return "after XDEL or XGROUP SETID the server cannot tell"
