"""What may be shown of a text that somebody types where a whole key may be pasted. Pure."""

import re

from core.model.text import SafeText, clean

LEAST_KEY_CHARS = 16
"""No key is shorter; no short id is as long."""
_MOST_CHARS = 12
"""A longer word may be a key."""
_SHOWN_CHARS = 8
_WORD = re.compile(r"\S+")
_DOT = "•"


def looks_like_key(text: str) -> bool:
    """Tell whether a text may be a whole key: one long word."""
    return len(text) >= LEAST_KEY_CHARS and not any(one.isspace() for one in text)


def veiled(text: str) -> SafeText:
    """Return a text of the same length in which the rest of a word that may be a key is dots.

    Words of letters only stay: they are names, and no key lacks digits and capitals.
    """
    return clean(_WORD.sub(lambda found: _veil(found.group()), text))


def _veil(word: str) -> str:
    if len(word) <= _MOST_CHARS or not any(one.isdigit() or one.isupper() for one in word):
        return word
    return word[:_SHOWN_CHARS] + _DOT * (len(word) - _SHOWN_CHARS)
