"""The tree of a configuration: every value knows its file and line."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.problems import Place

Value = str | int | float | bool | None
Plain = Value | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value."""

    place: Place
    value: Value


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values; the place of a value is that of its key."""

    place: Place
    entries: dict[str, "Node"]


Node = Scalar | Listing | Mapping
Location = tuple[str | int, ...]
"""Keys and list positions from the root."""


def plain_of(node: Node) -> Plain:
    """Return the tree's values without places."""
    if isinstance(node, Mapping):
        return {key: plain_of(value) for key, value in node.entries.items()}
    if isinstance(node, Listing):
        return [plain_of(item) for item in node.items]
    return node.value


def path_text(keys: Iterable[str | int | None]) -> str:
    """Return a key path as people write it: `systems.shop.alerts[2].when`."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return "".join(parts).removeprefix(".")[:300]


def place_at(tree: Node, path: Location) -> Place:
    """Return where the value stands; where it is missing, the nearest thing that holds it."""
    node = tree
    for part in path:
        inner: Node | None = None
        if isinstance(node, Mapping):
            inner = node.entries.get(str(part))
        elif isinstance(node, Listing) and isinstance(part, int) and part < len(node.items):
            inner = node.items[part]
        if inner is None:
            break
        node = inner
    return node.place


def at(node: Node, place: Place) -> Node:
    """Return the same value standing somewhere else (its key's line, or an alias's)."""
    if isinstance(node, Scalar):
        return Scalar(place, node.value)
    if isinstance(node, Listing):
        return Listing(place, node.items)
    return Mapping(place, node.entries)
