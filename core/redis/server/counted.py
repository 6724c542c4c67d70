"""Which keys a scan has met already, in bounded memory. Pure.

SCAN may return a key twice when the server's table grows or shrinks meanwhile. A set of two
million names costs hundreds of megabytes; a Bloom filter costs eight bytes a key.
"""

_BYTES_PER_KEY = 8
_LEAST_BYTES, _MOST_BYTES = 2**12, 2**24
_PROBES = 6
_MASK = 2**64 - 1


class Counted:
    """Remembers keys. It may take a new key for a known one: once in a million up to 2 M keys."""

    def __init__(self, expected: int) -> None:
        """Take how many keys there will be, about."""
        wanted = max(_LEAST_BYTES, min(_MOST_BYTES, expected * _BYTES_PER_KEY))
        self._bits = bytearray(1 << (wanted - 1).bit_length())
        self._last = 8 * len(self._bits) - 1

    @property
    def size_bytes(self) -> int:
        """What it takes."""
        return len(self._bits)

    def is_new(self, raw: bytes) -> bool:
        """Remember a key; tell whether it was not known."""
        bits, last = self._bits, self._last
        # Python's hash of bytes is keyed: nobody can choose names that collide.
        place = hash(raw) & _MASK
        step = (place >> 32) | 1
        is_new = False
        for _ in range(_PROBES):
            byte, bit = (place & last) >> 3, 1 << (place & 7)
            if not bits[byte] & bit:
                bits[byte] |= bit
                is_new = True
            place += step
        return is_new
