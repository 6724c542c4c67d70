"""Keys as they are shown, each made when somebody asks for it: of many, few are."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from core.model.key_store import ApiKey


class KeyRows(Sequence[ApiKey]):
    """The keys of one look. Another look has other rows, so that nobody compares them one by one.

    Args:
        count: How many there are.
        make: Makes the key at a place.
    """

    def __init__(self, count: int, make: Callable[[int], ApiKey]) -> None:
        self._make = make
        self._made: list[ApiKey | None] = [None] * count

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> ApiKey: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ApiKey, ...]: ...
    def __getitem__(self, at: int | slice) -> ApiKey | tuple[ApiKey, ...]:
        places = range(len(self._made))[at]
        return self._at(places) if isinstance(places, int) else tuple(map(self._at, places))

    def __iter__(self) -> Iterator[ApiKey]:
        # Whoever passes over all of them keeps none: very many would fill the memory for nothing.
        return (made or self._make(at) for at, made in enumerate(self._made))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, tuple) and tuple(self) == other)

    def __hash__(self) -> int:
        return id(self)

    def _at(self, place: int) -> ApiKey:
        made = self._made[place]
        if made is None:
            made = self._made[place] = self._make(place)
        return made
