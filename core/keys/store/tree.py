"""A store's JSON as an ordered tree that forgets nothing: numbers keep their text. Pure.

The tree remembers the text it came from, so that writing it again touches only what changed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeAlias

from core.clients.key_files import LIMIT_BYTES
from core.errors import ClientGarbled
from core.model.text import clean

_BOM = b"\xef\xbb\xbf"


class Number:
    """A number as it is written: `1e3`, `1.0` and thirty digits stay what they are."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Number({self.text})"


Value: TypeAlias = "dict[str, Value] | list[Value] | str | Number | bool | None"
Step = str | int
Path = tuple[Step, ...]
"""Names and positions from the root down."""


@dataclass(slots=True)
class Tree:
    """What a store holds. Its values are edited in place."""

    root: Value
    source: str | None = None
    """The text it was read from, without a byte-order mark; None: it is made anew."""


def parse(data: bytes) -> Tree:
    """Return the tree of a store's bytes.

    Raises:
        ClientGarbled: empty, torn, too large, not UTF-8, not JSON, or a name twice in one object;
            its text says which, and never holds anything of the store.
    """
    if len(data) > LIMIT_BYTES:
        raise ClientGarbled(f"it has {len(data)} bytes; at most {LIMIT_BYTES} are read")
    if not data.strip():
        raise ClientGarbled("it is empty: not even {}" if not data else "it holds only blanks")
    if b"\0" in data:
        raise ClientGarbled("it holds NUL bytes")
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ClientGarbled(f"byte {error.start} is not UTF-8") from None
    return Tree(_loaded(text), text)


def parse_text(text: str) -> Value:
    """Return the value of one JSON text.

    Raises:
        ClientGarbled: it is none.
    """
    return _loaded(text)


def differences(old: Value, new: Value, at: Path = ()) -> tuple[Path, ...]:
    """Return the paths at which two values differ: the whole of what came, went or changed."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        return _below(
            at, ((name, old.get(name, _NOTHING), new.get(name, _NOTHING)) for name in names)
        )
    if isinstance(old, list) and isinstance(new, list):
        longest = max(len(old), len(new))
        return _below(at, ((place, _at(old, place), _at(new, place)) for place in range(longest)))
    return () if is_same(old, new) else (at,)


def is_same(old: Value, new: Value) -> bool:
    """Tell whether two values are the same, order and type too: true is not 1."""
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(is_same(old[name], new[name]) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(is_same, old, new))
    return type(old) is type(new) and old == new


class _Nothing:
    """Stands where the other side has something."""


_NOTHING = _Nothing()


def _below(
    at: Path, steps: "Iterable[tuple[Step, Value | _Nothing, Value | _Nothing]]"
) -> tuple[Path, ...]:
    found: list[Path] = []
    for step, old, new in steps:
        if isinstance(old, _Nothing) or isinstance(new, _Nothing):
            found.append((*at, step))
        else:
            found += differences(old, new, (*at, step))
    return tuple(found)


def _at(values: list[Value], place: int) -> "Value | _Nothing":
    return values[place] if place < len(values) else _NOTHING


def _unique(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ClientGarbled("an object has one name twice: which of the two counts is not known")
    return made


# Quotas are the same again and again: nobody changes a number in its place.
_number = lru_cache(maxsize=1024)(Number)
_load = partial(
    json.loads,
    object_pairs_hook=_unique,
    parse_int=_number,
    parse_float=_number,
    parse_constant=_number,
)


def _loaded(text: str) -> Value:
    try:
        value: Value = _load(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ClientGarbled(f"it is torn or no JSON: {clean(error.msg)} ({where})") from None
    except RecursionError:
        raise ClientGarbled("it is nested too deeply") from None
    return value
