r"""How a text may stand in the bytes of a log: escaped by JSON or Python, coloured, tabs as spaces.

Invariant: the pattern is found in every line of which a reader sees the text. Letters and digits
are taken to be written as themselves, and colours to change only beside a word; what may be written
in too many ways (anything outside ASCII, `\x1b` as we show it) is left out of the pattern.
"""

import re

_SEPARATOR = re.compile(r"[^\x20-\x7e]+|\\[xuU][0-9a-fA-F]*|: ")
"""Where a pattern has to break off; after a colon a prefix may have been put before a message."""
_ESCAPED = frozenset("\"'/<>&=+;`")
_WORD = re.compile(r"[A-Za-z0-9._-]+| +|.", re.DOTALL)
_LETTERS = re.compile(r"[A-Za-z0-9._-]+")
COLOUR = rb"(?:\x1b|\\+(?:u001[bB]|x1[bB]|033|e))\[[0-9;:]*[A-Za-z]"
_MIN_CHARS = 2


def longest_part(literal: str) -> str:
    """Return the part of a literal that the bytes must show; empty when none is long enough."""
    part = max((part.strip(" ") for part in _SEPARATOR.split(literal)), key=len)
    return part if len(part) >= _MIN_CHARS else ""


def word_in(literal: str) -> str:
    """Return the longest run of letters and digits that the bytes must show, maybe none."""
    part = longest_part(literal)
    return max(_LETTERS.findall(part), key=len, default="")


def literal_pattern(part: str) -> bytes:
    """Return the pattern of a part, ASCII without controls."""
    return (rb"(?:%b)*" % COLOUR).join(_piece(piece) for piece in _WORD.findall(part))


def _piece(piece: str) -> bytes:
    if piece.isspace():
        return rb"(?:[ \t\r\n]|\\+t)+"
    if piece == "\\":
        return rb"\\+"
    if piece in _ESCAPED:
        low, high = f"{ord(piece):02x}", f"{ord(piece):02X}"
        code = low if low == high else f"(?:{low}|{high})"
        return rf"(?:\\*{re.escape(piece)}|\\+(?:u00|x){code})".encode()
    return re.escape(piece).encode()
