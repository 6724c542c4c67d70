"""A window of past values, packed: eight bytes a number instead of an object.

A console that keeps hours of probes as objects grows by megabytes; packed, the same past costs a
tenth and nothing that the garbage collector has to walk. Times keep their microseconds,
numbers all their digits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct
from typing import Generic, TypeVar, cast, overload

T = TypeVar("T")

Numbers = tuple[float, ...]
"""One value as numbers: what the struct of its packing takes."""


@dataclass(frozen=True, slots=True)
class Packing(Generic[T]):
    """How one kind of value becomes numbers and comes back."""

    struct: Struct
    pack: Callable[[T], Numbers]
    unpack: Callable[[Numbers], T]


def moment(timestamp_s: float) -> datetime:
    """Return the time that was packed as seconds since 1970."""
    return datetime.fromtimestamp(timestamp_s, UTC)


class Window(Sequence[T]):
    """Values, oldest first, immutable: adding one makes another window."""

    __slots__ = ("_bytes", "_packing")

    def __init__(self, packing: Packing[T], packed: bytes = b"") -> None:
        """Start from packed bytes, by default none."""
        self._packing = packing
        self._bytes = packed

    def with_newest(self, value: T, size: int) -> "Window[T]":
        """Return the window with `value` at its end and at most `size` values, oldest dropped."""
        struct = self._packing.struct
        kept = self._bytes[-struct.size * (size - 1) :] if size > 1 else b""
        return Window(self._packing, kept + struct.pack(*self._packing.pack(value)))

    def __len__(self) -> int:
        return len(self._bytes) // self._packing.struct.size

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self._at(place) for place in range(*index.indices(len(self))))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return self._at(place)

    def _at(self, place: int) -> T:
        struct = self._packing.struct
        return self._packing.unpack(struct.unpack_from(self._bytes, place * struct.size))

    def __iter__(self) -> Iterator[T]:
        unpack = self._packing.unpack
        return (unpack(numbers) for numbers in self._packing.struct.iter_unpack(self._bytes))

    def __reversed__(self) -> Iterator[T]:
        return (self._at(place) for place in range(len(self) - 1, -1, -1))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Window):
            return list(self) == list(cast("Window[object]", other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __repr__(self) -> str:
        return f"Window({list(self)!r})"
