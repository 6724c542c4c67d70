"""Makes keys: the prefix of the store's own, then 256 random bits. Effect: the random source."""

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, cast

from core.errors import ClientGarbled
from core.keys.store import fields as known
from core.keys.store.edits import NewKey
from core.keys.store.shapes import Record
from core.model.secret import Secret

_RANDOM_BYTES = 32
"""43 characters."""
_PREFIX = re.compile(r"^[a-z][a-z0-9]{0,15}[_-](?:(?:live|test|prod|dev|proj)[_-])?")
_USUAL = "key_"
_TAIL_CHARS = 16
_FORMAT = 1


def prefix_of(records: Iterable[Record], like: Record | None) -> str:
    """Return how new keys begin: as the key they are like, else as most of the store's do."""
    if like is not None and (found := _prefix(like)):
        return found
    found = [one for one in map(_prefix, records) if one]
    return Counter(found).most_common(1)[0][0] if found else _USUAL


def _prefix(record: Record) -> str:
    text = known.text_of(record.fields, known.PREFIX) if record.is_hash else record.identity
    match = _PREFIX.match(text or "")
    if match is None or text is None:
        return ""
    # What is left must be long enough to be random.
    is_one = record.is_hash or len(text) - match.end() >= _TAIL_CHARS
    return match[0] if is_one else ""


def make_key(prefix: str, taken: AbstractSet[str]) -> Secret:
    """Return a new key that nobody has."""
    while (key := prefix + secrets.token_urlsafe(_RANDOM_BYTES)) in taken:
        pass
    return Secret(key)


def packed(keys: tuple[NewKey, ...]) -> bytes:
    """Return new keys as they wait in a private file until they are handed over."""
    rows = [
        {
            "key": one.key.reveal(), "like": one.like, "tier": one.tier, "quota": one.quota,
            "created": one.created.isoformat(), "name": one.name,
        }
        for one in keys
    ]  # fmt: skip
    return json.dumps({"format": _FORMAT, "keys": rows}).encode()


def unpacked(data: bytes) -> tuple[NewKey, ...]:
    """Return new keys that wait.

    Raises:
        ClientGarbled: the file is none of ours.
    """
    try:
        rows = cast("list[dict[str, Any]]", json.loads(data)["keys"])
        return tuple(
            NewKey(
                Secret(row["key"]), row["like"], row["tier"], row["quota"],
                datetime.fromisoformat(row["created"]), row["name"],
            )
            for row in rows
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        raise ClientGarbled("the file of new keys is none of ours") from None
