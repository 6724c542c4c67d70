"""The fields of a record by all the names that tools give them. Pure.

A field is read under every name it has; where two names say different things, nobody can tell.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from core.keys.store.tree import Number, Value

Fields = dict[str, Value]

TIER = ("tier", "plan", "level")
QUOTA = (
    "requests_per_month", "monthly_quota", "quota", "monthly_limit", "requestsPerMonth",
    "monthlyQuota", "max_requests", "limit",
)  # fmt: skip
CREATED = ("created_at", "created", "createdAt", "issued_at")
EXPIRES = ("expires_at", "expires", "expiresAt", "expiry", "valid_until")
USED = ("usage", "usage_count", "requests", "count", "calls")
LAST_USED = ("last_used_at", "last_used", "lastUsedAt", "lastUsed")
NAME = ("name", "label", "client", "description", "owner")
ACTIVE = ("active", "is_active", "enabled", "isActive", "is_enabled", "status", "state")
REVOKED = ("revoked", "is_revoked", "disabled", "is_disabled")
REVOKED_AT = ("revoked_at", "revokedAt", "deactivated_at")
KEY = ("key", "api_key", "apiKey", "apikey", "token", "value")
OWN_KEY = ("key", "api_key", "apiKey", "apikey")
"""Of records with a name: fields that hold nothing but the key."""
HASH = ("key_hash", "hash", "hashed_key", "keyHash", "api_key_hash", "token_hash")
PREFIX = ("prefix", "key_prefix", "keyPrefix")
_FLAGS = (*ACTIVE, *REVOKED, *REVOKED_AT)
ID = ("id", "key_id", "keyId", "uuid")
ALGORITHM = ("algorithm", "hash_algorithm", "hashAlgorithm", "alg")

KNOWN = frozenset(
    (*TIER, *QUOTA, *CREATED, *EXPIRES, *USED, *LAST_USED, *NAME, *ACTIVE, *REVOKED, *REVOKED_AT)
)
"""An object with one of these is a record."""
_YES = frozenset({"active", "enabled", "live", "ok", "valid", "true", "yes", "on", "1"})
_NO = frozenset(
    {
        "inactive", "disabled", "revoked", "suspended", "expired", "blocked", "deleted",
        "deactivated", "false", "no", "off", "0",
    }
)  # fmt: skip
_MILLISECONDS_FROM = 1e11
_NUMBER_CHARS = 40
_NAIVE_CHARS = 26
_FRACTION = re.compile(r"\.(\d+)")


@lru_cache(maxsize=4096)
def _present(has: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the names that there are; records of one file mostly have the same."""
    return tuple(name for name in names if name in has)


@dataclass(frozen=True, slots=True)
class Present:
    """The names that a record has, by what they mean."""

    tier: tuple[str, ...]
    flags: tuple[str, ...]
    quota: tuple[str, ...]
    created: tuple[str, ...]
    expires: tuple[str, ...]
    last_used: tuple[str, ...]
    name: tuple[str, ...]
    own_key: tuple[str, ...]
    """Fields that hold the key itself, or its hash."""
    key: tuple[str, ...]
    """Fields that hold the key in a list."""
    hash: tuple[str, ...]
    is_record: bool
    """Whether it has any of the fields that records of keys have."""
    only_flag: str
    """The field that says yes or no where it is the only one that can be odd; empty: no such."""


@lru_cache(maxsize=1024)
def present_in(has: tuple[str, ...]) -> Present:
    """Return what a record with these names has; records of one file mostly have the same."""
    kinds = (
        TIER, _FLAGS, QUOTA, CREATED, EXPIRES, LAST_USED, NAME, (*OWN_KEY, *HASH), KEY, HASH,
    )  # fmt: skip
    found = [tuple(name for name in names if name in has) for names in kinds]
    tiers, flags = found[0], found[1]
    is_plain = len(flags) == 1 and flags[0] in ACTIVE and len(tiers) < 2
    is_record = not KNOWN.isdisjoint(has)
    return Present(*found, is_record=is_record, only_flag=flags[0] if is_plain else "")


def present(fields: Fields) -> Present:
    """Return what a record has; asked once for a record, it saves asking for each meaning."""
    return present_in(tuple(fields))


def named(fields: Fields, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the names that a record has."""
    return _present(tuple(fields), names)


def text_of(fields: Fields, names: tuple[str, ...]) -> str | None:
    """Return the first text under these names."""
    return text_in(fields, named(fields, names))


def text_in(fields: Fields, has: tuple[str, ...]) -> str | None:
    """Return the first text under names that are all there."""
    for name in has:
        value = fields[name]
        if isinstance(value, str):
            return value
    return None


def number_of(fields: Fields, names: tuple[str, ...]) -> float | None:
    """Return the first number under these names, also one that is written as a text."""
    return number_in(fields, named(fields, names))


def number_in(fields: Fields, has: tuple[str, ...]) -> float | None:
    """Return the first number under names that are all there."""
    for name in has:
        found = as_number(fields[name])
        if found is not None:
            return found
    return None


def as_number(value: Value) -> float | None:
    """Return a number that can be counted with."""
    text = value.text if isinstance(value, Number) else value
    if not isinstance(text, str) or len(text) > _NUMBER_CHARS:
        return None
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < 1e18 else None


def tiers_of(fields: Fields) -> tuple[str, ...]:
    """Return what a record says of its tier, each word once."""
    has = present(fields).tier
    if not has:
        return ()
    words = (fields[name] for name in has)
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str)))


def flag(fields: Fields) -> bool | None:
    """Return whether a record says that its key is active; None: it does not say.

    Raises:
        ValueError: it says so in a word that is not known.
    """
    return flag_in(fields, present(fields).flags)


def flag_in(fields: Fields, flags: tuple[str, ...]) -> bool | None:
    """Return the same of a record whose fields of this kind are known.

    Raises:
        ValueError: it says so in a word that is not known.
    """
    says: bool | None = None
    if len(flags) == 1 and flags[0] in ACTIVE and isinstance(fields[flags[0]], bool):
        return fields[flags[0]] is True  # as most records of most stores have it
    for name in flags:
        value = fields[name]
        if name in REVOKED_AT:
            is_on = None if value is None else False
        else:
            is_on = _is_yes(name, value) is (name not in REVOKED)
        if is_on is not None:
            says = is_on and says is not False
    return says


def set_flag(fields: Fields, is_active: bool, words: Mapping[bool, str]) -> None:
    """Make every field that says whether a key is active say so; each keeps its type.

    Args:
        fields: Of the record, edited in place.
        is_active: What it shall say.
        words: The words for it in this file, where a field is a word.
    """
    for name in ACTIVE:
        if name in fields:
            fields[name] = _as_before(fields[name], is_active, words)
    for name in REVOKED:
        if name in fields:
            fields[name] = _as_before(fields[name], not is_active, {True: "true", False: "false"})
    if is_active:
        for name in REVOKED_AT:
            if name in fields:
                fields[name] = None


def moment_of(fields: Fields, names: tuple[str, ...]) -> datetime | None:
    """Return the first moment under these names; one without a zone counts as UTC."""
    return moment_in(fields, named(fields, names))


def moment_in(fields: Fields, has: tuple[str, ...]) -> datetime | None:
    """Return the first moment under names that are all there."""
    for name in has:
        found = as_moment(fields[name])
        if found is not None:
            return found
    return None


def as_moment(value: Value) -> datetime | None:
    """Return a moment written as ISO 8601, or as seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str) and not value.isdigit():
            # What Python writes most, without a zone: to put one on later takes five times as long.
            if len(value) == _NAIVE_CHARS and value[20:].isdigit() and value[19] == ".":
                return datetime.fromisoformat(f"{value}+00:00")
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        number = as_number(value)
        if number is None:
            return None
        seconds = number / 1000 if number > _MILLISECONDS_FROM else number
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def moment_like(value: Value, at: datetime) -> Value:
    """Return a moment written the way another one is."""
    if isinstance(value, Number):
        number = as_number(value) or 0.0
        seconds = at.timestamp() * (1000 if number > _MILLISECONDS_FROM else 1)
        is_whole = value.text.lstrip("-").isdigit()
        return Number(str(round(seconds)) if is_whole else repr(seconds))
    if not isinstance(value, str):
        return at.replace(tzinfo=None).isoformat(timespec="microseconds")
    found = _FRACTION.search(value)
    fraction = len(found.group(1)) if found else 0
    spec = "microseconds" if fraction > 3 else "milliseconds" if fraction else "seconds"
    written = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=spec)
    if " " in value and "T" not in value:
        written = written.replace("T", " ")
    if value.endswith("Z"):
        return f"{written}Z"
    return f"{written}+00:00" if value[-6:-5] in {"+", "-"} and value[-3:-2] == ":" else written


def _is_yes(name: str, value: Value) -> bool:
    if isinstance(value, bool):
        return value
    word = value.text if isinstance(value, Number) else value
    word = word.strip().lower() if isinstance(word, str) else ""
    if word in _YES or word in _NO:
        return word in _YES
    # A field that holds nothing says nothing of being revoked, and nothing of being active.
    if value is None and name in REVOKED:
        return False
    raise ValueError(name)


def _as_before(value: Value, is_yes: bool, words: Mapping[bool, str]) -> Value:
    """Return yes or no in the type, and in the words, that the field has now."""
    if isinstance(value, Number):
        return Number("1" if is_yes else "0")
    if isinstance(value, str):
        word = _word_for(value, is_yes, words)
        return word.upper() if value.isupper() else word.title() if value.istitle() else word
    return is_yes


_PAIRS = (("true", "false"), ("yes", "no"), ("on", "off"), ("1", "0"), ("enabled", "disabled"))


def _word_for(value: str, is_yes: bool, words: Mapping[bool, str]) -> str:
    word = value.strip().lower()
    if (word in _YES) == is_yes:
        return value
    pair = next((pair for pair in _PAIRS if word in pair), None)
    if pair is not None:
        return pair[0 if is_yes else 1]
    return words.get(is_yes, "active" if is_yes else "inactive")
