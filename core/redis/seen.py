"""Remembers which keys were counted, in memory that does not grow.

SCAN may give a key twice. A set of a million keys would take 100 MB; so beyond a few this is a
Bloom filter: it never counts a key twice, and takes one for counted that was not in about one of
ten million at a million keys, one of 300 at ten million. Only counts hang on it, never whether a
key is looked at. Few keys are kept as their hashes: some thousands touch all of the filter.
"""

_FEW = 20_000
"""Their hashes take 2 MB; moving them to the filter takes some 40 ms, once."""
_BITS = 1 << 27
"""16 MiB."""
_MASK = _BITS - 1
_PROBES = 5
EXACT_UP_TO = 4_000_000
"""With more keys than these the counts may be off by more than one key in ten thousand."""


class Seen:
    """Keys of one pass."""

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._bits = bytearray()
        """Empty while there are few."""
        self.count = 0
        """Different keys so far."""

    @property
    def is_exact(self) -> bool:
        """Whether the count can be told as one."""
        return self.count <= EXACT_UP_TO

    def add(self, raw: bytes) -> bool:
        """Note a key; return whether it is new."""
        key = hash(raw)  # keyed anew by each process: nobody can name keys that collide
        is_new = self._mark(key) if self._bits else self._keep(key)
        self.count += is_new
        return is_new

    def _keep(self, key: int) -> bool:
        is_new = key not in self._few
        self._few.add(key)
        if len(self._few) > _FEW:
            self._bits = bytearray(_BITS // 8)
            for one in self._few:
                self._mark(one)
            self._few = set()
        return is_new

    def _mark(self, key: int) -> bool:
        at, step = key, (key >> 32) | 1
        is_new = False
        for _ in range(_PROBES):
            place, bit = (at & _MASK) >> 3, 1 << (at & 7)
            if not self._bits[place] & bit:
                self._bits[place] |= bit
                is_new = True
            at += step
        return is_new
