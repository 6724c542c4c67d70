"""A new key's record: the fields, types and formats of a record that is there. Pure."""

import copy
import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from core.errors import ClientDenied
from core.keys.store import fields as known
from core.keys.store.fields import Fields
from core.keys.store.tree import Number, Value

_TAIL = re.compile(r"^(.*?)(\d+)$", re.DOTALL)
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


def made_like(
    key: str, like: Fields | None, fresh: Fresh, *, is_hash: bool, key_name: str, count: int
) -> tuple[str, Fields]:
    """Return the identity and the record of a new key.

    Args:
        key: The key itself.
        like: The record whose fields and formats it gets; None: the store is empty.
        fresh: What it is to have.
        is_hash: Whether the store keeps hashes.
        key_name: The field that has the key or the hash; empty: the record's own name is it.
        count: Records that there are, for a new number.

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
        made[name] = _next_id(made[name], count)
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


def _next_id(before: Value, count: int) -> Value:
    if isinstance(before, Number):
        return Number(str(count + 1))
    if not isinstance(before, str):
        return before
    tail = _TAIL.match(before)
    if "-" in before and len(before) == len(str(uuid.NAMESPACE_DNS)):
        return str(uuid.uuid4())
    return f"{tail[1]}{count + 1}" if tail else uuid.uuid4().hex[: max(8, len(before))]
