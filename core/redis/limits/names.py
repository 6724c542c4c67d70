"""What a limiter's key says: who it is about, which limit, which keys belong to it. Pure."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from core.model.redis_key import KeyName
from core.model.text import SafeText, clean
from core.redis.globs import MAX_KEY_BYTES, star_parts

_V4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
_PIECES = re.compile(r"[/{}|\[\]\s]+")
_MOST_PARTS = 16
_TRIM = ":/.-_|{} "
_TOKENS = (".tokens", ":tokens")
_TIMES = {
    ".tokens": (".timestamp", ".ts", ".last_refill"),
    ":tokens": (":timestamp", ":ts", ":last_refill"),
}
_LIMITS_KEY = re.compile(
    r"(?:[^:{}/]*:)?\{?[^/{}:]+/(?P<who>.*)/(?P<amount>\d{1,15})/(?P<multiples>\d{1,9})"
    r"/(?P<unit>second|minute|hour|day|month|year)\}?(?P<before>/-1)?",
    re.DOTALL,
)
"""As the library `limits` writes them (slowapi): `LIMITS:LIMITER/who/10/1/minute`."""
_UNIT_S = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "month": 30 * 86400,
    "year": 360 * 86400,
}
_BEFORE = "/-1"
"""Ends the name of a sliding window's previous counter."""


@dataclass(frozen=True, slots=True)
class NamedLimit:
    """A limit that the key itself tells."""

    who: str
    amount: int
    window_s: float
    is_sliding: bool


def named_limit(raw: bytes) -> NamedLimit | None:
    """Return the limit in a key of the library `limits`; None: it is none of its keys."""
    text = raw[: MAX_KEY_BYTES + 1].decode("utf-8", "replace")
    found = _LIMITS_KEY.fullmatch(text)
    if found is None or len(raw) > MAX_KEY_BYTES:
        return None
    window_s = float(int(found["multiples"]) * _UNIT_S[found["unit"]])
    if window_s <= 0:
        return None
    return NamedLimit(found["who"], int(found["amount"]), window_s, "{" in text)


def companions(raw: bytes) -> tuple[KeyName, ...]:
    """Return the keys that hold the rest of a record, if they are there."""
    if len(raw) > MAX_KEY_BYTES:
        return ()
    text = raw.decode("utf-8", "surrogateescape")
    for ending in _TOKENS:
        if text.endswith(ending):
            base = text.removesuffix(ending)
            return tuple(_name(base + other) for other in _TIMES[ending])
    limit = named_limit(raw)
    if limit is not None and limit.is_sliding and not text.endswith(_BEFORE):
        return (_name(text + _BEFORE),)
    return ()


def is_companion(raw: bytes) -> bool:
    """Tell whether a key is the lesser part of a record: it is counted with the other."""
    if raw.endswith(_BEFORE.encode()):
        return named_limit(raw) is not None
    return raw.endswith((b".timestamp", b":timestamp"))


def client_of(raw: bytes, pattern: str) -> SafeText:
    """Return who a record is about: an address in its key, else what stands for the star."""
    raw = raw[:MAX_KEY_BYTES]
    limit = named_limit(raw)
    if limit is not None:
        found = _address_in(limit.who)
        return clean(found or limit.who.split("/")[0] or limit.who)
    text = raw.decode("utf-8", "surrogateescape")
    ending = next((one for one in _TOKENS if text.endswith(one)), "")
    stem = text.removesuffix(ending).encode("utf-8", "surrogateescape")
    stars = star_parts(pattern, stem) or star_parts(pattern, raw) or ()
    parts = [part.decode("utf-8", "replace").removesuffix(ending) for part in stars]
    if pattern.startswith("*") and len(parts) > 1:
        parts = parts[1:]
    address = next((found for part in parts[::-1] if (found := _address_in(part))), "")
    said = address or next((one for part in parts[::-1] if (one := part.strip(_TRIM))), "")
    return clean(said) if said else KeyName(raw).shown


def _address_in(text: str) -> str:
    """Return an IP address within a text; empty: there is none."""
    for piece in _PIECES.split(text[:512]):
        if ("::" in piece or piece.count(":") >= 7) and (address := _v6_in(piece)):
            return address
        if (found := _V4.search(piece)) and _is_v4(found.group()):
            return found.group()
    return ""


def _v6_in(piece: str) -> str:
    """Return the longest run of parts, from the left, that is an address."""
    parts = piece.split(":")
    if len(parts) > _MOST_PARTS:
        return ""
    for start in range(len(parts)):
        for end in range(len(parts), start + 2, -1):
            text = ":".join(parts[start:end])
            if _is_v6(text):
                return text
    return ""


def _is_v4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _is_v6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _name(text: str) -> KeyName:
    return KeyName(text.encode("utf-8", "surrogateescape"))
