"""A new key's record: the fields, types and formats of a record that is there. Pure."""

import copy
import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.errors import ClientDenied
from core.keys.store import fields as known
from core.keys.store.fields import Fields
from core.keys.store.tree import Number, Value

_TAIL = re.compile(r"^(.*?)(\d+)$", re.DOTALL)
_HEX = re.compile(r"(?=.*[a-f])[0-9a-f]{8,}")
_DIGITS = 18
"""Of a number; what is longer is counted on at its end."""
_ALGORITHMS = {"sha256": "sha256", "sha-256": "sha256", "sha512": "sha512", "sha-512": "sha512"}


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a new key is to have."""

    tier: str
    quota: int | None
    created: datetime
    """Aware."""
    name: str = ""
    """Written only where records have a name."""


class Numbers:
    """Numbers for new records of a store that numbers them, each once."""

    def __init__(self, records: Iterable[Fields]) -> None:
        """Take the records that are there; look at them when the first number is asked for."""
        self._records = records
        self._last: dict[str, int] | None = None

    def after(self, text: str) -> str:
        """Return the next number after the highest one that is written as this one is."""
        if self._last is None:
            self._last = {}
            for one in self._records:
                for name in known.named(one, known.ID):
                    self._note(_text(one[name]))
        tail = _TAIL.match(text)
        head, digits = tail.groups() if tail else ("", "")
        number = self._last[head] = self._last.get(head, 0) + 1
        return f"{head}{str(number).zfill(len(digits)) if digits.startswith('0') else number}"

    def _note(self, text: str) -> None:
        tail = _TAIL.match(text)
        if tail and self._last is not None:
            self._last[tail[1]] = max(self._last.get(tail[1], 0), int(tail[2][-_DIGITS:]))


def made_like(
    key: str, like: Fields | None, fresh: Fresh, *, is_hash: bool, key_name: str, numbers: Numbers
) -> tuple[str, Fields]:
    """Return the identity and the record of a new key.

    Args:
        key: The key itself.
        like: The record whose fields and formats it gets; None: the store is empty.
        fresh: What it is to have.
        is_hash: Whether the store keeps hashes.
        key_name: The field that has the key or the hash; empty: the record's own name is it.
        numbers: Of the store.

    Raises:
        ClientDenied: how the store makes its hashes is not known.
    """
    identity = _hashed(key, like or {}) if is_hash else key
    if like is None:
        made = _first(fresh)
        return identity, ({key_name: identity, **made} if key_name else made)
    made = copy.deepcopy(like)
    _set_policy(made, fresh)
    _forget_past(made, like, fresh)
    if key_name:
        made[key_name] = identity
    for name in known.named(made, known.PREFIX):
        before = made[name]
        if isinstance(before, str):
            made[name] = key[: len(before)]
    for name in known.named(made, known.ID):
        made[name] = _next_id(made[name], numbers)
    return identity, made


def _first(fresh: Fresh) -> Fields:
    """Return the record that the tool of an empty store would write."""
    made: Fields = {"tier": fresh.tier}
    if fresh.quota is not None:
        made["requests_per_month"] = Number(str(fresh.quota))
    made["created_at"] = known.moment_like(None, fresh.created)
    made["active"] = True
    return made


def _set_policy(made: Fields, fresh: Fresh) -> None:
    for name in known.named(made, known.TIER):
        if isinstance(made[name], str):
            made[name] = fresh.tier
    for name in known.named(made, known.QUOTA)[:1] if fresh.quota is not None else ():
        made[name] = Number(str(fresh.quota))
    for name in known.named(made, known.NAME)[:1] if fresh.name else ():
        made[name] = fresh.name
    known.set_flag(made, True, {True: "active"})


def _forget_past(made: Fields, like: Fields, fresh: Fresh) -> None:
    """A new key was made now, was never used, and lasts as long as the other one was to."""
    for name in known.named(made, known.CREATED):
        made[name] = known.moment_like(like[name], fresh.created)
    for name in known.named(made, known.USED):
        if isinstance(made[name], Number):
            made[name] = Number("0")
    for name in known.named(made, known.LAST_USED):
        made[name] = None
    began = known.moment_of(like, known.CREATED)
    for name in known.named(made, known.EXPIRES):
        ended = known.as_moment(like[name]) if like[name] is not None else None
        lasts = ended - began if ended is not None and began is not None else None
        is_kept = lasts is not None and lasts.total_seconds() > 0
        made[name] = (
            known.moment_like(like[name], fresh.created + lasts) if is_kept and lasts else None
        )


def _hashed(key: str, like: Fields) -> str:
    said = known.text_of(like, known.ALGORITHM)
    name = _ALGORITHMS.get((said or "").lower())
    if name is None:
        raise ClientDenied("the store keeps hashes and does not say how they are made")
    return hashlib.new(name, key.encode()).hexdigest()


def _next_id(before: Value, numbers: Numbers) -> Value:
    if isinstance(before, Number):
        return Number(numbers.after(_text(before)))
    if not isinstance(before, str):
        return before
    if "-" in before and len(before) == len(str(uuid.NAMESPACE_DNS)):
        return str(uuid.uuid4())
    is_random = _HEX.fullmatch(before) or not _TAIL.match(before)
    return uuid.uuid4().hex[: max(8, len(before))] if is_random else numbers.after(before)


def _text(value: Value) -> str:
    """Return what a record is numbered with; of no whole number, and of anything else, nothing."""
    if isinstance(value, Number):
        return value.text if value.text.isdecimal() else ""
    return value if isinstance(value, str) else ""
