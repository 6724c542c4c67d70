"""What keys of Redis tell of each API key's requests, whatever they are called. Pure.

A counter or a record for a key and a month or day (`usage:KEY:2026-03`, `KEY_2026-03`), a hash of
those, a hash of periods for a key or of keys for a period, a text that is a whole file of usage;
of a window or a limiter the moment of the last request. What names no period is no month's count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.clients.keyspace.port import Collection as Held
from core.clients.keyspace.port import KeyContent
from core.errors import ClientGarbled
from core.keys.store import fields as known
from core.keys.store.redis_shapes import tail_of, text_of
from core.keys.store.shapes import Record
from core.keys.store.tree import Number, Value, parse_text
from core.keys.store.usage import KeyUsage, joined, latest, of_period, of_times
from core.model.redis_key import KeyName

_PERIOD = r"(?P<year>20\d\d)-?(?P<month>0[1-9]|1[0-2])(?:-?(?P<day>[0-3]\d))?"
_WHOLE = re.compile(_PERIOD)
_LAST = re.compile(rf"(?P<key>.+)[_:.\-|]{_PERIOD}", re.DOTALL)
_FIRST = re.compile(rf"{_PERIOD}[_:.\-|](?P<key>.+)", re.DOTALL)
_COUNT = ("count", *known.USED)
_OVER = ("overage_requests", "overage")
_MOMENT = (
    "last_request", "last_request_at", *known.LAST_USED, "last_refill_time", "last_refill",
    "last_refill_ts", "last_ts", "last_refill_ms",
)  # fmt: skip


@dataclass(slots=True)
class Counted:
    """What was found."""

    of: dict[str, KeyUsage] = field(default_factory=dict[str, KeyUsage])
    """By API key, as its record has it."""
    nameless: int = 0
    """Counts of API keys that name no month and no day."""

    def add(self, key: str, usage: KeyUsage) -> None:
        """Take in what one record says."""
        self.of[key] = joined(self.of.get(key), usage)


@dataclass(frozen=True, slots=True)
class _Whose:
    key: str = ""
    """As its record has it; empty: no API key of the store is named."""
    period: str = ""
    """`2026-03` or `2026-03-14`; empty: none is named."""


class Names:
    """Finds the API key, and the period, that a name names.

    Args:
        records: Of the store. Of a key that is kept as it is its hash counts as a name, too.
        digests: Hashes of such a key.
    """

    def __init__(self, records: Iterable[Record], digests: Mapping[str, str]) -> None:
        self._known = {one.identity: one.identity for one in records} | dict(digests)

    def find(self, name: str) -> _Whose:
        """Return whose it is, and of when."""
        if name in self._known:
            return _Whose(self._known[name])
        for shape in (_LAST, _FIRST):
            match = shape.fullmatch(name)
            if match and match["key"] in self._known:
                return _Whose(self._known[match["key"]], _period(match))
        words = re.split(r"[:|]", name)
        key = next((self._known[one] for one in words if one in self._known), "")
        periods = (match for one in words if (match := _WHOLE.fullmatch(one)))
        return _Whose(key, next(map(_period, periods), ""))


def _period(match: re.Match[str]) -> str:
    day = f"-{match['day']}" if match["day"] else ""
    return f"{match['year']}-{match['month']}{day}"


def counted(
    held: Sequence[Held],
    contents: Sequence[KeyContent],
    patterns: Sequence[str],
    names: Names,
    now: datetime,
) -> Counted:
    """Return what is said of each API key.

    Args:
        held: Keys that are named, read to their ends.
        contents: Those that patterns found.
        patterns: What found them.
        names: Tells whose a record is.
        now: By UTC; earlier months do not count.
    """
    found = Counted()
    for one in held:
        for name, value in one.members:
            _add(found, names, text_of(name), value, "", now)
    for content in contents:
        tail = tail_of(content.key, patterns)
        if content.text is not None:
            _add(found, names, tail, content.text.data, "", now)
        elif content.fields is not None:
            _add_hash(found, names, tail, content, now)
        elif content.members and (key := names.find(tail).key):
            # A window of moments: of a zset the scores, of a list its items.
            scores = (Number(str(score)) for _, score in content.members if score)
            items = (text_of(item) for item, score in content.members if not score)
            moments = (known.as_moment(value) for value in (*scores, *items))
            found.add(key, KeyUsage(last_used=latest(*moments)))
    return found


def _add_hash(found: Counted, names: Names, tail: str, content: KeyContent, now: datetime) -> None:
    whose = names.find(tail)
    rows = [(text_of(name), value.data) for name, value in (content.fields or {}).items()]
    periods = [(match, value) for name, value in rows if (match := _WHOLE.fullmatch(name))]
    if whose.key and periods:
        for match, value in periods:
            _take(found, _Whose(whose.key, _period(match)), _value(value), now)
    elif whose.key:
        _take(found, whose, {name: _number(text_of(value)) for name, value in rows}, now)
    else:
        for name, value in rows:
            _add(found, names, name, value, whose.period, now)


def _add(found: Counted, names: Names, name: str, data: bytes, period: str, now: datetime) -> None:
    """Take one named value in; a text of which nothing is named is a whole file of usage."""
    value, whose = _value(data), names.find(name)
    if whose.key:
        _take(found, _Whose(whose.key, whose.period or period), value, now)
    elif isinstance(value, dict):
        for inner, one in value.items():
            of = names.find(inner)
            if of.key:
                _take(found, _Whose(of.key, of.period or whose.period or period), one, now)


def _take(found: Counted, whose: _Whose, value: Value, now: datetime) -> None:
    fields: known.Fields = value if isinstance(value, dict) else {"count": value}
    times = fields.get("requests")
    if isinstance(times, list):
        found.add(whose.key, of_times([*times], now))
        return
    count, last = known.number_of(fields, _COUNT), known.moment_of(fields, _MOMENT)
    if count is not None and count >= 0 and whose.period:
        over = known.number_of(fields, _OVER)
        usage = of_period(whose.period, int(count), now, last, None if over is None else int(over))
        found.add(whose.key, usage)
        return
    found.nameless += count is not None and last is None
    found.add(whose.key, KeyUsage(last_used=last))


def _value(data: bytes) -> Value:
    text = text_of(data)
    try:
        return parse_text(text)
    except ClientGarbled:
        return text


def _number(text: str) -> Value:
    return Number(text) if known.as_number(text) is not None else text


def is_one_of(key: KeyName, names: Sequence[str], than: str) -> bool:
    """Tell whether a key that a store's pattern found counts requests, by a name that says more."""
    text = text_of(key.raw)
    return text in names or any(
        bool(tail_of(key, (one,))) for one in names if "*" in one and len(one) > len(than)
    )
