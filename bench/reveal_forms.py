"""Counts keys in what a terminal was sent: in every form, whole or in pieces. Pure."""

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

PLAIN, BASE64, HEX = "plain", "base64", "hex"
_PIECE = 8
"""Characters; of a key drawn by lot so many stand nowhere else by accident."""
_WORD = re.compile(rb"[A-Za-z0-9+/=_-]{8,}")
Form = tuple[str, str]
"""A key, and how it is written."""


def forms_of(key: str) -> Iterator[tuple[str, str]]:
    """Yield in which form a key is written how; base64 in all three ways to stand in a text."""
    yield PLAIN, key
    yield HEX, key.encode().hex()
    yield HEX, key.encode().hex().upper()
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + key.encode()).decode()
        # What stands beside it has a part in the characters at either end.
        core = encoded[4 if shift else 0 : -4]
        yield BASE64, core
        yield BASE64, core.translate(str.maketrans("+/", "-_"))


class Pieces:
    """Every piece of the keys so far."""

    def __init__(self, prefix: str) -> None:
        """Take what all keys begin with: pieces with nothing else in them tell nothing."""
        size = len(prefix)
        self._skipped = {PLAIN: size, HEX: 2 * size, BASE64: -(-size * 4 // 3)}
        self._owners: dict[bytes, Form] = {}

    def add(self, key: str) -> None:
        """Count this key too from now on."""
        for form, text in forms_of(key):
            for piece in _pieces(text.encode()[self._skipped[form] :]):
                self._owners.setdefault(piece, (key, form))

    def counted(self, output: bytes) -> dict[Form, int]:
        """Return how often the most frequent piece of each key in each form was sent."""
        pieces: Counter[bytes] = Counter()
        for word, count in Counter(_WORD.findall(output)).items():
            for piece in _pieces(word):
                if piece in self._owners:
                    pieces[piece] += count
        most: defaultdict[Form, int] = defaultdict(int)
        for piece, count in pieces.items():
            form = self._owners[piece]
            most[form] = max(most[form], count)
        return dict(most)


def _pieces(text: bytes) -> Iterable[bytes]:
    return (text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1))
