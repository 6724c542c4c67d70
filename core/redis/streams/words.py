"""Words that several judgements about streams use. Pure."""

from core.clients.redis_errors import RedisSaid
from core.model.redis_server import Trouble
from core.model.stream import EntryId
from core.model.text import SafeText, clean

_EARLIEST_MS = 100_000_000_000
"""1973: smaller ids were chosen by a writer, and are no times."""


def is_time(one: EntryId) -> bool:
    """Tell whether an id is the moment when it was written."""
    return one.ms >= _EARLIEST_MS


def age_s(one: EntryId | None, now_s: float) -> float | None:
    """Return the age of an id by the server's clock; None: there is none, or it is no time."""
    return None if one is None or not is_time(one) else now_s - one.ms / 1000


def before(one: EntryId) -> EntryId | None:
    """Return the id just before one; None: it is the first there can be."""
    if one.seq:
        return EntryId(one.ms, one.seq - 1)
    return EntryId(one.ms - 1, 2**64 - 1) if one.ms else None


def span_words(seconds: float) -> str:
    """Return a span in its largest whole unit: `90 s`, `3 min`, `1 h`, `12 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size > 60:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 letter`, `3 letters`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def entries_text(count: int) -> str:
    """Return `1 entry`, `3 entries`."""
    return counted(count, "entry", "entries")


def problem_of(error: RedisSaid) -> Trouble | None:
    """Return what is wrong with one key or group; None: the server as a whole cannot be read."""
    text = str(error)
    if error.code == "NOGROUP":
        remedy = SafeText("it was destroyed, or the stream is gone; look at the streams again")
        return Trouble(SafeText("no such group"), clean(text), remedy)
    if error.code == "ERR" and "no such key" in text:
        remedy = SafeText("it was deleted, evicted or never written; look at the streams again")
        return Trouble(SafeText("no such stream"), clean(text), remedy)
    if error.code == "WRONGTYPE":
        return Trouble(SafeText("wrong type"), clean(text), SafeText("this key is no stream"))
    if error.code == "NOPERM":
        remedy = SafeText("`quarterdeck doctor` says which right the user lacks")
        return Trouble(SafeText("not allowed"), clean(text), remedy)
    return None
