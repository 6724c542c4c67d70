"""Names of actions: ULIDs, so that folders sort by time."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
_CHARS = 26


def new_id(now_s: float) -> str:
    """Return a ULID: 48 bits of milliseconds since 1970, 80 random bits."""
    number = (int(now_s * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CHARS)))


def is_id(text: str) -> bool:
    """Tell whether a text could be an action's id, and so a folder's name."""
    return len(text) == _CHARS and all(char in _ALPHABET for char in text)
