"""Case: small letters in a query match any case, a capital makes it exact.

Invariant: folding keeps every character at its place, and no character outside ASCII folds to one
inside it; the byte patterns of the prefilter rely on it.
"""

_APART = str.maketrans({"\u0130": "\u0131", "\u212a": "\ufffd"})
"""Dotted capital I becomes two characters in lower case, and the Kelvin sign becomes a `k`."""


def is_exact(text: str) -> bool:
    """Return whether a search text means its case: it has a capital letter."""
    return text != text.lower()


def fold(text: str) -> str:
    """Return `text` for comparison ignoring case."""
    return text.lower() if text.isascii() else text.translate(_APART).lower()


def without_lookalikes(text: str) -> str:
    """Return `text` without the letters that an engine takes for `k` and `s` ignoring case."""
    return text if text.isascii() else text.translate(_LOOKALIKES)


_LOOKALIKES = str.maketrans({"\u212a": "\ufffd", "\u017f": "\ufffd"})
