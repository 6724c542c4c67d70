"""Lays one tree over another: what the user writes over what a profile or include says. Pure.

Maps merge key by key. Lists whose items all have a `name` merge by name; other lists replace.
`null` removes what was inherited. `runs_as` of another kind replaces, for a service runs once.
"""

from config.yaml_tree import Listing, Mapping, Node, Scalar

_ONE_KIND = frozenset({"runs_as"})


def merge(base: Node | None, over: Node | None, key: str = "") -> Node | None:
    """Return `over` laid upon `base`; every value keeps the place it came from."""
    if base is None or over is None:
        return over if base is None else base
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        if key in _ONE_KIND and base.entries.keys() != over.entries.keys():
            return over
        return _merge_maps(base, over)
    if isinstance(base, Listing) and isinstance(over, Listing):
        return _merge_lists(base, over)
    return over


def _merge_maps(base: Mapping, over: Mapping) -> Mapping:
    entries = dict(base.entries)
    for key, value in over.entries.items():
        if key in entries and isinstance(value, Scalar) and value.value is None:
            del entries[key]
            continue
        merged = merge(entries.get(key), value, key)
        if merged is not None:
            entries[key] = merged
    return Mapping(over.place, entries)


def _merge_lists(base: Listing, over: Listing) -> Listing:
    if not over.items or not all(_name(item) for item in (*base.items, *over.items)):
        return over
    merged = {_name(item): item for item in base.items}
    for item in over.items:
        name = _name(item)
        merged[name] = merge(merged.get(name), item) or item
    return Listing(over.place, tuple(merged.values()))


def _name(item: Node) -> str:
    """Return the item's `name`; empty when it has none."""
    if isinstance(item, Mapping):
        name = item.entries.get("name")
        if isinstance(name, Scalar) and isinstance(name.value, str):
            return name.value
    return ""
