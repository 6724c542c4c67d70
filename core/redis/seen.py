"""Remembers which keys were counted, in memory that does not grow.

SCAN may give a key twice. A set of a million keys would take 100 MB; so this is a Bloom filter: it
never counts a key twice, and takes one for counted that was not in about one of ten million at a
million keys, one of 300 at ten million. Only counts hang on it, never whether a key is looked at.
The memory is committed by the system as it is touched, so that small servers cost little.
"""

_BITS = 1 << 27
"""16 MiB."""
_MASK = _BITS - 1
_PROBES = 5
EXACT_UP_TO = 4_000_000
"""With more keys than these the counts may be off by more than one key in ten thousand."""


class Seen:
    """Keys of one pass."""

    def __init__(self) -> None:
        self._bits = bytearray(_BITS // 8)
        self.count = 0
        """Different keys so far."""

    @property
    def is_exact(self) -> bool:
        """Whether the count can be told as one."""
        return self.count <= EXACT_UP_TO

    def add(self, raw: bytes) -> bool:
        """Note a key; return whether it is new."""
        at = hash(raw)  # keyed anew by each process: nobody can name keys that collide
        step = (at >> 32) | 1
        is_new = False
        for _ in range(_PROBES):
            place, bit = (at & _MASK) >> 3, 1 << (at & 7)
            if not self._bits[place] & bit:
                self._bits[place] |= bit
                is_new = True
            at += step
        self.count += is_new
        return is_new
