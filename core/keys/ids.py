"""What a key is called where it must not be seen: a short id, and a mask. Pure but for one key."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from core.clients.key_state import machine_key
from core.model.state import StateFolders
from core.model.text import SafeText, clean, join

_SHORTEST, _LONGER = 6, 2
_SHOWN = 4
_BLOCK_BYTES = 64
_REMEMBERED = 300_000
"""Marks: a store is asked for the same ones again and again."""
_SHORT_KEY = 16
"""Of shorter keys, eight characters would be most of the key."""


def keys_folder(folders: StateFolders) -> Path:
    """Return where the console keeps what it knows about keys."""
    return folders.actions.parent / "keys"


def key_ids_of(folders: StateFolders) -> "KeyIds":
    """Return the ids of this machine.

    Raises:
        ClientError: its key can neither be read nor made.
    """
    return KeyIds(machine_key(keys_folder(folders)))


class KeyIds:
    """Names keys by an HMAC that only this machine can make.

    Args:
        secret: This machine's random key, of at most 64 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        block = secret.ljust(_BLOCK_BYTES, b"\0")
        # HMAC-SHA256 whose two beginnings are made once: a third of the time for many keys.
        self._inner = hashlib.sha256(bytes(one ^ 0x36 for one in block))
        self._outer = hashlib.sha256(bytes(one ^ 0x5C for one in block))
        self._made: dict[str, str] = {}

    def mark(self, identity: str) -> str:
        """Return what stands for a key, or for its hash, in files of ours: 32 hex digits."""
        made = self._made.get(identity)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            made = self._hmac(identity.encode("utf-8", "surrogatepass"))[:16].hex()
            self._made[identity] = made
        return made

    def marks(self, identities: Iterable[str]) -> list[str]:
        """Return the marks of many keys, in their order."""
        wanted, made = list(identities), self._made
        if len(made) + len(wanted) > _REMEMBERED:
            made.clear()
        inner_copy, outer_copy = self._inner.copy, self._outer.copy
        marks = list(map(made.get, wanted))
        if None not in marks:
            return cast("list[str]", marks)
        found: list[str] = []
        for one, mark in zip(wanted, marks, strict=True):
            # Spelled out: a call for each would take twice as long as what it does.
            if mark is None:
                inner, outer = inner_copy(), outer_copy()
                inner.update(one.encode("utf-8", "surrogatepass"))
                outer.update(inner.digest())
                made[one] = outer.hexdigest()[:32]
            found.append(mark or made[one])
        return found

    def _hmac(self, data: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()

    def short_ids(self, identities: Iterable[str]) -> dict[str, str]:
        """Return the short id of each key: `k-3fa91c`, longer where two begin alike."""
        known = list(identities)
        marks = dict(zip(known, self.marks(known), strict=True))
        made: dict[str, str] = {}
        length = _SHORTEST
        while marks:
            begins = Counter([mark[:length] for mark in marks.values()])
            alike: dict[str, str] = {}
            for one, mark in marks.items():
                if begins[mark[:length]] == 1:
                    made[one] = f"k-{mark[:length]}"
                else:
                    alike[one] = mark
            marks, length = alike, length + _LONGER
        return made

    def shortener(self, identities: Iterable[str]) -> Callable[[str], str]:
        """Return what makes the short ids of these keys, for whoever needs few of them."""
        known = list(identities)
        begins = [mark[:_SHORTEST] for mark in self.marks(known)]
        seen, doubtful = set[str](), set[str]()
        for begin in begins:
            (doubtful if begin in seen else seen).add(begin)
        pairs = zip(known, begins, strict=True)
        alike = self.short_ids([one for one, begin in pairs if begin in doubtful])
        return lambda one: alike.get(one) or self.short_id(one)

    def short_id(self, identity: str) -> str:
        """Return the short id of one key among no others."""
        return f"k-{self.mark(identity)[:_SHORTEST]}"

    def matches(self, short_id: str, identities: Iterable[str]) -> tuple[str, ...]:
        """Return the keys that a short id may mean; more than one: it is ambiguous."""
        begin = short_id.removeprefix("k-").lower()
        if len(begin) < _SHORTEST:
            return ()
        return tuple(one for one in identities if self.mark(one).startswith(begin))


def masked(key: str) -> SafeText:
    """Return a key's mask, of constant width: `key_…Q9fA`; of a short key, half of that."""
    if len(key) < _SHORT_KEY:
        return clean(f"{key[:2]:·<4}…{key[-2:]:·>4}" if len(key) > _LONGER * 4 else "····…····")
    return join("…", [clean(key[:_SHOWN]), clean(key[-_SHOWN:])])


def masked_hash(prefix: str) -> SafeText:
    """Return the mask of a key of which only a hash is kept, and perhaps how it begins."""
    return clean(f"{prefix[:_SHOWN]:·<4}…····")
